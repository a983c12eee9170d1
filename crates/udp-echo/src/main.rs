//! `udp-echo`: see the library beside this.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main::<udp_echo::UdpEcho>()
}
