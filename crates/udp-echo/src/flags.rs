//! The command line.

use crate::lists::{Ports, Sizes, address_and_port};
use cli::{Show, World};
use host::Opt;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

const SENT: &str = "What is sent";
const RECEIVED: &str = "What is received";
const SOCKET: &str = "The socket";
const WHEN: &str = "When";
const SHOWN: &str = "What is shown";

/// The port of the echo service: RFC 862.
pub(crate) const ECHO: u16 = 7;
/// A year, in seconds: the most that options about time take.
const YEAR: u32 = 31_536_000;
/// The largest buffer that is asked for, bytes.
const MOST_BUFFERED: u32 = 1 << 30;
/// More sockets at one port than this are no experiment that somebody wanted.
const MOST_SOCKETS: u16 = 1024;
/// More datagrams in a second than any machine sends.
const MOST_A_SECOND: u32 = 10_000_000;

const EXAMPLES: &str = "\
Examples, all in the simulated network:
  udp-echo send --net transport b:53       the program behind b's port 53
  udp-echo send --net transport b:9        a closed port, and who says so
  udp-echo serve --net transport --at b --also 'a: udp-echo send b'
";

const EXAMPLES_OF_SEND: &str = "\
Examples, all in the simulated network:
  udp-echo send --net transport -c 3 b:53   the program behind b's port 53
  udp-echo send --net transport --connect -c 2 b:9   a closed port
  udp-echo send --net transport -s 0,1472,65507 b:53   from none to the most
";

const EXAMPLES_OF_SERVE: &str = "\
Examples, all in the simulated network:
  udp-echo serve --net transport --at b --also 'a: udp-echo send b'
  udp-echo serve --net transport --at b --port 7,9 --also 'a: udp-echo send b:9'
";

const EXIT: &str = "\
Exit status: 0 somebody answered (serve: somebody asked), 1 nobody did,
2 it could not run.";

/// Send datagrams to be echoed, and echo those of others
#[derive(Debug, Clone, clap::Parser)]
#[command(before_help = EXAMPLES, after_help = EXIT, mut_args(|arg| arg.global(true)))]
pub struct UdpEcho {
    #[command(subcommand)]
    pub(crate) what: What,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) show: Show,
}

#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum What {
    /// Send datagrams, and tell what comes back
    #[command(before_help = EXAMPLES_OF_SEND, after_help = EXIT)]
    Send(Send),
    /// Echo datagrams, and tell which socket each was for
    #[command(before_help = EXAMPLES_OF_SERVE, after_help = EXIT)]
    Serve(Serve),
}

/// What sockets of both ends are told before they are bound.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Told {
    /// Let so much wait to be sent (`SO_SNDBUF`; Linux takes twice as much)
    #[arg(long, value_name = "BYTES", help_heading = SOCKET, value_parser = cli::whole(1..=MOST_BUFFERED))]
    sndbuf: Option<u32>,
    /// Let so much wait to be read (`SO_RCVBUF`; Linux takes twice as much)
    #[arg(long, value_name = "BYTES", help_heading = SOCKET, value_parser = cli::whole(1..=MOST_BUFFERED))]
    rcvbuf: Option<u32>,
    /// Share the port with sockets that say so too (`SO_REUSEADDR`): on Linux
    /// the last of them gets all that fits no other better
    #[arg(long, help_heading = SOCKET)]
    reuseaddr: bool,
}

