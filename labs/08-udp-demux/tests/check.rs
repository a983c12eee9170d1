//! The same as `cargo lab check 08`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("08")
}
