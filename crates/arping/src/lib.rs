//! arping: ask a link which station has an IPv4 address, and time the answers.
//!
//! ARP (RFC 826) is how a host finds the station behind an address before it can send the first frame. This tool asks the same
//! question by hand, so one sees who answers, how fast, and whether more than one does.
//!
//! To read: [`rules`] (what a packet means, pure), then [`ask`] (one address asked for, probed or announced).
//!
//! Leaves out: RARP, ARP for other protocols than IPv4, the defence of an address (RFC 5227 section 2.4: the host's work).

pub mod ask;
mod interfaces;
pub mod prefix;
pub mod rules;
#[cfg(test)]
mod scripted;
pub mod words;

use ask::engine::{self, Plan};
use ask::events::{Ended, Event, Purpose};
use ask::place;
use ask::schedule::Schedule;
use ask::text::Text;
use clap::Parser;
use cli::{Failure, Session, Show, Tool, Verdict, World};
use std::time::Duration;

const SENT: &str = "What is sent";
const WHEN: &str = "When";
const WHERE: &str = "Where";
const SHOWN: &str = "What is shown";

const EXAMPLES: &str = "\
Examples:
  arping --net lan -c 3 host5             who has host5's address, and how fast?
  arping --net lan -D 10.0.0.9            is 10.0.0.9 free?
  arping --net lan-poisoned --table -b -c 8 10.0.0.1
                                          what host4's lies do to our ARP table
";

const EXITS: &str = "\
Exit status:
  0  somebody answered; -D: the address is free; -A, -U: nobody contests it
  1  nobody answered; -D: it is taken, or was not probed; -A, -U: somebody does
  2  it could not run";

const DAY: u32 = 86_400;

/// Ask a link which station has an IPv4 address
#[derive(Debug, Clone, Parser)]
#[command(before_help = EXAMPLES, after_help = EXITS)]
pub struct Arping {
    /// A node's name, a host's name or an IPv4 address on the link
    #[arg(value_name = "TARGET")]
    target: String,

    /// Is the address free? Probe for it by RFC 5227
    #[arg(short = 'D', help_heading = SENT, conflicts_with_all = ["by_reply", "by_request", "source"])]
    detect: bool,
    /// Announce our own address by a reply that nobody asked for
    #[arg(short = 'A', help_heading = SENT, conflicts_with_all = ["by_request", "source"])]
    by_reply: bool,
    /// Announce our own address by a request, as RFC 5227 does
    #[arg(short = 'U', help_heading = SENT, conflicts_with = "source")]
    by_request: bool,
    /// Ask all on the link each time, also after an answer
    #[arg(short = 'b', help_heading = SENT)]
    broadcast: bool,
    /// Ask from this address of ours
    #[arg(short = 's', value_name = "SOURCE", help_heading = SENT)]
    source: Option<String>,

    /// Stop after this many requests
    #[arg(short = 'c', value_name = "COUNT", value_parser = cli::whole(1..=u32::MAX), help_heading = WHEN)]
    count: Option<u32>,
    /// Seconds from one request to the next, such as 0.2; with 0 the next follows the answer [default: 1]
    #[arg(short = 'i', value_name = "SECONDS", value_parser = cli::seconds(0, DAY), help_heading = WHEN)]
    interval: Option<Duration>,
    /// Stop after this many seconds; 0 is never
    #[arg(short = 'w', value_name = "SECONDS", value_parser = cli::seconds(0, DAY), help_heading = WHEN)]
    deadline: Option<Duration>,
    /// Stop at the first answer
    #[arg(short = 'f', help_heading = WHEN)]
    first: bool,

    /// Ask on this interface, and not on that of the route
    #[arg(short = 'I', long, value_name = "NAME", help_heading = WHERE)]
    interface: Option<String>,

    /// Show the summary only
    #[arg(short = 'q', help_heading = SHOWN)]
    quiet: bool,
    /// Show this host's ARP table at the start, when it changes and at the end
    #[arg(long, help_heading = SHOWN)]
    table: bool,

    #[command(flatten)]
    world: World,
    #[command(flatten)]
    show: Show,
}

impl Tool for Arping {
    const NAME: &'static str = "arping";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        let plan = self.plan(session)?;
        let Session { host, out, .. } = session;
        let mut text = Text::new(self.quiet, plan.place.ours);
        let summary = engine::run(*host, &plan, &mut |event| match (out.is_json(), event) {
            (true, Event::Summary(_)) => out.json(event),
            (true, _) if self.quiet => Ok(()),
            (true, _) => out.json(event),
            (false, _) => text.show(out, event),
        })?;
        let by_default = plan.purpose == Purpose::Ask && self.count.is_none() && plan.schedule.count.is_some();
        if by_default && summary.ended == Ended::Count {
            out.note(cli::PROBES_NOTE);
        }
        Ok(if summary.verdict.is_yes() { Verdict::Yes } else { Verdict::No })
    }
}

impl Arping {
    fn plan(&self, session: &mut Session<'_>) -> Result<Plan, Failure> {
        let purpose = self.purpose();
        let target = cli::ipv4_of(session.host, &self.target)?;
        let source = self.source.as_deref().map(|source| cli::ipv4_of(session.host, source)).transpose()?;
        let wish = place::Wish { purpose, target, interface: self.interface.as_deref(), source };
        let deadline = self.deadline.filter(|deadline| !deadline.is_zero());
        Ok(Plan {
            purpose,
            place: place::find(session.host, wish)?,
            schedule: Schedule::new(purpose, self.count, self.interval, deadline, session.probes),
            first_reply: self.first,
            broadcast: self.broadcast,
            table: self.table,
            others: self.table || session.out.verbose(),
        })
    }

    fn purpose(&self) -> Purpose {
        match (self.detect, self.by_reply, self.by_request) {
            (true, ..) => Purpose::Detect,
            (_, true, _) => Purpose::AnnounceByReply,
            (.., true) => Purpose::AnnounceByRequest,
            _ => Purpose::Ask,
        }
    }
}
