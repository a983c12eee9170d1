//! The same as `cargo lab check 04`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("04")
}
