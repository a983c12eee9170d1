//! `peel` takes the packets of a capture apart, layer by layer, and shows them: a line each, one in full, as trees, as JSON, a
//! conversation as a ladder.
//!
//! ```console
//! $ myping --net routers -c 2 --pcap ping.pcapng server
//! $ peel ping.pcapng
//! ```
//!
//! What a packet is made of is [`wire::dissect`]'s to say; here is what surrounds it. The order to read in: [`capture`] (packets
//! from files, which may be cut or damaged), [`filter`] (which of them are wanted), `shown` (the loop that shows them), then the
//! views: [`line`](mod@line), [`full`], [`tree`], [`json`], and [`follow`] for a conversation; [`pictures`] for a file of its own, and `samples` for
//! one that is of a table instead.
//! The rest is the command line.
//!
//! Leaves out: streams put together again; names of hosts and services; protocols above those of [`wire`].

pub mod capture;
pub mod ends;
mod file;
pub mod filter;
mod flags;
pub mod follow;
pub mod full;
pub mod json;
pub mod line;
mod live;
mod marks;
pub mod pictures;
mod samples;
mod shown;
pub mod stamp;
pub mod time;
pub mod tree;
mod wrap;

pub use flags::Peel;

use cli::{Failure, Output, Session, Show, Tool, Verdict, World};
use flags::{Place, View};

impl Tool for Peel {
    const NAME: &'static str = "peel";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    /// A file needs no network.
    fn without_world(&self, out: &mut Output) -> Option<Result<Verdict, Failure>> {
        if let Some((files, path)) = self.plot() {
            return Some(samples::draw(files, path, out));
        }
        let plan = match self.plan() {
            Ok(plan) => plan,
            Err(failure) => return Some(Err(failure)),
        };
        let Place::File(file) = &plan.place else { return None };
        if let Some(option) = self.world.given() {
            return Some(Err(Failure::said(format!("{option} does not go together with a capture file"))
                .hint("--live shows the packets of a network")));
        }
        Some(match (&plan.picture, plan.view) {
            (Some(picture), _) => pictures::draw(&plan, picture, file, out),
            (None, View::Ladder(number)) => file::follow(&plan, file, number, out),
            (None, _) => file::show(&plan, file, out),
        })
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        live::show(&self.plan()?, session)
    }
}
