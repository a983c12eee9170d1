//! TCP options: see [`crate::tcp::options`].

use super::{Field, Row, at, row};
use crate::fields::Show::{Bytes, Dec, Hex, Named};
use crate::tcp::options;

const KINDS: &[(u64, &str)] = &[
    (0, "end of options"),
    (1, "no operation"),
    (2, "maximum segment size"),
    (3, "window scale"),
    (4, "SACK permitted"),
    (5, "SACK"),
    (8, "timestamps"),
    (34, "Fast Open"),
];

/// Kind and length, which all options of more than one byte begin with.
pub(in crate::dissect) static TCP_OPTION: &[Row] =
    &[at(0, 8, "kind", "Kind", Named(KINDS)), at(8, 8, "length", "Length", Dec)];
static MAXIMUM_SEGMENT_SIZE: &[Row] = &[
    at(0, 8, "kind", "Kind", Named(KINDS)),
    at(8, 8, "length", "Length", Dec),
    at(16, 16, "value", "Maximum Segment Size", Dec),
];
static WINDOW_SCALE: &[Row] =
    &[at(0, 8, "kind", "Kind", Named(KINDS)), at(8, 8, "length", "Length", Dec), at(16, 8, "shift", "Shift", Dec)];
static TIMESTAMPS: &[Row] = &[
    at(0, 8, "kind", "Kind", Named(KINDS)),
    at(8, 8, "length", "Length", Dec),
    at(16, 32, "value", "TSval", Dec),
    at(48, 32, "echo_reply", "TSecr", Dec),
];
/// One block of a SACK option.
pub(in crate::dissect) static SACK_BLOCK: &[Row] =
    &[at(0, 32, "left_edge", "Left Edge", Dec), at(32, 32, "right_edge", "Right Edge", Dec)];

pub(in crate::dissect) static TCP_END: Row = row("end_of_options", "End of Options", Hex);
pub(in crate::dissect) static TCP_NO_OPERATION: Row = row("no_operation", "No Operation", Hex);

static MSS_OPTION: Row = row("maximum_segment_size", "Maximum Segment Size", Bytes);
static SCALE_OPTION: Row = row("window_scale", "Window Scale", Bytes);
static PERMITTED_OPTION: Row = row("sack_permitted", "SACK Permitted", Bytes);
static SACK_OPTION: Row = row("sack", "SACK", Bytes);
static TIMESTAMPS_OPTION: Row = row("timestamps", "Timestamps", Bytes);
static FAST_OPEN_OPTION: Row = row("fast_open", "Fast Open", Bytes);
static OTHER_OPTION: Row = row("option", "Option", Bytes);

/// The row of an option as a whole, and the table that it is, if that has all of it.
pub(in crate::dissect) fn tcp_option(kind: u8) -> (&'static Row, Option<&'static [Row]>) {
    match kind {
        options::MAXIMUM_SEGMENT_SIZE => (&MSS_OPTION, Some(MAXIMUM_SEGMENT_SIZE)),
        options::WINDOW_SCALE => (&SCALE_OPTION, Some(WINDOW_SCALE)),
        options::SACK_PERMITTED => (&PERMITTED_OPTION, Some(TCP_OPTION)),
        options::SACK => (&SACK_OPTION, None),
        options::TIMESTAMPS => (&TIMESTAMPS_OPTION, Some(TIMESTAMPS)),
        options::FAST_OPEN => (&FAST_OPEN_OPTION, None),
        _ => (&OTHER_OPTION, None),
    }
}

pub(super) fn shown(field: &Field<'_>) -> Option<String> {
    match field.name() {
        "maximum_segment_size" => field.inside("value"),
        "window_scale" => field.inside("shift"),
        "sack_permitted" => field.inside("kind").map(|_| "yes".to_string()),
        "timestamps" => Some(format!("{}, {}", field.inside("value")?, field.inside("echo_reply")?)),
        "sack" => {
            let edges: Vec<String> = field.fields().skip(2).map(|field| field.shown()).collect();
            Some(edges.chunks(2).map(|block| block.join("-")).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}