impl Told {
    pub(crate) fn options(&self) -> Vec<Opt> {
        let options = [
            self.sndbuf.map(Opt::SendBuffer),
            self.rcvbuf.map(Opt::RecvBuffer),
            self.reuseaddr.then_some(Opt::ReuseAddress(true)),
        ];
        options.into_iter().flatten().collect()
    }
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Send {
    /// A node's name, a host's name or an IPv4 address; with :PORT for another
    /// than 7
    pub(crate) target: String,

    /// Bytes of data, in turn: 56 or 0,56,1472 or 1400-1500/20
    #[arg(short, value_name = "SIZES", help_heading = SENT, default_value = "56", value_parser = Sizes::parse)]
    pub(crate) sizes: Sizes,
    /// From this port [default: one that is free]
    #[arg(long, value_name = "PORT", help_heading = SENT, value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) sport: Option<u16>,
    /// Connect the socket: it has one peer then, and hears of errors
    #[arg(long, help_heading = SENT)]
    pub(crate) connect: bool,
    /// Leave the checksum out, which IPv4 allows
    #[arg(long, help_heading = SENT)]
    pub(crate) no_checksum: bool,
    /// Do not let routers cut datagrams to fit (DF)
    #[arg(long, help_heading = SENT)]
    pub(crate) df: bool,
    /// Send under this host's name; simulated networks only
    #[arg(long, value_name = "ADDRESS", help_heading = SENT, conflicts_with_all = ["connect", "df"],
          value_parser = address)]
    pub(crate) source: Option<Ipv4Addr>,

    /// Read so many bytes of a datagram, and lose the rest
    #[arg(long, value_name = "BYTES", help_heading = RECEIVED, value_parser = cli::whole(0..=u16::MAX))]
    pub(crate) buffer: Option<u16>,

    /// From this address of this host [default: the way's own]
    #[arg(long, value_name = "ADDRESS", help_heading = SOCKET, conflicts_with = "source", value_parser = address)]
    pub(crate) bind: Option<Ipv4Addr>,
    /// Share the port to send from (`SO_REUSEPORT`)
    #[arg(long, help_heading = SOCKET)]
    pub(crate) reuseport: bool,
    #[command(flatten)]
    pub(crate) told: Told,

    /// Stop after so many datagrams
    #[arg(short, value_name = "COUNT", help_heading = WHEN, value_parser = cli::whole(1..=u32::MAX))]
    pub(crate) count: Option<u32>,
    /// Seconds from one datagram to the next; 0: all at once [default: 1]
    #[arg(short, value_name = "INTERVAL", help_heading = WHEN, value_parser = cli::seconds(0, YEAR))]
    pub(crate) interval: Option<Duration>,
    /// Datagrams a second, instead of -i
    #[arg(long, value_name = "N", help_heading = WHEN, conflicts_with = "interval",
          value_parser = cli::whole(1..=MOST_A_SECOND))]
    pub(crate) rate: Option<u32>,
    /// Each datagram as soon as the one before was answered or given up, instead
    /// of -i
    #[arg(long, help_heading = WHEN, conflicts_with_all = ["interval", "rate"])]
    pub(crate) ping_pong: bool,
    /// End after so many seconds
    #[arg(short = 'w', value_name = "DEADLINE", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) deadline: Option<Duration>,
    /// Seconds until an answer is late, and until the last ones are given up
    /// [default: 4; once one came, twice the longest round trip, at least 1]
    #[arg(short = 'W', value_name = "WAIT", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) wait: Option<Duration>,

    /// Only the first line and the statistics
    #[arg(short, help_heading = SHOWN, conflicts_with = "explain")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Serve {
    /// A socket at each of these ports, with a program's name: 7 or 53=AppX,68
    #[arg(long, value_name = "PORT[=NAME],...", help_heading = RECEIVED, default_value = "7",
          value_parser = Ports::parse)]
    pub(crate) port: Ports,
    /// Bound to this address of the host, each port anew; can be repeated
    /// [default: all addresses]
    #[arg(long, value_name = "ADDRESS", help_heading = RECEIVED, value_parser = address)]
    pub(crate) bind: Vec<Ipv4Addr>,
    /// And one at each port that is connected to this peer; can be repeated
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = RECEIVED, value_parser = address_and_port)]
    pub(crate) peer: Vec<SocketAddrV4>,
    /// So many sockets at each port and address, that share what comes by the
    /// sender (`SO_REUSEPORT`), also with other programs of this user
    #[arg(long, value_name = "N", help_heading = SOCKET, value_parser = cli::whole(1..=MOST_SOCKETS))]
    pub(crate) reuseport: Option<u16>,
    #[command(flatten)]
    pub(crate) told: Told,
    /// Read so many bytes of a datagram, and lose the rest
    #[arg(long, value_name = "BYTES", help_heading = RECEIVED, value_parser = cli::whole(0..=u16::MAX))]
    pub(crate) buffer: Option<u16>,

    /// Stop after so many datagrams
    #[arg(short, value_name = "COUNT", help_heading = WHEN, value_parser = cli::whole(1..=u32::MAX))]
    pub(crate) count: Option<u32>,
    /// End after so many seconds
    #[arg(short = 'w', value_name = "DEADLINE", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) deadline: Option<Duration>,

    /// Only the table of sockets and the statistics
    #[arg(short, help_heading = SHOWN, conflicts_with = "explain")]
    pub(crate) quiet: bool,
}

/// An IPv4 address.
fn address(text: &str) -> Result<Ipv4Addr, cli::NotANumber> {
    text.parse().map_err(|_| cli::NotANumber {
        sentence: format!("takes an IPv4 address, as in 10.0.0.5, and '{}' is not one", cli::escape(text)),
        hint: None,
    })
}
