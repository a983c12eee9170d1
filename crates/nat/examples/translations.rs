//! How many translations one core makes in a second of its time, and what a table of a million sessions takes (Linux).
//!
//! In three orders: packets out and in of 4096 sessions in turn, which stand far from each other in the table; of sessions
//! drawn at random from all, where nothing that a packet needs is near, which is the worst for a cache; and the same, each
//! time that some wait, with [`Nat::look_ahead`].
//!
//! ```console
//! $ cargo run --release --package nat --example translations [SESSIONS...]
//! ```

use host::Time;
use nat::{Config, Limits, Nat, Side, Verdict};
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

const SERVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
/// How many translations are timed.
const ROUNDS: u32 = 8_000_000;
/// How many of them come at once.
const BURST: usize = 32;
/// How many packets there are, which come again and again.
const PACKETS: usize = 1 << 20;

/// A packet of 64 bytes, and where it comes from.
type Packet = ([u8; 64], Side);

fn main() -> Result<(), Box<dyn Error>> {
    let asked: Vec<u32> = std::env::args().skip(1).map(|flows| flows.parse()).collect::<Result<_, _>>()?;
    let flows = if asked.is_empty() { vec![1, 1000, 10_000, 100_000, 1_000_000] } else { asked };
    flows.into_iter().try_for_each(run)
}

fn run(flows: u32) -> Result<(), Box<dyn Error>> {
    let public = (0..20).map(|last| Ipv4Addr::new(203, 0, 113, last)).collect();
    let limits = Limits { sessions: flows.max(1000), ..Limits::default() };
    let mut nat = Nat::new(Config { public, limits, ..Config::new(SERVER) })?;
    let mut outside = Vec::with_capacity(flows as usize);
    let before = resident();
    let start = on_core();
    for flow in 0..flows {
        let mut packet = datagram(inside_of(flow), server());
        let verdict = nat.translate(&mut packet, Side::Inside, Time::START);
        if verdict != Verdict::Pass {
            return Err(format!("flow {flow}: {verdict:?}").into());
        }
        let (header, _, datagram, _) = Ipv4::parse(&packet)?;
        outside.push(SocketAddrV4::new(header.source, Udp::parse(datagram)?.0.source_port));
    }
    let opened = on_core().saturating_sub(start);
    let taken = resident().saturating_sub(before);
    let flow = |flow: u32| (inside_of(flow), outside.get(flow as usize).copied().unwrap_or(server()));
    let (near, far) = (in_turn(flows, flow), drawn(flows, flow));
    println!(
        "{flows} sessions: {:.1} M translations/s in turn, {:.1} at random, {:.1} at random in bursts of {BURST}; \
         {:.2} µs to open one; table {:.1} MiB, of which {:.1} resident",
        rate(&mut nat, &near, 1)?,
        rate(&mut nat, &far, 1)?,
        rate(&mut nat, &far, BURST)?,
        opened.as_secs_f64() * 1e6 / f64::from(flows),
        f64::from(u32::try_from(nat.bytes() >> 10)?) / 1024.0,
        f64::from(u32::try_from(taken >> 10)?) / 1024.0,
    );
    Ok(())
}

/// The inside end of the flow of this number.
fn inside_of(flow: u32) -> SocketAddrV4 {
    let port = u16::try_from(flow % 1000 + 2000).unwrap_or(0);
    SocketAddrV4::new(Ipv4Addr::from(0x0a00_0000 + flow / 1000), port)
}

fn datagram(from: SocketAddrV4, to: SocketAddrV4) -> [u8; 64] {
    let (source, destination) = (*from.ip(), *to.ip());
    let datagram = Udp::new(from.port(), to.port()).datagram(source.into(), destination.into(), &[0; 36]);
    let packet = Ipv4::new(source, destination, ipv4::UDP).packet(&datagram);
    packet.first_chunk().copied().unwrap_or([0; 64])
}

fn server() -> SocketAddrV4 {
    SocketAddrV4::new(SERVER, 53)
}

/// A packet out and one in of each of 4096 flows, whose ends `flow` tells.
fn in_turn(flows: u32, flow: impl Fn(u32) -> (SocketAddrV4, SocketAddrV4)) -> Vec<Packet> {
    let both =
        |(inside, outside)| [(datagram(inside, server()), Side::Inside), (datagram(server(), outside), Side::Outside)];
    (0..flows).step_by((flows as usize / 4096).max(1)).flat_map(|number| both(flow(number))).collect()
}

/// Packets of flows drawn at random, each way as often as the other.
fn drawn(flows: u32, flow: impl Fn(u32) -> (SocketAddrV4, SocketAddrV4)) -> Vec<Packet> {
    let mut random = 1_u64;
    let packet = |_| {
        // Knuth, "The Art of Computer Programming" volume 2, section 3.3.4: a linear congruence, and its high bits.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (inside, outside) = flow(u32::try_from((random >> 33) % u64::from(flows)).unwrap_or(0));
        match random >> 32 & 1 {
            0 => (datagram(inside, server()), Side::Inside),
            _ => (datagram(server(), outside), Side::Outside),
        }
    };
    (0..PACKETS).map(packet).collect()
}

/// Millions of translations in a second, of packets that come so many at once.
fn rate(nat: &mut Nat, packets: &[Packet], burst: usize) -> Result<f64, Box<dyn Error>> {
    let (mut done, mut passed) = (0_u32, 0_u32);
    let mut now = Time::START;
    let start = on_core();
    for packets in packets.chunks(burst).cycle() {
        if done >= ROUNDS {
            break;
        }
        if burst > 1 {
            nat.look_ahead(packets.iter().map(|(packet, side)| (&packet[..], *side)));
        }
        for (packet, side) in packets {
            let mut packet = *packet;
            now = now + Duration::from_nanos(50);
            done += 1;
            passed += u32::from(nat.translate(&mut packet, *side, now) == Verdict::Pass);
        }
    }
    let elapsed = on_core().saturating_sub(start);
    if passed != done {
        return Err(format!("{passed} of {done} passed").into());
    }
    Ok(f64::from(done) / elapsed.as_secs_f64() / 1e6)
}

/// For how long this process has had a core so far: what others on the machine take does not count.
fn on_core() -> Duration {
    let status = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    Duration::from_nanos(status.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0))
}

/// How much memory of this process is in use, bytes; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).map_or(0, |pages| pages * 4096)
}
