//! The command line, and which of the modes it asks for.

use crate::ask::{self, events::Purpose};
use crate::prefix::Prefix;
use crate::{sweep, watch};
use clap::Parser;
use cli::{Failure, Session, Show, World};
use host::Host;
use std::time::Duration;

const SENT: &str = "What is sent";
const WHEN: &str = "When";
const WHERE: &str = "Where";
const SHOWN: &str = "What is shown";

const USAGE: &str = "\
arping [OPTIONS] <TARGET>
       arping [OPTIONS] --watch [TARGET]";

const EXAMPLES: &str = "\
Examples:
  arping --net lan -c 3 host5             who has host5's address, and how fast?
  arping --net lan 10.0.0.0/24            who is there at all?
  arping --net lan -D 10.0.0.9            is 10.0.0.9 free?
  arping --net lan-poisoned --watch       who says what while we are silent?
  arping --net lan-poisoned --table -b -c 8 10.0.0.1
                                          what host4's lies do to our ARP table
";

const AFTER: &str = "\
A prefix is swept: 16 requests every 5 ms, who stays silent is asked once more,
and there is one wait for all, which ends when all have answered, and 0.5 s
after the last request at the latest. -w gives slow stations longer.

--watch hears packets for all on the link and for this host. A switch does not
bring what two others tell each other.

Exit status:
  0  somebody answered; -D: the address is free; -A, -U: nobody contests it;
     --watch: no address moved to another station
  1  nobody answered; -D: it is taken, or was not probed; -A, -U: somebody does;
     --watch: an address moved, or two want the same
  2  it could not run";

const DAY: u32 = 86_400;

/// Ask a link which station has an IPv4 address
#[derive(Debug, Clone, Parser)]
#[command(before_help = EXAMPLES, after_help = AFTER, override_usage = USAGE)]
pub struct Arping {
    /// A node's name, a host's name or an IPv4 address on the link; with /24 behind it, all addresses of that prefix
    #[arg(value_name = "TARGET", required_unless_present = "watch")]
    target: Option<String>,
    /// Send nothing and listen: who is where, and whose station changes; a target restricts it
    #[arg(long, help_heading = SENT)]
    watch: bool,

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

    /// Stop after this many requests; a prefix: rounds [default: 2]; --watch: events
    #[arg(short = 'c', value_name = "COUNT", value_parser = cli::whole(1..=u32::MAX), help_heading = WHEN)]
    count: Option<u32>,
    /// Seconds from one request to the next, such as 0.2; with 0 the next follows the answer
    /// [default: 1; a prefix: bursts]
    #[arg(short = 'i', value_name = "SECONDS", value_parser = cli::seconds(0, DAY), help_heading = WHEN)]
    interval: Option<Duration>,
    /// Stop after this many seconds; 0 is never
    #[arg(short = 'w', value_name = "SECONDS", value_parser = cli::seconds(0, DAY), help_heading = WHEN)]
    deadline: Option<Duration>,
    /// Stop at the first answer
    #[arg(short = 'f', help_heading = WHEN)]
    first: bool,

    /// Ask, or listen, on this interface and not on that of the route
    #[arg(short = 'I', long, value_name = "NAME", help_heading = WHERE)]
    interface: Option<String>,

    /// Show the summary only
    #[arg(short = 'q', help_heading = SHOWN, conflicts_with = "explain")]
    pub(crate) quiet: bool,
    /// Show this host's ARP table at the start, when it changes and at the end
    #[arg(long, help_heading = SHOWN)]
    table: bool,

    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) show: Show,
}

/// What is to be done.
pub(crate) enum Plan {
    /// One address is asked for, probed or announced.
    Ask {
        plan: ask::engine::Plan,
        /// Whether the count is that of a simulated run to which none was given.
        count_is_usual: bool,
    },
    /// All addresses of a prefix are asked for.
    Sweep(sweep::engine::Plan),
    /// Nothing is sent.
    Watch(watch::engine::Plan),
}

impl Arping {
    /// What this command line asks for.
    pub(crate) fn plan(&self, session: &mut Session<'_>) -> Result<Plan, Failure> {
        let prefix = self.prefix(session.host)?;
        match (self.watch, prefix, self.target.as_deref()) {
            (true, prefix, target) => self.watch(session, prefix, target).map(Plan::Watch),
            (false, Some(prefix), _) => self.sweep(session, prefix).map(Plan::Sweep),
            (false, None, target) => self.ask(session, target.unwrap_or_default()),
        }
    }

