//! `tcp-echo`: see the library beside this.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main::<tcp_echo::TcpEcho>()
}
