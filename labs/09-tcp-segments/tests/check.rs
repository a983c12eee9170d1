//! The same as `cargo lab check 09`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("09")
}
