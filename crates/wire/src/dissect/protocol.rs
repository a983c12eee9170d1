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
    /// What BSD and macOS put in front when they capture on the loopback interface.
    Loopback,
}

impl LinkType {
    /// By the number that capture files use for it.
    ///
    /// Raw IP has four: 101, what some systems write instead (12 and 14), and those that promise one version (228 and 229).
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            0 | 108 => Some(Self::Loopback),
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
    /// What BSD and macOS put in front when they capture on the loopback interface.
    Loopback,
    /// What Linux puts in front when it captures on all interfaces, version 1.
    LinuxCooked,
    /// The same, version 2.
    LinuxCooked2,
    /// An Ethernet frame.
    Ethernet,
    /// A tag of a virtual LAN.
    Tag,
    /// Address resolution.
    Arp,
    /// The Internet Protocol, version 4.
    Ipv4,
    /// The Internet Protocol, version 6.
    Ipv6,
    /// IPv6 options for each router on the way.
    HopByHop,
    /// IPv6 options for the destination.
    DestinationOptions,
    /// Addresses that an IPv6 packet is to go by.
    Routing,
    /// A fragment's place in its IPv6 packet.
    Ipv6Fragment,
    /// An authentication header.
    Ah,
    /// An encapsulating security payload.
    Esp,
    /// ICMP for IPv4.
    Icmp,
    /// ICMP for IPv6, neighbour discovery included.
    Icmpv6,
    /// What a router tells behind the quote of an ICMP error.
    Extensions,
    /// A user datagram.
    Udp,
    /// A TCP segment.
    Tcp,
    /// Host configuration.
    Dhcp,
    /// A message of the name system.
    Dns,
    /// A record of TLS.
    Tls,
    /// A message of HTTP/1.x.
    Http,
    /// The version exchange of SSH, or one of its packets.
    Ssh,
    /// What this crate has no table for, or the payload of the innermost layer.
    Data,
}

impl Protocol {
    /// All of them, from the link inwards.
    pub const ALL: [Self; 25] = [
        Self::Loopback,
        Self::LinuxCooked,
        Self::LinuxCooked2,
        Self::Ethernet,
        Self::Tag,
        Self::Arp,
        Self::Ipv4,
        Self::Ipv6,
        Self::HopByHop,
        Self::DestinationOptions,
        Self::Routing,
        Self::Ipv6Fragment,
        Self::Ah,
        Self::Esp,
        Self::Icmp,
        Self::Icmpv6,
        Self::Extensions,
        Self::Udp,
        Self::Tcp,
        Self::Dhcp,
        Self::Dns,
        Self::Tls,
        Self::Http,
        Self::Ssh,
        Self::Data,
    ];

    /// Its name as the RFCs spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::LinuxCooked => "Linux cooked capture",
            Self::LinuxCooked2 => "Linux cooked capture v2",
            Self::Ethernet => "Ethernet",
            Self::Tag => "802.1Q",
            Self::Arp => "ARP",
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
            Self::HopByHop => "IPv6 hop-by-hop options",
            Self::DestinationOptions => "IPv6 destination options",
            Self::Routing => "IPv6 routing header",
            Self::Ipv6Fragment => "IPv6 fragment header",
            Self::Ah => "AH",
            Self::Esp => "ESP",
            Self::Icmp => "ICMP",
            Self::Icmpv6 => "ICMPv6",
            Self::Extensions => "ICMP extension",
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Dhcp => "DHCP",
            Self::Dns => "DNS",
            Self::Tls => "TLS",
            Self::Http => "HTTP",
            Self::Ssh => "SSH",
            Self::Data => "data",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
