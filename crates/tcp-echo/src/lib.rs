//! `tcp-echo` opens TCP connections to an echo, or is one, and tells why bytes wait.
//!
//! ```console
//! $ tcp-echo send --net transport --writes 500,960 b:22
//! $ tcp-echo send --net transport --states b:22
//! $ tcp-echo serve --net transport --at b --also 'a: tcp-echo send b'
//! $ tcp-echo matrix
//! $ tcp-echo bench
//! ```
//!
//! Obeys RFC 9293 (TCP), and shows its sections 3.7.4 (Nagle) with appendix A.3 (Minshall), 3.8.6.3 (delayed
//! acknowledgment) and 3.3.2 (states); RFC 862 (the echo service). This program does none of that itself: the host
//! does, and tells ([`host::Stream::account`]) what left when, what had held it, and through which states both ends
//! went.
//!
//! The order to read in: [`send`] (a request is a pattern of writes; its loop, and which segments each write became),
//! [`ladder`] (the states of both ends beside the segments), [`serve`] (many connections at once), [`matrix`] (all of
//! it against each other), [`bench`](mod@bench) (what a connection costs, and what a pool of them saves), `explain`
//! (each segment byte by byte). The rest is the command line.
//!
//! Without `--net` it is the kernel's TCP that speaks. The kernel keeps no record of what left when and why: `send::watch` looks, and
//! `send::capture` sees the segments and this end's states, where this user may open link sockets.
//!
//! Leaves out: IPv6.

pub mod bench;
mod explain;
mod flags;
pub mod ladder;
mod lists;
pub mod manners;
pub mod matrix;
mod samples;
pub mod send;
pub mod serve;
mod words;

pub use flags::TcpEcho;

use cli::{Failure, Output, Session, Show, Tool, Verdict, World};
use flags::What;
use host::Error;

impl Tool for TcpEcho {
    const NAME: &'static str = "tcp-echo";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn without_world(&self, out: &mut Output) -> Option<Result<Verdict, Failure>> {
        match &self.what {
            What::Matrix(_) | What::Bench(_) if self.show.explains() => {
                Some(Err(Failure::said("a table of many runs has no single packets to explain")
                    .hint("-e explains those of `tcp-echo send` and `tcp-echo serve`")))
            }
            What::Matrix(flags) if flags.live => None,
            What::Matrix(flags) => Some(matrix::run(flags, &self.world, out)),
            What::Bench(flags) if flags.target.is_none() => Some(bench::run_in_own_networks(flags, &self.world, out)),
            What::Send(_) | What::Serve(_) | What::Bench(_) => None,
        }
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        let is_simulated = session.probes.is_some();
        let answer = match &self.what {
            What::Send(flags) => send::run(flags, session),
            What::Serve(flags) => serve::run(flags, session),
            What::Bench(flags) => bench::run(flags, flags.target.as_deref().unwrap_or_default(), session),
            What::Matrix(_) if is_simulated => {
                Err(Failure::said("--live is this machine, and this program is in a simulated network")
                    .hint("leave out --net, or --live"))
            }
            What::Matrix(flags) => matrix::run_live(flags, &self.world, session),
        };
        answer.map_err(|failure| match failure {
            Failure::Host(Error::Unsupported { ref what, .. }) if is_simulated && !what.starts_with("IPv6") => {
                failure.hint("the machine you sit at may have it: leave out --net")
            }
            failure => failure,
        })
    }
}
