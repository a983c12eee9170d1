//! The same as `cargo lab check 10`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("10")
}
