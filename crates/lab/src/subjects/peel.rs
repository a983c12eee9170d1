//! Lab 1: from a frame to what the application sent (RFC 894, RFC 791, RFC 768, RFC 9293).
//!
//! Each check's inputs differ in its subject only: no options where the ports are asked for, no padding where the header's length
//! is. So who has one thing wrong loses one check.

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, Expected};
use host::lab::Value;
use wire::Mac;
use wire::ethernet::{self, Ethernet, Tag};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::udp::Udp;

const ETHERNET: &str = "RFC 894: destination, source, type, and then the data; the types are those of RFC 9542";
const TAGGED: &str =
    "IEEE 802.1Q: 8100, then 3 bits of priority, a flag and 12 bits of number, then the type of the data";
const HEADER: &str = "RFC 791 section 3.1: the header's figure";
const IHL: &str = "RFC 791 section 3.1: IHL is the header's length in words of 32 bits, options included";
const TOTAL: &str =
    "RFC 791 section 3.1: the total length counts header and data; RFC 894: what is behind it is padding";
const PORTS: &str = "RFC 768 and RFC 9293 section 3.1: source port, then destination port, each of 16 bits";
const NONE: &str =
    "RFC 791 section 3.2: only the fragment with offset 0 has the header of what it carries; ICMP has no ports";
const OFFSET: &str = "RFC 9293 section 3.1: the data offset is the length of TCP's header in words of 32 bits";
const ALL: &str = "each layer says where the next one begins, and IP where it ends";
const CUT: &str = "what is not there cannot be read, and a length may be a lie";

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "ethernet" => ethernet(draw),
        "vlan" => vlan(draw),
        "ip-fields" => ip_fields(draw),
        "ip-header-length" => ip_header_length(draw),
        "ip-total-length" => ip_total_length(draw),
        "ports" => ports(draw),
        "tcp-data-offset" => tcp_data_offset(draw),
        "truncated" => truncated(draw),
        _ => return None,
    };
    Some(vec![Part::Asks(asks)])
}

fn ask(function: &'static str, bytes: Vec<u8>, expected: Expected, why: &'static str) -> Ask {
    Ask { function, arguments: vec![("bytes", bytes.into())], expected, why }
}

fn station(draw: &mut Draw) -> Mac {
    let mut octets = [0; 6];
    octets.iter_mut().for_each(|octet| *octet = draw.byte());
    Mac(octets)
}

fn header(draw: &mut Draw, ethertype: u16) -> Ethernet {
    Ethernet { destination: station(draw), source: station(draw), ethertype }
}

/// A frame without padding, and what its parts are.
fn framed(header: Ethernet, tag: Option<Tag>, payload: &[u8]) -> (Vec<u8>, Value) {
    let inner = tag.map_or(header.ethertype, |tag| tag.ethertype);
    let outer = Ethernet { ethertype: if tag.is_some() { ethernet::TAG } else { inner }, ..header };
    let tagged = tag.map(|tag| tag.bytes().to_vec()).unwrap_or_default();
    let record = Value::record(
        "frame",
        [
            ("dst", text(header.destination)),
            ("src", text(header.source)),
            ("vlan", tag.map(|tag| tag.vlan).into()),
            ("ethertype", Value::Word(inner)),
            ("payload", payload.into()),
        ],
    );
    ([&outer.bytes()[..], &tagged, payload].concat(), record)
}

fn text(mac: Mac) -> Value {
    mac.to_string().as_str().into()
}

fn ethernet(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for length in [0, 1, 2, 28, 46, 100, 1500] {
        for ethertype in [ethernet::IPV4, ethernet::ARP, ethernet::IPV6] {
            let (bytes, record) = framed(header(&mut draw, ethertype), None, &draw.bytes(length));
            asks.push(ask("frame", bytes, Expected::Is(record), ETHERNET));
        }
    }
    asks
}

fn vlan(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for priority in 0..8 {
        for drop_eligible in [false, true] {
            // Whose priority is 0 has a number that looks the same with it and without.
            let vlan = 1 + draw.word() % 4094;
            let tag = Tag { priority, drop_eligible, vlan, ethertype: ethernet::IPV4 };
            let plain = header(&mut draw, ethernet::IPV4);
            let payload = draw.bytes(46);
            let (bytes, record) = framed(plain, Some(tag), &payload);
            asks.push(ask("frame", bytes, Expected::Is(record), TAGGED));
            let (bytes, record) = framed(plain, None, &payload);
            asks.push(ask("frame", bytes, Expected::Is(record), TAGGED));
        }
    }
    asks
}

