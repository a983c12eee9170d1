//! Which of several next hops a packet takes: RFC 2991.
//!
//! Packets of one flow must keep their order, and so take one way; RFC 2991 section 2 says what becomes of tools if they do not:
//! "ping and traceroute are much less reliable in the presence of multiple paths and may even present completely wrong results".
//!
//! What a flow is, is read off the packet: its addresses and protocol, with TCP, UDP and their like the ports, with ICMP echo the
//! identifier *and the checksum*, because routers take the four bytes where other protocols have their ports. So two echoes that
//! differ in their sequence number alone are two flows. Of a fragment only the addresses and the protocol count, as the ports are
//! in none but the first; of any other ICMP message too.
//!
//! These bytes make a number, the same in every run, and the number decides as RFC 2992 has it ("hash-threshold"): all numbers are
//! cut into as many regions of one size as there are next hops.
//!
//! Were it the same in every router too, two in a row would split nothing: all that the first sends to its first branch the next
//! would send to its first again. So each has a [`salt`] that goes into the number, as real routers have.

use crate::random::{fnv_1a, mix};
use crate::topology::Net;
use wire::icmp;
use wire::ipv4::{ICMP, Ipv4, TCP, UDP};

/// Protocols beside TCP and UDP that begin with ports: DCCP (RFC 4340), SCTP (RFC 9260), UDP-Lite (RFC 3828).
const WITH_PORTS: [u8; 5] = [TCP, UDP, 33, 132, 136];

/// What the router named `name` mixes into its numbers. The first of a network that balances has none: so long as it is the only
/// one, its name does not count.
pub(super) fn salt(net: &Net, name: &str) -> u64 {
    let first = net.nodes.iter().find(|node| node.balance.is_some());
    if first.is_some_and(|first| first.name == name) { 0 } else { fnv_1a(name.as_bytes()) }
}

/// The number of the flow that a packet with this header and payload belongs to.
pub(super) fn flow(salt: u64, header: &Ipv4, payload: &[u8]) -> u64 {
    number(salt, header, ports(header, payload).unwrap_or_default())
}

/// The number of all packets of this protocol between the same two addresses, in this direction.
pub(super) fn addresses(salt: u64, header: &Ipv4) -> u64 {
    number(salt, header, [0; 4])
}

/// Which of `choices` regions `number` lies in, counted from 0.
pub(super) fn region(number: u64, choices: usize) -> usize {
    // Exact, as the product has room: number / (2^64 / choices), without the remainder that a division would leave.
    usize::try_from((u128::from(number) * choices as u128) >> 64).unwrap_or(0)
}

fn number(salt: u64, header: &Ipv4, ports: [u8; 4]) -> u64 {
    let ([a, b, c, d], [e, f, g, h]) = (header.source.octets(), header.destination.octets());
    let [i, j, k, l] = ports;
    mix(salt ^ fnv_1a(&[a, b, c, d, e, f, g, h, header.protocol, i, j, k, l]))
}

/// Both ports; of an echo the checksum and the identifier, which stand side by side.
fn ports(header: &Ipv4, payload: &[u8]) -> Option<[u8; 4]> {
    if !header.is_whole() {
        return None;
    }
    match header.protocol {
        ICMP => {
            let (kind, rest) = payload.split_first()?;
            matches!(*kind, icmp::ECHO_REQUEST | icmp::ECHO_REPLY).then_some(*rest.get(1..)?.first_chunk()?)
        }
        protocol => WITH_PORTS.contains(&protocol).then_some(*payload.first_chunk()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::udp::Udp;

    fn header(protocol: u8) -> Ipv4 {
        Ipv4::new([192, 168, 1, 3].into(), [192, 168, 10, 3].into(), protocol)
    }

    fn udp(source: u16, destination: u16) -> u64 {
        flow(0, &header(UDP), &Udp::new(source, destination).bytes())
    }

    #[test]
    fn flow_is_addresses_protocol_and_ports_and_nothing_else() {
        let (udp_header, datagram) = (header(UDP), Udp::new(5555, 53).datagram([1; 4].into(), [2; 4].into(), b"one"));
        let same = udp(5555, 53);
        assert_eq!(flow(0, &udp_header, &datagram), same, "length, checksum and data do not count");
        assert_eq!(flow(0, &Ipv4 { ttl: 3, identification: 9, dscp: 4, ..udp_header }, &datagram), same);
        for other in [udp(5556, 53), udp(5555, 54), udp(53, 5555), flow(0, &header(TCP), &datagram)] {
            assert_ne!(other, same);
        }
        assert_ne!(flow(0, &Ipv4 { source: [192, 168, 1, 4].into(), ..udp_header }, &datagram), same);
        assert_ne!(addresses(0, &udp_header), same);
    }

    #[test]
    fn echo_is_a_flow_by_checksum_and_identifier_and_an_error_by_its_addresses() {
        let echo =
            |identifier, sequence, data: &[u8]| flow(0, &header(ICMP), &icmp::echo_request(identifier, sequence, data));
        assert_ne!(echo(7, 1, &[0, 0]), echo(7, 2, &[0, 0]), "the checksum differs");
        assert_eq!(echo(7, 1, &[0, 1]), echo(7, 2, &[0, 0]), "data that makes up for it keeps the flow");
        assert_ne!(echo(7, 1, &[0, 0]), echo(8, 0, &[0, 0]), "the identifier counts beside the checksum");
        let error = |quote: &[u8]| flow(0, &header(ICMP), &icmp::message(icmp::TIME_EXCEEDED, 0, [0; 4], quote));
        assert_eq!(error(b"one"), error(b"another"));
    }

    #[test]
    fn all_fragments_of_a_packet_are_one_flow() {
        let datagram = Udp::new(5555, 53).bytes();
        let first = flow(0, &Ipv4 { more_fragments: true, ..header(UDP) }, &datagram);
        let last = flow(0, &Ipv4 { fragment_offset: 64, ..header(UDP) }, &[0xff; 30]);
        assert_eq!((first, last), (addresses(0, &header(UDP)), addresses(0, &header(UDP))));
    }

    #[test]
    fn regions_are_of_one_size_and_cover_all_numbers() {
        assert_eq!([0, u64::MAX / 2, u64::MAX / 2 + 1, u64::MAX].map(|number| region(number, 2)), [0, 0, 1, 1]);
        assert_eq!((region(u64::MAX, 3), region(u64::MAX, 1), region(u64::MAX / 3 + 1, 3)), (2, 0, 1));
    }

    #[test]
    fn ports_that_count_up_go_both_ways() {
        for way in [0, 1] {
            let taken = (33434..33434 + 1000).filter(|port| region(udp(40_000, *port), 2) == way).count();
            assert!((450..550).contains(&taken), "{taken} of 1000 go to {way}");
        }
    }
}
