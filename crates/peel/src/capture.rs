//! Capture files, read packet by packet: pcap and pcapng, from any reader, in bounded memory.
//!
//! What the formats mean is read by the crate `pcap-parser`. Here is what it leaves to its users: a window that moves along the
//! file (`input`), and the lengths, which are looked at before they are believed, so that a file that was cut or damaged is read
//! up to the fault, which is named with its byte ([`Fault`]).

mod fault;
mod input;
mod pcap;
mod pcapng;

pub use fault::{Fault, Kind, Part, Stop};

use crate::stamp::Stamp;
use input::Input;
use pcap::Pcap;
use pcapng::{SECTION_HEADER, Section};
use std::io::Read;
use wire::dissect::LinkType;

/// More bytes than this are captured of no packet; what says so is damaged.
const MOST_CAPTURED: u32 = 1 << 18;

/// A capture, of which the next packet can be asked for.
pub struct Capture<R> {
    input: Input<R>,
    format: Format,
    /// How many packets were given.
    given: u64,
    /// How long the part of the file is that was given last, and is to be passed over.
    passed: usize,
}

enum Format {
    Pcap(Pcap),
    Pcapng(Section),
}

/// Where packets were captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name, not escaped; pcap has none.
    pub name: Option<String>,
    /// The number of its link type.
    pub link: u32,
    /// Units of time a second.
    per_second: u128,
    offset_seconds: i64,
    /// The most that is captured of a packet; 0: all of it.
    snap_len: u32,
}

impl Interface {
    /// One of Ethernet.
    pub(crate) fn ethernet(name: &str) -> Self {
        Self { name: Some(name.into()), link: 1, per_second: 1_000_000_000, offset_seconds: 0, snap_len: 0 }
    }
}

/// Which way a packet went at the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Received.
    In,
    /// Sent.
    Out,
}

/// A packet as a file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When, where the file says it.
    pub at: Option<Stamp>,
    /// The number of its interface.
    pub interface: u32,
    /// How many bytes it had on the link.
    pub original_len: u32,
    /// What was captured of it.
    pub bytes: &'a [u8],
    /// What somebody noted about it, not escaped.
    pub comment: Option<String>,
    /// Which way it went, where the file says it.
    pub direction: Option<Direction>,
}

/// A packet, its number, and where it was captured.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// 1 is the first of the file.
    pub number: u64,
    /// The packet.
    pub packet: Packet<'a>,
    /// Where it was captured.
    pub interface: &'a Interface,
    /// How many interfaces are known so far.
    pub interfaces: usize,
}

impl Record<'_> {
    /// What its bytes begin with, if it is known.
    #[must_use]
    pub fn link(&self) -> Option<LinkType> {
        LinkType::from_number(self.interface.link)
    }
}

impl<R: Read> Capture<R> {
    /// Reads the beginning of a file, and knows by it which format it has.
    ///
    /// # Errors
    /// When it is no capture, or cannot be read.
    pub fn open(reader: R) -> Result<Self, Stop> {
        let mut input = Input::new(reader);
        input.fill(4)?;
        let first = input.there().get(..4).unwrap_or(input.there()).to_vec();
        let format = match word(&first, 0, true) {
            _ if first.is_empty() => return Err(Fault { byte: 0, kind: Kind::Empty }.into()),
            SECTION_HEADER => Format::Pcapng(Section::default()),
            0xa1b2_c3d4 | 0xd4c3_b2a1 | 0xa1b2_3c4d | 0x4d3c_b2a1 | 0x34cd_b2a1 => {
                Format::Pcap(Pcap::open(&mut input)?)
            }
            _ => return Err(Fault { byte: 0, kind: other(first) }.into()),
        };
        Ok(Self { input, format, given: 0, passed: 0 })
    }

    /// Whether the next part of the file is there without reading; if not, this is the time to show what came so far.
    #[must_use]
    pub fn is_at_hand(&self) -> bool {
        let rest = self.input.there().get(self.passed..).unwrap_or_default();
        let len = match &self.format {
            Format::Pcap(file) => file.len(rest),
            Format::Pcapng(section) => section.len(rest),
        };
        len.is_some_and(|len| len <= rest.len())
    }

    /// The next packet; `None` at the end of the file.
    ///
    /// # Errors
    /// At the first thing that is not as it should be.
    pub fn next_packet(&mut self) -> Result<Option<Record<'_>>, Stop> {
        self.input.take(std::mem::take(&mut self.passed));
        let number = self.given + 1;
        match &mut self.format {
            Format::Pcap(file) => {
                let Some(len) = file.measure(&mut self.input, number)? else { return Ok(None) };
                (self.passed, self.given) = (len, number);
                let begins = self.input.position();
                let bytes = self.input.there().get(..len).unwrap_or_default();
                let Some((at, read)) = file.packet(bytes) else {
                    return Err(Fault { byte: begins, kind: Kind::Unreadable(Part::Packet(number)) }.into());
                };
                let packet = Packet {
                    at: Some(at),
                    interface: 0,
                    original_len: read.origlen,
                    bytes: read.data,
                    comment: None,
                    direction: None,
                };
                Ok(Some(Record { number, packet, interface: &file.interface, interfaces: 1 }))
            }
            Format::Pcapng(section) => {
                let block = loop {
                    let Some(block) = section.measure(&mut self.input, number)? else { return Ok(None) };
                    if block.is_packet() {
                        break block;
                    }
                    section.hear(block, self.input.there().get(..block.len).unwrap_or_default())?;
                    self.input.take(block.len);
                };
                (self.passed, self.given) = (block.len, number);
                let bytes = self.input.there().get(..block.len).unwrap_or_default();
                let packet = section.packet(block, bytes, number)?;
                let interfaces = section.interfaces.len();
                // Its packet would be a fault if it were not there.
                let Some(interface) = section.interfaces.get(packet.interface as usize) else { return Ok(None) };
                Ok(Some(Record { number, packet, interface, interfaces }))
            }
        }
    }

    /// The secrets of TLS that stood in the file so far, as the lines of a key log; only pcapng has a place for them.
    #[must_use]
    pub fn key_log(&self) -> &[u8] {
        match &self.format {
            Format::Pcap(_) => &[],
            Format::Pcapng(section) => &section.key_log,
        }
    }

    /// How many packets were given so far.
    #[must_use]
    pub fn given(&self) -> u64 {
        self.given
    }
}

/// What a file is that begins otherwise than a capture.
fn other(first: Vec<u8>) -> Kind {
    match first.as_slice() {
        [0x1f, 0x8b, ..] => Kind::Compressed("gzip", "gzip -dc"),
        [0x28, 0xb5, 0x2f, 0xfd] => Kind::Compressed("zstd", "zstd -dc"),
        [0xfd, b'7', b'z', b'X'] => Kind::Compressed("xz", "xz -dc"),
        [b'B', b'Z', b'h', _] => Kind::Compressed("bzip2", "bzip2 -dc"),
        _ => Kind::NotACapture(first),
    }
}

/// The four bytes from `at` on as a number; those that are missing are zeros.
fn word(bytes: &[u8], at: usize, big_endian: bool) -> u32 {
    let mut four = [0; 4];
    four.iter_mut().zip(bytes.get(at..).unwrap_or_default()).for_each(|(to, from)| *to = *from);
    if big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
}

/// The two bytes from `at` on as a number.
fn half(bytes: &[u8], at: usize, big_endian: bool) -> u16 {
    let two = bytes.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
    if big_endian { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) }
}
