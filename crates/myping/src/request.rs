//! Echo requests: one buffer, in which only the sequence number, the time and the checksum change.
//!
//! RFC 792 page 14 leaves the data to the sender, and RFC 1122 section 3.2.2.6 has it returned whole. As with every ping, byte i
//! has the value i, unless a pattern is given; over it, where there is room, stand 8 bytes with the time of sending. That time
//! is for whoever looks at a capture: round trips are taken from our own table, so that an answer cannot lie about them.

use host::Time;
use wire::checksum::Checksum;
use wire::icmp::{ECHO_REQUEST, Echo, Icmp};
use wire::ipv4::{self, Ipv4};

/// Bytes of the time of sending: nanoseconds since the program's start, in network byte order.
pub const TIMESTAMP: usize = 8;
/// Bytes before the data: the two words of the ICMP message.
pub const HEADER: usize = Icmp::LEN + Echo::LEN;
/// The most data that one IP packet has room for, bytes.
pub const MAX_SIZE: usize = ipv4::MAX_PACKET - Ipv4::LEN - HEADER;

/// The requests of one run.
pub struct Request {
    identifier: u16,
    bytes: Vec<u8>,
}

/// A byte of an answer's data that is not what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongByte {
    /// Which, counted from the start of the data.
    pub at: usize,
    /// What was sent.
    pub expected: u8,
    /// What came back.
    pub found: u8,
}

impl Request {
    /// Requests with `size` bytes of data, filled with `pattern` again and again; an empty pattern counts up.
    #[must_use]
    pub fn new(identifier: u16, size: usize, pattern: &[u8]) -> Self {
        let mut bytes = vec![0; HEADER];
        match pattern {
            [] => bytes.extend((0..=u8::MAX).cycle().take(size)),
            pattern => bytes.extend(pattern.iter().cycle().take(size)),
        }
        Self { identifier, bytes }
    }

    /// The request with this sequence number, sent at this time, ready to be the payload of an IP packet.
    pub fn message(&mut self, sequence: u16, sent: Time) -> &[u8] {
        if let Some((head, data)) = self.bytes.split_first_chunk_mut::<HEADER>() {
            if let Some(stamp) = data.first_chunk_mut::<TIMESTAMP>() {
                *stamp = sent.0.to_be_bytes();
            }
            let unsealed = Icmp { kind: ECHO_REQUEST, code: 0, checksum: 0 };
            let echo = Echo { identifier: self.identifier, sequence }.bytes();
            let checksum = Checksum::default().add(&unsealed.bytes()).add(&echo).add(data).finish();
            let [a, b, c, d] = Icmp { checksum, ..unsealed }.bytes();
            let [e, f, g, h] = echo;
            *head = [a, b, c, d, e, f, g, h];
        }
        &self.bytes
    }

    /// How many bytes of data each request has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len() - HEADER
    }

    /// The first byte in which `data` is not the data of the request that was sent at `sent`.
    #[must_use]
    pub fn first_wrong_byte(&self, data: &[u8], sent: Time) -> Option<WrongByte> {
        let pattern = self.bytes.get(HEADER..).unwrap_or_default();
        let stamp = sent.0.to_be_bytes();
        let (stamp, pattern) = match pattern.split_at_checked(TIMESTAMP) {
            Some((_, pattern)) => (&stamp[..], pattern),
            None => (&[][..], pattern),
        };
        // Nearly all answers are right: two comparisons of whole slices say so at once.
        if data.strip_prefix(stamp).is_some_and(|data| data.starts_with(pattern)) {
            return None;
        }
        let expected = stamp.iter().chain(pattern);
        let (at, (&expected, &found)) =
            expected.zip(data).enumerate().find(|(_, (expected, found))| expected != found)?;
        Some(WrongByte { at, expected, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::icmp;

    #[test]
    fn request_is_what_rfc_792_asks_for() {
        let mut request = Request::new(0x1f40, 16, &[]);
        assert_eq!(
            request.message(1, Time(0x0102)),
            [
                0x08, 0x00, 0xab, 0x8c, 0x1f, 0x40, 0x00,
                0x01, // type, code, checksum, identifier, sequence number
                0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, // the time, over the pattern
                0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
            ]
        );
    }

    #[test]
    fn every_size_and_sequence_number_is_sealed() {
        for size in [0, 1, 7, 8, 9, 56, 1472, MAX_SIZE] {
            let mut request = Request::new(7, size, &[]);
            for sequence in [0, 1, 255, 256, u16::MAX] {
                let message = request.message(sequence, Time(3)).to_vec();
                assert_eq!(message, icmp::echo_request(7, sequence, &message[HEADER..]), "{size} bytes");
                assert_eq!(message.len(), HEADER + size);
            }
        }
    }

    #[test]
    fn pattern_is_repeated_and_cut_to_the_size() {
        let mut request = Request::new(0, 13, &[0xab, 0xcd]);
        assert_eq!(request.message(0, Time(0))[HEADER + TIMESTAMP..], [0xab, 0xcd, 0xab, 0xcd, 0xab]);
        let mut request = Request::new(0, 3, &[0xab, 0xcd]);
        assert_eq!(request.message(0, Time(0))[HEADER..], [0xab, 0xcd, 0xab]);
    }

    #[test]
    fn wrong_byte_is_found_in_time_and_pattern_alike() {
        let mut request = Request::new(7, 56, &[]);
        let right = request.message(1, Time(77))[HEADER..].to_vec();
        // The next request may have been stamped since: the answer is still compared with its own.
        request.message(2, Time(99));
        assert_eq!(request.first_wrong_byte(&right, Time(77)), None);
        for at in [0, 7, 8, 16, 55] {
            let mut wrong = right.clone();
            wrong[at] ^= 1;
            let (expected, found) = (right[at], wrong[at]);
            assert_eq!(request.first_wrong_byte(&wrong, Time(77)), Some(WrongByte { at, expected, found }));
        }
    }
}
