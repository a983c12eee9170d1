//! The same as `cargo lab check 05`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("05")
}
