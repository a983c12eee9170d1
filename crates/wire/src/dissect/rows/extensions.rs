//! Objects of ICMP extensions.

use super::{Field, Row, at, row};
use crate::extensions::{INTERFACE_INFORMATION, LABEL_STACK, ObjectHeader};
use crate::fields::Show::{Bytes, Dec, Flag, Named, Text};

const CLASSES: &[(u64, &str)] = &[(1, "MPLS label stack"), (2, "interface information")];

/// The header of most objects.
pub(in crate::dissect) static OBJECT_HEADER: &[Row] = ObjectHeader::FIELDS;
/// The header of interface information: what others have as a number says there what is told.
pub(in crate::dissect) static INTERFACE_OBJECT: &[Row] = &[
    at(0, 16, "length", "Length", Dec),
    at(16, 8, "class_num", "Class-Num", Named(CLASSES)),
    at(
        24,
        2,
        "role",
        "Role",
        Named(&[(0, "incoming"), (1, "sub-IP part of incoming"), (2, "outgoing"), (3, "next hop")]),
    ),
    at(26, 2, "reserved", "Rsvd", Dec),
    at(28, 1, "has_if_index", "ifIndex", Flag),
    at(29, 1, "has_address", "Address", Flag),
    at(30, 1, "has_name", "Name", Flag),
    at(31, 1, "has_mtu", "MTU", Flag),
];

pub(in crate::dissect) static IF_INDEX: Row = row("if_index", "Interface Index", Dec);
pub(in crate::dissect) static FAMILY: Row = row("family", "Address Family", Named(&[(1, "IPv4"), (2, "IPv6")]));
pub(in crate::dissect) static RESERVED: Row = row("reserved", "Reserved", Dec);
pub(in crate::dissect) static NAME_LENGTH: Row = row("name_length", "Name Length", Dec);
pub(in crate::dissect) static IF_NAME: Row = row("name", "Name", Text);
pub(in crate::dissect) static IF_MTU: Row = row("mtu", "MTU", Dec);
pub(in crate::dissect) static OBJECT_DATA: Row = row("data", "Data", Bytes);
pub(in crate::dissect) static LABEL_ENTRY: Row = row("label", "Label Stack Entry", Dec);

static STACK: Row = row("label_stack", "MPLS Label Stack", Bytes);
static INTERFACE: Row = row("interface", "Interface Information", Bytes);
static OTHER: Row = row("object", "Object", Bytes);

/// The row of an object as a whole.
pub(in crate::dissect) fn object(class_num: u8) -> &'static Row {
    match class_num {
        LABEL_STACK => &STACK,
        INTERFACE_INFORMATION => &INTERFACE,
        _ => &OTHER,
    }
}

pub(super) fn shown(field: &Field<'_>) -> Option<String> {
    match field.name() {
        "label_stack" => Some(field.all_inside("label")),
        "interface" => {
            let told = ["name", "address", "if_index", "mtu"].iter().filter_map(|name| field.inside(name));
            Some(told.collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}
