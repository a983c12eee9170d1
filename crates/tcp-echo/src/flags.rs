//! The command line.

use crate::lists::{Sizes, Writes};
use crate::manners::{Manners, QuickAck, usual_congestion};
use cli::{Show, World};
use host::Opt;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

const SENT: &str = "What is sent";
const MANNERS: &str = "Manners of this end";
const SOCKET: &str = "What the socket is told before the SYN";
const RECEIVED: &str = "What is received";
const COMPARED: &str = "What is compared";
const POOL: &str = "The pool";
const WHEN: &str = "When";
const SHOWN: &str = "What is shown";

/// The port of the echo service: RFC 862.
pub(crate) const ECHO: u16 = 7;
/// As many requests as somebody waits for in each cell of a matrix.
const MOST_REQUESTS: u32 = 100_000;
/// The longest request that is gathered before it is echoed, bytes.
const MOST_READ: u32 = 10_000_000;
/// A year, in seconds: the most that options about time take.
const YEAR: u32 = 31_536_000;
/// The largest buffer that is asked for, bytes.
const MOST_BUFFERED: u32 = 1 << 30;
/// The longest that Linux lets a connection be idle before it is probed, seconds.
const LONGEST_IDLE: u32 = 32_767;
/// The longest user timeout, which Linux counts in milliseconds, seconds.
const LONGEST_TIMEOUT: u32 = 2_147_483;
/// The longest delay of an acknowledgment in whole seconds. RFC 9293 section 3.8.6.3: "less than 0.5 seconds".
const LONGEST_ACK_DELAY: Duration = Duration::from_millis(499);

const EXAMPLES: &str = "\
Examples, all in the simulated network:
  tcp-echo send --net transport --writes 500,960 b:22   why the 960 wait
  tcp-echo send --net transport -c 1 --states b:22      both ends' states
  tcp-echo matrix --writes 5000
";

const EXAMPLES_OF_SEND: &str = "\
Examples, all in the simulated network:
  tcp-echo send --net transport --writes 500,960 b:22   why the 960 wait
  tcp-echo send --net transport --writes 5000 --nagle rfc b:22
  tcp-echo send --net transport -c 1 --states b:22      both ends' states
";

const EXAMPLES_OF_SERVE: &str = "\
Examples, all in the simulated network:
  tcp-echo serve --net transport --at b --also 'a: tcp-echo send b'
  tcp-echo serve --net transport --at b -w 3 --also 'a: tcp-echo send b'
";

const EXAMPLES_OF_MATRIX: &str = "\
Examples:
  tcp-echo matrix                       4,4 and 500,960 and 5000
  tcp-echo matrix --writes 500,1460 --ack-delay 0.2
";

const EXAMPLES_OF_BENCH: &str = "\
Examples, all in the simulated network:
  tcp-echo bench                        in a network of its own
  tcp-echo bench --set 'link.delay=50 ms' --size 100:200000 --gap 0.1
  tcp-echo bench --net transport --concurrency 8 --pool 2 b:22
";

const EXIT: &str = "\
Exit status: 0 all requests were echoed (serve: somebody connected), 1 they were
not, 2 it could not run.";

/// Open TCP connections to an echo, or be one, and see why bytes wait
#[derive(Debug, Clone, clap::Parser)]
#[command(before_help = EXAMPLES, after_help = EXIT, mut_args(|arg| arg.global(true)))]
pub struct TcpEcho {
    #[command(subcommand)]
    pub(crate) what: What,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) show: Show,
}

