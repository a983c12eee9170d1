//! What is read of a file so far and not yet used: a window that moves along it.

use std::io::{self, Read};

/// As much as is read at once, and as the window has room for unless a longer block comes.
const ROOM: usize = 1 << 18;

/// A reader with a window of bytes that were read and not taken.
pub(super) struct Input<R> {
    reader: R,
    window: Vec<u8>,
    /// The bytes of the window that are not taken yet.
    start: usize,
    end: usize,
    /// How many bytes were taken: the place in the file of the first one that is not.
    taken: u64,
    at_end: bool,
}

impl<R: Read> Input<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, window: vec![0; ROOM], start: 0, end: 0, taken: 0, at_end: false }
    }

    /// Where in the file the next byte stands.
    pub(super) fn position(&self) -> u64 {
        self.taken
    }

    /// The bytes that are there without reading.
    pub(super) fn there(&self) -> &[u8] {
        self.window.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads until `len` bytes are there, or the file ends. The caller bounds `len`, and so the memory.
    pub(super) fn fill(&mut self, len: usize) -> io::Result<()> {
        if self.end - self.start >= len || self.at_end {
            return Ok(());
        }
        self.window.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.window.len() < len {
            self.window.resize(len, 0);
        }
        while self.end < len {
            let room = self.window.get_mut(self.end..).unwrap_or_default();
            match self.reader.read(room) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(read) => self.end = (self.end + read).min(self.window.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Moves on behind the next `len` bytes.
    pub(super) fn take(&mut self, len: usize) {
        let len = len.min(self.end - self.start);
        self.start += len;
        self.taken += len as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes in pieces of `piece` bytes, and is interrupted before each.
    struct Slow<'a> {
        bytes: &'a [u8],
        piece: usize,
        interrupted: bool,
    }

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let len = self.piece.min(buffer.len()).min(self.bytes.len());
            buffer[..len].copy_from_slice(&self.bytes[..len]);
            self.bytes = &self.bytes[len..];
            Ok(len)
        }
    }

    #[test]
    fn window_shows_the_file_whatever_pieces_it_comes_in() {
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * ROOM).collect();
        for piece in [7, 4096, 10 * ROOM] {
            let mut input = Input::new(Slow { bytes: &bytes, piece, interrupted: false });
            let mut seen = vec![];
            for len in [16, 60, 1500, 65_536].into_iter().cycle() {
                input.fill(len).unwrap();
                let there = &input.there()[..len.min(input.there().len())];
                if there.is_empty() {
                    break;
                }
                seen.extend_from_slice(there);
                let len = there.len();
                input.take(len);
                assert_eq!(input.position(), seen.len() as u64);
            }
            assert!(seen == bytes, "in pieces of {piece} bytes");
        }
    }

    #[test]
    fn window_grows_for_what_is_longer_and_for_nothing_else() {
        let bytes = vec![7; 4 * ROOM];
        let mut input = Input::new(&bytes[..]);
        while !input.there().is_empty() || input.position() == 0 {
            input.fill(1000).unwrap();
            input.take(1000);
        }
        assert_eq!(input.window.len(), ROOM);
        let mut input = Input::new(&bytes[..]);
        input.fill(2 * ROOM).unwrap();
        assert_eq!((input.there().len(), input.window.len()), (2 * ROOM, 2 * ROOM));
    }
}
