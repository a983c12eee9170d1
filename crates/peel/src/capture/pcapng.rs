//! The newer format: sections of blocks, each with its length at both ends (draft-ietf-opsawg-pcapng).

use super::fault::{Fault, Kind, Part, Stop};
use super::input::Input;
use super::{Direction, Interface, Packet, half, word};
use crate::stamp::Stamp;
use pcap_parser::{Block, OptionCode, PcapNGOption, parse_block_be, parse_block_le};
use std::borrow::Cow;
use std::io::Read;

pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
/// Of old; nobody writes it any more.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;
/// The secrets of a block are those of TLS, as the lines of a key log: "TLSK".
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// Longer blocks are believed to be damaged, as Wireshark believes it.
const MOST_BLOCK: u32 = 1 << 24;
/// More interfaces than this are not kept.
const MOST_INTERFACES: usize = 1 << 14;
/// No name of an interface is longer.
const MOST_NAME: usize = 256;

/// What holds for the blocks of a section.
#[derive(Default)]
pub(super) struct Section {
    big_endian: bool,
    pub(super) interfaces: Vec<Interface>,
    /// Secrets of TLS, of this section and those before.
    pub(super) key_log: Vec<u8>,
}

/// A block that is in the window.
#[derive(Clone, Copy)]
pub(super) struct Measured {
    pub(super) kind: u32,
    pub(super) len: usize,
    /// The byte of the file where it begins.
    pub(super) begins: u64,
}

impl Measured {
    /// Whether there is a packet in it.
    pub(super) fn is_packet(self) -> bool {
        matches!(self.kind, PACKET | SIMPLE_PACKET | ENHANCED_PACKET)
    }

    fn fault(self, byte: usize, kind: Kind) -> Fault {
        Fault { byte: self.begins + byte as u64, kind }
    }
}

impl Section {
    /// How many bytes the block has that begins here, if that stands here.
    pub(super) fn len(&self, bytes: &[u8]) -> Option<usize> {
        (bytes.len() >= 8).then(|| word(bytes, 4, self.big_endian) as usize)
    }

    /// Reads the next block into the window. `number` is that of the next packet.
    pub(super) fn measure<R: Read>(&self, input: &mut Input<R>, number: u64) -> Result<Option<Measured>, Stop> {
        const LEAST: usize = 12;
        input.fill(LEAST)?;
        let (there, begins) = (input.there(), input.position());
        if there.is_empty() {
            return Ok(None);
        }
        let big_endian = if word(there, 0, true) == SECTION_HEADER { order(there) } else { self.big_endian };
        let kind = word(there, 0, big_endian);
        let part = if there.len() < 4 { Part::SomeBlock } else { part(kind, number) };
        let cut_short = |there: usize, need: usize| {
            let kind = Kind::CutShort { part, begins, need: need as u64 };
            Stop::from(Fault { byte: begins + there as u64, kind })
        };
        if there.len() < LEAST {
            return Err(cut_short(there.len(), LEAST));
        }
        let wrong = |kind| Err(Stop::from(Fault { byte: begins + 4, kind }));
        let first = word(there, 4, big_endian);
        if first < least(kind) || !first.is_multiple_of(4) {
            return wrong(Kind::WrongLength { part, len: first.into() });
        }
        if first > MOST_BLOCK {
            return wrong(Kind::TooLong { part, len: first.into(), most: MOST_BLOCK.into() });
        }
        let len = first as usize;
        input.fill(len)?;
        let there = input.there();
        if there.len() < len {
            return Err(cut_short(there.len(), len));
        }
        let last = word(there, len - 4, big_endian);
        if last != first {
            let kind = Kind::LengthsDiffer { part, first, last };
            return Err(Fault { byte: begins + len as u64 - 4, kind }.into());
        }
        Ok(Some(Measured { kind, len, begins }))
    }

