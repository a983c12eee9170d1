//! `tls-peek` opens a TLS handshake: not one that somebody recorded once, but the one that you just made. Every record, every
//! message, every key, and what somebody on the path sees of it.
//!
//! ```console
//! $ tls-peek --demo
//! $ tls-peek --demo --keys
//! $ tls-peek --demo --observer
//! ```
//!
//! Obeys RFC 8446 (TLS 1.3) and RFC 5246 (TLS 1.2), as one who listens to both ends: rustls makes the handshake, what passes is
//! recorded ([`Recording`]), the library tells its secrets ([`secrets`]), and all else is done here, step by step.
//!
//! The order to read in: [`schedule`] (from a secret to the bytes of a record), [`opened`] (a whole recording), [`facts`] (what it
//! came to), [`pair`] (both ends in memory). The rest is the command line: words, lines of text or JSON.

pub mod certificate;
pub mod demo;
pub mod ends;
pub mod facts;
mod flags;
pub mod identity;
pub mod opened;
pub mod pair;
pub mod recording;
pub mod schedule;
pub mod schedule12;
pub mod secrets;
mod side;
mod view;
mod words;

pub use flags::TlsPeek;
pub use recording::{Flight, Recording};
pub use side::{Both, Side};

use cli::{Failure, Output, Session, Show, Tool, Verdict, World};
use demo::Demo;
use opened::Opened;
use view::Shown;

impl Tool for TlsPeek {
    const NAME: &'static str = "tls-peek";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn without_world(&self, out: &mut Output) -> Option<Result<Verdict, Failure>> {
        self.demo.then(|| self.demo(out))
    }

    fn run(&self, _session: &mut Session<'_>) -> Result<Verdict, Failure> {
        Err(Failure::said("nobody to connect to").hint("`tls-peek --demo` needs nobody"))
    }
}

impl TlsPeek {
    fn demo(&self, out: &mut Output) -> Result<Verdict, Failure> {
        let demo = Demo::new(&self.wishes(), &rustls::crypto::ring::default_provider())?;
        if self.resume || self.early_data {
            demo.connect(false, None)?;
        }
        let exchange = demo.connect(self.early_data, self.flip)?;
        let opened = Opened::of(&exchange.recording, &demo.secrets());
        Shown { recording: &exchange.recording, opened: &opened, has_times: false }
            .print(self.views(out.explains()), out)?;
        match exchange.given_up {
            Some((by, error)) => {
                out.line(&format!("given up     by the {by}: {error}"))?;
                Ok(Verdict::No)
            }
            None => Ok(Verdict::Yes),
        }
    }
}
