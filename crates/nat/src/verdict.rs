//! What becomes of a packet.

use std::fmt;

/// Where a packet comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The private network.
    Inside,
    /// Everything else.
    Outside,
}

/// What to do with a packet that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was translated, and goes on to the other side.
    Pass,
    /// It was translated twice, and goes back to the side it came from: RFC 4787 section 6.
    Hairpin,
    /// It is for the NAT itself, and unchanged.
    Local,
    /// It is a fragment whose first one has not come yet; a copy is kept, and [`crate::Nat::released`] gives it back.
    Held,
    /// It goes nowhere, and is unchanged.
    Drop(Reason),
}

/// Why a packet goes nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A header is cut short, or a length says more than there is.
    Malformed,
    /// Neither TCP nor UDP nor ICMP.
    Protocol,
    /// An ICMP message that is neither a query, nor its answer, nor an error.
    IcmpType,
    /// An ICMP error, or the header that it quotes, with a wrong checksum.
    Checksum,
    /// It comes from inside with a source that is the NAT's own.
    PublicSource,
    /// It comes from outside and is for an address that is not the NAT's.
    ForeignDestination,
    /// Its sender may not use this mapping.
    Filtered,
    /// It belongs to a connection that is not in the table.
    NoConnection,
    /// It is an ICMP error about a packet of which the table knows nothing.
    NoMapping,
    /// It asks for a connection that nobody at the NAT itself waits for: [`crate::Nat::refuse`].
    Unsolicited,
    /// It would have to turn back, which is switched off.
    HairpinOff,
    /// All ports of the outside address are in use.
    NoPort,
    /// The table is full.
    TableFull,
    /// This host has as many sessions as it may.
    HostQuota,
    /// Too many fragments wait for their first one.
    Fragments,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Malformed,
        Self::Protocol,
        Self::IcmpType,
        Self::Checksum,
        Self::PublicSource,
        Self::ForeignDestination,
        Self::Filtered,
        Self::NoConnection,
        Self::NoMapping,
        Self::Unsolicited,
        Self::HairpinOff,
        Self::NoPort,
        Self::TableFull,
        Self::HostQuota,
        Self::Fragments,
    ];

    /// Its name in lower case, `no-port`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Protocol => "protocol",
            Self::IcmpType => "icmp-type",
            Self::Checksum => "checksum",
            Self::PublicSource => "public-source",
            Self::ForeignDestination => "foreign-destination",
            Self::Filtered => "filtered",
            Self::NoConnection => "no-connection",
            Self::NoMapping => "no-mapping",
            Self::Unsolicited => "unsolicited",
            Self::HairpinOff => "hairpin-off",
            Self::NoPort => "no-port",
            Self::TableFull => "table-full",
            Self::HostQuota => "host-quota",
            Self::Fragments => "fragments",
        }
    }

    /// The code of the ICMP message "destination unreachable" that its sender should get, where one should be sent.
    ///
    /// RFC 5508 section 6, REQ-8, where resources are short: "the NAT device SHOULD send an ICMP destination unreachable
    /// message, with a code of 13 (Communication administratively prohibited) to the sender".
    #[must_use]
    pub fn answer(self) -> Option<u8> {
        matches!(self, Self::NoPort | Self::TableFull | Self::HostQuota).then_some(13)
    }

    pub(crate) fn number(self) -> u8 {
        Self::ALL.iter().zip(0..).find(|(reason, _)| **reason == self).map_or(0, |(_, number)| number)
    }

    pub(crate) fn numbered(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "a header is cut short, or a length says more than there is",
            Self::Protocol => "neither TCP nor UDP nor ICMP",
            Self::IcmpType => "an ICMP message that is neither query nor answer nor error",
            Self::Checksum => "an ICMP error with a wrong checksum",
            Self::PublicSource => "from inside, with the NAT's own address as its source",
            Self::ForeignDestination => "from outside, and not for an address of the NAT",
            Self::Filtered => "this port has not sent anything to that sender",
            Self::NoConnection => "no such connection is in the table",
            Self::NoMapping => "an ICMP error about a packet that is not in the table",
            Self::Unsolicited => "no mapping has this port, and nobody at the NAT waits there",
            Self::HairpinOff => "it would have to turn back inside, and hairpinning is off",
            Self::NoPort => "all ports of the outside address are in use",
            Self::TableFull => "the table is full",
            Self::HostQuota => "this host has as many sessions as it may",
            Self::Fragments => "too many fragments wait for their first one",
        })
    }
}
