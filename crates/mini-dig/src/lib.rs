//! `mini-dig` asks the name system, and shows what others hide: which answers were not ours, why a question went out
//! again, and where a server's address came from.
//!
//! ```console
//! $ mini-dig --net names www.example.com
//! $ mini-dig --net names @com www.example.com +norec
//! $ mini-dig --net names www.example.com +trace
//! $ mini-dig --net names-poisoned poison counts fixed8 resolver
//! ```
//!
//! Obeys RFC 1035 section 4 and section 7 (messages, and how to ask), RFC 5452 section 9 (which answer is ours), RFC
//! 6891 (EDNS), RFC 7766 (TCP), RFC 8427 (names in JSON).
//!
//! The order to read in: [`ask`] (one question to one server: what leaves, what is taken for its answer), [`query`]
//! (the question), [`trace`] (from the root down), [`poison`] (how likely a forged answer is believed). The rest is the command line: words, lines of text or JSON.
//!
//! Leaves out: IPv6 transport; DNS over TLS and HTTPS; to check signatures.

pub mod ask;
mod explain;
mod flags;
mod json;
pub mod poison;
pub mod query;
mod report;
mod servers;
mod text;
pub mod trace;
mod words;

pub use flags::MiniDig;

use ask::Outcome;
use cli::{Failure, Session, Show, Tool, Verdict, World};
use query::Wanted;
use report::Report;

impl Tool for MiniDig {
    const NAME: &'static str = "mini-dig";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        if let Some((poison::WORD, words)) = self.words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
            return poison::run(words, session);
        }
        let wanted = Wanted::of(self)?;
        let servers = servers::of(&wanted, session.host)?;
        let mut report = Report::new(&wanted, &mut session.out);
        if wanted.trace {
            return trace::run(&wanted, &servers, session.host, &mut report);
        }
        let mut last = Outcome::Silence;
        for server in &servers {
            let query = wanted.query(session.host);
            last =
                ask::ask(session.host, server.at, &query, &wanted.options, &mut |event| report.event(server, event))?;
            // Only who does not answer at all has a stand-in: what one server says, the next would say too.
            if matches!(last, Outcome::Reply(_)) {
                break;
            }
        }
        report.end(&last)
    }
}
