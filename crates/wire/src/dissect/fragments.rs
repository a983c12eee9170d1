//! Fragments that contradict others: what one packet alone cannot show.

use super::{Dissection, Kind, Layer, Problem, Protocol};
use crate::fields::Field as Row;
use crate::fragment::UNIT;
use crate::ipv4::Ipv4;
use crate::ipv6::Ipv6;
use crate::ipv6::extension::Fragment;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::time::Duration;

/// How long fragments of one datagram are awaited: the least of RFC 1122 section 3.3.2.
const TIME_TO_LIVE: Duration = Duration::from_mins(1);
/// So many datagrams are known at a time; a new one pushes out the oldest.
const MOST_DATAGRAMS: usize = 1024;
/// So many fragments are known of each: those of the longest datagram on links of 576 bytes, twice.
const MOST_PIECES: usize = 256;

/// Reads the fragments of a capture as they come, and tells those that overlap others or contradict the end of their datagram.
///
/// Fragments belong together by source, destination, protocol and identification (RFC 791 section 3.2), in IPv6 without the
/// protocol (RFC 8200 section 4.5). The same fragment may come again: "exact duplicate fragments" overlap nothing. Memory is
/// bounded whatever comes.
///
/// ```
/// use std::time::Duration;
/// use wire::dissect::{Fragments, Kind, LinkType, dissect};
/// use wire::ipv4::{self, Ipv4};
///
/// let packet = Ipv4::new([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), ipv4::UDP).packet(&[7; 64]);
/// let pieces = wire::fragment::cut(&packet, 60)?; // 40 bytes and 24
/// let header = Ipv4 { fragment_offset: 4, ..Ipv4::take(&pieces[1])?.0 }; // from byte 32 on, not 40
/// let forged = header.packet(&[0; 24]);
///
/// let mut fragments = Fragments::default();
/// for (packet, found) in [(&pieces[0], None), (&forged, Some(Kind::OverlappingFragment { from: 32, to: 40 }))] {
///     let mut dissection = dissect(packet, LinkType::RawIp);
///     fragments.note(Duration::ZERO, &mut dissection);
///     assert_eq!(dissection.problems().first().map(|problem| problem.kind), found);
/// }
/// # Ok::<(), wire::WireError>(())
/// ```
#[derive(Debug, Default)]
pub struct Fragments {
    /// By their number, which grows: the oldest is the first.
    datagrams: BTreeMap<u64, Datagram>,
    numbers: BTreeMap<Key, u64>,
    next_number: u64,
}

/// What fragments of one datagram have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    identification: u32,
    protocol: Option<u8>,
}

/// What is known of a datagram.
#[derive(Debug)]
struct Datagram {
    key: Key,
    due: Duration,
    pieces: Vec<Piece>,
    end: Option<usize>,
}

/// A fragment's place in its datagram, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    start: usize,
    end: usize,
    is_last: bool,
    /// Of its bytes: two with the same place are the same only if these are too.
    digest: u64,
}

impl Fragments {
    /// Notes a packet that was captured `at` this time, since any start that stays the same. If it is a fragment that contradicts
    /// others, this becomes a problem of `dissection`.
    pub fn note(&mut self, at: Duration, dissection: &mut Dissection<'_>) {
        let Some((key, piece, place)) = dissection.layers().find_map(fragment) else { return };
        if piece.start < piece.end
            && let Some(kind) = self.judge(at, key, piece)
        {
            let Place { layer, protocol, byte, row } = place;
            dissection.problems.push(Problem { layer, protocol, byte, kind, row });
        }
    }

