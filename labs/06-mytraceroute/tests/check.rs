//! The same as `cargo lab check 06`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("06")
}
