//! Frames, tags, ARP.

use super::Field;
use crate::arp::{Arp, REPLY, REQUEST};
use crate::fields::Bits;
use crate::{Mac, ethernet};

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    let station = Mac::from_bits(value);
    Some(match field.name() {
        "destination" if station == Mac::BROADCAST => format!("to {shown}: every station on the link"),
        "destination" if station.is_group() => format!("to {shown}: a group of stations"),
        "destination" => format!("to {shown}"),
        "source" => format!("from {shown}"),
        "ethertype" if value < ethernet::LEAST_TYPE.into() => {
            format!("length {value}: below 1536, so this is a frame of IEEE 802.3 without a type")
        }
        "ethertype" => match shown.split_once(' ') {
            Some((number, name)) => format!("EtherType {number}: {name} follows"),
            None => format!("EtherType {shown}: none that is known here"),
        },
        "priority" => format!("priority {value}: of eight, 0 is the ordinary one"),
        "drop_eligible" if value == 1 => "may be dropped first where a queue is full".into(),
        "drop_eligible" => "not to be dropped before others".into(),
        "vlan" if value == 0 => "VLAN 0: none, the tag is for the priority only".into(),
        "vlan" => format!("VLAN {value}: the virtual LAN that the frame belongs to"),
        "hardware_type" if value == 1 => "hardware type 1: addresses of Ethernet".into(),
        "protocol_type" if value == 0x0800 => "protocol type 0x0800: addresses of IPv4".into(),
        "hardware_length" => format!("hardware length {value}: bytes of a station's address"),
        "protocol_length" => format!("protocol length {value}: bytes of an IPv4 address"),
        "operation" => operation(field),
        "sender_mac" => format!("sender {shown}"),
        "sender" if value == 0 => format!("sender {shown}: a probe, so that it spoils nobody's table"),
        "sender" => format!("sender {shown}: who hears this may learn the pair"),
        "target_mac" if value == 0 => format!("target {shown}: what is asked for"),
        "target_mac" => format!("target {shown}"),
        "target" => format!("target {shown}"),
        _ => return None,
    })
}

/// Of what Linux puts in front of a captured packet.
pub(super) fn cooked(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    let name = field.value_name();
    Some(match (field.name(), name) {
        ("packet_type", Some(name)) => format!("packet type {value}: {name}"),
        ("hardware_type", Some(name)) => format!("kind of interface {value}: {name}"),
        ("hardware_type", None) => format!("kind of interface {value}"),
        ("address_length", _) => format!("address length {value}: bytes of it that mean something"),
        ("address", _) => format!("from {shown}"),
        ("interface_index", _) => format!("interface index {value}: the interface's number"),
        ("protocol", Some(name)) => format!("protocol {value:#06x}: {name} follows"),
        ("protocol", None) => format!("protocol {shown}: none that is known here"),
        _ => return None,
    })
}

fn operation(field: &Field<'_>) -> String {
    let arp = Arp::take(field.layer().bytes()).map(|(arp, _)| arp);
    match (field.number(), arp) {
        (_, Ok(arp)) if arp.is_probe() => "operation 1: request, to see whether the address is free".into(),
        (_, Ok(arp)) if arp.is_announcement() => {
            format!("operation {}: {} is here, whoever wants to know", arp.operation, arp.sender)
        }
        (number, Ok(arp)) if number == u64::from(REQUEST) => {
            format!("operation 1: request, who has {}? tell {}", arp.target, arp.sender)
        }
        (number, Ok(arp)) if number == u64::from(REPLY) => {
            format!("operation 2: reply, {} is at {}", arp.sender, arp.sender_mac)
        }
        (number, _) => format!("operation {number}"),
    }
}
