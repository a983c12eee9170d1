//! The same as `cargo lab check 15`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("15")
}
