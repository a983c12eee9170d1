//! Our tree of a packet beside what tshark says of it.

use crate::table::{Row, STATUS, TABLE};
use needs::Failed;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use wire::dissect::{Dissection, Field, Kind, Layer, Problem, Protocol, Value, Verdict};

/// What tshark calls a field, with its values in the order in which they stand in the packet.
pub(crate) type Values = BTreeMap<&'static str, Vec<String>>;

/// Fields that are told by type: what the target of three kinds of messages is called, and the length in place of a type.
const BY_TYPE: &[&str] =
    &["icmpv6.nd.ns.target_address", "icmpv6.nd.na.target_address", "icmpv6.nd.rd.target_address", "eth.len"];

/// All protocols that tshark finds in a packet, with colons between them.
const PROTOCOLS: &str = "frame.protocols";

/// All fields that are asked for.
pub(crate) fn fields() -> Vec<&'static str> {
    let mut fields: Vec<&str> = TABLE.iter().map(|row| row.theirs).chain(BY_TYPE.iter().copied()).collect();
    fields.extend(STATUS.iter().map(|(_, theirs)| *theirs));
    fields.extend(["null.family", PROTOCOLS]);
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// A value of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ours {
    Number(u64),
    /// An address, or a text.
    Words(String),
    Bytes(Vec<u8>),
    /// What they may say where we do not.
    OneOf(&'static [&'static str]),
}

impl Ours {
    /// Whether tshark says the same.
    pub(crate) fn is(&self, theirs: &str) -> bool {
        match self {
            Ours::Number(ours) => number(theirs) == Some(*ours),
            Ours::Words(ours) => ours == theirs,
            Ours::OneOf(possible) => possible.contains(&theirs),
            Ours::Bytes(ours) => {
                let hex: String = ours.iter().map(|byte| format!("{byte:02x}")).collect();
                hex == theirs.replace(':', "")
            }
        }
    }
}

/// Decimal, hexadecimal, or a truth value, as tshark's versions differ.
fn number(text: &str) -> Option<u64> {
    match (text, text.strip_prefix("0x")) {
        ("True", _) => Some(1),
        ("False", _) => Some(0),
        (_, Some(digits)) => u64::from_str_radix(digits, 16).ok(),
        (digits, None) => digits.parse().ok(),
    }
}

/// What we say of one field: first the values of the packet itself, then those of a packet that it quotes. If the capture has only
/// the beginning of the packet, all count as quoted; also if a TCP option has a length that its kind cannot have, for there tshark
/// stops and we do not. So do those of a TLS record that goes on in later segments.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) own: Vec<Ours>,
    pub(crate) quoted: Vec<Ours>,
}

impl Said {
    /// How many values were found to be the same; an error is the first that is not.
    ///
    /// Of a quote tshark may tell less: it leaves a TCP header alone after its first 8 bytes, and stops at what is cut.
    pub(crate) fn compare(&self, name: &str, theirs: &[String], is_tunnel: bool) -> Result<usize, String> {
        let (own, quoted) = (self.own.len(), self.quoted.len());
        let may_have_more = is_tunnel || MORE.contains(&name);
        let wrong = || Err(format!("{theirs:?} for tshark, {:?} and quoted {:?} for us", self.own, self.quoted));
        if theirs.len() < own || theirs.len() > own + quoted && !may_have_more {
            return wrong();
        }
        let ours = self.own.iter().chain(&self.quoted);
        if ours.zip(theirs).any(|(ours, theirs)| !ours.is(theirs)) {
            wrong()
        } else {
            Ok(theirs.len().min(own + quoted))
        }
    }
}

/// Names that tshark has for something else too, behind ours: DHCP's client identifier repeats the hardware address, and
/// certificates may have signatures of those who keep lists of them (RFC 6962).
const MORE: &[&str] = &["dhcp.hw.type", "dhcp.hw.mac_addr", "tls.handshake.sig_hash_alg"];

