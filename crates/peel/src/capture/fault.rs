//! Where a capture cannot be read any further, and why.

use std::fmt;
use std::io;

/// Why there is no further packet, although the file is not read to its end.
#[derive(Debug)]
pub enum Stop {
    /// The file is not as a capture should be.
    Fault(Fault),
    /// The system could not read it.
    Unreadable(io::Error),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// The first thing in a file that is not as it should be. Its [`Display`](fmt::Display) follows the name of the file: "… is
/// damaged at byte 48: …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The byte of the file, counted from 0: the field that is wrong, or the first byte that is missing.
    pub byte: u64,
    /// What it is.
    pub kind: Kind,
}

/// What can be wrong with a capture file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It has no byte at all.
    Empty,
    /// It begins with other bytes than a capture does.
    NotACapture(Vec<u8>),
    /// It is compressed: with what, and what undoes that.
    Compressed(&'static str, &'static str),
    /// It ends within a part.
    CutShort {
        /// What is not whole.
        part: Part,
        /// The byte where it begins.
        begins: u64,
        /// How many bytes it has at the least.
        need: u64,
    },
    /// A length counts more bytes than one ever has.
    TooLong {
        /// What it is of.
        part: Part,
        /// What the length says.
        len: u64,
        /// The most that is believed.
        most: u64,
    },
    /// A block's length that is no multiple of 4, or less than a block of its kind has.
    WrongLength {
        /// The block.
        part: Part,
        /// What the length says.
        len: u64,
    },
    /// The length at the end of a block is another than the one at its beginning.
    LengthsDiffer {
        /// The block.
        part: Part,
        /// The one at the beginning.
        first: u32,
        /// The one at the end.
        last: u32,
    },
    /// A packet longer than the block it is in has room for.
    LongerThanItsBlock {
        /// The packet.
        part: Part,
        /// Its bytes, by its length.
        len: u64,
    },
    /// A packet of an interface that was not described before.
    NoInterface {
        /// The packet.
        part: Part,
        /// The interface's number.
        number: u32,
        /// How many are described.
        known: usize,
    },
    /// More interfaces than are kept.
    TooManyInterfaces(usize),
    /// A section of a version that nobody knows.
    Version {
        /// The version.
        major: u16,
        /// After the dot.
        minor: u16,
    },
    /// A block that cannot be read, for another reason.
    Unreadable(Part),
}

/// A part of a capture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What stands before the first packet of a pcap file.
    Header,
    /// The packet of this number.
    Packet(u64),
    /// A block of this type, in a pcapng file.
    Block(u32),
    /// A block whose type is not there.
    SomeBlock,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("its header"),
            Self::Packet(number) => write!(f, "packet {number}"),
            Self::SomeBlock => f.write_str("a block"),
            Self::Block(0x0a0d_0d0a) => f.write_str("a section header"),
            Self::Block(1) => f.write_str("an interface description"),
            Self::Block(kind) => write!(f, "a block of type {kind}"),
        }
    }
}

impl Fault {
    /// What to do, where that is not plain.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self.kind {
            Kind::Compressed(_, command) => Some(format!("`{command} FILE | peel -` reads it")),
            Kind::NotACapture(_) => {
                Some("captures are pcap or pcapng, as tcpdump, Wireshark and our `--pcap` write them".into())
            }
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = self.byte;
        match &self.kind {
            Kind::Empty => return f.write_str("is empty: it ends at byte 0"),
            Kind::NotACapture(first) => {
                f.write_str("is no capture: it begins with")?;
                return first.iter().try_for_each(|byte| write!(f, " {byte:02x}"));
            }
            Kind::Compressed(how, _) => return write!(f, "is compressed, by {how}"),
            Kind::CutShort { part, begins, need } => {
                return write!(f, "ends at byte {byte}, within {part}, which takes {need} bytes from byte {begins} on");
            }
            _ => write!(f, "is damaged at byte {byte}: ")?,
        }
        match &self.kind {
            Kind::TooLong { part, len, most } => {
                write!(f, "{part} has {len} bytes by its length, and {most} is the most")
            }
            Kind::WrongLength { part, len } => write!(f, "{part} cannot have the length {len}"),
            Kind::LengthsDiffer { part, first, last } => {
                write!(f, "{part} has the length {first} at its beginning and {last} at its end")
            }
            Kind::LongerThanItsBlock { part, len } => {
                write!(f, "{part} has {len} bytes by its length, more than its block")
            }
            Kind::NoInterface { part, number, known: 0 } => {
                write!(f, "{part} is of interface {number}, and none was described before")
            }
            Kind::NoInterface { part, number, known } => {
                write!(f, "{part} is of interface {number}, and only {known} were described before")
            }
            Kind::TooManyInterfaces(most) => write!(f, "more than {most} interfaces"),
            Kind::Version { major, minor } => write!(f, "a section of version {major}.{minor}, and only 1 is known"),
            Kind::Unreadable(part) => write!(f, "{part} cannot be read"),
            Kind::Empty | Kind::NotACapture(_) | Kind::Compressed(..) | Kind::CutShort { .. } => Ok(()),
        }
    }
}
