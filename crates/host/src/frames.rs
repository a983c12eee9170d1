//! Frames many at a time, for who passes on what others sent: [`Frames`].
//!
//! A kernel that hands a long segment to a card has not cut it into packets, and has not summed it: the card will. Where there is
//! no card but only another kernel, nobody has to. Then what goes from one end to the other is a frame of up to 64 KiB with a note on
//! what is still to be done, and a program between them that passes the note on passes forty packets on for the price of one.
//!
//! The note is Linux' `struct virtio_net_hdr`, ten bytes in the machine's byte order, in front of each frame.

use crate::{Mac, Result, Socket};

/// Where frames come from and go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cable<'a> {
    /// An interface that is there.
    Interface(&'a str),
    /// An interface that is made for this, and gone with it. What the machine sends there comes here, and the other way round.
    Tap {
        /// What it is to be called.
        name: &'a str,
        /// Whether the machine may hand over long segments and unfinished checksums.
        offload: bool,
    },
}

/// An end of a cable. What comes is only taken and what goes is only given, without waiting; [`crate::Host::wait`] waits.
pub trait Frames: Socket {
    /// The interface's own address; `None` for a tap, whose other end may have any.
    fn mac(&self) -> Option<Mac>;

    /// The longest packet that goes through as one, bytes.
    fn mtu(&self) -> usize;

    /// Takes what has come into the first of `frames`, and tells how many.
    ///
    /// # Errors
    /// When the interface is gone.
    fn take(&mut self, frames: &mut [Frame]) -> Result<usize>;

    /// Gives these on, each with its note in front, and tells how many of them went. The rest is lost, as on any full link.
    ///
    /// # Errors
    /// When the interface is gone.
    fn give(&mut self, frames: &[&[u8]]) -> Result<usize>;
}

/// Room for a frame and its note. As long as the longest of them: an IP packet, and an Ethernet header with a tag.
#[derive(Debug, Clone)]
pub struct Frame {
    room: Box<[u8]>,
    len: usize,
}

impl Frame {
    /// Bytes of the note.
    pub const NOTE: usize = 10;
    const ROOM: usize = Self::NOTE + 18 + 65_535;

    /// Nothing yet.
    #[must_use]
    pub fn empty() -> Self {
        Self { room: vec![0; Self::ROOM].into(), len: 0 }
    }

    /// All of the room, to be filled.
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.room
    }

    /// So many bytes of the room are filled.
    pub fn filled(&mut self, len: usize) {
        self.len = len.min(Self::ROOM);
    }

    /// Note and frame.
    #[must_use]
    pub fn whole(&self) -> &[u8] {
        self.room.get(..self.len).unwrap_or_default()
    }

    /// The note, and the frame behind it; `None` if not even the note is there.
    pub fn parts(&mut self) -> Option<(&mut [u8; Self::NOTE], &mut [u8])> {
        self.room.get_mut(..self.len)?.split_first_chunk_mut()
    }
}
