//! `mini-dig`: see the library beside this.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main::<mini_dig::MiniDig>()
}
