//! The command line, and what it asks for.

use crate::filter::Filter;
use crate::pictures::{Kind, Picture};
use crate::time::Since;
use clap::Parser;
use cli::{Failure, Show, World};
use std::path::{Path, PathBuf};

const WHICH: &str = "Which packets";
const SHOWN: &str = "What is shown";
const WHERE: &str = "Where";
const PICTURES: &str = "Pictures, each in a file of its own; `-` is standard output";

const USAGE: &str = "\
peel [OPTIONS] <FILE> [NUMBER | FILTER]
       peel [OPTIONS] --live[=INTERFACE] [FILTER]";

const EXAMPLES: &str = "\
Examples:
  myping --net routers -c 2 --pcap ping.pcapng server
                                   makes a capture; of it:
  peel ping.pcapng                 a line a packet
  peel ping.pcapng 3               packet 3, byte by byte
  peel ping.pcapng icmp and from 192.168.10.3
                                   some of them, in plain words
  peel ping.pcapng --follow 3      who says what to whom, as a ladder
  peel ping.pcapng --ladder ping.svg
                                   all of it as a picture
  peel --net lan-poisoned --live   what comes by on a link
";

const AFTER: &str = "\
A filter is made of these, with and, or, not and parentheses:
  arp ip ipv6 icmp icmpv6 tcp udp dhcp dns vlan
                                  a header of this protocol
  host 10.0.0.5                   from or to this address; a MAC address too
  net 10.0.0.0/24, port 80        likewise; port 8000-8080 is a range
  from host, to port ...          one end only
  problem                         something is wrong with it
  lost, comment, interface net1   what the capture says about it

Exit status:
  0  packets were shown
  1  there are none, or none that the filter lets pass
  2  it could not run, or the file is damaged: what comes before is shown";

/// Take the packets of a capture apart, layer by layer
#[derive(Debug, Clone, Parser)]
#[command(before_help = EXAMPLES, after_help = AFTER, override_usage = USAGE)]
pub struct Peel {
    /// A capture, pcap or pcapng; `-` is standard input. Behind it the number of one packet, or a filter
    #[arg(value_name = "FILE", required_unless_present = "live")]
    words: Vec<String>,

    /// The conversation of this packet as a ladder
    #[arg(long, value_name = "NUMBER", value_parser = cli::whole(1..=u64::MAX), help_heading = WHICH,
          conflicts_with_all = ["live", "tree", "json"])]
    follow: Option<u64>,
    /// Stop after this many packets were shown
    #[arg(short = 'c', value_name = "COUNT", value_parser = cli::whole(1..=u64::MAX), help_heading = WHICH)]
    count: Option<u64>,

    /// The packets of an interface as they come and go
    #[arg(long, value_name = "INTERFACE", num_args = 0..=1, require_equals = true, default_missing_value = "",
          help_heading = WHERE)]
    live: Option<String>,

    /// Each packet as a tree of layers and fields
    #[arg(long, help_heading = SHOWN, conflicts_with = "json")]
    tree: bool,
    /// Count times from the first packet, from the previous one that is shown, or say utc [default: first]
    #[arg(long, value_enum, default_value_t, value_name = "SINCE", help_heading = SHOWN, hide_possible_values = true,
          hide_default_value = true)]
    time: Since,

    /// The packets as a ladder, SVG; with --follow those of a conversation
    #[arg(long, value_name = "OUT", help_heading = PICTURES, conflicts_with_all = ["grid", "hexdump", "live", "tree", "json"])]
    ladder: Option<PathBuf>,
    /// A header of packet NUMBER, bit by bit, SVG
    #[arg(long, value_name = "OUT", help_heading = PICTURES, conflicts_with_all = ["hexdump", "live", "tree", "json"])]
    grid: Option<PathBuf>,
    /// The header of this protocol, not the innermost
    #[arg(long, value_name = "PROTOCOL", help_heading = PICTURES, requires = "grid")]
    layer: Option<String>,
    /// All bytes of packet NUMBER, and what they mean, HTML
    #[arg(long, value_name = "OUT", help_heading = PICTURES, conflicts_with_all = ["live", "tree", "json"])]
    hexdump: Option<PathBuf>,

    /// What `tcp-echo --tcpinfo` has written to FILE over time, SVG; of up to
    /// four files, one over the other
    #[arg(long, value_name = "OUT", help_heading = PICTURES,
          conflicts_with_all = ["ladder", "grid", "hexdump", "live", "tree", "json", "follow", "count", "time"])]
    plot: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) show: Show,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) place: Place,
    pub(crate) view: View,
    /// A picture in a file instead.
    pub(crate) picture: Option<Picture>,
    pub(crate) filter: Filter,
    /// The number of the only packet that is wanted.
    pub(crate) only: Option<u64>,
    pub(crate) count: u64,
    pub(crate) since: Since,
}

