//! The command line of `serve`.

use cli::NotANumber;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::dns::Name;

const SERVED: &str = "What is served, and where";
const LIMITS: &str = "Limits";
const WHEN: &str = "When";
const SHOWN: &str = "What is shown";

/// A year, in seconds: the most that options about time take.
const YEAR: u32 = 31_536_000;
/// So many connections are open at once, unless told otherwise.
const MOST_CONNECTIONS: u32 = 1000;

const EXAMPLES: &str = "\
Examples, all on this machine:
  mini-dig serve                       the servers of the network 'names'
  mini-dig serve example.com.zone      a zone file of your own
  mini-dig serve 127.53.0.1=root.zone 127.53.0.2=com.zone

Then, from another terminal:
  mini-dig @127.53.0.1 -p 5300 www.example.com +trace
";

const EXIT: &str = "\
Exit status: 0 somebody asked, 1 nobody did, 2 it could not run.";

/// Serve names: a root, domains and zones of your own, for any client
#[derive(Debug, Clone, clap::Args)]
#[command(before_help = EXAMPLES, after_help = EXIT)]
pub(crate) struct Serve {
    /// Master files (RFC 1035), one a zone; with ADDRESS= before it a server of
    /// its own at that address [default: the zones of the network 'names', at
    /// 127.53.0.1 and the addresses behind it]
    #[arg(value_name = "[ADDRESS=]FILE")]
    pub(crate) zones: Vec<String>,

    /// At this port, by UDP and TCP
    #[arg(short = 'p', long, value_name = "PORT", help_heading = SERVED, default_value = "5300",
          value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) port: u16,
    /// At this address, for files that name none [default: 127.53.0.1; in a
    /// simulated network all addresses of the host]
    #[arg(long, value_name = "ADDRESS", help_heading = SERVED, value_parser = address)]
    pub(crate) bind: Option<Ipv4Addr>,
    /// Read names in the files as relative to this one, until $ORIGIN
    #[arg(long, value_name = "NAME", help_heading = SERVED, value_parser = name)]
    pub(crate) origin: Option<Name>,

    /// Have so many connections open at once; the next ones wait to be accepted
    #[arg(long, value_name = "N", help_heading = LIMITS, default_value_t = MOST_CONNECTIONS,
          value_parser = cli::whole(1..=1_000_000_u32))]
    pub(crate) max_connections: u32,
    /// Close a connection that asks nothing, or takes no answer, for so many
    /// seconds
    #[arg(long, value_name = "SECONDS", help_heading = LIMITS, default_value = "10",
          value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) idle_timeout: Duration,

    /// Stop after so many questions
    #[arg(short, value_name = "COUNT", help_heading = WHEN, value_parser = cli::whole(1..=u32::MAX))]
    pub(crate) count: Option<u32>,
    /// End after so many seconds
    #[arg(short = 'w', value_name = "DEADLINE", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) deadline: Option<Duration>,

    /// Only who is served, and the statistics
    #[arg(short, help_heading = SHOWN)]
    pub(crate) quiet: bool,
}

/// An IPv4 address.
fn address(text: &str) -> Result<Ipv4Addr, NotANumber> {
    text.parse().map_err(|_| NotANumber {
        sentence: format!("takes an IPv4 address, as in 127.0.0.1, and '{}' is not one", cli::escape(text)),
        hint: None,
    })
}

fn name(text: &str) -> Result<Name, NotANumber> {
    text.parse().map_err(|error| NotANumber {
        sentence: format!("takes a name, and '{}' is none: {error}", cli::escape(text)),
        hint: None,
    })
}
