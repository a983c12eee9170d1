//! TCP options: a list of kind, length, data behind the fixed header.
//!
//! Obeys RFC 9293 section 3.2 (the list, maximum segment size), RFC 7323 sections 2.2 and 3.2 (window scale, timestamps) and
//! RFC 2018 sections 2 and 3 (selective acknowledgment).
//!
//! ```text
//! +--------+  +--------+--------+--------  -  -+
//! |  kind  |  |  kind  | length |     data     |
//! +--------+  +--------+--------+--------  -  -+
//!   0 and 1      all others; length counts the whole option
//! ```
//!
//! What a Linux host says in its first segment:
//!
//! ```
//! use wire::tcp::options::{self, TcpOption, TcpOptions};
//!
//! let said = [
//!     TcpOption::MaximumSegmentSize(1460),
//!     TcpOption::SackPermitted,
//!     TcpOption::Timestamps { value: 0x1234, echo_reply: 0 },
//!     TcpOption::NoOperation,
//!     TcpOption::WindowScale(7),
//! ];
//! let bytes = options::emit(&said);
//! assert_eq!(bytes.len(), 20);
//! assert_eq!(TcpOptions::new(&bytes).collect::<Result<Vec<_>, _>>()?, said);
//! # Ok::<(), wire::WireError>(())
//! ```

use crate::reader::Reader;
use crate::{Problem, WireError};
use std::fmt;

/// Kind that ends the list; what follows is padding.
pub const END: u8 = 0;
/// Kind that fills one byte, to bring the next option to a boundary.
pub const NO_OPERATION: u8 = 1;
/// Kind of "maximum segment size", RFC 9293 section 3.2.
pub const MAXIMUM_SEGMENT_SIZE: u8 = 2;
/// Kind of "window scale", RFC 7323 section 2.2.
pub const WINDOW_SCALE: u8 = 3;
/// Kind of "SACK permitted", RFC 2018 section 2.
pub const SACK_PERMITTED: u8 = 4;
/// Kind of "SACK", RFC 2018 section 3.
pub const SACK: u8 = 5;
/// Kind of "timestamps", RFC 7323 section 3.2.
pub const TIMESTAMPS: u8 = 8;
/// Kind of "Fast Open", RFC 7413 section 4.1.1: a cookie, or in a SYN without one the wish for it. It is left as
/// [`TcpOption::Other`].
pub const FAST_OPEN: u8 = 34;

/// One option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcpOption<'a> {
    /// One byte that says nothing.
    NoOperation,
    /// The longest payload, in bytes, that the sender of this option wants to receive in a segment. Only in a SYN.
    MaximumSegmentSize(u16),
    /// By how many bits the sender of this option shifts the windows that it tells. Only in a SYN.
    WindowScale(u8),
    /// The sender of this option understands [`TcpOption::Sack`]. Only in a SYN.
    SackPermitted,
    /// What arrived beyond the acknowledgment number.
    Sack(SackBlocks),
    /// A clock of the sender's, and what the other side's said last.
    Timestamps {
        /// The sender's clock, "`TSval`", in ticks of its own.
        value: u32,
        /// The newest value of the other side's, "`TSecr`"; it means something only where ACK is set.
        echo_reply: u32,
    },
    /// A kind that this course leaves alone.
    Other {
        /// Which one.
        kind: u8,
        /// What follows kind and length.
        data: &'a [u8],
    },
}

/// Bytes that arrived: from the left edge on, and not including the right edge (RFC 2018 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SackBlock {
    /// The first sequence number of the block.
    pub left_edge: u32,
    /// The sequence number behind the last one of the block.
    pub right_edge: u32,
}

/// The blocks of one option, one to four: RFC 2018 section 3, "a SACK option that specifies n blocks will have a length of
/// 8*n+2 bytes", and options have 40 at most.
#[derive(Clone, Copy)]
pub struct SackBlocks {
    blocks: [SackBlock; SackBlocks::MOST],
    len: usize,
}

impl SackBlocks {
    /// As many blocks as fit into a header.
    pub const MOST: usize = 4;

