//! DHCP messages.

use super::{Rng, address, mac};
use std::net::Ipv4Addr;
use wire::dhcp::options::{
    self, BROADCAST_ADDRESS, CLIENT_IDENTIFIER, DNS_SERVER, DOMAIN_NAME, DhcpOption, HOST_NAME, INTERFACE_MTU,
    LEASE_TIME, MAXIMUM_MESSAGE_SIZE, MESSAGE, MESSAGE_TYPE, NTP_SERVER, PARAMETER_REQUEST_LIST, REBINDING_TIME,
    RENEWAL_TIME, REQUESTED_ADDRESS, ROUTER, SERVER_IDENTIFIER, SUBNET_MASK, VENDOR_CLASS,
};
use wire::dhcp::{BOOTREPLY, CLIENT_PORT, Dhcp, SERVER_PORT};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// A message in its IPv4 packet, from a client or from a server.
pub(super) fn packet(rng: &mut Rng) -> Vec<u8> {
    let kind = 1 + rng.u8() % 8;
    let is_reply = [options::OFFER, options::ACK, options::NAK].contains(&kind);
    let server = address(rng);
    let data = data(rng, kind, server);
    let list: Vec<DhcpOption<'_>> = data
        .iter()
        .enumerate()
        .filter(|(at, _)| *at == 0 || !rng.once_in(3))
        .map(|(_, (code, data))| DhcpOption { code: *code, data })
        .collect();
    let client = Dhcp::from_client(mac(rng), rng.next() as u32);
    let mut dhcp = Dhcp { secs: rng.u8().into(), broadcast: rng.once_in(2), hops: rng.u8() % 3, ..client };
    if rng.once_in(4) {
        dhcp.giaddr = address(rng);
    }
    if is_reply {
        (dhcp.op, dhcp.yiaddr, dhcp.siaddr) = (BOOTREPLY, address(rng), server);
        dhcp.sname[..7].copy_from_slice(b"first.x");
        dhcp.file[..8].copy_from_slice(b"boot/img");
    } else if rng.once_in(2) {
        dhcp.ciaddr = address(rng);
    }
    let message = dhcp.message(&list);
    let (from, to) = if is_reply { (server, dhcp.yiaddr) } else { (Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST) };
    let (source, destination) = if is_reply { (SERVER_PORT, CLIENT_PORT) } else { (CLIENT_PORT, SERVER_PORT) };
    let datagram = Udp::new(source, destination).datagram(from.into(), to.into(), &message);
    Ipv4::new(from, to, ipv4::UDP).packet(&datagram)
}

/// One option of each kind, the message type first.
fn data(rng: &mut Rng, kind: u8, server: Ipv4Addr) -> Vec<(u8, Vec<u8>)> {
    let number = rng.next() as u32 >> 8;
    let two = [address(rng).octets(), address(rng).octets()].concat();
    vec![
        (MESSAGE_TYPE, vec![kind]),
        (SUBNET_MASK, vec![255, 255, 255, 0]),
        (ROUTER, server.octets().to_vec()),
        (DNS_SERVER, two.clone()),
        (HOST_NAME, b"client-7".to_vec()),
        (DOMAIN_NAME, b"example.org".to_vec()),
        (INTERFACE_MTU, 1400u16.to_be_bytes().to_vec()),
        (BROADCAST_ADDRESS, vec![10, 0, 0, 255]),
        (NTP_SERVER, two),
        (REQUESTED_ADDRESS, address(rng).octets().to_vec()),
        (LEASE_TIME, number.to_be_bytes().to_vec()),
        (SERVER_IDENTIFIER, server.octets().to_vec()),
        (PARAMETER_REQUEST_LIST, vec![1, 3, 6, 15, 26, 28, 42, 51, 58, 59]),
        (MESSAGE, b"no lease".to_vec()),
        (MAXIMUM_MESSAGE_SIZE, 1500u16.to_be_bytes().to_vec()),
        (RENEWAL_TIME, (number / 2).to_be_bytes().to_vec()),
        (REBINDING_TIME, (number / 8 * 7).to_be_bytes().to_vec()),
        (VENDOR_CLASS, b"first-hop 1".to_vec()),
        (CLIENT_IDENTIFIER, [&[1][..], &mac(rng).0].concat()),
        (250, vec![1, 2, 3]),
    ]
}
