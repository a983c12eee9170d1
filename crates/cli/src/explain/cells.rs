//! From the fields of a layer to rows of marked bytes.
//!
//! A field that begins or ends within a hexadecimal digit shares a mark with its neighbours, and is shown bit by bit. Rows end
//! where the RFCs' figures have a line that people know, and never within a field.

use super::changes::Place;
use super::gutter::{MOST_BYTES, Mark, Row, Said};
use crate::style;
use anstyle::Style;
use std::ops::Range;
use wire::dissect::{Field, Kind, Layer, Protocol};

/// Bits of a digit.
const DIGIT: usize = 4;
/// More bits than this are not shown bit by bit.
const MOST_BITS: usize = 16;
/// Rows of what has no table of fixed places are not longer, in bytes.
const SHORT_ROW: usize = 12;

/// A field, and how it was before where it is compared.
#[derive(Debug, Clone, Copy)]
pub struct Told<'f, 'd> {
    /// The field.
    pub field: &'f Field<'d>,
    /// The same field of the packet that this one is compared with, where it is another there.
    pub before: Option<&'f Field<'d>>,
}

/// What a tool knows of a field beyond the field itself, as that an identifier is its own. `None`: no more.
pub type Say<'a> = dyn for<'f, 'd> Fn(Told<'f, 'd>) -> Option<String> + 'a;

/// Fields that share a mark.
#[derive(Debug, Clone)]
struct Cell<'d> {
    fields: Vec<Field<'d>>,
}

impl Cell<'_> {
    fn bits(&self) -> Range<usize> {
        let first = self.fields.first().map_or(0, |field| field.bits().start);
        first..self.fields.last().map_or(first, |field| field.bits().end)
    }
}

/// What is said of one field of a layer; `None`: nothing, so that it has no mark.
pub(super) type Says<'s, 'd> = dyn Fn(&Field<'d>) -> Option<String> + 's;

/// The rows of these fields of a layer, with what `says` of each. Bytes are counted from byte `origin` of the packet on.
pub(super) fn rows<'d>(
    place: Place<'d>,
    fields: impl Iterator<Item = Field<'d>>,
    origin: usize,
    says: &Says<'_, 'd>,
) -> Vec<Row<'d>> {
    let mut rows: Vec<(Range<usize>, Vec<Mark>)> = vec![];
    for cell in cells(fields) {
        let bits = cell.bits();
        if !rows.last().is_some_and(|(row, _)| joins(place.layer, row, &bits)) {
            rows.push((bits.start / 8..bits.start / 8, vec![]));
        }
        let Some((row, marks)) = rows.last_mut() else { continue };
        row.end = bits.end.div_ceil(8);
        let said = said(&cell, says);
        if !said.is_empty() {
            let digits = bits.start / DIGIT - row.start * 2..bits.end.div_ceil(DIGIT) - row.start * 2;
            let digits = digits.start..digits.end.min(MOST_BYTES * 2);
            marks.push(Mark { digits, style: look(&cell), said });
        }
    }
    let row = |(range, marks): (Range<usize>, Vec<Mark>)| {
        let shown = range.start..range.end.min(range.start + MOST_BYTES);
        let bytes = place.bytes.get(shown.clone()).unwrap_or_default();
        Row { offset: range.start.saturating_sub(origin), bytes, more: shown.end < range.end, marks }
    };
    rows.into_iter().map(row).collect()
}

/// Fields in groups that begin and end with a digit.
fn cells<'d>(fields: impl Iterator<Item = Field<'d>>) -> Vec<Cell<'d>> {
    let mut cells: Vec<Cell<'d>> = vec![];
    for field in fields {
        match cells.last_mut() {
            Some(cell) if !cell.bits().end.is_multiple_of(DIGIT) => cell.fields.push(field),
            _ => cells.push(Cell { fields: vec![field] }),
        }
    }
    cells
}

