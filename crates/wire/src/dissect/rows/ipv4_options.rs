//! IPv4 options: RFC 791 section 3.1, RFC 2113 (router alert).

use super::{Field, Row, at, row};
use crate::fields::Show::{Addr, Bytes, Dec, Hex, Named};

const KINDS: &[(u64, &str)] = &[
    (0, "end of options"),
    (1, "no operation"),
    (7, "record route"),
    (68, "timestamp"),
    (130, "security"),
    (131, "loose source route"),
    (136, "stream identifier"),
    (137, "strict source route"),
    (148, "router alert"),
];

pub(in crate::dissect) const LOOSE_SOURCE_ROUTE: u8 = 131;
pub(in crate::dissect) const STRICT_SOURCE_ROUTE: u8 = 137;
pub(in crate::dissect) const TIMESTAMP: u8 = 68;
pub(in crate::dissect) const ROUTER_ALERT: u8 = 148;

/// Kind and length, which all options of more than one byte begin with.
pub(in crate::dissect) static IPV4_OPTION: &[Row] =
    &[at(0, 8, "kind", "Kind", Named(KINDS)), at(8, 8, "length", "Length", Dec)];
/// Those of the three options that collect addresses.
pub(in crate::dissect) static ROUTE: &[Row] =
    &[at(0, 8, "kind", "Kind", Named(KINDS)), at(8, 8, "length", "Length", Dec), at(16, 8, "pointer", "Pointer", Dec)];
/// Those of a timestamp option.
pub(in crate::dissect) static TIMES: &[Row] = &[
    at(0, 8, "kind", "Kind", Named(KINDS)),
    at(8, 8, "length", "Length", Dec),
    at(16, 8, "pointer", "Pointer", Dec),
    at(24, 4, "overflow", "Overflow", Dec),
    at(28, 4, "flag", "Flag", Named(&[(0, "times"), (1, "addresses and times"), (3, "times at given addresses")])),
];
/// A router alert.
pub(in crate::dissect) static ALERT: &[Row] =
    &[at(0, 8, "kind", "Kind", Named(KINDS)), at(8, 8, "length", "Length", Dec), at(16, 16, "value", "Value", Dec)];

pub(in crate::dissect) static ROUTE_ADDRESS: Row = row("address", "Address", Addr);
pub(in crate::dissect) static TIME: Row = row("time", "Time", Dec);
pub(in crate::dissect) static IPV4_END: Row = row("end_of_options", "End of Options", Hex);
pub(in crate::dissect) static IPV4_NO_OPERATION: Row = row("no_operation", "No Operation", Hex);

static RECORD_ROUTE_OPTION: Row = row("record_route", "Record Route", Bytes);
static TIMESTAMP_OPTION: Row = row("timestamp", "Timestamp", Bytes);
static SECURITY_OPTION: Row = row("security", "Security", Bytes);
static LOOSE_OPTION: Row = row("loose_source_route", "Loose Source Route", Bytes);
static STREAM_OPTION: Row = row("stream_identifier", "Stream Identifier", Bytes);
static STRICT_OPTION: Row = row("strict_source_route", "Strict Source Route", Bytes);
static ALERT_OPTION: Row = row("router_alert", "Router Alert", Bytes);
static OTHER_OPTION: Row = row("option", "Option", Bytes);

/// The row of an option as a whole.
pub(in crate::dissect) fn ipv4_option(kind: u8) -> &'static Row {
    match kind {
        crate::options::RECORD_ROUTE => &RECORD_ROUTE_OPTION,
        TIMESTAMP => &TIMESTAMP_OPTION,
        130 => &SECURITY_OPTION,
        LOOSE_SOURCE_ROUTE => &LOOSE_OPTION,
        136 => &STREAM_OPTION,
        STRICT_SOURCE_ROUTE => &STRICT_OPTION,
        ROUTER_ALERT => &ALERT_OPTION,
        _ => &OTHER_OPTION,
    }
}

pub(super) fn shown(field: &Field<'_>) -> Option<String> {
    match field.name() {
        "record_route" | "loose_source_route" | "strict_source_route" => Some(field.all_inside("address")),
        "router_alert" => field.fields().last().map(|value| value.shown()),
        _ => None,
    }
}