    /// The first four of `blocks`.
    #[must_use]
    pub fn new(blocks: &[SackBlock]) -> Self {
        let mut kept = Self { blocks: [SackBlock::default(); Self::MOST], len: blocks.len().min(Self::MOST) };
        kept.blocks.iter_mut().zip(blocks).for_each(|(kept, block)| *kept = *block);
        kept
    }

    /// The blocks in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[SackBlock] {
        self.blocks.get(..self.len).unwrap_or_default()
    }
}

impl PartialEq for SackBlocks {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for SackBlocks {}

impl fmt::Debug for SackBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

/// Walks the options of a header; the first error ends the walk.
///
/// RFC 9293 section 3.1: implementations "MUST be prepared to handle an illegal option length (e.g., zero)" (MUST-7). A length
/// that a known kind cannot have is an error too.
#[derive(Debug, Clone)]
pub struct TcpOptions<'a>(Reader<'a>);

impl<'a> TcpOptions<'a> {
    /// The options in `bytes`, as [`super::Tcp::parse`] gives them.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new(bytes))
    }

    fn option(&mut self) -> Result<Option<TcpOption<'a>>, WireError> {
        let Some(kind) = self.0.u8() else { return Ok(None) };
        match kind {
            END => return Ok(None),
            NO_OPERATION => return Ok(Some(TcpOption::NoOperation)),
            _ => {}
        }
        let start = self.0.consumed() - 1;
        let wrong = |problem| WireError { header: "TCP option", field: "length", byte: start + 1, problem };
        let have = self.0.rest().len() + 1;
        let len = usize::from(self.0.u8().ok_or(wrong(Problem::TooShort { need: 2, have }))?);
        let data = len.checked_sub(2).ok_or(wrong(Problem::TooSmall { value: len, least: 2 }))?;
        let data = self.0.take(data).ok_or(wrong(Problem::TooShort { need: len, have }))?;
        let unlike = |expected| wrong(Problem::Unexpected { value: len as u64, expected });
        Ok(Some(match kind {
            MAXIMUM_SEGMENT_SIZE => {
                TcpOption::MaximumSegmentSize(u16::from_be_bytes(data.try_into().map_err(|_| unlike(4))?))
            }
            WINDOW_SCALE => TcpOption::WindowScale(u8::from_be_bytes(data.try_into().map_err(|_| unlike(3))?)),
            SACK_PERMITTED => match data {
                [] => TcpOption::SackPermitted,
                _ => return Err(unlike(2)),
            },
            SACK => match data.as_chunks() {
                (chunks @ ([_] | [_, _] | [_, _, _] | [_, _, _, _]), []) => TcpOption::Sack(blocks(chunks)),
                (chunks, _) => return Err(unlike(2 + 8 * chunks.len().clamp(1, SackBlocks::MOST) as u64)),
            },
            TIMESTAMPS => {
                let [value, echo_reply] = halves(*data.as_array().ok_or(unlike(10))?);
                TcpOption::Timestamps { value, echo_reply }
            }
            kind => TcpOption::Other { kind, data },
        }))
    }
}

impl<'a> Iterator for TcpOptions<'a> {
    type Item = Result<TcpOption<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.option().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.0 = Reader::new(&[]);
        }
        next
    }
}

fn blocks(chunks: &[[u8; 8]]) -> SackBlocks {
    let mut blocks = [SackBlock::default(); SackBlocks::MOST];
    for (block, chunk) in blocks.iter_mut().zip(chunks) {
        let [left_edge, right_edge] = halves(*chunk);
        *block = SackBlock { left_edge, right_edge };
    }
    SackBlocks { blocks, len: chunks.len().min(SackBlocks::MOST) }
}

/// Two numbers of 32 bits.
fn halves([a, b, c, d, e, f, g, h]: [u8; 8]) -> [u32; 2] {
    [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])]
}

