//! Messages of the name system, by UDP and by TCP.

use super::{address, messages};
use crate::packets::Rng;
use wire::dns::{PORT, framing};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::udp::Udp;

pub(super) fn packet(rng: &mut Rng) -> Vec<u8> {
    let (client, server) = (address(rng), address(rng));
    let message = messages::message(rng).bytes();
    let port = 1024 + rng.u16() % 60_000;
    if rng.once_in(4) {
        let tcp = Tcp { psh: true, ack: true, ..Tcp::new(port, PORT) };
        // Now and then two in a segment.
        let mut stream = framing::framed(&message);
        if rng.once_in(3) {
            stream.extend(framing::framed(&messages::message(rng).bytes()));
        }
        return Ipv4::new(client, server, ipv4::TCP).packet(&tcp.segment(client.into(), server.into(), &[], &stream));
    }
    let udp = Udp::new(PORT, port).datagram(server.into(), client.into(), &message);
    Ipv4::new(server, client, ipv4::UDP).packet(&udp)
}
