//! The data of a datagram: which one it is, when it left, and bytes that count up.
//!
//! ```text
//!   0      4              12                 bytes
//!   ┌──────┬──────────────┬───────────────┄
//!   │ 0001 │ nanoseconds  │ 0c 0d 0e 0f …       both numbers in network byte order
//!   └──────┴──────────────┴───────────────┄
//!   sequence  time of sending
//! ```
//!
//! UDP has no sequence numbers, so a program that wants to know of loss and order brings its own. The time is for
//! whoever looks at a capture: round trips are taken from our own table, so that an answer cannot lie about them. What
//! has no room is left out.

use host::Time;

/// Bytes of the sequence number.
pub const SEQUENCE: usize = 4;
/// Bytes of sequence number and time of sending, the latter in nanoseconds since the program's start.
pub const STAMP: usize = SEQUENCE + 8;
/// The most data that one IPv4 packet has room for, bytes: 65,535 less 20 for IP's header and 8 for UDP's.
pub const MOST: usize = 65_507;

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

/// `size` bytes of data for the datagram with this number, sent at this time.
#[must_use]
pub fn data(sequence: u32, sent: Time, size: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..=u8::MAX).cycle().take(size).collect();
    if let Some((number, rest)) = bytes.split_first_chunk_mut::<SEQUENCE>() {
        *number = sequence.to_be_bytes();
        if let Some(time) = rest.first_chunk_mut::<8>() {
            *time = sent.0.to_be_bytes();
        }
    }
    bytes
}

/// The number of the datagram that this is the data of; `None`: it has no room for one.
#[must_use]
pub fn sequence(data: &[u8]) -> Option<u32> {
    data.first_chunk().map(|number| u32::from_be_bytes(*number))
}

/// The first byte in which `found` is not `expected`, as far as both go.
#[must_use]
pub fn first_wrong_byte(found: &[u8], expected: &[u8]) -> Option<WrongByte> {
    let pairs = expected.iter().zip(found).enumerate();
    pairs
        .map(|(at, (&expected, &found))| WrongByte { at, expected, found })
        .find(|WrongByte { expected, found, .. }| expected != found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_and_time_stand_first_and_the_rest_counts_up() {
        assert_eq!(data(0x0102, Time(0x0304), 16), [0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0x0c, 0x0d, 0x0e, 0x0f]);
    }

    #[test]
    fn what_has_no_room_is_left_out_whole() {
        assert!(data(7, Time(9), 0).is_empty());
        assert_eq!(data(7, Time(9), 3), [0, 1, 2]);
        assert_eq!(data(7, Time(9), 6), [0, 0, 0, 7, 4, 5]);
        for size in [0, 1, 3, 4, 11, 12, 13, MOST] {
            assert_eq!(sequence(&data(7, Time(9), size)), (size >= SEQUENCE).then_some(7), "{size} bytes");
        }
    }

    #[test]
    fn wrong_byte_is_found_wherever_it_is() {
        let sent = data(1, Time(5), 56);
        assert_eq!(first_wrong_byte(&sent, &sent), None);
        assert_eq!(first_wrong_byte(&sent[..20], &sent), None, "shorter is not wrong");
        for at in [0, 4, 12, 55] {
            let mut found = sent.clone();
            found[at] ^= 1;
            let wrong = WrongByte { at, expected: sent[at], found: found[at] };
            assert_eq!(first_wrong_byte(&found, &sent), Some(wrong));
        }
    }
}
