//! The same as `cargo lab check 07`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("07")
}
