//! The beginning of SSH, by TCP: the line with the version, and behind it the packets that are legible.

use super::address;
use crate::packets::Rng;
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

pub(super) fn packet(rng: &mut Rng) -> Vec<u8> {
    let (client, server) = (address(rng), address(rng));
    let tcp = Tcp { psh: true, ack: true, ..Tcp::new(22, 1024 + rng.u16() % 60_000) };
    let line = rng.pick(&["SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "SSH-2.0-Go\r\n", "SSH-2.0-x-y z\r\n"]);
    let mut data = line.as_bytes().to_vec();
    if rng.once_in(2) {
        let message = kexinit(rng);
        data.extend(binary(rng, &message));
    }
    let segment = tcp.segment(server.into(), client.into(), &[], &data);
    Ipv4::new(server, client, ipv4::TCP).packet(&segment)
}

/// RFC 4253 section 6: what is said, behind both lengths, and padding up to a multiple of 8.
pub(crate) fn binary(rng: &mut Rng, payload: &[u8]) -> Vec<u8> {
    let padding = 4 + (8 - (5 + payload.len() + 4) % 8) % 8;
    let length = (1 + payload.len() + padding) as u32;
    [&length.to_be_bytes()[..], &[padding as u8], payload, &rng.bytes(padding)].concat()
}

/// Bytes behind their length.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

pub(crate) fn kexinit(rng: &mut Rng) -> Vec<u8> {
    let mut message = vec![20];
    message.extend(rng.bytes(16));
    for number in 0..10 {
        let names = match number {
            0 => "curve25519-sha256,ecdh-sha2-nistp256",
            1 => "ssh-ed25519",
            2 | 3 => rng.pick(&["aes128-ctr", "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com"]),
            4 | 5 => "hmac-sha2-256",
            6 | 7 => rng.pick(&["none", "none,zlib"]),
            _ => "",
        };
        message.extend(string(names.as_bytes()));
    }
    message.push(rng.u8() % 2);
    message.extend([0; 4]);
    message
}
