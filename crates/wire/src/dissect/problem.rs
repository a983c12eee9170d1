//! What is wrong with a packet, and where.

use super::Protocol;
use crate::fields::Field as Row;
use std::fmt;

/// One thing that is wrong. Its [`Display`](fmt::Display) is a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// The number of the layer that has it.
    pub layer: usize,
    /// What that layer is.
    pub protocol: Protocol,
    /// The byte, counted from the start of the packet: the first of the field, or the first that is missing.
    pub byte: usize,
    /// What it is.
    pub kind: Kind,
    pub(super) row: Option<&'static Row>,
    /// The option or object that the field stands in.
    pub(super) within: Option<&'static Row>,
}

/// What can be wrong. Whether it matters is for the reader to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A receiver would not accept this checksum.
    WrongChecksum {
        /// What stands there.
        found: u16,
        /// What a receiver computes.
        right: u16,
    },
    /// A checksum that the sender left to its network card; see [`super::Verdict::LeftToTheCard`].
    ChecksumLeftToTheCard {
        /// What stands there.
        found: u16,
        /// What the card fills in.
        right: u16,
    },
    /// No checksum, where there must be one.
    NoChecksum,
    /// The capture has only the beginning of the packet.
    Truncated {
        /// Bytes captured.
        captured: usize,
        /// Bytes that the packet had.
        original: usize,
    },
    /// A header, an option or an object ends before it is complete.
    CutShort {
        /// Bytes needed.
        need: usize,
        /// Bytes there.
        have: usize,
    },
    /// A length counts fewer bytes than there must be.
    TooSmall {
        /// Bytes by the length.
        value: usize,
        /// The least that is possible.
        least: usize,
    },
    /// A length counts more bytes than there are.
    TooLarge {
        /// Bytes by the length.
        value: usize,
        /// Bytes there.
        most: usize,
    },
    /// A field that can have one value only has another.
    Unexpected {
        /// What stands there.
        value: u64,
        /// What must stand there.
        expected: u64,
    },
    /// Bits that must be zero are not.
    Reserved,
    /// A fragment that is not the last, and has no multiple of 8 bytes of data.
    UnevenFragment(usize),
    /// A fragment that ends beyond the longest packet, at this byte.
    FragmentBeyondTheLongestPacket(usize),
    /// A first fragment so small, or a second one so early, that a filter does not see the TCP header.
    TinyFragment,
    /// A fragment with bytes of its datagram that came in another one before.
    OverlappingFragment {
        /// The first byte of the datagram that both have.
        from: usize,
        /// Behind the last one.
        to: usize,
    },
    /// A fragment that says that its datagram ends here, where another one says that it ends there.
    OtherEnd {
        /// The end by this fragment, in bytes.
        here: usize,
        /// The end by the other.
        there: usize,
    },
    /// So many headers in one another that the rest is left alone.
    TooDeep,
    /// A name or the like that is longer than any can be.
    TooLong {
        /// Its bytes, as far as they were read.
        value: usize,
        /// The most that is possible.
        most: usize,
    },
    /// A pointer within a message to what does not end before it.
    PointsNotBack {
        /// The byte of the message that it points to.
        to: usize,
        /// The byte of the message before which that must end.
        before: usize,
    },
    /// More pointers for one name than there can be labels.
    TooManyPointers(usize),
    /// What a protocol of text does not allow: the rest of the sentence.
    Forbidden(&'static str),
    /// Numbers that must ascend, and do not.
    Order {
        /// The number that stands there.
        value: u64,
        /// The one before it.
        after: u64,
    },
}

impl From<crate::Problem> for Kind {
    fn from(problem: crate::Problem) -> Self {
        use crate::Problem;
        match problem {
            Problem::Missing { need, have } => Self::CutShort { need, have },
            Problem::TooShort { need, have } => Self::TooLarge { value: need, most: have },
            Problem::TooSmall { value, least } => Self::TooSmall { value, least },
            Problem::TooLarge { value, most } => Self::TooLong { value, most },
            Problem::Unexpected { value, expected } => Self::Unexpected { value, expected },
            Problem::Reserved { .. } => Self::Reserved,
            Problem::NotBefore { to, before } | Problem::RunsOn { to, before } => Self::PointsNotBack { to, before },
            Problem::TooMany { most } => Self::TooManyPointers(most),
            Problem::Order { value, after } => Self::Order { value, after },
        }
    }
}

