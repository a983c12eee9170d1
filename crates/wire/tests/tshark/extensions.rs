//! What tshark must say of the extensions behind an ICMP quote.

use crate::expected::{Counters, Value, hex, num};
use crate::facts::Word;
use std::net::IpAddr;
use wire::extensions::{InterfaceInformation, LEAST_DATAGRAM, Object, Role};
use wire::icmp;

/// Adds what is expected of the message of this kind, second word and data.
pub(crate) fn expected(list: &mut Vec<(&'static str, usize, Value)>, kind: u8, word: &Word, data: &[u8]) {
    let Word::Bytes(word) = word else { return };
    let message = icmp::message(kind, 0, *word, data);
    let (_, message) = icmp::parse(&message).expect("it was parsed before");
    let Some(extensions) = message.quoted().and_then(|quoted| quoted.extensions) else {
        // Where no length tells, it takes all that is behind 128 bytes for extensions, whatever version and checksum say.
        if data.len() <= LEAST_DATAGRAM {
            list.push(("icmp.ext.version", 0, Value::Absent));
        }
        return;
    };
    list.push(("icmp.ext.version", 0, num(extensions.header.version)));
    list.push(("icmp.ext.checksum", 0, num(extensions.header.checksum)));
    list.push(("icmp.ext.checksum.status", 0, num(extensions.is_intact())));
    let mut seen = Counters::default();
    for object in extensions.objects() {
        match object.expect("the objects of the tests are valid") {
            Object::LabelStack(entries) => {
                seen.next(list, "icmp.ext.class", 1u8);
                seen.next(list, "icmp.ext.ctype", 1u8);
                seen.next(list, "icmp.ext.length", 4 + 4 * entries.len() as u64);
                for entry in entries {
                    seen.next(list, "icmp.mpls.label", entry.label);
                    seen.next(list, "icmp.mpls.exp", entry.traffic_class);
                    seen.next(list, "icmp.mpls.s", entry.bottom_of_stack);
                    seen.next(list, "icmp.mpls.ttl", entry.ttl);
                }
            }
            Object::Interface(interface) => {
                seen.next(list, "icmp.ext.class", 2u8);
                self::interface(list, &mut seen, &interface);
            }
            Object::Other { class_num, c_type, payload } => {
                seen.next(list, "icmp.ext.class", class_num);
                seen.next(list, "icmp.ext.ctype", c_type);
                seen.next(list, "icmp.ext.length", 4 + payload.len() as u64);
                seen.value(list, "icmp.ext.data", hex(payload, ""));
            }
        }
    }
}

fn interface(list: &mut Vec<(&'static str, usize, Value)>, seen: &mut Counters, interface: &InterfaceInformation<'_>) {
    let role = match interface.role {
        Role::Incoming => 0u8,
        Role::SubIpIncoming => 1,
        Role::Outgoing => 2,
        Role::NextHop => 3,
    };
    let flags =
        [interface.if_index.is_some(), interface.address.is_some(), interface.name.is_some(), interface.mtu.is_some()];
    seen.next(list, "icmp.ext.ctype", flags.iter().fold(role << 2, |c_type, flag| c_type << 1 | u8::from(*flag)));
    seen.next(list, "icmp.ext.length", length(interface));
    seen.next(list, "icmp.int_info.role", role);
    if let Some(index) = interface.if_index {
        seen.next(list, "icmp.int_info.index", index);
    }
    match interface.address {
        Some(IpAddr::V4(address)) => {
            seen.next(list, "icmp.int_info.afi", 1u8);
            seen.value(list, "icmp.int_info.ipv4", Value::Text(address.to_string()));
        }
        Some(IpAddr::V6(address)) => {
            seen.next(list, "icmp.int_info.afi", 2u8);
            seen.value(list, "icmp.int_info.ipv6", Value::Text(address.to_string()));
        }
        None => {}
    }
    // Name and MTU are left out: versions of tshark before 4.4 look for them where the address is.
}

fn length(interface: &InterfaceInformation<'_>) -> u64 {
    let address = interface.address.map_or(0, |address| if address.is_ipv4() { 8 } else { 20 });
    let name = interface.name.map_or(0, |name| (1 + name.len()).next_multiple_of(4));
    let numbers = [interface.if_index, interface.mtu].into_iter().flatten().count() * 4;
    (4 + address + name + numbers) as u64
}