    /// What is wrong with `piece` beside those that came before.
    fn judge(&mut self, at: Duration, key: Key, piece: Piece) -> Option<Kind> {
        while let Some((&oldest, datagram)) = self.datagrams.first_key_value()
            && (datagram.due <= at || self.datagrams.len() > MOST_DATAGRAMS)
        {
            self.forget(oldest);
        }
        let number = *self.numbers.entry(key).or_insert_with(|| {
            let due = at.saturating_add(TIME_TO_LIVE);
            self.datagrams.insert(self.next_number, Datagram { key, due, pieces: vec![], end: None });
            self.next_number += 1;
            self.next_number - 1
        });
        let datagram = self.datagrams.get_mut(&number)?;
        let problem = datagram.judge(piece);
        if datagram.is_complete() {
            self.forget(number);
        }
        problem
    }

    fn forget(&mut self, number: u64) {
        if let Some(datagram) = self.datagrams.remove(&number) {
            self.numbers.remove(&datagram.key);
        }
    }
}

impl Datagram {
    fn judge(&mut self, piece: Piece) -> Option<Kind> {
        let Piece { start, end, .. } = piece;
        if self.pieces.contains(&piece) {
            return None;
        }
        let overlaps = |other: &&Piece| other.start < end && start < other.end;
        if let Some(other) = self.pieces.iter().find(overlaps) {
            return Some(Kind::OverlappingFragment { from: start.max(other.start), to: end.min(other.end) });
        }
        let furthest = self.pieces.iter().map(|piece| piece.end).max().unwrap_or(0);
        let other_end = match self.end {
            Some(there) if piece.is_last || end > there => Some(there),
            None if piece.is_last && furthest > end => Some(furthest),
            _ => None,
        };
        if let Some(there) = other_end {
            return Some(Kind::OtherEnd { here: end, there });
        }
        if piece.is_last {
            self.end = Some(end);
        }
        if self.pieces.len() < MOST_PIECES {
            self.pieces.push(piece);
        }
        None
    }

    fn is_complete(&self) -> bool {
        self.end == Some(self.pieces.iter().map(|piece| piece.end - piece.start).sum())
    }
}

/// Where a problem is told.
struct Place {
    layer: usize,
    protocol: Protocol,
    byte: usize,
    row: Option<&'static Row>,
}

