//! A cursor over bytes whose lengths cannot be trusted.
//!
//! What is counted by a length on the wire becomes a reader of its own ([`Reader::sub`]), so that nothing inside of it can
//! reach beyond it.

/// Reads from the front; every answer is `None` when there are not enough bytes left, and then nothing is consumed.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    consumed: usize,
}

impl<'a> Reader<'a> {
    /// A reader of all of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, consumed: 0 }
    }

    /// How many bytes were read: the offset of the next one.
    #[must_use]
    pub fn consumed(&self) -> usize {
        self.consumed
    }

    /// What was not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        self.consumed += len;
        Some(taken)
    }

    /// A reader of the next `len` bytes, which this one skips.
    pub fn sub(&mut self, len: usize) -> Option<Reader<'a>> {
        self.take(len).map(Reader::new)
    }

    /// The next byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    /// The next two bytes as a number in network byte order.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// The next four bytes as a number in network byte order.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        self.consumed += N;
        Some(*taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_consumed_by_a_read_that_fails() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u32(), None);
        assert_eq!(reader.u16(), Some(0x0102));
        assert_eq!((reader.consumed(), reader.rest()), (2, &[3][..]));
    }

    #[test]
    fn sub_reader_ends_where_its_length_says() {
        let mut reader = Reader::new(&[2, 10, 11, 12]);
        let len = reader.u8().unwrap();
        let mut inside = reader.sub(len.into()).unwrap();
        assert_eq!((inside.u16(), inside.u8()), (Some(0x0a0b), None));
        assert_eq!(reader.u8(), Some(12));
    }
}
