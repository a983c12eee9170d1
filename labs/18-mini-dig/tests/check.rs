//! The same as `cargo lab check 18`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("18")
}
