//! `tls-peek`: see the library beside this.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main::<tls_peek::TlsPeek>()
}
