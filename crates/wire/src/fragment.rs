//! Fragments: a packet that is too long for a link is cut by a router, and put together again by the destination.
//!
//! Obeys RFC 791 section 3.2 (both procedures), RFC 1122 section 3.3.2 (reassembly by a host) and RFC 3168 section 5.3 (its
//! congestion marks). Against forged fragments: RFC 1858 and RFC 3128 (tiny ones), RFC 5722 (overlapping ones).
//!
//! ```text
//!  packet      | header | 0 ....................... 1480 |
//!  MTU 1400    | header | 0 ................ 1376 |              MF, offset 0
//!                                        | header | 1376 . 1480 |    offset 172 (in units of 8 bytes)
//! ```
//!
//! ```
//! use std::time::Duration;
//! use wire::fragment::{Limits, Outcome, Reassembler, cut};
//! use wire::ipv4::{self, Ipv4};
//!
//! let packet = Ipv4::new([10, 1, 0, 2].into(), [10, 1, 3, 2].into(), ipv4::UDP).packet(&[7; 1480]);
//! let fragments = cut(&packet, 1400)?;
//! assert_eq!(fragments.iter().map(Vec::len).collect::<Vec<_>>(), [1396, 124]);
//!
//! let mut reassembler = Reassembler::new(Limits::default());
//! // In any order; the time is since any start that stays the same.
//! assert_eq!(reassembler.add(Duration::ZERO, &fragments[1]), Outcome::Waiting);
//! assert_eq!(reassembler.add(Duration::from_millis(3), &fragments[0]), Outcome::Whole(packet));
//! # Ok::<(), wire::WireError>(())
//! ```
//!
//! Leaves out: IPv6, whose routers cut nothing; the choice whether to cut at all, which is for whoever sees
//! [`Ipv4::dont_fragment`].

mod reassembler;

pub use reassembler::{Limits, Outcome, Reassembler, Refusal};

use crate::ipv4::{self, Ipv4};
use crate::options::{END, Options};
use crate::{Problem, WireError};

/// Fragments are cut, and their offsets counted, in units of so many bytes (RFC 791 section 3.2).
pub const UNIT: usize = 8;

/// The fragments of `packet` for a link with this `mtu` (bytes, headers included), in order; a packet that fits is the only one.
///
/// RFC 791 section 3.2: each is as long as it can be. The first has all options, the others those that say so of themselves.
/// A fragment is cut like a whole packet: offsets go on from its own, and its last piece has its "more fragments". Whether the
/// packet may be cut, and whether its checksum is right, the caller has seen.
///
/// # Errors
/// When the packet or its options cannot be parsed, when it ends beyond the longest packet, or when the MTU has no room for its
/// header and 8 bytes.
pub fn cut(packet: &[u8], mtu: u16) -> Result<Vec<Vec<u8>>, WireError> {
    let (header, options, payload, trailer) = Ipv4::parse(packet)?;
    let (mtu, len) = (usize::from(mtu), packet.len() - trailer.len());
    if len <= mtu {
        return Ok(vec![packet.get(..len).unwrap_or(packet).to_vec()]);
    }
    let wrong = |field, byte, problem| WireError { header: Ipv4::TITLE, field, byte, problem };
    let head = Ipv4::LEN + options.len();
    if mtu < head + UNIT {
        return Err(wrong("mtu", 0, Problem::TooSmall { value: mtu, least: head + UNIT }));
    }
    let (end, most) = (usize::from(header.fragment_offset) * UNIT + payload.len(), ipv4::MAX_PACKET - head);
    if end > most {
        return Err(wrong("fragment_offset", 6, Problem::TooLarge { value: end, most }));
    }

    let copied = copied(options)?;
    let (mut options, mut rest, mut fragment_offset) = (options, payload, header.fragment_offset);
    let mut fragments = vec![];
    loop {
        let room = mtu - Ipv4::LEN - options.len();
        let units = if rest.len() > room { room / UNIT } else { rest.len().div_ceil(UNIT) };
        let (piece, behind) = rest.split_at_checked(units * UNIT).unwrap_or((rest, &[]));
        let more_fragments = !behind.is_empty() || header.more_fragments;
        let fragment = Ipv4 { fragment_offset, more_fragments, ..header }.sealed(options, piece.len());
        fragments.push([&fragment.bytes(), options, piece].concat());
        if behind.is_empty() {
            return Ok(fragments);
        }
        // At most 8191 units before and in the packet, as was checked above.
        fragment_offset += u16::try_from(units).unwrap_or(u16::MAX);
        (options, rest) = (&copied, behind);
    }
}

