//! Rows for what has no fixed place: options, objects, and the bytes around them.

mod dhcp;
mod dns;
mod extensions;
mod http;
mod ipv4_options;
mod ipv6;
mod ssh;
mod tcp_options;
mod tls;

pub(super) use dhcp::*;
pub(super) use dns::*;
pub(super) use extensions::*;
pub(super) use http::*;
pub(super) use ipv4_options::*;
pub(super) use ipv6::*;
pub(super) use ssh::*;
pub(super) use tcp_options::*;
pub(super) use tls::*;

use super::{Field, Protocol, Value};
use crate::Mac;
use crate::fields::Field as Row;
use crate::fields::Show::{self, Bytes};
use crate::fields::row;

/// A row of a table of these widths.
pub(super) const fn at(bit: usize, bits: usize, name: &'static str, label: &'static str, show: Show) -> Row {
    Row { name, label, bit, bits, show }
}

/// The payload of the innermost layer.
pub(super) static DATA: Row = row("data", "Data", Bytes);
/// What stands behind the payload and belongs to no layer.
pub(super) static TRAILER: Row = row("trailer", "Trailer", Bytes);
/// The beginning of a field that is cut short.
pub(super) static CUT_SHORT: Row = row("cut_short", "Cut Short", Bytes);
/// What an option list has behind its end.
pub(super) static PADDING: Row = row("padding", "Padding", Bytes);
/// What an option has behind its length, where this crate knows no more of it.
pub(super) static OPTION_DATA: Row = row("data", "Data", Bytes);

/// What a field with fields inside shows; `None`: its own bytes.
pub(super) fn shown(field: &Field<'_>) -> Option<String> {
    match field.layer().protocol() {
        Protocol::Ipv4 => ipv4_options::shown(field),
        Protocol::Tcp => tcp_options::shown(field),
        Protocol::Icmpv6 => ipv6::shown_nd(field),
        Protocol::Extensions => extensions::shown(field),
        Protocol::Dhcp if field.name() == "chaddr" => station(field, "hlen"),
        Protocol::Dhcp => dhcp::shown(field),
        Protocol::Dns => dns::shown(field),
        Protocol::Tls => tls::shown(field),
        Protocol::Http => http::shown(field),
        Protocol::Ssh => ssh::shown(field),
        Protocol::LinuxCooked | Protocol::LinuxCooked2 if field.name() == "address" => station(field, "address_length"),
        _ => None,
    }
}

/// The address of a station in a field that has room for longer ones, if this says that it has six bytes.
fn station(field: &Field<'_>, length: &str) -> Option<String> {
    let Value::Bytes(bytes) = field.value() else { return None };
    let length = field.layer().field(length)?.number();
    let mac = bytes.first_chunk().map(|octets| Mac(*octets))?;
    (length == 6).then(|| mac.to_string())
}
