//! TCP segments and their options.

use super::{Field, counted, port};

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    if let Some(option) = field.within() {
        return inside(option, field);
    }
    let (value, shown) = (field.number(), field.shown());
    let is_set = |name: &str| field.layer().field(name).is_some_and(|flag| flag.number() == 1);
    let (set, flag) = (value == 1, |yes: &str, no: &str| if value == 1 { yes } else { no }.to_string());
    Some(match field.name() {
        "source_port" => port("from", value),
        "destination_port" => port("to", value),
        "sequence_number" if is_set("syn") => {
            format!("sequence number {value}: where counting begins, data starts one later")
        }
        "sequence_number" => format!("sequence number {value}: the number of the first byte of data"),
        "acknowledgment_number" if is_set("ack") => {
            format!("acknowledgment number {value}: the byte that is expected next")
        }
        "acknowledgment_number" => format!("acknowledgment number {value}: means nothing without ACK"),
        "data_offset" => match value * 4 {
            20 => "data offset 5: a header of 20 bytes, so no options".into(),
            bytes => {
                format!("data offset {value}: a header of {bytes} bytes, {} of them options", bytes.saturating_sub(20))
            }
        },
        "reserved" => format!("reserved {value}: must be 0"),
        "ae" => flag("AE set: a part of how many congestion marks were seen", "AE not set"),
        "cwr" if set && is_set("syn") => "CWR set: with ECE, an offer to use congestion marks".into(),
        "cwr" => flag("CWR set: the sender has slowed down", "CWR not set"),
        "ece" if set && is_set("syn") => "ECE set: can be told of congestion by marks".into(),
        "ece" => flag("ECE set: a congestion mark was seen", "ECE not set"),
        "urg" => flag("URG set: the urgent pointer means something", "URG not set"),
        "ack" => {
            flag("ACK set: the acknowledgment number means something", "ACK not set: as in a first segment, or a reset")
        }
        "psh" => flag("PSH set: to be handed to the program without waiting for more", "PSH not set"),
        "rst" => flag("RST set: the connection is over at once", "RST not set"),
        "syn" => flag("SYN set: the first segment of a side, whose counting begins here", "SYN not set"),
        "fin" => flag("FIN set: no more data will come from this side", "FIN not set"),
        "window" if is_set("syn") => format!("window {value}: bytes that may be sent without waiting"),
        "window" => format!("window {value}: bytes that may be sent without waiting, before scaling"),
        "urgent_pointer" if is_set("urg") => {
            format!("urgent pointer {value}: urgent data ends so many bytes further on")
        }
        "urgent_pointer" => format!("urgent pointer {value}: means nothing without URG"),
        "maximum_segment_size" => format!("maximum segment size {shown}: the most data that it wants in one segment"),
        "window_scale" => {
            let shift = field.fields().last().map_or(0, |shift| shift.number());
            let factor = 1u64.checked_shl(u32::try_from(shift).unwrap_or(64)).unwrap_or(0);
            format!("window scale {shift}: later windows count {factor} bytes each")
        }
        "sack_permitted" => "SACK permitted: it understands selective acknowledgments".into(),
        "sack" => format!("SACK: bytes {shown} arrived, beyond a gap"),
        "timestamps" => format!("timestamps {shown}: the sender's clock, and the other side's as it was heard last"),
        "fast_open" => match field.bytes().len() {
            2 => "Fast Open: it asks for a cookie".into(),
            bytes => format!("Fast Open: a cookie of {}", counted(bytes.saturating_sub(2), "byte")),
        },
        "no_operation" => "no operation: one byte that fills".into(),
        "end_of_options" => "end of options".into(),
        "option" => {
            let kind = field.fields().next().map_or(0, |kind| kind.number());
            format!("option {kind}: {}", counted(field.bytes().len(), "byte"))
        }
        _ => return None,
    })
}

/// Of a field within an option.
fn inside(option: &str, field: &Field<'_>) -> Option<String> {
    let value = field.number();
    Some(match (option, field.name()) {
        (_, "length") => format!("length {value}: of the whole option"),
        ("timestamps", "value") => format!("TSval {value}: the sender's clock, in ticks of its own"),
        ("timestamps", "echo_reply") => format!("TSecr {value}: the other side's clock as it was heard last"),
        ("sack", "left_edge") => format!("left edge {value}: the first byte of a block that arrived"),
        ("sack", "right_edge") => format!("right edge {value}: behind the last byte of that block"),
        _ => return None,
    })
}
