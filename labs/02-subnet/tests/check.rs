//! The same as `cargo lab check 02`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("02")
}
