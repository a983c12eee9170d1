//! What comes and answers none of our probes. It is counted and told, and never stops a trace.

use std::fmt;
use std::net::IpAddr;
use wire::WireError;
use wire::icmp::Icmp;

/// Why a packet is no answer to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// An ICMP error about a packet that is none of our probes.
    OtherPacket(IpAddr),
    /// An ICMP message that tells of no hop: advice, or of a type that answers nothing.
    OtherMessage(IpAddr, Icmp),
    /// An answer to a probe of ours by a host that it was not for.
    OtherHost(IpAddr),
    /// A message whose checksum is wrong.
    Damaged(IpAddr),
    /// A message that is cut short, or whose lengths lie.
    Malformed(WireError),
    /// An error that quotes so many bytes behind the IP header: too few to tell what it is about.
    QuotesTooLittle(IpAddr, usize),
    /// The target's port answered, with this time to live, something that does not tell which probe it answers.
    Unnumbered(IpAddr, u8),
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherPacket(from) => write!(f, "{from} tells of a packet that is none of our probes"),
            Self::OtherMessage(from, icmp) => {
                write!(f, "{from} sent an ICMP message of type {} code {}, which tells of no hop", icmp.kind, icmp.code)
            }
            Self::OtherHost(from) => write!(f, "{from} answered a probe as if it were the target, and it is not"),
            Self::Damaged(from) => write!(f, "a message from {from} has a wrong checksum"),
            Self::QuotesTooLittle(from, bytes) => {
                write!(
                    f,
                    "{from} quotes {bytes} bytes behind the IP header, and RFC 792 asks for 8: about which packet is not told"
                )
            }
            Self::Unnumbered(from, _) => write!(f, "{from} answered a probe, and does not tell which"),
            Self::Malformed(error) => write!(f, "a message that came cannot be read: {error}"),
        }
    }
}
