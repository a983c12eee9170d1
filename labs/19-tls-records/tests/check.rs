//! The same as `cargo lab check 19`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("19")
}