/// What we say of a packet, by their names and in the order of the packet.
pub(crate) fn ours(dissection: &Dissection<'_>) -> BTreeMap<&'static str, Said> {
    let mut said: BTreeMap<&str, Said> = BTreeMap::new();
    let is_odd_option =
        |problem: &Problem| problem.protocol == Protocol::Tcp && matches!(problem.kind, Kind::Unexpected { .. });
    let is_cut =
        dissection.bytes().len() < dissection.original_len() || dissection.problems().iter().any(is_odd_option);
    for layer in dissection.layers() {
        let mut add = |name, value| {
            let said = said.entry(name).or_default();
            if layer.is_quoted() || is_cut || goes_on(layer) { said.quoted.push(value) } else { said.own.push(value) }
        };
        layer.fields().for_each(|field| walk(&field, &mut add));
        if let Some((name, status)) = status(layer) {
            add(name, status);
        }
    }
    said
}

/// Whether a TLS record says that it is longer than what this segment has of it.
fn goes_on(layer: Layer<'_>) -> bool {
    let length = layer.field("length").filter(|_| layer.protocol() == Protocol::Tls);
    length.is_some_and(|length| {
        usize::try_from(length.number()).is_ok_and(|rest| length.bytes().end + rest > layer.header().end)
    })
}

fn walk(field: &Field<'_>, add: &mut impl FnMut(&'static str, Ours)) {
    if let Some((row, theirs)) = row(field) {
        match value(field, row) {
            // It leaves out what is empty.
            Ours::Words(words) if words.is_empty() => {}
            value => add(theirs, value),
        }
    }
    let number = field.number();
    match (field.layer().protocol(), field.name(), field.value()) {
        // It calls each zero behind the end of options one more end.
        (Protocol::Tcp, "padding", Value::Bytes(bytes)) => {
            let zeros = bytes.iter().take_while(|byte| **byte == 0);
            zeros.for_each(|_| add("tcp.option_kind", Ours::Number(0)));
        }
        // It has zero for the end.
        (Protocol::Dhcp, "end_of_options", _) => add("dhcp.option.type", Ours::Number(0)),
        // The order of bytes is that of the machine that captured, which the field does not say.
        (Protocol::Loopback, "family", Value::Number(number)) => {
            let family = u32::try_from(number).unwrap_or_default();
            add("null.family", Ours::Number(family.min(family.swap_bytes()).into()));
        }
        // It has this one twice.
        (Protocol::Ipv6, "version", _) => add("ip.version", Ours::Number(number)),
        _ => {}
    }
    field.fields().for_each(|field| walk(&field, add));
}

/// The row of a field, and its name.
fn row(field: &Field<'_>) -> Option<(Row, &'static str)> {
    let (protocol, within, name) = (field.layer().protocol(), field.within().unwrap_or(""), field.name());
    let kind = field.layer().field("kind").map_or(0, |kind| kind.number());
    let plain = |theirs| Some((Row { protocol, within: "", name, theirs, factor: 1 }, theirs));
    match (protocol, name, kind) {
        (Protocol::Icmpv6, "target", 135) => return plain("icmpv6.nd.ns.target_address"),
        (Protocol::Icmpv6, "target", 136) => return plain("icmpv6.nd.na.target_address"),
        (Protocol::Icmpv6, "target", 137) => return plain("icmpv6.nd.rd.target_address"),
        // It shows the word only where it means something.
        (Protocol::Icmp, "next_hop_mtu", _) if field.layer().field("code").is_none_or(|code| code.number() != 4) => {
            return None;
        }
        (Protocol::LinuxCooked | Protocol::LinuxCooked2, "address", _)
            if field.layer().field("address_length").is_none_or(|length| length.number() != 6) =>
        {
            return None;
        }
        (Protocol::Ethernet, "ethertype", _) if field.number() < 0x600 => return plain("eth.len"),
        _ => {}
    }
    if (protocol, within) == (Protocol::Ipv4, "option") {
        return None;
    }
    let is = |row: &&Row| {
        let is_within = row.within == within || row.within == "*" && !within.is_empty();
        row.protocol == protocol && row.name == name && is_within
    };
    TABLE.iter().find(is).map(|row| (*row, row.theirs))
}

fn value(field: &Field<'_>, row: Row) -> Ours {
    let shown = field.shown();
    // Addresses, and what is shown as one.
    let is_address = shown.contains('.') && shown.parse::<std::net::Ipv4Addr>().is_ok()
        || shown.contains(':') && (shown.parse::<wire::Mac>().is_ok() || shown.parse::<std::net::Ipv6Addr>().is_ok());
    match field.value() {
        _ if is_address => Ours::Words(shown),
        Value::Number(number) => Ours::Number(number * row.factor),
        Value::Bytes(_) if ["text", "name", "sname", "file", "host_name", "protocol"].contains(&field.name()) => {
            Ours::Words(shown)
        }
        // Protocols of text, and lists of names.
        Value::Bytes(_) if field.layer().protocol() == Protocol::Http => Ours::Words(shown),
        Value::Bytes(_)
            if field.layer().protocol() == Protocol::Ssh && !["cookie", "random_padding"].contains(&field.name()) =>
        {
            Ours::Words(shown)
        }
        Value::Bytes(bytes) => Ours::Bytes(bytes.to_vec()),
    }
}

/// Our verdict on a checksum in their numbers: 0 bad, 1 good, 2 unverified, 3 not present.
fn status(layer: Layer<'_>) -> Option<(&'static str, Ours)> {
    let (_, name) = STATUS.iter().find(|(protocol, _)| *protocol == layer.protocol())?;
    let status = match layer.checksum() {
        // It says nothing of some checksums in quotes, and of zeros that fill a quote that they are the rest of the packet.
        Verdict::Right if layer.is_quoted() => Ours::OneOf(&["1", "2"]),
        Verdict::Right => Ours::Number(1),
        Verdict::Wrong(_) | Verdict::LeftToTheCard(_) => Ours::Number(0),
        Verdict::Absent => Ours::Number(3),
        Verdict::Quoted => Ours::OneOf(&["0", "2"]),
        Verdict::None if layer.is_quoted() => Ours::OneOf(&["0", "2"]),
        // It sums what there is of extensions in a first fragment.
        Verdict::InFragments if layer.protocol() == Protocol::Extensions => Ours::OneOf(&["0", "1", "2"]),
        Verdict::NotCaptured | Verdict::InFragments | Verdict::Unknown => Ours::Number(2),
        Verdict::None => return None,
    };
    Some((name, status))
}

