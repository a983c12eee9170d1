//! Records of TLS, by TCP.

use super::{address, records};
use crate::packets::Rng;
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::tls::HTTPS_PORT;

pub(super) fn packet(rng: &mut Rng) -> Vec<u8> {
    let (client, server) = (address(rng), address(rng));
    let tcp = Tcp { psh: true, ack: true, ..Tcp::new(1024 + rng.u16() % 60_000, HTTPS_PORT) };
    let segment = tcp.segment(client.into(), server.into(), &[], &records::segment(rng));
    Ipv4::new(client, server, ipv4::TCP).packet(&segment)
}
