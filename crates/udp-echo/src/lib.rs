//! `udp-echo` sends datagrams to be echoed, and echoes those of others; it tells what became of each, and which socket
//! it was for.
//!
//! ```console
//! $ udp-echo send --net transport -c 3 b:53
//! $ udp-echo serve --net transport --at b --port 7,9 --also 'a: udp-echo send b:9'
//! ```
//!
//! Obeys RFC 768 (UDP), RFC 862 (the echo service), RFC 1122 section 4.1.3 (what a host owes a program that uses UDP:
//! errors, checksums, addresses).
//!
//! UDP itself numbers nothing and waits for nothing. All that this tool knows of loss, order and time it knows from
//! what it puts into the data, as every program over UDP must.
//!
//! The order to read in: [`datagram`] (the data that leaves), [`send`] (its engine, the answers, the table of what was
//! sent), [`serve`] (several sockets at once, and whose a datagram is). The rest is the command line: flags, lines of
//! text or JSON.
//!
//! Leaves out: IPv6; broadcast and groups; congestion control (RFC 8085 section 3.1): who sends to others' networks
//! keeps to `-i`.

pub mod datagram;
mod flags;
mod lists;
pub mod send;
pub mod serve;
mod words;

pub use flags::UdpEcho;

use cli::{Failure, Session, Show, Tool, Verdict, World};
use flags::What;

impl Tool for UdpEcho {
    const NAME: &'static str = "udp-echo";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        match &self.what {
            What::Send(flags) => send::run(flags, session),
            What::Serve(flags) => serve::run(flags, session),
        }
    }
}