/// The bytes of `options`, filled up with zeros to a multiple of 4: ready for [`super::Tcp::segment`].
///
/// More than [`super::MAX_OPTIONS`] bytes fit no header. Data of more than 253 bytes get a length that is cut to its 8 bits.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the docs say so")]
pub fn emit(options: &[TcpOption<'_>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(super::MAX_OPTIONS);
    for option in options {
        let start = bytes.len();
        match *option {
            TcpOption::NoOperation => {
                bytes.push(NO_OPERATION);
                continue;
            }
            TcpOption::MaximumSegmentSize(size) => {
                bytes.extend([MAXIMUM_SEGMENT_SIZE, 0]);
                bytes.extend(size.to_be_bytes());
            }
            TcpOption::WindowScale(shift) => bytes.extend([WINDOW_SCALE, 0, shift]),
            TcpOption::SackPermitted => bytes.extend([SACK_PERMITTED, 0]),
            TcpOption::Sack(blocks) => {
                bytes.extend([SACK, 0]);
                let edges = blocks.as_slice().iter().flat_map(|block| [block.left_edge, block.right_edge]);
                edges.for_each(|edge| bytes.extend(edge.to_be_bytes()));
            }
            TcpOption::Timestamps { value, echo_reply } => {
                bytes.extend([TIMESTAMPS, 0]);
                bytes.extend(value.to_be_bytes());
                bytes.extend(echo_reply.to_be_bytes());
            }
            TcpOption::Other { kind, data } => {
                bytes.extend([kind, 0]);
                bytes.extend(data);
            }
        }
        let len = bytes.len() - start;
        if let Some(length) = bytes.get_mut(start + 1) {
            *length = len as u8;
        }
    }
    bytes.resize(bytes.len().next_multiple_of(4), END);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(bytes: &[u8]) -> Result<TcpOption<'_>, String> {
        TcpOptions::new(bytes).next().unwrap().map_err(|error| error.to_string())
    }

    #[test]
    fn bytes_are_those_of_the_rfc_figures() {
        let block = |left_edge, right_edge| SackBlock { left_edge, right_edge };
        let bytes = emit(&[
            TcpOption::NoOperation,
            TcpOption::Sack(SackBlocks::new(&[block(5000, 5500), block(1, 2)])),
            TcpOption::WindowScale(14),
        ]);
        #[rustfmt::skip]
        assert_eq!(bytes, [
            1,
            5, 18, 0, 0, 0x13, 0x88, 0, 0, 0x15, 0x7c, 0, 0, 0, 1, 0, 0, 0, 2,
            3, 3, 14,
            0, 0,
        ]);
        assert_eq!(only(&[5, 10, 0, 0, 0, 1, 0, 0, 0, 2]), Ok(TcpOption::Sack(SackBlocks::new(&[block(1, 2)]))));
        assert_eq!(only(&[8, 10, 0, 0, 0, 1, 0, 0, 0, 2]), Ok(TcpOption::Timestamps { value: 1, echo_reply: 2 }));
        assert_eq!(only(&[34, 4, 7, 8]), Ok(TcpOption::Other { kind: 34, data: &[7, 8] }));
    }

    #[test]
    fn length_that_a_kind_cannot_have_is_refused() {
        let refused = |bytes| only(bytes).unwrap_err();
        assert_eq!(refused(&[2, 3, 5]), "TCP option, byte 1: length is 3, and must be 4");
        assert_eq!(refused(&[4, 3, 5]), "TCP option, byte 1: length is 3, and must be 2");
        assert_eq!(refused(&[5, 2]), "TCP option, byte 1: length is 2, and must be 10");
        assert_eq!(refused(&[5, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), "TCP option, byte 1: length is 12, and must be 10");
        assert_eq!(refused(&[&[5, 42][..], &[0; 40]].concat()), "TCP option, byte 1: length is 42, and must be 34");
    }

    #[test]
    fn length_of_zero_or_beyond_the_header_ends_the_walk() {
        for (bytes, message) in [
            (&[1, 8, 0, 9][..], "TCP option, byte 2: length says 0 bytes, 2 is the least"),
            (&[1, 8, 10, 9], "TCP option, byte 2: length says 10 bytes, 3 are there"),
            (&[1, 8], "TCP option, byte 2: length says 2 bytes, 1 are there"),
        ] {
            let mut options = TcpOptions::new(bytes);
            assert_eq!(options.next(), Some(Ok(TcpOption::NoOperation)));
            assert_eq!(options.next().unwrap().unwrap_err().to_string(), message);
            assert_eq!(options.next(), None);
        }
    }
}
