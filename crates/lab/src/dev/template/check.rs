//! The same as `cargo lab check @nn@`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::test("@nn@")
}
