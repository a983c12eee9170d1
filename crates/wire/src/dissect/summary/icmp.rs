//! ICMP of both versions, and what errors are about.

use super::addresses;
use crate::dissect::meaning::{code_words, code_words_v6};
use crate::dissect::{Layer, Protocol};
use crate::icmp::{self, Echo, Icmp, Redirect, Unreachable};
use crate::icmpv6::{self, Icmpv6, NeighborAdvertisement, NeighborSolicitation, PacketTooBig};
use std::fmt::{self, Formatter};

pub(super) fn icmp(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let Ok((icmp, rest)) = Icmp::take(layer.bytes()) else { return f.write_str(" ICMP, cut short") };
    f.write_str(" ICMP ")?;
    let kind = Icmp::FIELDS.first().and_then(|row| row.name_of(icmp.kind.into()));
    if icmp.kind == icmp::ECHO_REQUEST || icmp.kind == icmp::ECHO_REPLY {
        return echo(f, kind.unwrap_or_default(), rest);
    }
    match (icmp.kind, kind, code_words(icmp.kind, icmp.code.into())) {
        (icmp::UNREACHABLE, _, Some(code)) => f.write_str(code)?,
        (icmp::TIME_EXCEEDED | icmp::PARAMETER_PROBLEM | icmp::REDIRECT, Some(kind), Some(code)) => {
            write!(f, "{kind}, {code}")?;
        }
        (_, Some(kind), _) if icmp.code == 0 => f.write_str(kind)?,
        (_, Some(kind), _) => write!(f, "{kind}, code {}", icmp.code)?,
        (kind, None, _) => write!(f, "type {kind} code {}", icmp.code)?,
    }
    match (icmp.kind, icmp.code) {
        (icmp::UNREACHABLE, 4) => {
            if let Ok((word, _)) = Unreachable::take(rest) {
                write!(f, ", MTU {}", word.next_hop_mtu)?;
            }
        }
        (icmp::REDIRECT, _) => {
            if let Ok((word, _)) = Redirect::take(rest) {
                write!(f, ", go by {}", word.gateway)?;
            }
        }
        _ => {}
    }
    about(f, layer)
}

pub(super) fn icmpv6(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let Ok((icmp, rest)) = Icmpv6::take(layer.bytes()) else { return f.write_str(" ICMPv6, cut short") };
    f.write_str(" ICMPv6 ")?;
    let kind = Icmpv6::FIELDS.first().and_then(|row| row.name_of(icmp.kind.into()));
    match (icmp.kind, kind, code_words_v6(icmp.kind, icmp.code.into())) {
        (icmpv6::ECHO_REQUEST | icmpv6::ECHO_REPLY, Some(kind), _) => return echo(f, kind, rest),
        (icmpv6::NEIGHBOR_SOLICITATION, Some(kind), _) => match NeighborSolicitation::take(rest) {
            Ok((body, _)) => return write!(f, "{kind}, who has {}?", body.target),
            Err(_) => f.write_str(kind)?,
        },
        (icmpv6::NEIGHBOR_ADVERTISEMENT, Some(kind), _) => match NeighborAdvertisement::take(rest) {
            Ok((body, _)) => {
                write!(f, "{kind}, {} is ", body.target)?;
                return match layer.field("target_link_layer_address") {
                    Some(station) => write!(f, "at {}", station.shown()),
                    None => f.write_str("here"),
                };
            }
            Err(_) => f.write_str(kind)?,
        },
        (icmpv6::PACKET_TOO_BIG, Some(kind), _) => match PacketTooBig::take(rest) {
            Ok((word, _)) => write!(f, "{kind}, MTU {}", word.mtu)?,
            Err(_) => f.write_str(kind)?,
        },
        (icmpv6::UNREACHABLE, _, Some(code)) => f.write_str(code)?,
        (_, Some(kind), Some(code)) => write!(f, "{kind}, {code}")?,
        (icmpv6::ROUTER_ADVERTISEMENT, Some(kind), _) => {
            f.write_str(kind)?;
            for prefix in layer.fields().filter(|field| field.name() == "prefix_information") {
                write!(f, ", {}", prefix.shown())?;
            }
        }
        (_, Some(kind), _) => f.write_str(kind)?,
        (kind, None, _) => write!(f, "type {kind} code {}", icmp.code)?,
    }
    about(f, layer)
}

fn echo(f: &mut Formatter<'_>, kind: &str, rest: &[u8]) -> fmt::Result {
    match Echo::take(rest) {
        Ok((echo, _)) => write!(f, "{kind} {}", echo.sequence),
        Err(_) => write!(f, "{kind}, cut short"),
    }
}

/// The packet that an error is about.
fn about(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let mut quoted = layer.dissection.layers().filter(|layer| layer.is_quoted());
    let Some(ip) = quoted.next() else { return Ok(()) };
    f.write_str(", about ")?;
    addresses(f, ip)?;
    let Some(inside) = quoted
        .find(|layer| matches!(layer.protocol(), Protocol::Udp | Protocol::Tcp | Protocol::Icmp | Protocol::Icmpv6))
    else {
        return Ok(());
    };
    let bytes = inside.bytes();
    match (inside.protocol(), bytes) {
        (protocol @ (Protocol::Udp | Protocol::Tcp), [a, b, c, d, ..]) => {
            write!(f, " {protocol} {} > {}", u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]))
        }
        (protocol, [icmp::ECHO_REQUEST | icmpv6::ECHO_REQUEST, _, _, _, rest @ ..]) => {
            write!(f, " {protocol} ")?;
            echo(f, "echo request", rest)
        }
        (protocol, _) => write!(f, " {protocol}"),
    }
}