    /// Takes in what a block without a packet says.
    pub(super) fn hear(&mut self, block: Measured, bytes: &[u8]) -> Result<(), Fault> {
        let unreadable = || block.fault(0, Kind::Unreadable(Part::Block(block.kind)));
        match block.kind {
            SECTION_HEADER => {
                let Ok((_, Block::SectionHeader(header))) = parse_block_le(bytes) else { return Err(unreadable()) };
                if header.major_version != 1 {
                    let (major, minor) = (header.major_version, header.minor_version);
                    return Err(block.fault(12, Kind::Version { major, minor }));
                }
                let key_log = std::mem::take(&mut self.key_log);
                *self = Self { big_endian: header.big_endian(), interfaces: vec![], key_log };
            }
            INTERFACE_DESCRIPTION => {
                if self.interfaces.len() >= MOST_INTERFACES {
                    return Err(block.fault(0, Kind::TooManyInterfaces(MOST_INTERFACES)));
                }
                let Some(Block::InterfaceDescription(description)) = self.parse(bytes) else {
                    return Err(unreadable());
                };
                let option = |code| find(&description.options, code);
                let offset = option(OptionCode::IfTsoffset).and_then(|bytes| bytes.as_array::<8>());
                self.interfaces.push(Interface {
                    name: option(OptionCode::IfName).map(name),
                    link: description.linktype.0.cast_unsigned(),
                    per_second: option(OptionCode::IfTsresol).map_or(1_000_000, per_second),
                    offset_seconds: offset.map_or(0, |bytes| match self.big_endian {
                        true => i64::from_be_bytes(*bytes),
                        false => i64::from_le_bytes(*bytes),
                    }),
                    snap_len: description.snaplen,
                });
            }
            DECRYPTION_SECRETS if word(bytes, 8, self.big_endian) == TLS_KEY_LOG => {
                let len = word(bytes, 12, self.big_endian) as usize;
                let secrets = bytes.get(16..bytes.len().saturating_sub(4)).unwrap_or_default();
                self.key_log.extend(secrets.get(..len).unwrap_or(secrets));
                self.key_log.push(b'\n');
            }
            _ => {}
        }
        Ok(())
    }