/// A header of a whole packet between two hosts.
fn drawn(draw: &mut Draw, protocol: u8) -> Ipv4 {
    let (ttl, identification) = (1 + draw.byte() % 255, draw.word());
    Ipv4 { ttl, identification, ..Ipv4::new(draw.address(), draw.address(), protocol) }
}

fn fields(header: &Ipv4) -> Value {
    Value::record(
        "packet",
        [
            ("src", header.source.into()),
            ("dst", header.destination.into()),
            ("ttl", header.ttl.into()),
            ("protocol", header.protocol.into()),
            ("first", (header.fragment_offset == 0).into()),
        ],
    )
}

fn ip_fields(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for length in (0..=16).step_by(8) {
        for protocol in [ipv4::ICMP, ipv4::TCP, ipv4::UDP, 89] {
            let whole = drawn(&mut draw, protocol);
            let offset = 1 + draw.word() % 8191;
            let variants = [
                whole,
                Ipv4 { dont_fragment: true, ..whole },
                Ipv4 { more_fragments: true, ..whole },
                Ipv4 { more_fragments: true, fragment_offset: offset, ..whole },
                Ipv4 { fragment_offset: offset, ..whole },
                // The offset's low byte is zero, and then its high one.
                Ipv4 { fragment_offset: 0x0100, ..whole },
                Ipv4 { fragment_offset: 0x0001, ..whole },
            ];
            for header in variants {
                let packet = header.packet(&draw.bytes(length));
                asks.push(ask("packet fields", packet, Expected::Is(fields(&header)), HEADER));
            }
        }
    }
    asks
}

/// A packet with options of no effect, as many words as said.
fn with_options(header: &Ipv4, words: usize, payload: &[u8]) -> Vec<u8> {
    let options = vec![1; words * 4];
    [&header.sealed(&options, payload.len()).bytes(), &options[..], payload].concat()
}

fn ip_header_length(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for length in [1, 8, 40] {
        for words in 0..=10 {
            let (header, payload) = (drawn(&mut draw, ipv4::UDP), draw.bytes(length));
            let packet = with_options(&header, words, &payload);
            asks.push(ask("packet payload", packet, Expected::Is(payload.into()), IHL));
        }
    }
    asks
}

fn ip_total_length(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for length in 0..=30 {
        let mut bytes = drawn(&mut draw, ipv4::UDP).packet(&draw.bytes(length));
        let end = bytes.len();
        // Padding need not be zeros: RFC 894 asks for it, and not every card obeys.
        let padding = 46_usize.saturating_sub(end);
        bytes.extend(if length % 2 == 0 { vec![0; padding] } else { draw.bytes(padding) });
        asks.push(ask("packet payload ends", bytes, Expected::Is(end.into()), TOTAL));
    }
    asks
}

/// A segment or datagram between drawn ports, with so many words of options in TCP's header; and what its parts are.
fn segment(draw: &mut Draw, ip: &Ipv4, words: usize, data: &[u8]) -> (Vec<u8>, Value) {
    let (source_port, destination_port) = (draw.word(), draw.word());
    let (from, to) = (ip.source.into(), ip.destination.into());
    let bytes = if ip.protocol == ipv4::TCP {
        let tcp = Tcp { sequence_number: draw.word().into(), ack: true, ..Tcp::new(source_port, destination_port) };
        tcp.segment(from, to, &vec![1; words * 4], data)
    } else {
        Udp::new(source_port, destination_port).datagram(from, to, data)
    };
    let fields = [("src_port", source_port.into()), ("dst_port", destination_port.into()), ("payload", data.into())];
    (bytes, Value::record("segment", fields))
}

fn segment_ask(protocol: u8, bytes: Vec<u8>, expected: Expected, why: &'static str) -> Ask {
    let arguments = vec![("protocol", protocol.into()), ("bytes", bytes.into())];
    Ask { function: "segment", arguments, expected, why }
}

fn ports(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for length in [0, 1, 2, 40, 1000] {
        for protocol in [ipv4::UDP, ipv4::TCP] {
            let (ip, data) = (drawn(&mut draw, protocol), draw.bytes(length));
            let (bytes, record) = segment(&mut draw, &ip, 0, &data);
            asks.push(segment_ask(protocol, bytes, Expected::Is(record), PORTS));
        }
    }
    // Longer than the shortest frame, so that there is no padding.
    let (ip, data) = (drawn(&mut draw, ipv4::UDP), draw.bytes(64));
    let (payload, _) = segment(&mut draw, &ip, 0, &data);
    let packets = [
        (ip, true),
        (Ipv4 { more_fragments: true, ..ip }, true),
        (Ipv4 { more_fragments: true, fragment_offset: 1 + draw.word() % 8000, ..ip }, false),
        (Ipv4 { fragment_offset: 185, ..ip }, false),
        (Ipv4 { fragment_offset: 185, protocol: ipv4::TCP, ..ip }, false),
        (Ipv4 { protocol: ipv4::ICMP, ..ip }, false),
    ];
    for (ip, has_ports) in packets {
        let (frame, _) = framed(header(&mut draw, ethernet::IPV4), None, &ip.packet(&payload));
        asks.push(ask("application is some", frame, Expected::Is(has_ports.into()), NONE));
    }
    let (frame, _) = framed(header(&mut draw, ethernet::ARP), None, &ip.packet(&payload));
    asks.push(ask("application is some", frame, Expected::Is(false.into()), NONE));
    asks
}

