//! What IPv6 extension headers have behind their fixed part, and options of neighbour discovery.

use super::{Field, Row, at, row};
use crate::fields::Show::{Addr6, Bytes, Dec, NamedHex};
use crate::icmpv6::options::{
    self, DnsServers, LinkLayerAddress, MtuOption, OptionHeader, PrefixInformation, RedirectedHeader,
};

const OPTION_KINDS: &[(u64, &str)] =
    &[(0, "pad 1"), (1, "pad N"), (5, "router alert"), (0xc2, "jumbo payload"), (0xc9, "home address")];

/// Kind and length of an option of hop-by-hop or destination options.
pub(in crate::dissect) static IPV6_OPTION: &[Row] =
    &[at(0, 8, "kind", "Option Type", NamedHex(OPTION_KINDS)), at(8, 8, "length", "Opt Data Len", Dec)];
pub(in crate::dissect) static IPV6_PAD1: Row = row("pad1", "Pad1", NamedHex(OPTION_KINDS));
static PADN: Row = row("padn", "PadN", Bytes);
static ROUTER_ALERT: Row = row("router_alert", "Router Alert", Bytes);
static OTHER: Row = row("option", "Option", Bytes);

/// The row of an option as a whole.
pub(in crate::dissect) fn ipv6_option(kind: u8) -> &'static Row {
    match kind {
        1 => &PADN,
        5 => &ROUTER_ALERT,
        _ => &OTHER,
    }
}

/// A routing header of type 0 or 2 behind its first four bytes; addresses follow.
pub(in crate::dissect) static SOURCE_ROUTE: &[Row] = &[at(0, 32, "reserved", "Reserved", Dec)];
/// A segment routing header behind its first four bytes, RFC 8754 section 2; addresses follow.
pub(in crate::dissect) static SEGMENT_ROUTING: &[Row] =
    &[at(0, 8, "last_entry", "Last Entry", Dec), at(8, 8, "flags", "Flags", Dec), at(16, 16, "tag", "Tag", Dec)];
pub(in crate::dissect) static SEGMENT: Row = row("address", "Address", Addr6);
pub(in crate::dissect) static ROUTING_DATA: Row = row("data", "Type-Specific Data", Bytes);
pub(in crate::dissect) static AH_PROOF: Row = row("icv", "Integrity Check Value", Bytes);

pub(in crate::dissect) static ADDRESS6: Row = row("address", "Address", Addr6);
pub(in crate::dissect) static REDIRECTED_PACKET: Row = row("packet", "Packet", Bytes);
/// Kind and length of an option of neighbour discovery.
pub(in crate::dissect) static ND_OPTION: &[Row] = OptionHeader::FIELDS;
static SOURCE_OPTION: Row = row("source_link_layer_address", "Source Link-Layer Address", Bytes);
static TARGET_OPTION: Row = row("target_link_layer_address", "Target Link-Layer Address", Bytes);
static PREFIX_OPTION: Row = row("prefix_information", "Prefix Information", Bytes);
static REDIRECTED_OPTION: Row = row("redirected_header", "Redirected Header", Bytes);
static MTU_OPTION: Row = row("mtu", "MTU", Bytes);
static DNS_OPTION: Row = row("dns_server", "Recursive DNS Server", Bytes);
static OTHER_OPTION: Row = row("option", "Option", Bytes);

/// The row of an option as a whole, and the table that it begins with, if it is known.
pub(in crate::dissect) fn nd_option(kind: u8) -> (&'static Row, Option<&'static [Row]>) {
    match kind {
        options::SOURCE => (&SOURCE_OPTION, Some(LinkLayerAddress::FIELDS)),
        options::TARGET => (&TARGET_OPTION, Some(LinkLayerAddress::FIELDS)),
        options::PREFIX_INFORMATION => (&PREFIX_OPTION, Some(PrefixInformation::FIELDS)),
        options::REDIRECTED_HEADER => (&REDIRECTED_OPTION, Some(RedirectedHeader::FIELDS)),
        options::MTU => (&MTU_OPTION, Some(MtuOption::FIELDS)),
        options::DNS_SERVER => (&DNS_OPTION, Some(DnsServers::FIELDS)),
        _ => (&OTHER_OPTION, None),
    }
}

/// Of options of neighbour discovery.
pub(super) fn shown_nd(field: &Field<'_>) -> Option<String> {
    match field.name() {
        "source_link_layer_address" | "target_link_layer_address" => field.inside("address"),
        "prefix_information" => Some(format!("{}/{}", field.inside("prefix")?, field.inside("prefix_length")?)),
        "mtu" => field.inside("mtu"),
        "dns_server" => Some(field.all_inside("address")),
        _ => None,
    }
}
