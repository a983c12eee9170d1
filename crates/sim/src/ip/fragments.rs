//! Packets that are longer than a link: cut where they leave, put together where they are for.
//!
//! Obeys RFC 791 section 3.2 and RFC 1122 section 3.3.2. A router puts nothing together that it forwards.
//!
//! Limits are those of Linux: 4 MiB (`ipfrag_high_thresh`) and 30 seconds (`ipfrag_time`), half of what RFC 1122 asks for.

use super::errors::Trouble;
use super::input::Arrived;
use super::routes::Hop;
use super::{Out, Stack};
use host::Time;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::fragment::{self, Limits, Outcome, Reassembler};
use wire::ipv4::Ipv4;

/// From a packet's first fragment until all of it must be there.
const TIME_TO_LIVE: Duration = Duration::from_secs(30);

/// What a node puts packets together with.
pub(super) fn reassembler() -> Reassembler {
    Reassembler::new(Limits { time_to_live: TIME_TO_LIVE, ..Limits::default() })
}

impl Stack {
    /// The longest packet in bytes that goes to `to` by `hop` in one piece, as far as this node knows.
    pub(super) fn mtu_towards(&self, now: Time, hop: Hop, to: Ipv4Addr) -> u16 {
        let link = self.interfaces.get(hop.interface).map_or(0, |interface| interface.mtu);
        self.path_mtus.towards(now, to).map_or(link, |path| path.min(link))
    }

    /// Sends a packet to the next hop, in fragments if it is longer than `mtu`; what must not be cut does not leave then.
    pub(super) fn send_within(&mut self, now: Time, hop: Hop, mtu: u16, packet: Vec<u8>, ours: bool, out: &mut Out) {
        if packet.len() <= usize::from(mtu) {
            return self.hand_to(now, hop, packet, ours, out);
        }
        if Ipv4::split(&packet).is_ok_and(|(header, ..)| header.dont_fragment) {
            return;
        }
        for fragment in fragment::cut(&packet, mtu).unwrap_or_default() {
            self.hand_to(now, hop, fragment, ours, out);
        }
    }

    /// A fragment for this node itself; with the last one that was missing, its packet is delivered.
    pub(super) fn collect(&mut self, arrived: &Arrived<'_>, out: &mut Out) {
        self.expire_fragments(arrived.now, out);
        let Outcome::Whole(packet) = self.fragments.add(arrived.now - Time::START, arrived.packet) else { return };
        if let Ok((header, _, payload, _)) = Ipv4::parse(&packet) {
            self.deliver(&Arrived { packet: &packet, header, payload, ..*arrived }, out);
        }
    }

    /// Gives up what waited too long for its other fragments, and says so.
    ///
    /// RFC 1122 section 3.3.2: an "ICMP Time Exceeded message sent to the source host (if fragment zero has been received)".
    pub(super) fn expire_fragments(&mut self, now: Time, out: &mut Out) {
        for first in self.fragments.expire(now - Time::START) {
            // A packet to everybody is never complained about, and here it would be by many.
            if Ipv4::split(&first).is_ok_and(|(header, ..)| self.is_own(header.destination)) {
                self.error_about(now, &first, None, Trouble::FRAGMENTS_MISSING, out);
            }
        }
    }

    /// When the next of the packets with missing fragments is given up.
    pub(super) fn next_expiry(&self) -> Option<Time> {
        self.fragments.next().map(|due| Time::START + due)
    }
}