impl Problem {
    /// The name of the field that it is with, or the empty string where it is with the layer as a whole.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.row.map_or("", |row| row.name)
    }

    /// The name of the option or object that the field stands in, if it stands in one.
    #[must_use]
    pub fn within(&self) -> Option<&'static str> {
        self.within.map(|row| row.name)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = What(self);
        match self.kind {
            Kind::WrongChecksum { found, right } => {
                write!(f, "{what} is {found:#06x}, and {right:#06x} would be right")
            }
            Kind::ChecksumLeftToTheCard { found, right } => {
                write!(
                    f,
                    "{what} {found:#06x} is not yet filled in: left to the network card, which makes it {right:#06x}"
                )
            }
            Kind::NoChecksum => write!(f, "{what} is zero, and {} must have one", self.protocol),
            Kind::Truncated { captured, original } => write!(f, "captured {captured} of {original} bytes"),
            Kind::CutShort { need, have } => {
                write!(f, "{what} is cut short: {need} bytes are needed, {have} are there")
            }
            Kind::TooSmall { value, least } => write!(f, "{what} says {value} bytes, and {least} is the least"),
            Kind::TooLarge { value, most } => write!(f, "{what} says {value} bytes, and {most} are there"),
            Kind::Unexpected { value, expected } => {
                let shown = |value: u64| self.row.map_or_else(|| value.to_string(), |row| row.shown(value));
                write!(f, "{what} is {}, and must be {}", shown(value), shown(expected))
            }
            Kind::Reserved => write!(f, "{}: reserved bits must be zero, and are not", self.protocol),
            Kind::UnevenFragment(0) => write!(f, "{what}: a fragment without data"),
            Kind::UnevenFragment(len) => {
                write!(f, "{what}: a fragment of {len} bytes that is not the last, and no multiple of 8")
            }
            Kind::FragmentBeyondTheLongestPacket(end) => {
                write!(f, "{what}: a fragment that ends at byte {end}, beyond the longest packet")
            }
            Kind::TinyFragment => write!(f, "{what}: a fragment that cuts a TCP header in two"),
            Kind::OverlappingFragment { from, to } => {
                write!(f, "{what}: a fragment that overlaps another one in bytes {from} to {}", to.saturating_sub(1))
            }
            Kind::OtherEnd { here, there } => {
                write!(f, "{what}: a fragment whose datagram ends at byte {here}, and another one says {there}")
            }
            Kind::TooLong { value, most } => write!(f, "{what} has {value} bytes, and {most} are the most"),
            Kind::PointsNotBack { to, before } => {
                write!(f, "{what} is to byte {to} of the message, and what it points to must end before byte {before}")
            }
            Kind::TooManyPointers(most) => write!(f, "{what}: one more than {most} for one name, which are the most"),
            Kind::Order { value, after } => write!(f, "{what} is {value}, and comes after {after}"),
            Kind::Forbidden(words) => write!(f, "{what} {words}"),
            Kind::TooDeep => write!(f, "{what}: too many headers in one another, the rest is left alone"),
        }
    }
}

/// The layer, the option if it is in one, and the field, in the words of their labels.
struct What<'p>(&'p Problem);

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { protocol, row, within, .. } = *self.0;
        protocol.fmt(f)?;
        within.into_iter().chain(row).try_for_each(|row| write!(f, " {}", Words(row.label)))
    }
}

/// A label within a sentence: `Header Checksum` is `header checksum`, and `DF` stays `DF`.
pub(super) struct Words(pub(super) &'static str);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for word in self.0.split_inclusive([' ', '-']) {
            let is_name = word.chars().skip(1).any(|letter| letter.is_uppercase() || letter.is_numeric());
            if is_name || word == "Internet " { f.write_str(word)? } else { f.write_str(&word.to_lowercase())? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_names_within_a_sentence() {
        for (label, words) in [
            ("Header Checksum", "header checksum"),
            ("DF", "DF"),
            ("Source Link-Layer Address", "source link-layer address"),
            ("Next-Hop MTU", "next-hop MTU"),
            ("Gateway Internet Address", "gateway Internet address"),
            ("DNS Server", "DNS server"),
            ("Reserved2", "Reserved2"),
            ("ifIndex", "ifIndex"),
        ] {
            assert_eq!(Words(label).to_string(), words);
        }
    }
}
