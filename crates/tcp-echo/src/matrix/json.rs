//! Cells as JSON objects, one a line; docs/json.md has the table.

use super::cell::Cell;
use super::here::Pair;
use super::{nagle, quick_ack};
use crate::send::nanos;
use serde::Serialize;

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Cell {
        writes_bytes: &'a [usize],
        nagle: &'static str,
        cork: bool,
        quickack: &'static str,
        ack_delay_ns: u64,
        trip_ns: u64,
        first_rtt_ns: u64,
        second_rtt_ns: u64,
        segments: usize,
        held_bytes: Option<u64>,
        rule: Option<String>,
        held_ns: Option<u64>,
        words: String,
    },
    Pair {
        writes_bytes: &'a [usize],
        nagle: &'static str,
        cork: bool,
        quickack: &'static str,
        first_rtt_ns: Option<u64>,
        median_rtt_ns: Option<u64>,
        segments: Option<usize>,
        held_bytes: Option<u64>,
        rule: Option<String>,
        held_ns: Option<u64>,
        words: String,
        model_first_rtt_ns: u64,
        model_second_rtt_ns: u64,
        model_held_bytes: Option<u64>,
    },
    Lesson {
        words: &'a str,
    },
}

pub(crate) fn line(cell: &Cell) -> Line<'_> {
    let (setting, held) = (&cell.setting, cell.longest_held());
    Line::Cell {
        writes_bytes: &setting.writes,
        nagle: nagle(setting.nagle),
        cork: setting.cork,
        quickack: quick_ack(setting.quick_ack),
        ack_delay_ns: nanos(setting.ack_delay),
        trip_ns: nanos(cell.trip),
        first_rtt_ns: nanos(cell.first),
        second_rtt_ns: nanos(cell.then),
        segments: cell.request.segments,
        held_bytes: held.map(|(bytes, ..)| bytes),
        rule: held.map(|(_, rule, _)| rule.to_string()),
        held_ns: held.map(|(.., time)| nanos(time)),
        words: cell.sentence(),
    }
}

pub(crate) fn pair(pair: &Pair) -> Line<'_> {
    let (model, here) = (&pair.model, pair.here());
    let held = here.and_then(Cell::longest_held);
    Line::Pair {
        writes_bytes: &model.setting.writes,
        nagle: nagle(model.setting.nagle),
        cork: model.setting.cork,
        quickack: quick_ack(model.setting.quick_ack),
        first_rtt_ns: here.map(|cell| nanos(cell.first)),
        median_rtt_ns: here.map(|cell| nanos(cell.then)),
        segments: here.filter(|cell| cell.request.seen_by.is_some()).map(|cell| cell.request.segments),
        held_bytes: held.map(|(bytes, ..)| bytes),
        rule: held.map(|(_, rule, _)| rule.to_string()),
        held_ns: held.map(|(.., time)| nanos(time)),
        words: here.map_or_else(|| pair.lacks().unwrap_or_default().to_string(), Cell::sentence),
        model_first_rtt_ns: nanos(model.first),
        model_second_rtt_ns: nanos(model.then),
        model_held_bytes: model.longest_held().map(|(bytes, ..)| bytes),
    }
}

pub(crate) fn lesson(words: &str) -> Line<'_> {
    Line::Lesson { words }
}
