//! The same as `cargo lab check 14`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("14")
}
