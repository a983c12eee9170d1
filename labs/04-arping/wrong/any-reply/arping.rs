// Fails `answer`: whoever answers anybody is taken for the target.
//! Lab 4, solved: ARP by RFC 826, for IPv4 on an Ethernet.

use host::lab::{Lab, LabError};
use host::{Error, Host, Mac, Time};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// From one request to the next.
const SECOND: Duration = Duration::from_secs(1);
/// The `EtherType` of ARP.
const TYPE: [u8; 2] = [0x08, 0x06];
/// What an ARP packet for IPv4 on an Ethernet begins with: hardware type 1, protocol type 0x0800, and both lengths.
const BEGINNING: [u8; 6] = [0, 1, 0x08, 0, 6, 4];

/// What `arping` tells as it happens.
pub enum Event {
    /// A request left.
    Sent,
    /// Somebody says to have the address: with which hardware address, and how long after the request.
    Reply { mac: Mac, after: Duration },
    /// Nobody answered a request before the next one was due.
    Silence,
}

/// How it went.
pub struct Summary {
    /// Requests that left.
    pub sent: u32,
    /// Requests that somebody answered.
    pub answered: u32,
    /// Answers in all.
    pub replies: u32,
}

/// The frame that asks all stations of a link who has `target`, from the station `mac` with the address `addr`.
pub fn request(mac: Mac, addr: Ipv4Addr, target: Ipv4Addr) -> Lab<Vec<u8>> {
    let mut frame = Mac::BROADCAST.0.to_vec();
    frame.extend(mac.0);
    frame.extend(TYPE);
    frame.extend(BEGINNING);
    frame.extend([0, 1]);
    frame.extend(mac.0);
    frame.extend(addr.octets());
    frame.extend([0; 6]);
    frame.extend(target.octets());
    Ok(frame)
}

/// Whether `frame` is a reply by `target`: then the hardware address that it says to have, else `None`.
pub fn answer(frame: &[u8], target: Ipv4Addr) -> Lab<Option<Mac>> {
    let Some((header, arp)) = frame.split_at_checked(14) else { return Ok(None) };
    let Some(arp) = arp.first_chunk::<28>() else { return Ok(None) };
    let is_reply = header.ends_with(&TYPE) && arp.starts_with(&BEGINNING) && arp[6..8] == [0, 2];
    if !is_reply {
        return Ok(None);
    }
    let mut mac = [0; 6];
    mac.copy_from_slice(&arp[8..14]);
    Ok(Some(Mac(mac)))
}

/// Asks for `target` over `interface`, `count` times, a second apart whatever comes, and tells of everything that answers.
///
/// It ends a second after the last request.
pub fn arping(
    host: &mut dyn Host,
    interface: &str,
    target: Ipv4Addr,
    count: u32,
    tell: &mut dyn FnMut(Event),
) -> Lab<Summary> {
    let (mac, addr) = own(host, interface)?;
    let frame = request(mac, addr, target)?;
    let mut link = host.open_link(interface)?;
    let mut summary = Summary { sent: 0, answered: 0, replies: 0 };
    let start = host.now();
    for number in 1..=count {
        let sent = host.now();
        link.send(None, &frame)?;
        summary.sent += 1;
        tell(Event::Sent);
        let until = start + SECOND * number;
        let mut answered = false;
        while let Some(packet) = link.recv(until)? {
            let Some(mac) = answer(&packet.bytes, target)? else { continue };
            answered = true;
            summary.replies += 1;
            tell(Event::Reply { mac, after: packet.at - sent });
        }
        if answered {
            summary.answered += 1;
        } else {
            tell(Event::Silence);
        }
    }
    Ok(summary)
}

/// The hardware address of an interface, and its first IPv4 address.
fn own(host: &mut dyn Host, name: &str) -> Lab<(Mac, Ipv4Addr)> {
    for interface in host.interfaces()?.into_iter().filter(|interface| interface.name == name) {
        let addr = interface.addresses.iter().find_map(|(addr, _)| match addr {
            IpAddr::V4(addr) => Some(*addr),
            IpAddr::V6(_) => None,
        });
        if let (Some(mac), Some(addr)) = (interface.mac, addr) {
            return Ok((mac, addr));
        }
    }
    Err(Error::Other(format!("'{name}' has no hardware address and IPv4 address")).into())
}