/// The options that all fragments have, filled up to a multiple of 4 bytes.
fn copied(options: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut bytes = vec![];
    for option in Options::new(options) {
        let option = option?;
        if option.is_copied() {
            // As it was read, so its length fits.
            bytes.extend([option.kind, u8::try_from(option.data.len() + 2).unwrap_or(u8::MAX)]);
            bytes.extend(option.data);
        }
    }
    bytes.resize(bytes.len().next_multiple_of(4), END);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(len: usize, options: &[u8]) -> Vec<u8> {
        let payload: Vec<u8> = (0..=250).cycle().take(len - 20 - options.len()).collect();
        let header = Ipv4::new([10, 1, 0, 2].into(), [10, 1, 3, 2].into(), ipv4::UDP);
        let header = Ipv4 { identification: 0x1234, ..header }.sealed(options, payload.len());
        [&header.bytes(), options, &payload].concat()
    }

    /// Length, offset in bytes, "more fragments".
    fn shape(fragment: &[u8]) -> (usize, usize, bool) {
        let (header, ..) = Ipv4::parse(fragment).unwrap();
        assert!(Ipv4::is_intact(fragment));
        (fragment.len(), usize::from(header.fragment_offset) * 8, header.more_fragments)
    }

    #[test]
    fn packet_of_1500_bytes_is_cut_at_1400_and_its_first_fragment_again_at_1280() {
        let at_r1 = cut(&packet(1500, &[]), 1400).unwrap();
        assert_eq!(
            at_r1.iter().map(|fragment| shape(fragment)).collect::<Vec<_>>(),
            [(1396, 0, true), (124, 1376, false)]
        );
        let at_r2: Vec<Vec<u8>> = at_r1.iter().flat_map(|fragment| cut(fragment, 1280).unwrap()).collect();
        let at_server = [(1276, 0, true), (140, 1256, true), (124, 1376, false)];
        assert_eq!(at_r2.iter().map(|fragment| shape(fragment)).collect::<Vec<_>>(), at_server);
    }

    #[test]
    fn options_are_copied_by_their_flag() {
        // Record route is not copied, strict source route is: its kind has the highest bit.
        let options = [7, 7, 4, 0, 0, 0, 0, 137, 3, 4, 0, 0];
        let fragments = cut(&packet(132, &options), 72).unwrap();
        let options: Vec<&[u8]> = fragments.iter().map(|fragment| Ipv4::parse(fragment).unwrap().1).collect();
        assert_eq!(options, [&[7, 7, 4, 0, 0, 0, 0, 137, 3, 4, 0, 0][..], &[137, 3, 4, 0], &[137, 3, 4, 0]]);
        assert_eq!(
            fragments.iter().map(|fragment| shape(fragment)).collect::<Vec<_>>(),
            [(72, 0, true), (72, 40, true), (36, 88, false)]
        );
    }

    #[test]
    fn packet_that_fits_is_left_alone_but_for_the_padding_of_its_frame() {
        let packet = packet(46, &[]);
        assert_eq!(cut(&[&packet[..], &[0; 4]].concat(), 46).unwrap(), [packet]);
    }

    #[test]
    fn what_cannot_be_cut_says_why() {
        let refused = |packet: &[u8], mtu| cut(packet, mtu).unwrap_err().to_string();
        assert_eq!(refused(&packet(100, &[]), 27), "IPv4, byte 0: mtu says 27 bytes, 28 is the least");
        assert_eq!(refused(&packet(100, &[7, 40, 4, 0]), 68), "IPv4 option, byte 1: length says 40 bytes, 4 are there");
        let mut far = packet(100, &[]);
        far[6..8].copy_from_slice(&[0x1f, 0xff]);
        assert_eq!(refused(&far, 68), "IPv4, byte 6: fragment_offset says 65608 bytes, 65515 is the most");
    }
}