    /// The prefix that the target is, if it is one.
    fn prefix(&self, host: &mut dyn Host) -> Result<Option<Prefix>, Failure> {
        let parts = self.target.as_deref().and_then(|target| target.split_once('/'));
        parts.map(|(address, bits)| prefix(host, address, bits)).transpose()
    }

    fn ask(&self, session: &mut Session<'_>, target: &str) -> Result<Plan, Failure> {
        let purpose = self.purpose();
        let target = cli::ipv4_of(session.host, target)?;
        let source = self.source(session.host)?;
        let wish = ask::place::Wish { purpose, target, interface: self.interface.as_deref(), source };
        let schedule =
            ask::schedule::Schedule::new(purpose, self.count, self.interval, self.deadline(), session.probes);
        let plan = ask::engine::Plan {
            purpose,
            place: ask::place::find(session.host, wish)?,
            schedule,
            first_reply: self.first,
            broadcast: self.broadcast,
            table: self.table,
            others: self.table || session.out.verbose(),
            frames: session.out.explains(),
        };
        let count_is_usual = purpose == Purpose::Ask && self.count.is_none() && schedule.count.is_some();
        Ok(Plan::Ask { plan, count_is_usual })
    }

    fn sweep(&self, session: &mut Session<'_>, prefix: Prefix) -> Result<sweep::engine::Plan, Failure> {
        self.without(
            &[],
            "a prefix: it is about one address",
            "a sweep asks all on the link, and takes -c, -f, -I, -i, -q, -s, -v, -w and --json",
        )?;
        let source = self.source(session.host)?;
        let wish = sweep::place::Wish { prefix, interface: self.interface.as_deref(), source };
        Ok(sweep::engine::Plan {
            place: sweep::place::find(session.host, wish)?,
            schedule: sweep::schedule::Schedule::new(self.count, self.interval, self.deadline()),
            first_reply: self.first,
            others: session.out.verbose(),
            frames: session.out.explains(),
        })
    }

    fn watch(
        &self,
        session: &mut Session<'_>,
        prefix: Option<Prefix>,
        target: Option<&str>,
    ) -> Result<watch::engine::Plan, Failure> {
        self.without(
            &[("-s", self.source.is_some()), ("-i", self.interval.is_some()), ("-f", self.first)],
            "--watch",
            "a watch sends nothing, and takes -c, -I, -q, -v, -w and --json",
        )?;
        let only = match (prefix, target) {
            (None, Some(target)) => Some(Prefix::of(cli::ipv4_of(session.host, target)?, 32)),
            (prefix, _) => prefix,
        };
        Ok(watch::engine::Plan {
            place: watch::place::find(session.host, watch::place::Wish { only, interface: self.interface.as_deref() })?,
            count: self.count.map(u64::from),
            deadline: self.deadline(),
            all: session.out.verbose(),
            frames: session.out.explains(),
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

    fn source(&self, host: &mut dyn Host) -> Result<Option<std::net::Ipv4Addr>, Failure> {
        self.source.as_deref().map(|source| cli::ipv4_of(host, source)).transpose()
    }

    fn deadline(&self) -> Option<Duration> {
        self.deadline.filter(|deadline| !deadline.is_zero())
    }

    /// Refuses the options that are about asking for one address, and these `others`, in a mode that does not.
    fn without(&self, others: &[(&str, bool)], mode: &str, hint: &str) -> Result<(), Failure> {
        let one_address = [
            ("-D", self.detect),
            ("-A", self.by_reply),
            ("-U", self.by_request),
            ("-b", self.broadcast),
            ("--table", self.table),
        ];
        match one_address.iter().chain(others).find(|(_, given)| *given) {
            Some((option, _)) => Err(Failure::said(format!("{option} does not go together with {mode}")).hint(hint)),
            None => Ok(()),
        }
    }
}

/// The prefix that `ADDRESS/BITS` stands for.
fn prefix(host: &mut dyn Host, address: &str, bits: &str) -> Result<Prefix, Failure> {
    let address = cli::ipv4_of(host, address)?;
    let digits = bits.len() <= 2 && bits.bytes().all(|byte| byte.is_ascii_digit());
    match bits.parse::<u8>() {
        Ok(length @ 0..=32) if digits => Ok(Prefix::of(address, length)),
        _ => {
            let bits = cli::escape(bits);
            Err(Failure::said(format!("the length of a prefix is a number from 0 to 32, and '{bits}' is not one"))
                .hint("as in 10.0.0.0/24: all addresses that begin with the same 24 bits"))
        }
    }
}
