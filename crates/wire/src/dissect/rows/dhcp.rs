//! DHCP options, by their codes: RFC 2132.

use super::{Field, Row, at, row};
use crate::dhcp::options as code;
use crate::fields::Show::{self, Addr, Bytes, Dec, Flag, Named, Text};

/// What the data of an option are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dissect) enum Shape {
    /// One number or one flag, of so many bytes.
    Number(&'static Row, usize),
    /// Addresses, one or more.
    Addresses,
    /// Codes of options.
    Codes,
    /// A text.
    Text,
    /// Something else.
    Bytes,
}

const CODES: &[(u64, &str)] = &[
    (0, "pad"),
    (1, "subnet mask"),
    (2, "time offset"),
    (3, "router"),
    (4, "time server"),
    (6, "DNS server"),
    (12, "host name"),
    (15, "domain name"),
    (17, "root path"),
    (26, "interface MTU"),
    (28, "broadcast address"),
    (31, "perform router discovery"),
    (33, "static route"),
    (42, "NTP server"),
    (43, "vendor-specific information"),
    (44, "NetBIOS name server"),
    (46, "NetBIOS node type"),
    (47, "NetBIOS scope"),
    (50, "requested address"),
    (51, "lease time"),
    (52, "overload"),
    (53, "message type"),
    (54, "server identifier"),
    (55, "parameter request list"),
    (56, "message"),
    (57, "maximum message size"),
    (58, "renewal time"),
    (59, "rebinding time"),
    (60, "vendor class"),
    (61, "client identifier"),
    (66, "TFTP server name"),
    (67, "boot file name"),
    (80, "rapid commit"),
    (81, "client's full name"),
    (82, "relay agent information"),
    (116, "auto-configuration"),
    (119, "domain search"),
    (121, "classless static route"),
    (252, "proxy discovery"),
    (255, "end"),
];

/// Code and length.
pub(in crate::dissect) static DHCP_OPTION: &[Row] =
    &[at(0, 8, "code", "Code", Named(CODES)), at(8, 8, "length", "Length", Dec)];
pub(in crate::dissect) static DHCP_PAD: Row = row("pad", "Pad", Bytes);
pub(in crate::dissect) static DHCP_END: Row = row("end_of_options", "End", Named(CODES));
pub(in crate::dissect) static DHCP_ADDRESS: Row = row("address", "Address", Addr);
pub(in crate::dissect) static DHCP_CODE: Row = row("parameter", "Parameter", Named(CODES));
pub(in crate::dissect) static DHCP_TEXT: Row = row("text", "Text", Text);
static NUMBER: Row = row("value", "Value", Dec);
static FLAG: Row = row("value", "Value", Flag);
static MESSAGE_TYPE: Row = row("value", "Value", Named(code::MESSAGE_TYPES));

/// One option that is known: its code, its row, and what its data are.
type Known = (u8, Row, Shape);

const fn known(code: u8, name: &'static str, label: &'static str, shape: Shape) -> Known {
    (code, row(name, label, BYTES), shape)
}

const BYTES: Show = Bytes;
const SECONDS: Shape = Shape::Number(&NUMBER, 4);

static KNOWN: &[Known] = &[
    known(code::SUBNET_MASK, "subnet_mask", "Subnet Mask", Shape::Addresses),
    known(2, "time_offset", "Time Offset", SECONDS),
    known(code::ROUTER, "router", "Router", Shape::Addresses),
    known(4, "time_server", "Time Server", Shape::Addresses),
    known(code::DNS_SERVER, "dns_server", "DNS Server", Shape::Addresses),
    known(code::HOST_NAME, "host_name", "Host Name", Shape::Text),
    known(code::DOMAIN_NAME, "domain_name", "Domain Name", Shape::Text),
    known(17, "root_path", "Root Path", Shape::Text),
    known(code::INTERFACE_MTU, "interface_mtu", "Interface MTU", Shape::Number(&NUMBER, 2)),
    known(code::BROADCAST_ADDRESS, "broadcast_address", "Broadcast Address", Shape::Addresses),
    known(31, "router_discovery", "Perform Router Discovery", Shape::Number(&FLAG, 1)),
    known(33, "static_route", "Static Route", Shape::Addresses),
    known(code::NTP_SERVER, "ntp_server", "NTP Server", Shape::Addresses),
    known(43, "vendor_information", "Vendor-Specific Information", Shape::Bytes),
    known(44, "netbios_name_server", "NetBIOS Name Server", Shape::Addresses),
    known(46, "netbios_node_type", "NetBIOS Node Type", Shape::Number(&NUMBER, 1)),
    known(code::REQUESTED_ADDRESS, "requested_address", "Requested Address", Shape::Addresses),
    known(code::LEASE_TIME, "lease_time", "Lease Time", SECONDS),
    known(52, "overload", "Overload", Shape::Number(&NUMBER, 1)),
    known(code::MESSAGE_TYPE, "message_type", "Message Type", Shape::Number(&MESSAGE_TYPE, 1)),
    known(code::SERVER_IDENTIFIER, "server_identifier", "Server Identifier", Shape::Addresses),
    known(code::PARAMETER_REQUEST_LIST, "parameter_request_list", "Parameter Request List", Shape::Codes),
    known(code::MESSAGE, "message", "Message", Shape::Text),
    known(code::MAXIMUM_MESSAGE_SIZE, "maximum_message_size", "Maximum Message Size", Shape::Number(&NUMBER, 2)),
    known(code::RENEWAL_TIME, "renewal_time", "Renewal Time", SECONDS),
    known(code::REBINDING_TIME, "rebinding_time", "Rebinding Time", SECONDS),
    known(code::VENDOR_CLASS, "vendor_class", "Vendor Class", Shape::Text),
    known(code::CLIENT_IDENTIFIER, "client_identifier", "Client Identifier", Shape::Bytes),
    known(66, "tftp_server_name", "TFTP Server Name", Shape::Text),
    known(67, "boot_file_name", "Boot File Name", Shape::Text),
];
static OTHER: Row = row("option", "Option", Bytes);

/// The row of an option as a whole, and what its data are.
pub(in crate::dissect) fn dhcp_option(code: u8) -> (&'static Row, Shape) {
    match KNOWN.binary_search_by_key(&code, |(code, ..)| *code) {
        Ok(at) => KNOWN.get(at).map_or((&OTHER, Shape::Bytes), |(_, row, shape)| (row, *shape)),
        Err(_) => (&OTHER, Shape::Bytes),
    }
}

pub(super) fn shown(field: &Field<'_>) -> Option<String> {
    let data = field.fields().nth(2)?;
    let (_, shape) = dhcp_option(u8::try_from(field.fields().next()?.number()).ok()?);
    match shape {
        Shape::Addresses => Some(field.all_inside("address")),
        Shape::Codes => Some(field.all_inside("parameter")),
        Shape::Number(..) | Shape::Text | Shape::Bytes => Some(data.shown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_sorted_by_their_codes() {
        assert!(KNOWN.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
