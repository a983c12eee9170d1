//! Looking ahead, for who has many packets at hand.
//!
//! A million sessions are too much for the caches of a processor, so it waits for memory, and that three times for each
//! packet: only from one read it knows where the next one is (index or port, mapping, session). What one packet needs does
//! not hang on what another one does, though. So here each step is made for all packets of a burst before the next step:
//! reads that do not wait for each other are on their way at the same time.

use crate::packet::Look;
use crate::table::Trail;
use crate::translate::peer_of;
use crate::{Nat, Side};

/// How many packets at once: a processor has room for about so many reads that are not done.
const BURST: usize = 32;

impl Nat {
    /// Brings near what [`Nat::translate`] will read for these packets, each with the side it comes from.
    ///
    /// It decides nothing and changes nothing. It is worth its time where the sessions in use do not fit into the caches,
    /// from some ten thousand on; with fewer it takes more than it gives. The packets are to be translated next.
    pub fn look_ahead<'a>(&self, packets: impl IntoIterator<Item = (&'a [u8], Side)>) {
        let mut packets = packets.into_iter().peekable();
        while packets.peek().is_some() {
            let mut trails = [Trail::Lost; BURST];
            for (trail, (packet, side)) in trails.iter_mut().zip(&mut packets) {
                *trail = Look::at(packet).map_or(Trail::Lost, |look| self.trail(&look, side));
            }
            self.table.follow(&trails);
        }
    }

    /// What leads to a packet's mapping.
    #[inline(always)]
    fn trail(&self, look: &Look, side: Side) -> Trail {
        let protocol = look.protocol();
        match side {
            Side::Inside => {
                let only = self.only(look.source, peer_of(protocol, look.destination));
                self.table.trail_from_inside(protocol, look.source, only)
            }
            Side::Outside => self.table.trail_from_outside(protocol, look.destination),
        }
    }
}
