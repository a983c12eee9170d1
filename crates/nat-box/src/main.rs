//! `nat-box`: see the library beside this.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main::<nat_box::NatBox>()
}
