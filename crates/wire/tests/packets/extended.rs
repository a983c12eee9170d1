//! ICMP errors with extensions.

use super::{Layer, Rng, Sample};
use std::net::IpAddr;
use wire::extensions::{self, InterfaceInformation, LEAST_DATAGRAM, LabelStackEntry, Object, Role};
use wire::icmp;

/// The error with objects behind the quote; now and then in the form of routers that know no length of it.
pub(super) fn error(rng: &mut Rng, kind: u8, code: u8, word: [u8; 4], mut quoted: Sample) -> Sample {
    let payload = rng.bytes(8);
    let objects: Vec<Object<'_>> = (0..rng.below(3) + 1).map(|_| object(rng, &payload)).collect();
    let message = if rng.once_in(4) {
        quoted.bytes.resize(LEAST_DATAGRAM, 0);
        icmp::message(kind, code, word, &[quoted.bytes, extensions::structure(&objects)].concat())
    } else {
        extensions::message(kind, code, word, &quoted.bytes, &objects)
    };
    let structure = message.len() - 8 - extensions::structure(&objects).len();
    quoted.bytes = message[8..].to_vec();
    quoted.layers.push((Layer::Extensions, structure));
    quoted.behind(Layer::Icmp, &message[..8])
}

fn object<'a>(rng: &mut Rng, payload: &'a [u8]) -> Object<'a> {
    match rng.below(5) {
        0 | 1 => Object::LabelStack((0..rng.below(3) + 1).map(|_| entry(rng)).collect()),
        2 | 3 => Object::Interface(interface(rng)),
        // A class for private use.
        _ => Object::Other { class_num: 247, c_type: rng.u8(), payload },
    }
}

fn entry(rng: &mut Rng) -> LabelStackEntry {
    let label = (rng.next() >> 44) as u32;
    LabelStackEntry { label, traffic_class: rng.u8() % 8, bottom_of_stack: rng.once_in(2), ttl: rng.u8() }
}

fn interface(rng: &mut Rng) -> InterfaceInformation<'static> {
    let v6: [u8; 16] = std::array::from_fn(|_| rng.u8());
    let address = if rng.once_in(4) { IpAddr::from(v6) } else { rng.address().into() };
    let name: &[u8] = rng.pick(&[&b"e0"[..], b"eth0", b"ge-0/0/1.100"]);
    InterfaceInformation {
        role: rng.pick(&[Role::Incoming, Role::SubIpIncoming, Role::Outgoing, Role::NextHop]),
        if_index: rng.once_in(2).then(|| rng.next() as u32),
        address: (!rng.once_in(4)).then_some(address),
        name: rng.once_in(2).then_some(name),
        mtu: rng.once_in(2).then(|| 68 + u32::from(rng.u16())),
    }
}