/// Where packets come from.
#[derive(Debug)]
pub(crate) enum Place {
    /// A file; `-` is standard input.
    File(String),
    /// An interface; empty: the usual one.
    Live(String),
}

/// How packets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// A line each.
    Lines,
    /// As trees.
    Trees,
    /// As JSON objects.
    Json,
    /// In full.
    Full,
    /// Drawn, with what its bytes mean below them.
    Explained,
    /// The conversation of this one.
    Ladder(u64),
}

impl Peel {
    /// The tables that are to be drawn, and where to.
    pub(crate) fn plot(&self) -> Option<(&[String], &Path)> {
        self.plot.as_deref().map(|out| (self.words.as_slice(), out))
    }

    pub(crate) fn plan(&self) -> Result<Plan, Failure> {
        let (place, words) = match (&self.live, self.words.as_slice()) {
            (Some(interface), words) => (Place::Live(interface.clone()), words),
            (None, [file, words @ ..]) => (Place::File(file.clone()), words),
            (None, []) => return Err(Failure::said("peel needs FILE")),
        };
        let number = match words {
            [one] if self.live.is_none() && one.bytes().all(|byte| byte.is_ascii_digit()) => Some(number(one)?),
            _ => None,
        };
        if self.show.explains() && (self.tree || self.follow.is_some()) {
            let other = if self.tree { "--tree" } else { "--follow" };
            return Err(Failure::said(format!("--explain does not go together with {other}"))
                .hint("-e draws each packet by itself"));
        }
        let view = match (number, self.follow) {
            (_, None) if self.show.explains() => View::Explained,
            (Some(_), Some(_)) => {
                return Err(Failure::said("a packet's number does not go together with --follow")
                    .hint("`--follow NUMBER` says it already"));
            }
            (None, Some(number)) => View::Ladder(number),
            // Several ways to show one packet.
            (Some(_), None) if self.show.json => View::Json,
            (Some(_), None) if self.tree => View::Trees,
            (Some(_), None) => View::Full,
            (None, None) if self.show.json => View::Json,
            (None, None) if self.tree => View::Trees,
            (None, None) => View::Lines,
        };
        let filter = if number.is_some() { Filter::anything() } else { Filter::read(&words.join(" "))? };
        if self.since_utc_of_nothing(&place) {
            return Err(Failure::said("--time utc needs a capture: packets of --live come with times since the start"));
        }
        let picture = self.picture(number)?;
        let count = self.count.unwrap_or(u64::MAX);
        Ok(Plan { place, view, picture, filter, only: number, count, since: self.time })
    }

    /// The picture that is asked for, of packet `number` or of many.
    fn picture(&self, number: Option<u64>) -> Result<Option<Picture>, Failure> {
        let one = |option: &str| {
            number.ok_or_else(|| {
                Failure::said(format!("{option} needs the number of a packet"))
                    .hint(format!("as in `peel FILE 3 {option} OUT`; `peel FILE` shows the numbers"))
            })
        };
        let (kind, out) = if let Some(out) = &self.ladder {
            if number.is_some() {
                return Err(Failure::said("a packet's number does not go together with --ladder")
                    .hint("--follow NUMBER draws its conversation"));
            }
            (Kind::Ladder(self.follow), out)
        } else if let Some(out) = &self.grid {
            (Kind::Grid(one("--grid")?, self.layer.clone()), out)
        } else if let Some(out) = &self.hexdump {
            (Kind::Hexdump(one("--hexdump")?), out)
        } else {
            return Ok(None);
        };
        Ok(Some(Picture { kind, out: out.clone() }))
    }

    fn since_utc_of_nothing(&self, place: &Place) -> bool {
        self.time == Since::Utc && matches!(place, Place::Live(_))
    }
}

fn number(word: &str) -> Result<u64, Failure> {
    let number =
        cli::whole(1..=u64::MAX)(word).map_err(|wrong| Failure::said(format!("the number of a packet {wrong}")))?;
    Ok(number)
}
