//! The older format: a header, then packets, each behind a header of its own (draft-ietf-opsawg-pcap).

use super::fault::{Fault, Kind, Part, Stop};
use super::input::Input;
use super::{Interface, MOST_CAPTURED, word};
use crate::stamp::Stamp;
use pcap_parser::{LegacyPcapBlock, PcapHeader, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified};
use std::io::Read;

const HEADER: usize = 24;

/// What the header says of all packets.
pub(super) struct Pcap {
    pub(super) interface: Interface,
    big_endian: bool,
    /// How long a packet's own header is.
    record: usize,
}

impl Pcap {
    /// Reads the header of a file that begins as one of this format does.
    pub(super) fn open<R: Read>(input: &mut Input<R>) -> Result<Self, Stop> {
        input.fill(HEADER)?;
        let there = input.there();
        let header = match pcap_parser::parse_pcap_header(there) {
            Ok((_, header)) => header,
            Err(pcap_parser::nom::Err::Incomplete(_)) => {
                let kind = Kind::CutShort { part: Part::Header, begins: 0, need: HEADER as u64 };
                return Err(Fault { byte: there.len() as u64, kind }.into());
            }
            Err(_) => return Err(Fault { byte: 0, kind: Kind::Unreadable(Part::Header) }.into()),
        };
        input.take(HEADER);
        Ok(Self::new(&header))
    }

    fn new(header: &PcapHeader) -> Self {
        let per_second = if header.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
        // The upper half has the length of a frame check sequence.
        let link = header.network.0.cast_unsigned() & 0xffff;
        Self {
            interface: Interface { name: None, link, per_second, offset_seconds: 0, snap_len: header.snaplen },
            big_endian: header.is_bigendian(),
            record: if header.is_modified_format() { 24 } else { 16 },
        }
    }

    /// How many bytes the packet has that begins here, its header included, if that stands here.
    pub(super) fn len(&self, bytes: &[u8]) -> Option<usize> {
        (bytes.len() >= self.record).then(|| self.record + word(bytes, 8, self.big_endian) as usize)
    }

    /// Reads the next packet, the `number`-th, into the window: how many bytes it has, its header included.
    pub(super) fn measure<R: Read>(&self, input: &mut Input<R>, number: u64) -> Result<Option<usize>, Stop> {
        let (begins, part) = (input.position(), Part::Packet(number));
        let cut_short = |there: usize, need: usize| {
            let kind = Kind::CutShort { part, begins, need: need as u64 };
            Stop::from(Fault { byte: begins + there as u64, kind })
        };
        input.fill(self.record)?;
        match input.there().len() {
            0 => return Ok(None),
            there if there < self.record => return Err(cut_short(there, self.record)),
            _ => {}
        }
        let captured = word(input.there(), 8, self.big_endian);
        if captured > MOST_CAPTURED {
            let kind = Kind::TooLong { part, len: captured.into(), most: MOST_CAPTURED.into() };
            return Err(Fault { byte: begins + 8, kind }.into());
        }
        let len = self.record + captured as usize;
        input.fill(len)?;
        match input.there().len() {
            there if there < len => Err(cut_short(there, len)),
            _ => Ok(Some(len)),
        }
    }

    /// The packet that is in these bytes: when it was captured, and what of it.
    pub(super) fn packet<'a>(&self, bytes: &'a [u8]) -> Option<(Stamp, LegacyPcapBlock<'a>)> {
        let (_, packet) = match (self.record, self.big_endian) {
            (24, _) => parse_pcap_frame_modified(bytes),
            (_, true) => parse_pcap_frame_be(bytes),
            (_, false) => parse_pcap_frame(bytes),
        }
        .ok()?;
        let units = u64::from(packet.ts_usec);
        let at = Stamp::new(units, self.interface.per_second, packet.ts_sec.into());
        Some((at, packet))
    }
}
