//! The labels that a packet wore when it came: RFC 4950 section 5, RFC 3032 section 2.1.
//!
//! ```text
#![doc = include_str!("label_stack.txt")]
//! ```

use crate::fields::Show::{Dec, Flag};
use crate::{WireError, header};

header! {
    /// One label of a packet between two routers that switch by labels; RFC 5462 gave the traffic class its name.
    LabelStackEntry, "MPLS label stack entry", 4 bytes;
    20 label:           u32,  "Label",         Dec;
     3 traffic_class:   u8,   "Class",         Dec;
     1 bottom_of_stack: bool, "S",             Flag;
     8 ttl:             u8,   "TTL",           Dec;
}

pub(super) fn parse(mut payload: &[u8]) -> Result<Vec<LabelStackEntry>, WireError> {
    let mut entries = Vec::with_capacity(payload.len() / LabelStackEntry::LEN);
    while !payload.is_empty() {
        let (entry, rest) = LabelStackEntry::take(payload)?;
        entries.push(entry);
        payload = rest;
    }
    Ok(entries)
}

pub(super) fn bytes(entries: &[LabelStackEntry]) -> Vec<u8> {
    entries.iter().flat_map(LabelStackEntry::bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("extensions/label_stack", include_str!("label_stack.txt"), LabelStackEntry::FIELDS);
    }
}
