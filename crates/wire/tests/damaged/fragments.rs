//! Packets that come in pieces, of which one has a fault: what is put together is a packet, and parsers walk it to an end.

use crate::fault;
use crate::packets::{self, Layer, Rng, Sample};
use crate::walked;
use std::io::Write;
use std::time::Duration;
use wire::fragment::{Limits, Outcome, Reassembler, cut};
use wire::ipv4::Ipv4;

const PACKETS: u64 = 200_000;
const LIMITS: Limits = Limits { memory: 200_000, assemblies: 50, time_to_live: Duration::from_millis(100) };
const ETHERNET: usize = 14;

#[test]
fn damaged_fragment_makes_a_packet_or_none_and_takes_no_more_memory_than_it_may() {
    let mut reassembler = Reassembler::new(LIMITS);
    let (mut cuts, mut wholes, mut refused, mut expired) = (0, 0, 0, 0);
    for seed in 0..PACKETS {
        let rng = &mut Rng::new(seed);
        let Some(mut fragments) = fragments(rng) else { continue };
        let which = rng.below(fragments.len());
        let valid =
            Sample { bytes: fragments.swap_remove(which), layers: vec![(Layer::Ethernet, 0), (Layer::Ipv4, ETHERNET)] };
        let (fault, damaged) = fault::damaged(&valid, rng);
        fragments.push(damaged);
        if rng.once_in(2) {
            fragments.reverse();
        }
        cuts += 1;
        let now = Duration::from_millis(seed);
        expired += reassembler.expire(now).len();
        for fragment in &fragments {
            match reassembler.add(now, fragment.get(ETHERNET..).unwrap_or_default()) {
                Outcome::Whole(packet) => {
                    wholes += 1;
                    let (header, _, _, trailer) = Ipv4::parse(&packet).unwrap();
                    assert!(header.is_whole() && trailer.is_empty() && Ipv4::is_intact(&packet), "seed {seed}");
                    walked(&[&valid.bytes[..12], &[0x08, 0x00], &packet].concat(), seed, &format!("{fault:?}, whole"));
                }
                Outcome::Waiting => {}
                Outcome::Refused(_) => refused += 1,
            }
            assert!(reassembler.memory() <= LIMITS.memory, "seed {seed}: {} bytes", reassembler.memory());
            assert!(reassembler.assemblies() <= LIMITS.assemblies, "seed {seed}");
        }
    }
    let told = format!(
        "put {cuts} packets with one damaged fragment together: {wholes} whole ones, {refused} fragments refused, {expired} timeouts\n"
    );
    std::io::stdout().write_all(told.as_bytes()).unwrap();
    assert!(3 * wholes >= cuts && refused > 0 && expired > 0, "{told}");
}

/// A valid packet in two or more pieces, each in a frame.
fn fragments(rng: &mut Rng) -> Option<Vec<Vec<u8>>> {
    let frame = packets::frame(rng);
    let (_, at) = *frame.layers.iter().find(|(layer, _)| *layer == Layer::Ipv4)?;
    let packet = &frame.bytes[at..];
    let mtu = 76 + rng.u16() % 500;
    let (header, ..) = Ipv4::parse(packet).expect("it is valid");
    let fragments = if header.is_whole() { cut(packet, mtu).expect("it may be cut") } else { vec![] };
    let ethernet = [&frame.bytes[..12], &[0x08, 0x00]].concat();
    let framed = fragments.iter().map(|fragment| [&ethernet, &fragment[..]].concat()).collect();
    (fragments.len() > 1).then_some(framed)
}
