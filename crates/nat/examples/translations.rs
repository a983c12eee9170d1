//! How many translations one core makes in a second of its time, and what a table of a million sessions takes (Linux).
//!
//! ```console
//! $ cargo run --release --package nat --example translations
//! ```

use host::Time;
use nat::{Config, Limits, Nat, Side, Verdict};
use std::error::Error;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

const SERVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
/// How many translations are timed.
const ROUNDS: u32 = 20_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    for flows in [1, 1000, 50_000, 1_000_000] {
        run(flows)?;
    }
    Ok(())
}

/// A datagram of 64 bytes from the flow of this number.
fn packet(flow: u32) -> Vec<u8> {
    let host = Ipv4Addr::from(0x0a00_0000 + flow / 1000);
    let port = u16::try_from(flow % 1000 + 2000).unwrap_or(0);
    let datagram = Udp::new(port, 53).datagram(host.into(), SERVER.into(), &[0; 36]);
    Ipv4::new(host, SERVER, ipv4::UDP).packet(&datagram)
}

fn run(flows: u32) -> Result<(), Box<dyn Error>> {
    let public = (0..20).map(|last| Ipv4Addr::new(203, 0, 113, last)).collect();
    let limits = Limits { sessions: flows.max(1000), ..Limits::default() };
    let mut nat = Nat::new(Config { public, limits, ..Config::new(SERVER) })?;
    let before = resident();
    let mut out = vec![];
    let start = on_core();
    for flow in 0..flows {
        let mut packet = packet(flow);
        let verdict = nat.translate(&mut packet, Side::Inside, Time::START);
        if verdict != Verdict::Pass {
            return Err(format!("flow {flow}: {verdict:?}").into());
        }
        // What is timed below is a packet each way of each of 4096 flows in turn, far from each other in the table.
        if flow % (flows / 4096).max(1) == 0 {
            out.push((self::packet(flow), packet));
        }
    }
    let opened = on_core().saturating_sub(start);
    let taken = resident().saturating_sub(before);
    let mut ways: Vec<(Vec<u8>, Side)> = vec![];
    for (sent, out) in out {
        let (header, _, datagram, _) = Ipv4::parse(&out)?;
        let (udp, data, _) = Udp::parse(datagram)?;
        let (source, destination) = (header.destination.into(), header.source.into());
        let back = Udp::new(udp.destination_port, udp.source_port).datagram(source, destination, data);
        ways.push((sent, Side::Inside));
        ways.push((Ipv4::new(header.destination, header.source, ipv4::UDP).packet(&back), Side::Outside));
    }
    let (mut done, mut passed) = (0_u32, 0_u32);
    let mut buffer = [0; 64];
    let start = on_core();
    'rounds: loop {
        for (packet, side) in &ways {
            if done == ROUNDS {
                break 'rounds;
            }
            done += 1;
            buffer.copy_from_slice(packet);
            let now = Time::START + Duration::from_nanos(u64::from(done) * 50);
            passed += u32::from(nat.translate(&mut buffer, *side, now) == Verdict::Pass);
        }
    }
    let elapsed = on_core().saturating_sub(start);
    if passed != done {
        return Err(format!("{passed} of {done} passed").into());
    }
    println!(
        "{flows} sessions: {:.1} M translations/s, {:.2} µs to open one, table {:.1} MiB of which {:.1} resident",
        f64::from(done) / elapsed.as_secs_f64() / 1e6,
        opened.as_secs_f64() * 1e6 / f64::from(flows),
        f64::from(u32::try_from(nat.bytes() >> 10)?) / 1024.0,
        f64::from(u32::try_from(taken >> 10)?) / 1024.0,
    );
    Ok(())
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
