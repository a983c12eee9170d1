//! In which fragments a packet leaves that is too long for a link, in words.

use std::net::Ipv4Addr;
use wire::fragment::{self, UNIT};
use wire::ipv4::Ipv4;

/// RFC 3692 section 2.1: a number for experiments; of a packet that is made to be measured, nobody asks.
const ANY_PROTOCOL: u8 = 253;

/// How an IPv4 packet of so many bytes leaves by a link of this MTU:
/// `2 fragments: 1500 bytes at offset 0, 28 bytes at offset 1480`. `None`: in one piece, or not at all.
#[must_use]
pub fn fragments(packet: usize, mtu: usize) -> Option<String> {
    let unspecified = Ipv4Addr::UNSPECIFIED;
    let whole = Ipv4::new(unspecified, unspecified, ANY_PROTOCOL).packet(&vec![0; packet.checked_sub(Ipv4::LEN)?]);
    let pieces = fragment::cut(&whole, u16::try_from(mtu).ok()?).ok().filter(|_| packet > mtu)?;
    let shape = |piece: &Vec<u8>| {
        let offset = Ipv4::take(piece).map_or(0, |(header, _)| usize::from(header.fragment_offset) * UNIT);
        format!("{} bytes at offset {offset}", piece.len())
    };
    let shapes = match pieces.as_slice() {
        [first, .., last] if pieces.len() > 3 => {
            format!("{} of {} bytes, and {}", pieces.len() - 1, first.len(), shape(last))
        }
        few => few.iter().map(shape).collect::<Vec<_>>().join(", "),
    };
    Some(format!("{} fragments: {shapes}", pieces.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_told_one_by_one_or_in_sum() {
        for (packet, mtu, told) in [
            (1500, 1500, None),
            (1501, 1500, Some("2 fragments: 1500 bytes at offset 0, 21 bytes at offset 1480")),
            (1500, 1400, Some("2 fragments: 1396 bytes at offset 0, 124 bytes at offset 1376")),
            (65_535, 1500, Some("45 fragments: 44 of 1500 bytes, and 415 bytes at offset 65120")),
            (65_535, 65_536, None),
            (0, 1500, None),
        ] {
            assert_eq!(fragments(packet, mtu).as_deref(), told, "{packet} bytes over {mtu}");
        }
    }
}