#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum What {
    /// Send requests, each a pattern of writes, and tell why its bytes wait
    #[command(before_help = EXAMPLES_OF_SEND, after_help = EXIT)]
    Send(Send),
    /// Echo what comes over many connections at once
    #[command(before_help = EXAMPLES_OF_SERVE, after_help = EXIT)]
    Serve(Serve),
    /// Run all of Nagle, QUICKACK and CORK against each other
    #[command(before_help = EXAMPLES_OF_MATRIX)]
    Matrix(Matrix),
    /// Compare a connection for each request with pools of them
    #[command(before_help = EXAMPLES_OF_BENCH)]
    Bench(Bench),
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Behave {
    /// Send small segments at once (`TCP_NODELAY`): --nagle off
    #[arg(long, help_heading = MANNERS, conflicts_with = "nagle")]
    pub(crate) nodelay: bool,
    /// Which rule holds small segments back: off, rfc or minshall
    /// [default: the host's]
    #[arg(long, value_name = "RULE", help_heading = MANNERS, hide_possible_values = true)]
    pub(crate) nagle: Option<Rule>,
    /// Hold what fills no segment until all is written (`TCP_CORK`)
    #[arg(long, help_heading = MANNERS)]
    pub(crate) cork: bool,
    /// Acknowledge at once (`TCP_QUICKACK`), asked for when the connection is
    /// open; =always once more after each read; =off not even at the start
    #[arg(long, value_name = "HOW", help_heading = MANNERS, num_args = 0..=1, require_equals = true,
          default_missing_value = "once", hide_possible_values = true)]
    pub(crate) quickack: Option<Quick>,
    /// Let an acknowledgment wait so many seconds [default: the host's]
    #[arg(long, value_name = "SECONDS", help_heading = MANNERS, value_parser = ack_delay)]
    pub(crate) ack_delay: Option<Duration>,

    /// Announce segments of so many bytes at the most (`TCP_MAXSEG`)
    #[arg(long, value_name = "BYTES", help_heading = SOCKET, value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) maxseg: Option<u16>,
    /// Let so much wait to be sent (`SO_SNDBUF`; Linux takes twice as much)
    #[arg(long, value_name = "BYTES", help_heading = SOCKET, value_parser = cli::whole(1..=MOST_BUFFERED))]
    pub(crate) sndbuf: Option<u32>,
    /// Let so much wait to be read (`SO_RCVBUF`; Linux takes twice as much)
    #[arg(long, value_name = "BYTES", help_heading = SOCKET, value_parser = cli::whole(1..=MOST_BUFFERED))]
    pub(crate) rcvbuf: Option<u32>,
    /// Congestion control (`TCP_CONGESTION`), as in reno, cubic and bbr
    /// [default: reno, whatever the system's own default is]
    #[arg(long, value_name = "NAME", help_heading = SOCKET)]
    pub(crate) congestion: Option<String>,
    /// Data in the SYN (`TCP_FASTOPEN`)
    #[arg(long, help_heading = SOCKET)]
    pub(crate) fastopen: bool,
    /// Let closing wait so many seconds until all is acknowledged
    /// (`SO_LINGER`); 0: throw it away and break off (RST)
    #[arg(long, value_name = "SECONDS", help_heading = SOCKET, value_parser = cli::seconds(0, YEAR))]
    pub(crate) linger: Option<Duration>,
    /// Take a port where an old connection lingers (`SO_REUSEADDR`); on Linux the
    /// program that had it must have asked for that too
    #[arg(long, help_heading = SOCKET)]
    pub(crate) reuseaddr: bool,
    /// Probe whether the other side is there after so many idle seconds
    /// (`SO_KEEPALIVE`)
    #[arg(long, value_name = "SECONDS", help_heading = SOCKET, value_parser = cli::seconds_above_zero(LONGEST_IDLE))]
    pub(crate) keepalive: Option<Duration>,
    /// Give up when data were not acknowledged for so many seconds
    /// (`TCP_USER_TIMEOUT`)
    #[arg(long, value_name = "SECONDS", help_heading = SOCKET, value_parser = cli::seconds_above_zero(LONGEST_TIMEOUT))]
    pub(crate) user_timeout: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Rule {
    Off,
    Rfc,
    Minshall,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Quick {
    Once,
    Always,
    Off,
}

impl Behave {
    pub(crate) fn manners(&self) -> Manners {
        let nagle = match (self.nodelay, self.nagle) {
            (true, _) | (_, Some(Rule::Off)) => Some(host::Nagle::Off),
            (_, Some(Rule::Rfc)) => Some(host::Nagle::Rfc896),
            (_, Some(Rule::Minshall)) => Some(host::Nagle::Minshall),
            (_, None) => None,
        };
        let quick_ack = match self.quickack {
            None => QuickAck::Usual,
            Some(Quick::Once) => QuickAck::Once,
            Some(Quick::Always) => QuickAck::Always,
            Some(Quick::Off) => QuickAck::Off,
        };
        Manners { nagle, cork: self.cork, quick_ack, ack_delay: self.ack_delay, others: self.others() }
    }

    /// What the socket is told before the SYN.
    fn others(&self) -> Vec<Opt> {
        let options = [
            self.congestion.clone().map(Opt::Congestion).or_else(usual_congestion),
            self.maxseg.map(Opt::MaxSegment),
            self.sndbuf.map(Opt::SendBuffer),
            self.rcvbuf.map(Opt::RecvBuffer),
            self.fastopen.then_some(Opt::FastOpen(true)),
            self.linger.map(|time| Opt::Linger(Some(time))),
            self.reuseaddr.then_some(Opt::ReuseAddress(true)),
            self.keepalive.map(|idle| Opt::KeepAlive(Some(idle))),
            self.user_timeout.map(Opt::UserTimeout),
        ];
        options.into_iter().flatten().collect()
    }
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Send {
    /// A node's name, a host's name or an IPv4 address; with :PORT for another
    /// than 7
    pub(crate) target: String,

    /// One request: writes of so many bytes, one right after the other
    #[arg(long, value_name = "BYTES,...", help_heading = SENT, default_value = "56", value_parser = Writes::parse)]
    pub(crate) writes: Writes,
    /// From this port [default: one that is free]
    #[arg(long, value_name = "PORT", help_heading = SENT, value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) sport: Option<u16>,
    /// Close this direction behind the last request, before it is echoed
    #[arg(long, help_heading = SENT)]
    pub(crate) half_close: bool,
    /// Break the connection off (RST) instead of closing it
    #[arg(long, help_heading = SENT, conflicts_with = "half_close")]
    pub(crate) abort: bool,

    /// Say with each write but a request's last that more follows (`MSG_MORE`)
    #[arg(long, help_heading = MANNERS)]
    pub(crate) msg_more: bool,
    #[command(flatten)]
    pub(crate) behave: Behave,
    /// From this address of this host [default: the way's own]
    #[arg(long, value_name = "ADDRESS", help_heading = SOCKET, value_parser = address)]
    pub(crate) bind: Option<Ipv4Addr>,
    /// Share the port to send from (`SO_REUSEPORT`)
    #[arg(long, help_heading = SOCKET)]
    pub(crate) reuseport: bool,

    /// Stop after so many requests
    #[arg(short, value_name = "COUNT", help_heading = WHEN, value_parser = cli::whole(1..=u32::MAX))]
    pub(crate) count: Option<u32>,
    /// Seconds from one request to the next [default: 1]
    #[arg(short, value_name = "INTERVAL", help_heading = WHEN, value_parser = cli::seconds(0, YEAR))]
    pub(crate) interval: Option<Duration>,
    /// Close after so many seconds
    #[arg(short = 'w', value_name = "DEADLINE", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) deadline: Option<Duration>,
    /// Seconds to wait for the connection, and for the echo of a request
    #[arg(short = 'W', value_name = "WAIT", help_heading = WHEN, default_value = "10",
          value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) wait: Duration,

    /// The states of both ends beside the segments, up to the end
    #[arg(long, help_heading = SHOWN)]
    pub(crate) states: bool,
    /// Write what the host knows of the connection, whenever that changes
    #[arg(long, value_name = "FILE.csv", help_heading = SHOWN)]
    pub(crate) tcpinfo: Option<PathBuf>,
    /// Draw that: its windows, and its round trip time
    #[arg(long, value_name = "FILE.svg", help_heading = SHOWN)]
    pub(crate) plot: Option<PathBuf>,
    /// Only the first line and the statistics
    #[arg(short, help_heading = SHOWN)]
    pub(crate) quiet: bool,
}

impl Send {
    pub(crate) fn manners(&self) -> Manners {
        let mut manners = self.behave.manners();
        manners.others.extend(self.reuseport.then_some(Opt::ReusePort(true)));
        manners
    }
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Serve {
    /// Wait for connections at this port
    #[arg(long, value_name = "PORT", help_heading = RECEIVED, default_value_t = ECHO, value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) port: u16,
    #[command(flatten)]
    pub(crate) listening: crate::serve::flags::Listen,
    /// Read so many bytes, a whole request, before any of them is echoed
    /// [default: echo what has come]
    #[arg(long, value_name = "SIZE", help_heading = RECEIVED, value_parser = cli::whole(1..=MOST_READ))]
    pub(crate) reads: Option<u32>,
    /// Answer each request with so many bytes instead of its echo
    #[arg(long, value_name = "SIZE", help_heading = RECEIVED, requires = "reads", value_parser = cli::whole(1..=MOST_READ))]
    pub(crate) answer: Option<u32>,
    /// Close a connection over which nothing came for so many seconds
    #[arg(long, value_name = "SECONDS", help_heading = RECEIVED, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) idle_timeout: Option<Duration>,
    /// Break a connection off (RST) once so many of its bytes were echoed
    #[arg(long, value_name = "BYTES", help_heading = RECEIVED, value_parser = cli::whole(0..=u64::MAX))]
    pub(crate) abort_after: Option<u64>,

    #[command(flatten)]
    pub(crate) behave: Behave,

    /// Stop after so many connections
    #[arg(short, value_name = "COUNT", help_heading = WHEN, value_parser = cli::whole(1..=u32::MAX))]
    pub(crate) count: Option<u32>,
    /// Close all and end after so many seconds
    #[arg(short = 'w', value_name = "DEADLINE", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) deadline: Option<Duration>,

    /// Only the first line and the statistics
    #[arg(short, help_heading = SHOWN)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Matrix {
    /// A request of these writes; can be repeated
    /// [default: 4,4 and 500,960 and 5000]
    #[arg(long, value_name = "BYTES,...", help_heading = COMPARED, value_parser = Writes::parse)]
    pub(crate) writes: Vec<Writes>,
    /// Let acknowledgments wait so many seconds
    #[arg(long, value_name = "SECONDS", help_heading = COMPARED, default_value = "0.04", value_parser = ack_delay)]
    pub(crate) ack_delay: Duration,
    /// Beside that network run it on this machine: both ends in this program,
    /// over the loopback
    #[arg(long, help_heading = COMPARED)]
    pub(crate) live: bool,
    /// Of how many requests of each cell on this machine the median is, the first
    /// left out [default: 10]
    #[arg(short, value_name = "COUNT", help_heading = COMPARED, value_parser = cli::whole(1..=MOST_REQUESTS))]
    pub(crate) count: Option<u32>,
}

/// An address of IPv4.
fn address(text: &str) -> Result<Ipv4Addr, cli::NotANumber> {
    text.parse().map_err(|_| cli::NotANumber {
        sentence: format!("takes an IPv4 address, as in 10.0.0.1, and '{}' is not one", cli::escape(text)),
        hint: None,
    })
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Bench {
    /// A node's name, a host's name or an IPv4 address of an echo; with :PORT
    /// for another than 7 [default: a server of one's own in a network of one's
    /// own, anew for each row]
    pub(crate) target: Option<String>,

    /// So many requests for each row
    #[arg(long, value_name = "N", help_heading = SENT, default_value = "100", value_parser = cli::whole(1..=1_000_000_u32))]
    pub(crate) requests: u32,
    /// Requests of so many bytes, and answers of so many
    /// [default: 100:50000; with a target 1000, as from an echo]
    #[arg(long, value_name = "BYTES[:ANSWER]", help_heading = SENT, value_parser = Sizes::parse)]
    pub(crate) size: Option<Sizes>,
    /// So many requests at a time
    #[arg(long, value_name = "N", help_heading = SENT, default_value = "1", value_parser = cli::whole(1..=1000_u16))]
    pub(crate) concurrency: u16,

    /// So many connections at the most
    #[arg(long, value_name = "N", help_heading = POOL, default_value = "4", value_parser = cli::whole(1..=1000_u16))]
    pub(crate) pool: u16,
    /// Only the pool that opens its connections beforehand
    #[arg(long, help_heading = POOL)]
    pub(crate) eager: bool,
    /// Only the pool that opens a connection when none is free
    #[arg(long, help_heading = POOL)]
    pub(crate) lazy: bool,
    /// Close a connection that has been idle for so many seconds
    #[arg(long, value_name = "SECONDS", help_heading = POOL, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) idle_timeout: Option<Duration>,
    /// Also a connection for each request, with the request in its SYN where
    /// both sides allow it (`TCP_FASTOPEN`; the server: `serve --fastopen`)
    #[arg(long, help_heading = POOL, requires = "target")]
    pub(crate) fastopen: bool,
    /// Let the server close a connection that has been idle for so many seconds
    #[arg(long, value_name = "SECONDS", help_heading = POOL, conflicts_with = "target", value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) server_idle: Option<Duration>,

    /// Seconds from an answer to the next request; can be repeated
    /// [default: 0.1 and 2; with a target 0.1]
    #[arg(long, value_name = "SECONDS", help_heading = WHEN, value_parser = cli::seconds(0, YEAR))]
    pub(crate) gap: Vec<Duration>,
    /// Seconds to wait for a connection and its answer
    #[arg(short = 'W', value_name = "WAIT", help_heading = WHEN, default_value = "60",
          value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) wait: Duration,

    /// The congestion window that each request finds
    #[arg(long, help_heading = SHOWN)]
    pub(crate) cwnd: bool,
}

/// Seconds below a half.
fn ack_delay(text: &str) -> Result<Duration, cli::NotANumber> {
    cli::seconds(0, 1)(text).ok().filter(|delay| *delay <= LONGEST_ACK_DELAY).ok_or_else(|| cli::NotANumber {
        sentence: format!("takes seconds from 0 to 0.499, as in 0.04, and '{}' is not that", cli::escape(text)),
        hint: Some("RFC 9293 section 3.8.6.3: an acknowledgment waits less than half a second".into()),
    })
}
