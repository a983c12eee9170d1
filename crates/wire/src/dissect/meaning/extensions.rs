//! What a router tells behind the quote of an ICMP error.

use super::{Field, counted};

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    if let Some(object) = field.within() {
        return inside(object, field);
    }
    Some(match field.name() {
        "version" => format!("version {value}"),
        "reserved" => format!("reserved {value}: must be 0"),
        "label_stack" => format!("MPLS label stack: it came with {shown}, the outermost first"),
        "interface" => {
            let role = field.inside("role").unwrap_or_default();
            let role = role.split_once(' ').map_or("", |(_, role)| role);
            format!("interface information, {role}: {shown}")
        }
        "object" => format!("object: {}", counted(field.bytes().len(), "byte")),
        _ => return None,
    })
}

/// Of a field within an object.
fn inside(object: &str, field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    let told = |what: &str| if value == 1 { format!("{what} told") } else { format!("{what} not told") };
    Some(match (object, field.name()) {
        (_, "length") => format!("length {value}: of the whole object"),
        (_, "label") => format!("label {value}"),
        (_, "traffic_class") => format!("traffic class {value}"),
        (_, "bottom_of_stack") if value == 1 => "bottom of the stack: the innermost label".into(),
        (_, "bottom_of_stack") => "more labels below".into(),
        (_, "ttl") => format!("time to live {value}"),
        (_, "role") => match field.value_name() {
            Some(name) => format!("role {value}: {name}"),
            None => format!("role {value}"),
        },
        (_, "has_if_index") => told("interface's number"),
        (_, "has_address") => told("address"),
        (_, "has_name") => told("name"),
        (_, "has_mtu") => told("MTU"),
        ("interface", "if_index") => format!("interface index {value}: its number at the router"),
        ("interface", "address") => format!("address {shown}"),
        ("interface", "name") => format!("name {shown}"),
        ("interface", "name_length") => format!("name length {value}: this byte and the name"),
        ("interface", "mtu") => format!("MTU {value}: bytes"),
        _ => return None,
    })
}
