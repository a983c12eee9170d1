//! A field's label, as long as there is room for it.
//!
//! The rule: the RFC's label if it fits; else the abbreviation of the whole, if people use one; else its words one after the
//! other in their short forms, until it fits; else its beginning and dots.

use crate::canvas::Text;

/// What people say for the whole.
const WHOLES: &[(&str, &str)] = &[
    ("Time to Live", "TTL"),
    ("No Operation", "NOP"),
    ("Maximum Segment Size", "MSS"),
    ("End of Options", "End"),
    ("Identification", "Ident."),
    ("Protocol Type", "Protocol"),
    ("Urgent Pointer", "Urgent"),
    ("SACK Permitted", "SACK ok"),
    ("Window Scale", "Scale"),
    ("Version", "Ver"),
    ("Rsrvd", "Res"),
    ("Reserved", "Res"),
    ("Padding", "Pad"),
    ("Magic Cookie", "Magic"),
];

/// Short forms of words, the most dispensable first.
const WORDS: &[(&str, &str)] = &[
    ("Hardware", "HW"),
    ("Protocol", "Prot."),
    ("Length", "Len."),
    ("Fragment", "Frag."),
    ("Address", "Addr."),
    ("Destination", "Dest."),
    ("Acknowledgment", "Ack."),
    ("Sequence", "Seq."),
    ("Number", "No."),
    ("Checksum", "Sum"),
    ("Pointer", "Ptr"),
    ("Offset", "Off."),
    ("Operation", "Op."),
    ("Source", "Src."),
    ("Sender", "Snd."),
    ("Target", "Tgt."),
    ("Label", "Lab."),
    ("Limit", "Lim."),
    ("Length", "Len"),
];

/// `label` as long as it fits `room` in this kind of text.
pub(super) fn fitted(label: &str, kind: Text, room: f64) -> Option<String> {
    let fits = |text: &str| kind.width(text) <= room;
    if fits(label) {
        return Some(label.to_string());
    }
    if let Some((_, whole)) = WHOLES.iter().find(|(long, whole)| *long == label && fits(whole)) {
        return Some((*whole).to_string());
    }
    let mut short = label.to_string();
    for (long, word) in WORDS {
        short = short.replace(long, word);
        if fits(&short) {
            return Some(short);
        }
    }
    kind.shortened(&short, room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_is_shortened_by_rule_and_no_more_than_needed() {
        let fitted = |label, room| fitted(label, Text::Muted, room).unwrap_or_default();
        assert_eq!(fitted("Time to Live", 100.0), "Time to Live");
        assert_eq!(fitted("Time to Live", 40.0), "TTL");
        assert_eq!(fitted("Hardware Length", 70.0), "HW Length");
        assert_eq!(fitted("Hardware Length", 45.0), "HW Len.");
        assert_eq!(fitted("Fragment Offset", 131.0), "Fragment Offset");
        assert_eq!(fitted("Something Else", 40.0), "Som…");
        assert_eq!(fitted("Something Else", 5.0), "");
    }
}