/// A header of 20 bytes with another data offset, and nothing behind it.
fn beyond(draw: &mut Draw, data_offset: u8) -> Ask {
    let lie = Tcp { data_offset, ..Tcp::new(draw.word(), draw.word()) };
    segment_ask(ipv4::TCP, lie.bytes().to_vec(), Expected::Malformed, CUT)
}

fn tcp_data_offset(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for length in [1, 2, 100] {
        for words in 0..=10 {
            let (ip, data) = (drawn(&mut draw, ipv4::TCP), draw.bytes(length));
            let (bytes, record) = segment(&mut draw, &ip, words, &data);
            asks.push(segment_ask(ipv4::TCP, bytes, Expected::Is(record), OFFSET));
        }
    }
    asks.extend([6, 15].map(|offset| beyond(&mut draw, offset)));
    // And through all layers: the frame is padded where it is short, and the IP header has options.
    for (words, length) in [(0, 1), (3, 2), (3, 100), (10, 0), (10, 7)] {
        for protocol in [ipv4::TCP, ipv4::UDP] {
            let (ip, data) = (drawn(&mut draw, protocol), draw.bytes(length));
            let (payload, _) = segment(&mut draw, &ip, words, &data);
            let frame = header(&mut draw, ethernet::IPV4).frame(&with_options(&ip, words, &payload));
            asks.push(ask("application", frame, Expected::Is(data.into()), ALL));
        }
    }
    asks
}

fn truncated(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    let cuts =
        |bytes: &[u8]| (0..bytes.len()).filter_map(|len| bytes.get(..len)).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let malformed = |function, bytes| ask(function, bytes, Expected::Malformed, CUT);

    // What is right comes first each time: who calls all of it malformed fails at once.
    let (bytes, record) = framed(header(&mut draw, ethernet::IPV4), None, &[]);
    asks.push(ask("frame", bytes.clone(), Expected::Is(record), CUT));
    asks.extend(cuts(&bytes).into_iter().map(|bytes| malformed("frame", bytes)));

    let ip = drawn(&mut draw, ipv4::UDP).sealed(&[], 12);
    let (bytes, payload) = (ip.packet(&draw.bytes(12)), draw.bytes(12));
    asks.push(ask("packet fields", bytes.clone(), Expected::Is(fields(&ip)), CUT));
    asks.extend(cuts(&bytes).into_iter().map(|bytes| malformed("packet fields", bytes)));
    let lies = (0..5).map(|ihl| Ipv4 { ihl, ..ip }).chain([Ipv4 { ihl: 15, ..ip }, Ipv4 { version: 6, ..ip }]);
    let lies = lies.chain([0, 1, 19, 33, u16::MAX].map(|total_length| Ipv4 { total_length, ..ip }));
    asks.extend(lies.map(|lie| malformed("packet fields", [&lie.bytes()[..], &payload].concat())));

    for protocol in [ipv4::UDP, ipv4::TCP] {
        let (bytes, record) = segment(&mut draw, &Ipv4 { protocol, ..ip }, 0, &[]);
        asks.push(segment_ask(protocol, bytes.clone(), Expected::Is(record), CUT));
        asks.extend(cuts(&bytes).into_iter().map(|bytes| segment_ask(protocol, bytes, Expected::Malformed, CUT)));
    }
    asks.extend([0, 1, 2, 3, 4].map(|offset| beyond(&mut draw, offset)));
    asks.push(segment_ask(ipv4::ICMP, draw.bytes(20), Expected::Malformed, NONE));
    asks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::SEED;

    #[test]
    fn each_check_has_something_to_take_and_two_have_something_to_leave() {
        let checks = [ethernet, vlan, ip_fields, ip_header_length, ip_total_length, ports, tcp_data_offset, truncated];
        let left = checks.map(|check| {
            let asks = check(Draw::new(SEED, "x"));
            let left = asks.iter().filter(|ask| matches!(ask.expected, Expected::Malformed)).count();
            assert!(asks.len() - left > 3, "{asks:?}");
            left
        });
        assert_eq!(left, [0, 0, 0, 0, 0, 0, 2, 92]);
    }
}
