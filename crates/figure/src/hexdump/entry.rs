//! What is lit together: a field, or fields that share a byte.

use crate::grid::{hue, said};
use crate::palette::Hue;
use std::ops::Range;
use wire::dissect::{Dissection, Field, Protocol};

/// One line of the list, and its bytes.
pub(super) struct Entry {
    pub(super) bytes: Range<usize>,
    pub(super) hue: Hue,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) meaning: String,
}

impl Entry {
    /// `14`, or `16–17`.
    pub(super) fn place(&self) -> String {
        match self.bytes.len() {
            1 => self.bytes.start.to_string(),
            _ => format!("{}–{}", self.bytes.start, self.bytes.end - 1),
        }
    }
}

/// The entries of all layers, in the order of their bytes.
pub(super) fn entries(dissection: &Dissection<'_>) -> Vec<Entry> {
    let fields = dissection.layers().flat_map(|layer| layer.fields().filter(|field| !field.bits().is_empty()));
    let mut fields: Vec<Field<'_>> = fields.collect();
    // A trailer stands behind what its layer carries.
    fields.sort_by_key(|field| field.bits().start);
    let mut groups: Vec<Vec<Field<'_>>> = vec![];
    for field in fields {
        let first = field.bytes().start;
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|last| first < last.bytes().end) => group.push(field),
            _ => groups.push(vec![field]),
        }
    }
    groups.iter().filter_map(|group| entry(group)).collect()
}

fn entry(group: &[Field<'_>]) -> Option<Entry> {
    let (first, last) = (group.first()?, group.last()?);
    let layer = first.layer();
    let parts: Vec<Part> = if group.len() == 1 { vec![Part::of(first)] } else { joined(group) };
    let join = |part: fn(&Part) -> &str, between: &str| {
        parts.iter().map(part).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(between)
    };
    let about = if layer.is_quoted() { "quoted " } else { "" };
    let named = format!("{about}{}", join(|part| &part.label, " + "));
    Some(Entry {
        bytes: first.bytes().start..last.bytes().end,
        hue: if first.name() == "trailer" { Hue::Link } else { hue(layer.protocol()) },
        label: if layer.protocol() == Protocol::Data { capital(&named) } else { named },
        value: join(|part| &part.value, " + "),
        meaning: join(|part| &part.meaning, "; "),
    })
}

struct Part {
    label: String,
    value: String,
    meaning: String,
}

impl Part {
    fn of(field: &Field<'_>) -> Self {
        let said = said(field);
        let value = match said.name {
            Some(name) => format!("{} {name}", said.value),
            None => said.value,
        };
        Self { label: field.label().to_string(), value, meaning: field.meaning() }
    }
}

/// Of fields that share bytes, bits in a row are one part: the flags. Those that are set are named.
fn joined(group: &[Field<'_>]) -> Vec<Part> {
    let is_flag = |field: &Field<'_>| field.bits().len() == 1;
    group
        .chunk_by(|one, other| is_flag(one) && is_flag(other))
        .map(|run| match run {
            [field] => Part::of(field),
            flags => {
                let set: Vec<_> = flags.iter().filter(|flag| flag.number() != 0).collect();
                let value = if set.is_empty() {
                    "none".to_string()
                } else {
                    set.iter().map(|flag| flag.label()).collect::<Vec<_>>().join(" ")
                };
                let meaning = if set.is_empty() {
                    "no flag is set".to_string()
                } else {
                    set.iter().map(|flag| flag.meaning()).collect::<Vec<_>>().join("; ")
                };
                Part { label: "Flags".into(), value, meaning }
            }
        })
        .collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
