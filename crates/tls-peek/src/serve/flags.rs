//! The command line of `serve`.

use crate::ends::Wishes;
use crate::flags::{Seen, group, suite, version};
use cli::NotANumber;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;
use wire::tls::{CipherSuite, Group, Version};

const TAKEN: &str = "What is taken";
const WHERE: &str = "Where it is, and who";
const WHEN: &str = "When";
const SHOWN: &str = "What is shown";

/// A year, in seconds: the most that options about time take.
const YEAR: u32 = 31_536_000;

const EXAMPLES: &str = "\
Examples, on this machine:
  tls-peek serve --authority ca.pem              and, from another terminal:
  tls-peek 127.0.0.1:4433 --name localhost --ca ca.pem --get /
  tls-peek serve --tls 1.2 --keys -c 1           one client, and its keys
";

const EXIT: &str = "\
Exit status: 0 somebody shook hands (with -c so many), 1 not so, 2 it could not
run.";

/// Be the server, for any client, and see what it says
#[derive(Debug, Clone, clap::Args)]
#[command(before_help = EXAMPLES, after_help = EXIT)]
pub(crate) struct Serve {
    /// Speak this version only: 1.2 or 1.3
    #[arg(long, value_name = "VERSION", help_heading = TAKEN, value_parser = version)]
    pub(crate) tls: Option<Version>,
    /// Take these groups only, and ask a client for another hello that sends no
    /// share of one
    #[arg(long, value_name = "GROUPS", help_heading = TAKEN, value_delimiter = ',', value_parser = group)]
    pub(crate) groups: Vec<Group>,
    /// Take these cipher suites only
    #[arg(long, value_name = "SUITES", help_heading = TAKEN, value_delimiter = ',', value_parser = suite)]
    pub(crate) suites: Vec<CipherSuite>,
    /// Speak one of these inside [default: http/1.1]
    #[arg(long, value_name = "NAMES", help_heading = TAKEN, value_delimiter = ',')]
    pub(crate) alpn: Vec<String>,
    /// Take a request that comes before the handshake is over
    #[arg(long, help_heading = TAKEN)]
    pub(crate) early_data: bool,

    /// At this port
    #[arg(short = 'p', long, value_name = "PORT", help_heading = WHERE, default_value = "4433",
          value_parser = cli::whole(1..=u16::MAX))]
    pub(crate) port: u16,
    /// At this address [default: 127.0.0.1; in a simulated network all addresses
    /// of the host]
    #[arg(long, value_name = "ADDRESS", help_heading = WHERE, value_parser = address)]
    pub(crate) bind: Option<Ipv4Addr>,
    /// Have a certificate for these names and addresses [default: localhost,
    /// 127.0.0.1; in a simulated network that of its web server]
    #[arg(long, value_name = "NAMES", help_heading = WHERE, value_delimiter = ',')]
    pub(crate) name: Vec<String>,
    /// Write the certificate of who signed it to this file, for clients to
    /// believe; it is made anew in each run
    #[arg(long, value_name = "FILE", help_heading = WHERE)]
    pub(crate) authority: Option<PathBuf>,

    /// Stop after so many connections
    #[arg(short, value_name = "COUNT", help_heading = WHEN, value_parser = cli::whole(1..=u32::MAX))]
    pub(crate) count: Option<u32>,
    /// End after so many seconds
    #[arg(short = 'w', value_name = "DEADLINE", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    pub(crate) deadline: Option<Duration>,
    /// Give a client so many seconds, from its first byte to its last
    #[arg(long, value_name = "SECONDS", help_heading = WHEN, default_value = "10",
          value_parser = cli::seconds_above_zero(3600))]
    pub(crate) timeout: Duration,

    #[command(flatten)]
    pub(crate) seen: Seen,
    /// Write the secrets of all connections to this file, for Wireshark
    #[arg(long, value_name = "FILE", help_heading = SHOWN)]
    pub(crate) keylog: Option<PathBuf>,
}

impl Serve {
    pub(super) fn wishes(&self) -> Wishes {
        let usual = Wishes::default();
        Wishes {
            version: self.tls,
            groups: self.groups.clone(),
            suites: self.suites.clone(),
            alpn: if self.alpn.is_empty() { usual.alpn } else { self.alpn.clone() },
            sni: true,
            early_data: self.early_data,
            remembers: true,
        }
    }
}

fn address(text: &str) -> Result<Ipv4Addr, NotANumber> {
    text.parse().map_err(|_| NotANumber {
        sentence: format!("takes an IPv4 address, as in 127.0.0.1, and '{}' is not one", cli::escape(text)),
        hint: None,
    })
}
