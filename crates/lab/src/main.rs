//! `lab`: see the library beside this.

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    lab::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("error: labs run on Unix only, for now: a program is lent its host by a Unix socket");
    eprintln!("hint: Linux in a virtual machine or container will do");
    ExitCode::from(2)
}
