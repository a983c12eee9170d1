//! User datagrams.

use super::{Field, port};

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let value = field.number();
    Some(match field.name() {
        "source_port" => port("from", value),
        "destination_port" => port("to", value),
        "length" => format!("length {value}: header and data, in bytes"),
        _ => return None,
    })
}
