//! The same as `cargo lab check 03`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("03")
}