/// Whether a cell of these bits goes on in a row of these bytes.
fn joins(layer: Layer<'_>, row: &Range<usize>, bits: &Range<usize>) -> bool {
    if !bits.start.is_multiple_of(8) {
        return true;
    }
    if row.end * 8 != bits.start {
        return false;
    }
    let start = layer.header().start;
    let (breaks, fixed): (&[usize], usize) = match layer.protocol() {
        Protocol::Ethernet => (&[14], MOST_BYTES),
        Protocol::Arp => (&[8, 18], MOST_BYTES),
        Protocol::Ipv4 => (&[8, 20], MOST_BYTES),
        Protocol::Tcp => (&[8, 16, 20], MOST_BYTES),
        _ => (&[8], 8),
    };
    let (from, end) = (bits.start / 8, bits.end.div_ceil(8));
    let is_fixed = breaks.last().is_some_and(|last| end <= start + last);
    let most = if is_fixed { fixed } else { SHORT_ROW.min(fixed) };
    !breaks.contains(&(from.saturating_sub(start))) && end - row.start <= most
}

/// What is said of a cell, a paragraph a field.
fn said<'d>(cell: &Cell<'d>, says: &Says<'_, 'd>) -> Vec<Said> {
    let bits = cell.bits();
    let bitwise = cell.fields.len() > 1 && bits.len() <= MOST_BITS;
    let mut said = vec![];
    let mut unset: Vec<Field<'d>> = vec![];
    for field in &cell.fields {
        let Some(text) = says(field) else { continue };
        if bitwise && is_unset_flag(field) {
            unset.push(*field);
            continue;
        }
        let pattern = if bitwise { pattern(&bits, &[*field]) + " " } else { String::new() };
        said.push(Said { hang: pattern.len(), ..Said::plain(pattern + &text) });
        said.extend(problems(field));
    }
    match unset.as_slice() {
        [] => {}
        [one] => said.push(Said::plain(format!("{} {}", pattern(&bits, &unset), says(one).unwrap_or_default()))),
        many => {
            let labels: Vec<&str> = many.iter().map(Field::label).collect();
            said.push(Said::plain(format!("{} {} not set", pattern(&bits, many), labels.join(", "))));
        }
    }
    said
}

/// Whether it is one of TCP's many flags, and says nothing.
fn is_unset_flag(field: &Field<'_>) -> bool {
    field.layer().protocol() == Protocol::Tcp && field.bits().len() == 1 && field.number() == 0
}

/// The bits of `fields` among those of their cell: `.1..............`.
fn pattern(cell: &Range<usize>, fields: &[Field<'_>]) -> String {
    let bit = |bit: usize| {
        let field = fields.iter().find(|field| field.bits().contains(&bit))?;
        let behind = u32::try_from(field.bits().end - bit - 1).ok()?;
        Some(if field.number().checked_shr(behind).unwrap_or(0) & 1 == 1 { '1' } else { '0' })
    };
    cell.clone().map(|at| bit(at).unwrap_or('.')).collect()
}

/// What is wrong with a field. A checksum's meaning says it already.
fn problems(field: &Field<'_>) -> Vec<Said> {
    let told = field.problems().filter(|problem| {
        !matches!(problem.kind, Kind::WrongChecksum { .. } | Kind::ChecksumLeftToTheCard { .. })
    });
    told.map(|problem| Said { style: style::ERROR, hang: 2, ..Said::plain(format!("! {problem}")) }).collect()
}

/// How a cell looks: by its layer, or by what is wrong with it.
fn look(cell: &Cell<'_>) -> Style {
    let Some(first) = cell.fields.first() else { return Style::new() };
    if cell.fields.iter().any(|field| field.problems().next().is_some()) {
        return style::ERROR;
    }
    style_of(first.layer().protocol())
}

/// The hue of a layer.
pub(super) fn style_of(protocol: Protocol) -> Style {
    match protocol {
        Protocol::Ethernet | Protocol::Tag | Protocol::Arp => style::LINK,
        Protocol::Data => style::PAYLOAD,
        Protocol::Icmp | Protocol::Udp | Protocol::Tcp => style::TRANSPORT,
        _ => style::NETWORK,
    }
}
