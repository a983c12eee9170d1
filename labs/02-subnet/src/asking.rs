//! Handed out: asks a link whose hardware address is behind an IPv4 address. How that works, lab 4 tells.

use host::lab::Lab;
use host::{Host, Interface, Mac};
use std::net::Ipv4Addr;
use std::time::Duration;

/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// What an ARP packet for IPv4 on an Ethernet begins with.
const BEGINNING: [u8; 6] = [0, 1, 8, 0, 6, 4];

/// Asks over `interface`, from its address `own`. `None`: nobody answered.
pub fn who_has(host: &mut dyn Host, interface: &Interface, own: Ipv4Addr, target: Ipv4Addr) -> Lab<Option<Mac>> {
    let Some(Mac(mac)) = interface.mac else { return Ok(None) };
    let mut link = host.open_link(&interface.name)?;
    let header = [&[0xff; 6][..], &mac, &[0x08, 0x06], &BEGINNING, &[0, 1]].concat();
    link.send(None, &[&header[..], &mac, &own.octets(), &[0; 6], &target.octets()].concat())?;
    let until = host.now() + PATIENCE;
    while let Some(packet) = link.recv(until)? {
        let Some(Some((header, arp))) = packet.bytes.get(..42).map(|arp| arp.split_at_checked(14)) else { continue };
        let is_reply = header.ends_with(&[8, 6]) && arp.starts_with(&BEGINNING) && arp.get(6..8) == Some(&[0, 2]);
        if is_reply && arp.get(14..18) == Some(&target.octets()) {
            let mut mac = [0; 6];
            mac.iter_mut().zip(arp.iter().skip(8)).for_each(|(byte, came)| *byte = *came);
            return Ok(Some(Mac(mac)));
        }
    }
    Ok(None)
}
