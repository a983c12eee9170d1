//! `mini-dig` asks the name system, and shows what others hide: which answers were not ours, why a question went out
//! again, and where a server's address came from.
//!
//! ```console
//! $ mini-dig --net names www.example.com
//! $ mini-dig --net names @com www.example.com +norec
//! $ mini-dig --net names www.example.com +trace
//! $ mini-dig --net names -f names.txt +short
//! ```
//!
//! Obeys RFC 1035 section 4 and section 7 (messages, and how to ask), RFC 5452 section 9 (which answer is ours), RFC
//! 6891 (EDNS), RFC 7766 (TCP), RFC 8427 (names in JSON).
//!
//! The order to read in: [`ask`] (one question to one server: what leaves, what is taken for its answer), [`query`]
//! (the question), [`trace`] (from the root down), `many` (a list, all at once), `again` (what a cache does), [`serve`] (the
//! other side: name servers of one's own). The rest is the command line: words, lines of text or JSON.
//!
//! Leaves out: IPv6 transport; DNS over TLS and HTTPS; to check signatures.

mod again;
pub mod ask;
mod explain;
mod flags;
mod json;
mod many;
pub mod query;
mod report;
pub mod serve;
mod servers;
mod text;
pub mod trace;
mod words;

pub use flags::MiniDig;

use ask::Outcome;
use cli::{Failure, Session, Show, Tool, Verdict, World};
use flags::What;
use host::{Error, Host};
use many::Many;
use query::Wanted;
use report::Report;
use servers::Server;

impl Tool for MiniDig {
    const NAME: &'static str = "mini-dig";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        if let Some(What::Serve(serve)) = &self.what {
            if self.asks() {
                return Err(Failure::said("serve does not ask, and something to ask for stands before it").hint(
                    "its own options stand behind it, as in mini-dig serve -p 5300; a name like that is asked for with \
                         -q",
                ));
            }
            return serve::run(serve, session);
        }
        let wanted = Wanted::of(self)?;
        let servers = servers::of(&wanted, session.host)?;
        if let Some(file) = &self.file {
            let many = Many::of(file, self, &wanted)?;
            let server = servers.first().ok_or_else(|| Failure::said("there is no server to ask"))?;
            return many::run(&many, server, session.host, &mut session.out);
        }
        if self.quiet || self.as_they_come {
            return Err(Failure::said("--quiet and --as-they-come are for a list of names").hint("-f FILE gives one"));
        }
        let mut report = Report::new(&wanted, &mut session.out);
        let done = match wanted.trace {
            true => trace::run(&wanted, &servers, session.host, &mut report),
            false => one_question(&wanted, &servers, session.host, &mut report),
        };
        match done {
            Err(Failure::Host(Error::Interrupted)) => report.interrupted(session.host.now()),
            done => done,
        }
    }
}

/// Asks one question, and with `+cache` once more.
fn one_question(
    wanted: &Wanted,
    servers: &[Server],
    host: &mut dyn Host,
    report: &mut Report<'_>,
) -> Result<Verdict, Failure> {
    let outcome = first_answer(wanted, servers, host, report)?;
    let (Some(pause), Outcome::Reply(reply)) = (wanted.cache, &outcome) else { return report.end(&outcome) };
    let mut cache = again::cache();
    again::keep(&mut cache, wanted, &reply.message, again::time(host));
    if !report.out.is_json() && !wanted.short {
        report.out.line("")?;
    }
    match again::after(pause, wanted, &cache, host, report)? {
        Some(found) => again::end(&found, wanted, report),
        None => {
            let outcome = first_answer(wanted, servers, host, report)?;
            report.end(&outcome)
        }
    }
}

/// Asks server after server. Only who does not answer at all has a stand-in: what one server says, the next would say too.
fn first_answer(
    wanted: &Wanted,
    servers: &[Server],
    host: &mut dyn Host,
    report: &mut Report<'_>,
) -> Result<Outcome, Failure> {
    let mut last = Outcome::Silence;
    for server in servers {
        let query = wanted.query(host);
        last = ask::ask(host, server.at, &query, &wanted.options, &mut |event| report.event(server, event))?;
        if matches!(last, Outcome::Reply(_)) {
            break;
        }
    }
    Ok(last)
}
