//! A router's step: RFC 1812 section 5.2.1.

use super::errors::Trouble;
use super::input::Arrived;
use super::{Out, Stack};
use crate::prefix::prefix_contains;
use wire::checksum;
use wire::ipv4::Ipv4;

impl Stack {
    /// Passes a packet on towards its destination, or says why not.
    pub(super) fn forward(&mut self, arrived: &Arrived<'_>, out: &mut Out) {
        self.pass_on(arrived, arrived.packet, out);
    }

    /// Passes `packet` on, which is what `arrived` has become; it is that one that its sender hears of.
    pub(super) fn pass_on(&mut self, arrived: &Arrived<'_>, packet: &[u8], out: &mut Out) {
        let Ok((header, _, payload, _)) = Ipv4::parse(packet) else { return };
        if header.destination.is_multicast() || header.source.is_unspecified() || header.source.is_loopback() {
            return;
        }
        // RFC 1812 section 5.2.7.1, code 0: no route at all.
        let Some(hop) = self.routes.choose(header.destination, &header, payload) else {
            return self.complain(arrived, Trouble::unreachable(0), out);
        };
        // RFC 1812 section 5.3.1: "If the TTL is reduced to zero (or less), the packet MUST be discarded".
        if header.ttl <= 1 {
            return self.complain(arrived, Trouble::TTL_USED_UP, out);
        }
        if let Some(filter) =
            self.reject.iter().find(|filter| prefix_contains(filter.to, filter.prefix, header.destination))
        {
            let code = filter.code;
            return self.complain(arrived, Trouble::unreachable(code), out);
        }
        let mtu = self.interfaces.get(hop.interface).map_or(0, |interface| interface.mtu);
        if header.dont_fragment && packet.len() > usize::from(mtu) {
            return self.complain(arrived, Trouble::fragmentation_needed(mtu), out);
        }
        let mut packet = packet.to_vec();
        let Some(_payload) = decrement(&header).emit(&mut packet) else { return };
        // RFC 1812 section 4.2.2.7: fragmentation "MUST be supported by a router"; reassembly is for the destination.
        self.send_within(arrived.now, hop, mtu, packet, false, out);
    }
}

/// The header with one less to live, and with its checksum adjusted as RFC 1624 section 3 has it.
fn decrement(header: &Ipv4) -> Ipv4 {
    let word = |ttl| u16::from_be_bytes([ttl, header.protocol]);
    let ttl = header.ttl.saturating_sub(1);
    Ipv4 { ttl, checksum: checksum::update(header.checksum, word(header.ttl), word(ttl)), ..*header }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusted_checksum_is_the_one_made_anew() {
        for ttl in 1..=255 {
            let header = Ipv4 { ttl, ..Ipv4::parse(&wire::ipv4::example()).unwrap().0 }.sealed(&[], 8);
            let after = decrement(&header);
            assert_eq!(after.checksum, after.sum(&[]), "TTL {ttl}");
        }
    }
}
