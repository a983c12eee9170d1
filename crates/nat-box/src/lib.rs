//! `nat-box` shows a network address translator at work: the table as it changes, and why a packet goes nowhere.
//!
//! ```console
//! $ nat-box watch --net nat --also 'host2: tcp-echo send -c 1 --sport 8892 host:8080'
//! ```
//!
//! The translator itself is `crates/nat`, which says what it obeys; the simulated network has one in `nat`, `lan` and every
//! file that asks for it. Here is what a person sees of it.
//!
//! `run` puts the translator between two interfaces of this machine, or between two taps that it makes: `run/mod.rs` is the loop, and a
//! router's work around the translator stands beside it.
//!
//! `behave` asks a server on the other side what it sees, and concludes how *any* NAT between behaves: RFC 5780. `serve` is
//! such a server, and `ask` the first of its questions alone.
//!
//! The order to read in: [`watch`] (the loop), and beside it the lines of text or JSON; [`stun`] (the messages), [`asker`] (one
//! question), [`behave`] (all of them, and what their answers say).
//!
//! Leaves out: the tables of real machines, which this machine's kernel shows by `conntrack -E`.

mod ask;
pub mod asker;
pub mod behave;
mod flags;
mod json;
mod run;
mod serve;
pub mod stun;
pub mod watch;

pub use flags::NatBox;

use cli::{Failure, Session, Show, Tool, Verdict, World};
use flags::What;
use host::Host;
use std::net::SocketAddrV4;

impl Tool for NatBox {
    const NAME: &'static str = "nat-box";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn belongs_at(&self) -> Option<cli::Kind> {
        match &self.what {
            What::Watch(_) => Some(cli::Kind::Nat),
            What::Run(_) | What::Behave(_) | What::Ask(_) | What::Serve(_) => None,
        }
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        match &self.what {
            What::Watch(flags) => watch::run(flags, session),
            What::Run(flags) => run::run(flags, session),
            What::Behave(flags) => behave::run(flags, session),
            What::Ask(flags) => ask::run(flags, session),
            What::Serve(flags) => serve::run(flags, session),
        }
    }
}

/// `server`, `10.0.0.2:3478`.
fn server(host: &mut dyn Host, text: &str) -> Result<SocketAddrV4, Failure> {
    let (name, port) = cli::name_and_port(text, flags::STUN)?;
    Ok(SocketAddrV4::new(cli::ipv4_of(host, name)?, port))
}
