//! The command line.

use cli::{Show, World};
use std::net::Ipv4Addr;
use std::time::Duration;

const WHEN: &str = "When";
const SHOWN: &str = "What is shown";
const ASKED: &str = "What is asked";
const ANSWERED: &str = "What is answered";

/// The port of STUN: RFC 8489 section 18.6.
pub(crate) const STUN: u16 = 3478;

/// A year, in seconds: the most that options about time take.
const YEAR: u32 = 31_536_000;

const EXAMPLES: &str = "\
Examples, all in the simulated network:
  nat-box watch --net nat --also 'host2: myping -c 1 host'
  nat-box watch --net nat --also 'host2: tcp-echo send -c 1 host:8080'
  nat-box behave --net nat-behave --also 'server: nat-box serve' server
  nat-box ask --net nat --sport 8892 --also 'host: nat-box serve' host
";

const EXIT: &str = "\
Exit status: 0 yes (watch: something happened; behave: all requirements are
met; ask, serve: an answer), 1 no, 2 it could not run.";

const EXAMPLES_OF_WATCH: &str = "\
Examples, all in the simulated network:
  nat-box watch --net nat --also 'host2: myping -c 1 host'
  nat-box watch --net nat --also 'host2: tcp-echo send -c 1 host:8080'
  nat-box watch --net nat --also 'host: tcp-echo send -c 1 44.11.5.17:22'
";

const EXAMPLES_OF_BEHAVE: &str = "\
Example, in the simulated network:
  nat-box behave --net nat-behave --also 'server: nat-box serve' server
";

const EXAMPLES_OF_ASK: &str = "\
Examples, all in the simulated network:
  nat-box ask --net nat --sport 8892 --also 'host: nat-box serve' host
  nat-box ask --net nat --also 'home: nat-box serve' home
";

const EXAMPLES_OF_SERVE: &str = "\
Examples, all in the simulated network:
  nat-box serve --net nat --at host --also 'host2: nat-box ask host'
  nat-box serve --net nat-behave --at server --also 'inside: nat-box ask server'
";

/// Watch a network address translator at work, and find out how one behaves
#[derive(Debug, Clone, clap::Parser)]
#[command(before_help = EXAMPLES, after_help = EXIT, mut_args(|arg| arg.global(true)))]
pub struct NatBox {
    #[command(subcommand)]
    pub(crate) what: What,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) show: Show,
}

#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum What {
    /// Show the translation table as it changes: inside, outside, peer
    #[command(before_help = EXAMPLES_OF_WATCH, after_help = EXIT)]
    Watch(Watch),
    /// Find out how the NAT on the way to a server behaves
    #[command(before_help = EXAMPLES_OF_BEHAVE, after_help = EXIT)]
    Behave(Behave),
    /// Ask a server which outside address and port it sees
    #[command(before_help = EXAMPLES_OF_ASK, after_help = EXIT)]
    Ask(Ask),
    /// Be that server (STUN, with the changes of RFC 5780)
    #[command(before_help = EXAMPLES_OF_SERVE, after_help = EXIT)]
    Serve(Serve),
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Watch {
    /// Stop after so many lines
    #[arg(short, value_name = "COUNT", help_heading = WHEN, value_parser = cli::whole(1..=u32::MAX))]
    pub(crate) count: Option<u32>,
    /// End after so many seconds
    #[arg(short = 'w', value_name = "DEADLINE", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) deadline: Option<Duration>,
    /// Leave out the packets that go nowhere
    #[arg(long, help_heading = SHOWN)]
    pub(crate) no_drops: bool,
    /// Only the statistics
    #[arg(short, help_heading = SHOWN, conflicts_with = "explain")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Behave {
    /// A server of `nat-box serve`, or any with RFC 5780; with :PORT for another
    /// than 3478
    pub(crate) server: String,

    /// Ask from this address of this host; twice for two hosts' worth
    /// [default: the first two there are]
    #[arg(long, value_name = "ADDRESS", help_heading = ASKED, value_parser = address)]
    pub(crate) from: Vec<Ipv4Addr>,
    /// Look for the UDP timer up to so many seconds [default: 900 in a
    /// simulated network, elsewhere it is not looked for]
    #[arg(long, value_name = "SECONDS", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) timer: Option<Duration>,
    /// Seconds until a question is asked again
    #[arg(short = 'W', value_name = "WAIT", help_heading = WHEN, default_value = "1", value_parser = cli::seconds_above_zero(60))]
    pub(crate) wait: Duration,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Ask {
    /// The server; with :PORT for another than 3478
    pub(crate) server: String,

    /// From this port [default: one that is free]
    #[arg(long, value_name = "PORT", help_heading = ASKED, value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) sport: Option<u16>,
    /// Seconds until it is asked again
    #[arg(short = 'W', value_name = "WAIT", help_heading = WHEN, default_value = "1", value_parser = cli::seconds_above_zero(60))]
    pub(crate) wait: Duration,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Serve {
    /// At this address of the host; twice for another one to answer from
    /// [default: the first two there are]
    #[arg(long, value_name = "ADDRESS", help_heading = ANSWERED, value_parser = address)]
    pub(crate) address: Vec<Ipv4Addr>,
    /// At this port
    #[arg(long, value_name = "PORT", help_heading = ANSWERED, default_value_t = STUN, value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) port: u16,
    /// And at this one
    #[arg(long, value_name = "PORT", help_heading = ANSWERED, default_value_t = STUN + 1, value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) other_port: u16,
    /// End after so many seconds
    #[arg(short = 'w', value_name = "DEADLINE", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) deadline: Option<Duration>,
}

/// An IPv4 address.
fn address(text: &str) -> Result<Ipv4Addr, cli::NotANumber> {
    text.parse().map_err(|_| cli::NotANumber {
        sentence: format!("takes an IPv4 address, as in 10.0.0.5, and '{}' is not one", cli::escape(text)),
        hint: None,
    })
}
