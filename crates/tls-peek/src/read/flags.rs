//! The command line of `read`.

use crate::flags::Seen;
use std::path::PathBuf;

const OPENED: &str = "What opens it";

const EXAMPLES: &str = "\
Examples:
  tls-peek --demo --pcap demo.pcapng     a capture with the secrets inside
  tls-peek read demo.pcapng --keys       and the same, read from the file
  tls-peek read https.pcap --keylog keys --stream 2
";

const EXIT: &str = "\
Without secrets, what is shown is what everybody on the path sees.

Exit status: 0 there is TLS in it, 1 there is none, 2 it could not run.";

/// Read a capture, and open the TLS in it as far as the secrets reach
#[derive(Debug, Clone, clap::Args)]
#[command(before_help = EXAMPLES, after_help = EXIT)]
pub(crate) struct Read {
    /// A capture, pcap or pcapng; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: String,

    /// Take secrets from this file too, as SSLKEYLOGFILE makes programs write
    /// them; those that stand in the capture itself are taken anyway
    #[arg(long, value_name = "FILE", help_heading = OPENED)]
    pub(crate) keylog: Option<PathBuf>,
    /// Try what the server's own RSA key opens, which stands in this file as PEM
    #[arg(long, value_name = "FILE", help_heading = OPENED)]
    pub(crate) server_key: Option<PathBuf>,
    /// Show this TCP connection of several, numbered from 0 as Wireshark's
    /// tcp.stream
    #[arg(long, value_name = "N", help_heading = OPENED, value_parser = cli::whole(0..=u32::MAX))]
    pub(crate) stream: Option<u32>,

    #[command(flatten)]
    pub(crate) seen: Seen,
}
