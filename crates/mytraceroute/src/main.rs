//! `mytraceroute`: see the library beside this.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main::<mytraceroute::Mytraceroute>()
}
