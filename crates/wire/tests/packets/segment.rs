//! TCP segments.

use super::{Layer, Rng, Sample};
use std::net::Ipv4Addr;
use wire::tcp::options::{self, SackBlock, SackBlocks, TcpOption};
use wire::tcp::{MAX_OPTIONS, Tcp};

/// A segment of any kind, though none that no TCP would send: the reserved bits are zero.
pub(super) fn tcp(rng: &mut Rng, source: Ipv4Addr, destination: Ipv4Addr) -> Sample {
    let (syn, ack) = rng.pick(&[(true, false), (true, true), (false, true), (false, true)]);
    let urg = rng.once_in(8);
    let tcp = Tcp {
        sequence_number: rng.next() as u32,
        acknowledgment_number: if ack { rng.next() as u32 } else { 0 },
        ae: rng.once_in(4),
        cwr: rng.once_in(4),
        ece: rng.once_in(4),
        urg,
        ack,
        psh: rng.once_in(2),
        rst: rng.once_in(16),
        syn,
        fin: !syn && rng.once_in(8),
        window: rng.u16(),
        urgent_pointer: if urg { rng.u16() } else { 0 },
        ..Tcp::new(rng.u16(), rng.u16())
    };
    let options = if rng.once_in(4) { vec![] } else { some_options(rng) };
    let data = rng.payload();
    let bytes = tcp.segment(source.into(), destination.into(), &options, &data);
    let mut layers = vec![(Layer::Tcp, 0)];
    if !options.is_empty() {
        layers.push((Layer::TcpOptions, Tcp::LEN));
    }
    Sample { bytes, layers }
}

/// One or more options, as many as fit.
fn some_options(rng: &mut Rng) -> Vec<u8> {
    let (mut list, mut bytes) = (vec![], vec![]);
    let cookie = rng.bytes(8);
    for _ in 0..rng.below(5) + 1 {
        list.push(option(rng, &cookie));
        let longer = options::emit(&list);
        if longer.len() > MAX_OPTIONS {
            break;
        }
        bytes = longer;
    }
    bytes
}

fn option<'a>(rng: &mut Rng, cookie: &'a [u8]) -> TcpOption<'a> {
    let mut number = || rng.next() as u32;
    let mut block = || SackBlock { left_edge: number(), right_edge: number() };
    let blocks = [block(), block(), block(), block()];
    match rng.below(8) {
        0 => TcpOption::NoOperation,
        1 => TcpOption::MaximumSegmentSize(rng.u16()),
        2 => TcpOption::WindowScale(rng.u8() % 15),
        3 => TcpOption::SackPermitted,
        4 | 5 => TcpOption::Sack(SackBlocks::new(&blocks[..rng.below(4) + 1])),
        6 => TcpOption::Timestamps { value: rng.next() as u32, echo_reply: rng.next() as u32 },
        // A cookie of TCP Fast Open.
        _ => TcpOption::Other { kind: 34, data: cookie },
    }
}