/// Whether tshark finds an IP packet inside of what we leave alone, as in PPP.
fn is_tunnel(dissection: &Dissection<'_>, theirs: &Values) -> bool {
    let is_ip = |layer: &Layer<'_>| [Protocol::Ipv4, Protocol::Ipv6].contains(&layer.protocol());
    let inside = theirs.get(PROTOCOLS).and_then(|protocols| protocols.first());
    let inside = inside.map_or(0, |list| list.split(':').filter(|name| ["ip", "ipv6"].contains(name)).count());
    inside > dissection.layers().filter(is_ip).count()
}

/// Which message a packet of SSH is, as tshark calls it.
pub(crate) const SSH_NUMBER: &str = "ssh.message_code";

/// What was compared, and what was not the same.
#[derive(Default)]
pub(crate) struct Count {
    packets: usize,
    tunnels: usize,
    fields: usize,
    pub(crate) names: BTreeSet<&'static str>,
    pub(crate) protocols: BTreeSet<Protocol>,
    /// How often, and the first one of each.
    wrong: BTreeMap<&'static str, (usize, String)>,
}

impl Count {
    /// Compares all that both say of a packet.
    pub(crate) fn packet(&mut self, dissection: &Dissection<'_>, theirs: &Values) {
        self.packets += 1;
        self.protocols.extend(dissection.layers().map(Layer::protocol));
        // Told to look for extensions of which no length tells, tshark finds some in any message that is long enough.
        let has_extensions = dissection.layer(Protocol::Extensions).is_some();
        // It has the names of DNS for its relatives too, which we leave alone.
        let protocols = theirs.get(PROTOCOLS).and_then(|protocols| protocols.first()).map_or("", String::as_str);
        let is_relative = protocols.split(':').any(|name| ["mdns", "llmnr", "nbns"].contains(&name));
        // It looks for HTTP on more ports, reads lines that have no end, and takes what is sealed for packets if it missed why.
        let has_whole = |protocol| {
            let goes_on = |layer: Layer<'_>| ["goes_on", "encrypted"].iter().any(|name| layer.field(name).is_some());
            dissection.bytes().len() == dissection.original_len()
                && dissection.layer(protocol).is_some()
                && !dissection.layers().any(goes_on)
        };
        // Packets of SSH it reads once it has seen the lines of both ends, and where the last segment of one is.
        let is_read = theirs.get(SSH_NUMBER).is_some_and(|numbers| !numbers.is_empty());
        let is_asked = |name: &&str| {
            let is_of = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
            (has_extensions || !is_of(&["icmp.ext.", "icmp.mpls.", "icmp.int_info."]))
                && !(is_relative && is_of(&["dns."]))
                && (has_whole(Protocol::Http) || !is_of(&["http."]))
                && ((has_whole(Protocol::Ssh) && (is_read || is_of(&["ssh.protocol"]))) || !is_of(&["ssh."]))
        };
        let is_tunnel = is_tunnel(dissection, theirs);
        self.tunnels += usize::from(is_tunnel);
        let (said, none) = (ours(dissection), Said::default());
        for name in fields().into_iter().filter(|name| *name != PROTOCOLS).filter(is_asked) {
            let said = said.get(name).unwrap_or(&none);
            match said.compare(name, theirs.get(name).map_or(&[], Vec::as_slice), is_tunnel) {
                Ok(same) => {
                    self.fields += same;
                    self.names.extend((same > 0).then_some(name));
                }
                Err(error) => {
                    let hex: String = dissection.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                    let told = || (0, format!("{error}, {}: {hex}", dissection.summary()));
                    self.wrong.entry(name).or_insert_with(told).0 += 1;
                }
            }
        }
    }

    /// Fails if anything was not the same, or nothing was compared.
    pub(crate) fn verdict(&self) -> Result<(), Failed> {
        let told = |(name, (times, first)): (&&str, &(usize, String))| format!("{name}, {times} times, first: {first}");
        match self.wrong.iter().map(told).collect::<Vec<_>>() {
            wrong if !wrong.is_empty() => Err(wrong.join("\n").into()),
            _ if self.fields == 0 => Err("nothing was compared".into()),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packets, tunnels, fields, names, protocols, .. } = self;
        let (names, protocols) = (names.len(), protocols.len());
        write!(f, "compared {packets} packets with tshark, {fields} fields of {names} names, {protocols} protocols")?;
        if *tunnels > 0 { write!(f, "; of {tunnels} the inside is left alone") } else { Ok(()) }
    }
}
