//! The command line.

use cli::{Show, World};
use std::net::Ipv4Addr;
use std::time::Duration;

const WHEN: &str = "When";
const SHOWN: &str = "What is shown";
const ASKED: &str = "What is asked";
const ANSWERED: &str = "What is answered";
const BETWEEN: &str = "Between what";
const HOW: &str = "How it translates";

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
Exit status: 0 yes (watch, run: something happened; behave: all requirements are
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

const EXAMPLES_OF_RUN: &str = "\
Examples, on Linux with CAP_NET_RAW, and CAP_NET_ADMIN for taps:
  nat-box run --inside eth1 --outside eth0 --public 203.0.113.7
  nat-box run --inside-tap in0 --gateway 192.168.1.1/24
      --outside-tap out0 --public 203.0.113.7/24

With CAP_SYS_NICE it goes before other programs, at nice -5, unless it was
started at another one: each packet wakes somebody who would put it aside.
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
    /// Be a NAT between two interfaces of this machine, or two taps
    #[command(before_help = EXAMPLES_OF_RUN, after_help = EXIT)]
    Run(Box<Run>),
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
pub(crate) struct Run {
    /// The interface towards those who share an address
    #[arg(long, value_name = "INTERFACE", help_heading = BETWEEN, required_unless_present = "inside_tap")]
    pub(crate) inside: Option<String>,
    /// Instead, a tap of this name that is made, and gone at the end
    #[arg(long, value_name = "NAME", help_heading = BETWEEN, conflicts_with = "inside")]
    pub(crate) inside_tap: Option<String>,
    /// The interface towards everybody else
    #[arg(long, value_name = "INTERFACE", help_heading = BETWEEN, required_unless_present = "outside_tap")]
    pub(crate) outside: Option<String>,
    /// Instead, a tap of this name that is made, and gone at the end
    #[arg(long, value_name = "NAME", help_heading = BETWEEN, conflicts_with = "outside")]
    pub(crate) outside_tap: Option<String>,
    /// The outside address, which nobody else has; with /LENGTH of its network
    /// [default: that of the interface]
    #[arg(long, value_name = "ADDRESS", help_heading = BETWEEN, value_parser = place)]
    pub(crate) public: Place,
    /// The next hop outside [default: none, only the outside network is reached]
    #[arg(long, value_name = "ADDRESS", help_heading = BETWEEN, value_parser = address)]
    pub(crate) via: Option<Ipv4Addr>,
    /// The inside address of the NAT, with /LENGTH of its network [default: the
    /// interface's]
    #[arg(long, value_name = "ADDRESS", help_heading = BETWEEN, value_parser = place)]
    pub(crate) gateway: Option<Place>,
    /// Have all frames whole and summed from a tap's other end: slower, and each
    /// packet is as it would be on a wire
    #[arg(long, help_heading = BETWEEN)]
    pub(crate) no_offload: bool,

    /// What comes for the outside PORT goes to an inside one; may be repeated
    #[arg(long, value_name = "tcp|udp:PORT=ADDRESS:PORT", help_heading = HOW, value_parser = forward)]
    pub(crate) forward: Vec<nat::Forward>,
    /// Which packets of an inside port share an outside one
    #[arg(long, value_name = "BEHAVIOUR", help_heading = HOW, default_value = "endpoint-independent", value_parser = behaviour)]
    pub(crate) mapping: nat::Behaviour,
    /// Who may send to an outside port
    #[arg(long, value_name = "BEHAVIOUR", help_heading = HOW, default_value = "address-and-port", value_parser = behaviour)]
    pub(crate) filtering: nat::Behaviour,
    /// Let nothing turn back inside
    #[arg(long, help_heading = HOW)]
    pub(crate) no_hairpin: bool,
    /// Give outside ports one after the other, from this one on [default: the
    /// inside port where it is free]
    #[arg(long, value_name = "PORT", help_heading = HOW, value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) first_port: Option<u16>,
    /// Lower the maximum segment size that a SYN announces to this
    #[arg(long, value_name = "BYTES", help_heading = HOW, value_parser = cli::whole(88..=u16::MAX))]
    pub(crate) clamp_mss: Option<u16>,

    #[command(flatten)]
    pub(crate) watch: Watch,
}

/// An address, and the length of its network's part in bits where it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) address: Ipv4Addr,
    pub(crate) prefix: Option<u8>,
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

/// `203.0.113.7`, `203.0.113.7/24`.
fn place(text: &str) -> Result<Place, cli::NotANumber> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address = address.parse().ok();
    let prefix =
        prefix.map_or(Some(None), |prefix| prefix.parse().ok().filter(|bits| (1..=30).contains(bits)).map(Some));
    match (address, prefix) {
        (Some(address), Some(prefix)) => Ok(Place { address, prefix }),
        _ => Err(cli::NotANumber {
            sentence: format!(
                "takes an IPv4 address with /1 to /30 behind it, as in 203.0.113.7/24, and '{}' is not one",
                cli::escape(text)
            ),
            hint: None,
        }),
    }
}

/// `tcp:8080=192.168.1.2:80`.
fn forward(text: &str) -> Result<nat::Forward, cli::NotANumber> {
    let parts = || {
        let (protocol, rest) = text.split_once(':')?;
        let (port, to) = rest.split_once('=')?;
        let protocol = match protocol {
            "tcp" => nat::Protocol::Tcp,
            "udp" => nat::Protocol::Udp,
            _ => return None,
        };
        Some(nat::Forward { protocol, port: port.parse().ok()?, to: to.parse().ok()? })
    };
    parts().ok_or_else(|| cli::NotANumber {
        sentence: format!(
            "takes a port and where it leads, as in tcp:8080=192.168.1.2:80, and '{}' does not",
            cli::escape(text)
        ),
        hint: None,
    })
}

/// What something depends on, in the words of the topology files.
fn behaviour(text: &str) -> Result<nat::Behaviour, cli::NotANumber> {
    match text {
        "endpoint-independent" => Ok(nat::Behaviour::EndpointIndependent),
        "address" => Ok(nat::Behaviour::AddressDependent),
        "address-and-port" => Ok(nat::Behaviour::AddressAndPortDependent),
        _ => Err(cli::NotANumber {
            sentence: format!(
                "takes endpoint-independent, address or address-and-port, and '{}' is none",
                cli::escape(text)
            ),
            hint: None,
        }),
    }
}
