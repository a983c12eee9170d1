//! What a field tells people, in a short sentence.

mod dhcp;
mod dns;
mod extensions;
mod http;
mod icmp;
mod icmpv6;
mod ipv4;
mod ipv6;
mod link;
mod ssh;
mod tcp;
mod tls;
mod udp;

pub(super) use icmp::code as code_words;
pub(super) use icmpv6::code as code_words_v6;

use super::problem::Words;
use super::{Field, Protocol, Verdict};

pub(super) fn of(field: &Field<'_>) -> String {
    let bytes = field.bytes().len();
    let known = match (field.name(), field.layer().protocol()) {
        ("cut_short", _) => Some(format!("{}: cut short here", counted(bytes, "byte"))),
        ("trailer", _) => Some(trailer(field)),
        ("padding", _) => Some(format!("{} of padding", counted(bytes, "byte"))),
        ("checksum", _) if field.within().is_none() => Some(checksum(field)),
        (_, Protocol::Data) => Some(format!("{} of data", counted(bytes, "byte"))),
        (_, Protocol::Ethernet | Protocol::Tag | Protocol::Arp) => link::meaning(field),
        (_, Protocol::LinuxCooked | Protocol::LinuxCooked2) => link::cooked(field),
        (_, Protocol::Loopback) => link::loopback(field),
        (_, Protocol::Ipv4) => ipv4::meaning(field),
        (_, Protocol::Ipv6 | Protocol::HopByHop | Protocol::DestinationOptions | Protocol::Routing) => {
            ipv6::meaning(field)
        }
        (_, Protocol::Ipv6Fragment | Protocol::Ah | Protocol::Esp) => ipv6::meaning(field),
        (_, Protocol::Icmp) => icmp::meaning(field),
        (_, Protocol::Icmpv6) => icmpv6::meaning(field),
        (_, Protocol::Extensions) => extensions::meaning(field),
        (_, Protocol::Udp) => udp::meaning(field),
        (_, Protocol::Tcp) => tcp::meaning(field),
        (_, Protocol::Dhcp) => dhcp::meaning(field),
        (_, Protocol::Dns) => dns::meaning(field),
        (_, Protocol::Tls) => tls::meaning(field),
        (_, Protocol::Http) => http::meaning(field),
        (_, Protocol::Ssh) => ssh::meaning(field),
    };
    known.unwrap_or_else(|| plain(field))
}

/// Label and value, which always are true.
fn plain(field: &Field<'_>) -> String {
    let (label, shown) = (Words(field.label()), field.shown());
    match (field.value_name(), shown.split_once(' ')) {
        (Some(name), Some((number, _))) => format!("{label} {number}: {name}"),
        _ => format!("{label} {shown}"),
    }
}

/// `1 byte`, `2 bytes`.
fn counted(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}

fn trailer(field: &Field<'_>) -> String {
    let bytes = counted(field.bytes().len(), "byte");
    match field.layer().protocol() {
        Protocol::Ethernet => format!("{bytes} of padding: a frame has 60 at least"),
        Protocol::Ipv4 | Protocol::Ipv6 if field.layer().is_quoted() => format!("{bytes} that fill the quote up"),
        protocol => format!("{bytes} that the lengths within {protocol} do not count"),
    }
}

fn checksum(field: &Field<'_>) -> String {
    let layer = field.layer();
    let (name, found) = (Words(field.label()), field.shown());
    match layer.checksum() {
        Verdict::Right if layer.protocol() == Protocol::Ipv4 => format!("{name} {found}, correct"),
        Verdict::Right => {
            let covered = layer.payload().end - layer.header().start;
            format!("{name} {found}, correct over these {}", counted(covered, "byte"))
        }
        Verdict::Wrong(right) => format!("{name} {found}, wrong: {right:#06x} would be right"),
        Verdict::LeftToTheCard(right) => {
            format!("{name} {found}, not yet filled in: left to the network card, which makes it {right:#06x}")
        }
        Verdict::Absent => format!("{name} {found}: the sender made none"),
        Verdict::NotCaptured => format!("{name} {found}: not checked, for the rest was not captured"),
        Verdict::InFragments => format!("{name} {found}: not checked, for the rest is in other fragments"),
        Verdict::Quoted => format!("{name} {found}: not checked, for only a part is quoted"),
        Verdict::Unknown => format!("{name} {found}: not checked, for a length lies"),
        Verdict::None => format!("{name} {found}"),
    }
}

/// What people call a port, where its number alone says it.
fn service(port: u64) -> Option<&'static str> {
    Some(match port {
        7 => "echo",
        20 => "FTP data",
        21 => "FTP",
        22 => "SSH",
        23 => "Telnet",
        25 => "SMTP",
        53 => "DNS",
        67 => "DHCP server",
        68 => "DHCP client",
        80 => "HTTP",
        110 => "POP3",
        123 => "NTP",
        143 => "IMAP",
        161 => "SNMP",
        179 => "BGP",
        443 => "HTTPS",
        546 => "DHCPv6 client",
        547 => "DHCPv6 server",
        853 => "DNS over TLS",
        1900 => "SSDP",
        3306 => "MySQL",
        5353 => "multicast DNS",
        5432 => "PostgreSQL",
        6379 => "Redis",
        8080 => "HTTP, by habit",
        33434..=33534 => "traceroute, by habit",
        _ => return None,
    })
}

/// Of a port: `from port 49152`, `to port 80: HTTP`.
fn port(preposition: &str, number: u64) -> String {
    match service(number) {
        Some(name) => format!("{preposition} port {number}: {name}"),
        None => format!("{preposition} port {number}"),
    }
}
