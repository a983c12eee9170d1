//! What a layer is of, and what a capture begins with.

use std::fmt;

/// What the first byte of a captured packet belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkType {
    /// An Ethernet frame, without preamble and check sequence.
    Ethernet,
    /// An IP packet; its first four bits are the version.
    RawIp,
    /// What Linux puts in front when it captures on all interfaces, version 1.
    LinuxCooked,
    /// The same, version 2.
    LinuxCooked2,
}

impl LinkType {
    /// By the number that capture files use for it.
    ///
    /// Raw IP has four: 101, what some systems write instead (12 and 14), and those that promise one version (228 and 229).
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Ethernet),
            12 | 14 | 101 | 228 | 229 => Some(Self::RawIp),
            113 => Some(Self::LinuxCooked),
            276 => Some(Self::LinuxCooked2),
            _ => None,
        }
    }
}

/// What a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// An Ethernet frame.
    Ethernet,
    /// A tag of a virtual LAN.
    Tag,
    /// Address resolution.
    Arp,
    /// The Internet Protocol, version 4.
    Ipv4,
    /// ICMP for IPv4.
    Icmp,
    /// What a router tells behind the quote of an ICMP error.
    Extensions,
    /// A user datagram.
    Udp,
    /// A TCP segment.
    Tcp,
    /// What this crate has no table for, or the payload of the innermost layer.
    Data,
}

impl Protocol {
    /// Its name as the RFCs spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ethernet => "Ethernet",
            Self::Tag => "802.1Q",
            Self::Arp => "ARP",
            Self::Ipv4 => "IPv4",
            Self::Icmp => "ICMP",
            Self::Extensions => "ICMP extension",
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Data => "data",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
