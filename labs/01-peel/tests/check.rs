//! The same as `cargo lab check 01`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("01")
}