/// What `layer` says of a fragment's place, if it is the one that does.
fn fragment(layer: Layer<'_>) -> Option<(Key, Piece, Place)> {
    let (key, offset, is_last, fields) = match layer.protocol() {
        _ if layer.is_quoted() => return None,
        Protocol::Ipv4 => {
            let (ip, _) = Ipv4::take(layer.bytes()).ok().filter(|(ip, _)| !ip.is_whole())?;
            let key = Key {
                source: ip.source.into(),
                destination: ip.destination.into(),
                identification: ip.identification.into(),
                protocol: Some(ip.protocol),
            };
            (key, ip.fragment_offset, !ip.more_fragments, Ipv4::FIELDS)
        }
        Protocol::Ipv6Fragment => {
            let (fragment, _) = Fragment::take(layer.bytes()).ok()?;
            let (ip, _) = Ipv6::take(layer.dissection.layer(Protocol::Ipv6)?.bytes()).ok()?;
            let (source, destination) = (ip.source.into(), ip.destination.into());
            let key = Key { source, destination, identification: fragment.identification, protocol: None };
            (key, fragment.fragment_offset, !fragment.more_fragments, Fragment::FIELDS)
        }
        _ => return None,
    };
    let start = usize::from(offset) * UNIT;
    let mut digest = DefaultHasher::new();
    layer.dissection.bytes().get(layer.payload()).hash(&mut digest);
    let piece = Piece { start, end: start + layer.payload_len(), is_last, digest: digest.finish() };
    let row = fields.iter().find(|row| row.name == "fragment_offset");
    let byte = layer.header().start + row.map_or(0, |row| row.bit / 8);
    Some((key, piece, Place { layer: layer.number(), protocol: layer.protocol(), byte, row }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::{LinkType, dissect};
    use crate::ipv4;

    fn noted(fragments: &mut Fragments, seconds: u64, packet: &[u8]) -> Vec<String> {
        let mut dissection = dissect(packet, LinkType::RawIp);
        fragments.note(Duration::from_secs(seconds), &mut dissection);
        dissection.problems().iter().map(ToString::to_string).collect()
    }

    /// A fragment of IPv4 from byte `from` on.
    fn piece(from: usize, len: usize, more_fragments: bool) -> Vec<u8> {
        let header = Ipv4::new([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), ipv4::UDP);
        let fragment_offset = u16::try_from(from / 8).unwrap();
        Ipv4 { fragment_offset, more_fragments, identification: 7, ..header }.packet(&vec![7; len])
    }

    #[test]
    fn fragments_in_any_order_and_twice_contradict_nothing() {
        let mut fragments = Fragments::default();
        for (from, len, more) in [(80, 8, false), (40, 40, true), (40, 40, true), (0, 40, true)] {
            assert_eq!(noted(&mut fragments, 0, &piece(from, len, more)), [""; 0]);
        }
        assert!(fragments.datagrams.is_empty() && fragments.numbers.is_empty(), "a whole datagram is forgotten");
    }

    #[test]
    fn overlap_and_other_end_are_told_with_their_bytes() {
        let mut fragments = Fragments::default();
        let mut note = |from, len, more| noted(&mut fragments, 0, &piece(from, len, more)).join("");
        let what = "IPv4 fragment offset: a fragment";
        assert_eq!(note(0, 40, true), "");
        assert_eq!(note(32, 16, true), format!("{what} that overlaps another one in bytes 32 to 39"));
        assert_eq!(note(0, 48, true), format!("{what} that overlaps another one in bytes 0 to 39"));
        assert_eq!(note(80, 8, true), "");
        assert_eq!(note(48, 8, false), format!("{what} whose datagram ends at byte 56, and another one says 88"));
        assert_eq!(note(96, 8, false), "");
        assert_eq!(note(104, 8, true), format!("{what} whose datagram ends at byte 112, and another one says 104"));
        assert_eq!(noted(&mut fragments, 60, &piece(32, 16, true)), [""; 0], "after a minute it is another datagram");
    }

    #[test]
    fn same_place_with_other_bytes_is_an_overlap() {
        let mut fragments = Fragments::default();
        let mut forged = piece(0, 40, true);
        assert_eq!(noted(&mut fragments, 0, &forged), [""; 0]);
        forged[59] ^= 1;
        let told = noted(&mut fragments, 0, &forged);
        assert_eq!(told, ["IPv4 fragment offset: a fragment that overlaps another one in bytes 0 to 39"]);
    }

    #[test]
    fn fragments_of_ipv6_are_told_apart_by_the_fragment_header() {
        let packet = |fragment_offset, len| {
            let fragment = Fragment {
                next_header: ipv4::UDP,
                reserved: 0,
                fragment_offset,
                reserved2: 0,
                more_fragments: true,
                identification: 7,
            };
            let header = Ipv6::new("fe80::1".parse().unwrap(), "fe80::2".parse().unwrap(), 44);
            header.packet(&[&fragment.bytes()[..], &vec![7; len]].concat())
        };
        let mut fragments = Fragments::default();
        assert_eq!(noted(&mut fragments, 0, &packet(5, 16)), [""; 0]);
        let told = noted(&mut fragments, 0, &packet(6, 16));
        assert_eq!(
            told,
            ["IPv6 fragment header fragment offset: a fragment that overlaps another one in bytes 48 to 55"]
        );
    }

    #[test]
    fn flood_of_datagrams_pushes_out_the_oldest() {
        let mut fragments = Fragments::default();
        for identification in 0..5000 {
            let header = Ipv4::new([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), ipv4::UDP);
            let packet = Ipv4 { more_fragments: true, identification, ..header }.packet(&[7; 8]);
            noted(&mut fragments, 0, &packet);
        }
        assert!(
            fragments.datagrams.len() <= MOST_DATAGRAMS + 1 && fragments.numbers.len() == fragments.datagrams.len()
        );
    }
}