    fn parse<'a>(&self, bytes: &'a [u8]) -> Option<Block<'a>> {
        let parsed = if self.big_endian { parse_block_be(bytes) } else { parse_block_le(bytes) };
        parsed.ok().map(|(_, block)| block)
    }

    /// The packet in a block, the `number`-th.
    pub(super) fn packet<'a>(&self, block: Measured, bytes: &'a [u8], number: u64) -> Result<Packet<'a>, Fault> {
        let part = Part::Packet(number);
        let word = |at| word(bytes, at, self.big_endian);
        let longer = |byte: usize, len: u32| block.fault(byte, Kind::LongerThanItsBlock { part, len: len.into() });
        let unreadable = || block.fault(0, Kind::Unreadable(part));
        match block.kind {
            ENHANCED_PACKET => {
                let captured = word(20);
                if captured as usize > bytes.len() - 32 {
                    return Err(longer(20, captured));
                }
                let Some(Block::EnhancedPacket(packet)) = self.parse(bytes) else { return Err(unreadable()) };
                let flags = find(&packet.options, OptionCode(2)).and_then(|flags| flags.as_array::<4>());
                Ok(Packet {
                    at: Some(self.stamp(block, 8, number, packet.if_id, (packet.ts_high, packet.ts_low))?),
                    interface: packet.if_id,
                    original_len: packet.origlen,
                    bytes: packet.data.get(..captured as usize).unwrap_or(packet.data),
                    comment: comments(&packet.options),
                    direction: flags.and_then(|flags| match flags.get(if self.big_endian { 3 } else { 0 })? & 3 {
                        1 => Some(Direction::In),
                        2 => Some(Direction::Out),
                        _ => None,
                    }),
                })
            }
            SIMPLE_PACKET => {
                let interface = self.interface(block, 0, number, 0)?;
                let Some(Block::SimplePacket(packet)) = self.parse(bytes) else { return Err(unreadable()) };
                let snap_len = if interface.snap_len == 0 { u32::MAX } else { interface.snap_len };
                let captured = packet.origlen.min(snap_len) as usize;
                Ok(Packet {
                    at: None,
                    interface: 0,
                    original_len: packet.origlen,
                    bytes: packet.data.get(..captured).unwrap_or(packet.data),
                    comment: None,
                    direction: None,
                })
            }
            _ => {
                let interface = half(bytes, 8, self.big_endian).into();
                let captured = word(20);
                let data = bytes.get(28..bytes.len() - 4).unwrap_or_default();
                let at = self.stamp(block, 8, number, interface, (word(12), word(16)))?;
                let bytes = data.get(..captured as usize).ok_or_else(|| longer(20, captured))?;
                Ok(Packet { at: Some(at), interface, original_len: word(24), bytes, comment: None, direction: None })
            }
        }
    }

    /// The interface of packet `number`, whose number stands at `byte` of its block.
    fn interface(&self, block: Measured, byte: usize, packet: u64, number: u32) -> Result<&Interface, Fault> {
        self.interfaces.get(number as usize).ok_or_else(|| {
            let known = self.interfaces.len();
            block.fault(byte, Kind::NoInterface { part: Part::Packet(packet), number, known })
        })
    }

    /// A time in units of an interface, the more significant word first.
    fn stamp(
        &self,
        block: Measured,
        byte: usize,
        packet: u64,
        interface: u32,
        units: (u32, u32),
    ) -> Result<Stamp, Fault> {
        let interface = self.interface(block, byte, packet, interface)?;
        let units = u64::from(units.0) << 32 | u64::from(units.1);
        Ok(Stamp::new(units, interface.per_second, interface.offset_seconds))
    }
}

/// Whether a section header is in big-endian order; one that says nothing is taken for little-endian and found unreadable.
fn order(header: &[u8]) -> bool {
    word(header, 8, true) == 0x1a2b_3c4d
}

fn part(kind: u32, number: u64) -> Part {
    match kind {
        PACKET | SIMPLE_PACKET | ENHANCED_PACKET => Part::Packet(number),
        kind => Part::Block(kind),
    }
}

/// The length of a block of this type that has nothing in it.
fn least(kind: u32) -> u32 {
    match kind {
        SECTION_HEADER => 28,
        INTERFACE_DESCRIPTION => 20,
        PACKET | ENHANCED_PACKET => 32,
        SIMPLE_PACKET => 16,
        _ => 12,
    }
}

/// The value of the first option of this code.
fn find<'a>(options: &'a [PcapNGOption<'_>], code: OptionCode) -> Option<&'a [u8]> {
    options.iter().take_while(|option| option.code.0 != 0).find(|option| option.code == code)?.as_bytes().ok()
}

/// All comments, a line each.
fn comments(options: &[PcapNGOption<'_>]) -> Option<String> {
    let all =
        options.iter().take_while(|option| option.code.0 != 0).filter(|option| option.code == OptionCode::Comment);
    let texts: Vec<Cow<'_, str>> = all.filter_map(|one| one.as_bytes().ok()).map(String::from_utf8_lossy).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

fn name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..MOST_NAME).unwrap_or(bytes)).into_owned()
}

/// Units a second, by the byte of `if_tsresol`: a power of ten, or with the first bit set of two.
fn per_second(resolution: &[u8]) -> u128 {
    match resolution.first() {
        Some(power @ 0..=19) => 10_u128.pow(u32::from(*power)),
        Some(power @ 20..=127) => 10_u128.pow(u32::from(*power).min(38)),
        Some(power) => 1_u128 << (power & 0x7f),
        None => 1_000_000,
    }
}
