//! The command line, as far as its words begin with a dash; `words` has the others.

use crate::serve::flags::Serve;
use cli::{NotANumber, Show, World};
use std::net::IpAddr;
use wire::dns::Type;

const ASKED: &str = "What is asked";
const MANY: &str = "Many names";

/// The port of the name system: RFC 1035 section 4.2.
const PORT: u16 = 53;

const USAGE: &str = "mini-dig [OPTIONS] [@SERVER] NAME [TYPE] [+FLAG]...
       mini-dig serve [OPTIONS] [[ADDRESS=]FILE]...";

const EXAMPLES: &str = "\
Examples, all in the simulated network:
  mini-dig --net names www.example.com            ask the resolver
  mini-dig --net names @com www.example.com       ask one server: a referral
  mini-dig --net names www.example.com +trace     from the root down
  mini-dig --net names -f names.txt +short        many names, all at once
";

const FLAGS: &str = "\
Flags, which stand anywhere; +no before a name turns it off:
  +trace            ask from the root down, server by server
  +short            only the data of the answer
  +cache[=SECONDS]  ask again, so much later, and take what was kept
  +tcp              ask by TCP
  +norec            ask for what the server itself knows
  +ignore           take an answer that is cut, and do not ask by TCP
  +timeout=SECONDS  wait so long for an answer [default: 5]
  +tries=N          send a question so often [default: 3]
  +exit             tell by the exit status why there is no answer
  +0x20             spell the name in random case, and want it back so
  +noedns           without EDNS
  +bufsize=BYTES    take answers of so many bytes by UDP [default: 1232]
  +dnssec           show signatures too (DO)
  +nsid             ask the server which one it is
  +cookie           send a cookie
  +subnet=ADDR/BITS ask for this part of the network

Exit status: 0 there is an answer, 1 there is none, 2 it could not run.
With +exit, instead of 1: 10 no such name (NXDOMAIN), 11 no such records,
12 SERVFAIL, 13 REFUSED, 14 no answer in time, 15 a message that is none,
16 another error of the server, 17 a referral to other servers.
";

/// Ask the name system, and see each step and byte
#[derive(Debug, Clone, clap::Parser)]
#[command(before_help = EXAMPLES, after_help = FLAGS, override_usage = USAGE)]
#[command(mut_args(|arg| if is_of_all(&arg) { arg.global(true) } else { arg }))]
pub struct MiniDig {
    #[command(subcommand)]
    pub(crate) what: Option<What>,

    /// A server (@ and a node's name or an address), a name, a type of records
    /// [default: A] and flags (+), in any order
    #[arg(value_name = "WORD")]
    pub(crate) words: Vec<String>,

    /// Ask for the name of this address
    #[arg(short = 'x', value_name = "ADDRESS", help_heading = ASKED, value_parser = address)]
    pub(crate) reverse: Option<IpAddr>,
    /// Ask for records of this type
    #[arg(short = 't', value_name = "TYPE", help_heading = ASKED, value_parser = rrtype)]
    pub(crate) rrtype: Option<Type>,
    /// Ask for this name, whatever it looks like
    #[arg(short = 'q', value_name = "NAME", help_heading = ASKED)]
    pub(crate) name: Option<String>,
    /// Ask at this port of the server
    #[arg(short = 'p', value_name = "PORT", help_heading = ASKED, default_value_t = PORT,
          value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) port: u16,

    /// Ask for the names in this file, one a line: `NAME [TYPE] [+FLAG]...`, with
    /// comments behind #; `-` is standard input
    #[arg(short = 'f', value_name = "FILE", help_heading = MANY)]
    pub(crate) file: Option<String>,
    /// How many questions are on their way at once
    #[arg(long, value_name = "N", help_heading = MANY, default_value = "100",
          value_parser = cli::whole(1..=crate::many::MOST_IN_FLIGHT))]
    pub(crate) in_flight: u16,
    /// Print answers as they come, and not in the order of the file
    #[arg(long, help_heading = MANY)]
    pub(crate) as_they_come: bool,
    /// Print the summary only
    #[arg(long, help_heading = MANY)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) show: Show,
}

impl MiniDig {
    /// Whether anything is there to be asked.
    pub(crate) fn asks(&self) -> bool {
        let is_asked_for = self.reverse.is_some() || self.rrtype.is_some() || self.name.is_some();
        is_asked_for || self.file.is_some() || !self.words.is_empty() || self.port != PORT
    }
}

/// Whether an option may stand before a command or behind it: where it runs, and how its output looks.
fn is_of_all(arg: &clap::Arg) -> bool {
    matches!(arg.get_help_heading(), Some("Where" | "What is shown"))
}

#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum What {
    /// Serve names: a root, domains and zones of your own, for any client
    Serve(Serve),
}

fn address(text: &str) -> Result<IpAddr, NotANumber> {
    text.parse().map_err(|_| NotANumber {
        sentence: format!("takes an IPv4 or IPv6 address, and '{}' is not one", cli::escape(text)),
        hint: Some("a name is asked for without -x".into()),
    })
}

fn rrtype(text: &str) -> Result<Type, NotANumber> {
    text.parse().map_err(|error: wire::dns::UnknownWord| NotANumber {
        sentence: format!("takes a type: {error}"),
        hint: crate::words::nearest_type(text).map(|near| format!("did you mean '{near}'?")),
    })
}
