//! The same as `cargo lab check 17`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("17")
}
