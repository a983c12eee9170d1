//! Pings as fast as replies come, and says how fast that was: `flood ADDRESS COUNT`.
//!
//! What `ping -q -f -c COUNT ADDRESS` does: the next request leaves when the reply is there, or after 10 ms.

use host::{Host, Result};
use std::net::Ipv4Addr;
use std::time::Duration;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let to: Ipv4Addr = arguments.next().ok_or("an address is missing")?.parse()?;
    let count: u32 = arguments.next().ok_or("a count is missing")?.parse()?;
    let mut host = live::Live::new(live::Stop::on_signals()?);
    println!("{}", flood(&mut host, to, count)?);
    Ok(())
}

#[cfg(not(unix))]
fn main() {}

/// Pings `to` and tells how it went.
#[cfg_attr(not(unix), expect(dead_code, reason = "there is no machine to ask"))]
fn flood(host: &mut dyn Host, to: Ipv4Addr, count: u32) -> Result<String> {
    let mut socket = host.open_ping(&[])?;
    let identifier = socket.local().port();
    let (start, mut received, mut slowest, mut sum) = (host.now(), 0_u32, Duration::ZERO, Duration::ZERO);
    for sequence in 0..count {
        let [_, _, high, low] = sequence.to_be_bytes();
        let request = wire::icmp::echo_request(identifier, u16::from_be_bytes([high, low]), &[0x5a; 56]);
        let sent = host.now();
        socket.send(Some((to, 0).into()), &request)?;
        if let Some(packet) = socket.recv(sent + Duration::from_millis(10))? {
            received += 1;
            slowest = slowest.max(packet.at - sent);
            sum += packet.at - sent;
        }
    }
    let time = host.now() - start;
    Ok(format!(
        "{received} of {count} in {} ms, {:.0} a second; round trip {:?} on average, {slowest:?} at most",
        time.as_millis(),
        f64::from(received) / time.as_secs_f64(),
        sum / received.max(1),
    ))
}
