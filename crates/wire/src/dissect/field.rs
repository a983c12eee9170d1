//! A field: a row of a table, at a place in a packet.

use super::{Layer, Problem, meaning, rows, source};
use crate::fields::{Field as Row, Show};
use std::ops::Range;

/// What the tree keeps of fields, in the order of their bits; those inside of another follow it.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// As many rows of a table as are there, from byte `start` to byte `end`.
    Rows { table: &'static [Row], start: usize, end: usize },
    /// One field, and the number of nodes inside of it, which follow.
    Part { row: &'static Row, bits: Range<usize>, nodes: usize },
}

/// One field of a packet.
#[derive(Debug, Clone, Copy)]
pub struct Field<'d> {
    layer: Layer<'d>,
    within: Option<&'static Row>,
    row: &'static Row,
    bit: usize,
    bits: usize,
    /// The nodes inside.
    nodes: (usize, usize),
}

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'d> {
    /// A number of up to 64 bits, most significant bit first.
    Number(u64),
    /// The bytes of a field that is no number.
    Bytes(&'d [u8]),
}

impl<'d> Field<'d> {
    /// The name of its row: unique among the fields of a layer's fixed part.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.row.name
    }

    /// What the RFC's figure calls it.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.row.label
    }

    /// The layer that it is a field of.
    #[must_use]
    pub fn layer(&self) -> Layer<'d> {
        self.layer
    }

    /// The name of the field that it stands in, as an option's length stands in the option.
    #[must_use]
    pub fn within(&self) -> Option<&'static str> {
        self.within.map(|row| row.name)
    }

    /// Its row.
    pub(super) fn row(&self) -> &'static Row {
        self.row
    }

    /// Its bits, counted from the start of the packet.
    #[must_use]
    pub fn bits(&self) -> Range<usize> {
        self.bit..self.bit + self.bits
    }

    /// The bytes that it touches, counted from the start of the packet.
    #[must_use]
    pub fn bytes(&self) -> Range<usize> {
        self.bit / 8..(self.bit + self.bits).div_ceil(8)
    }

    /// What stands in it.
    #[must_use]
    pub fn value(&self) -> Value<'d> {
        let bytes = self.layer.dissection.bytes.get(self.bytes()).unwrap_or_default();
        if self.bits > 64 || matches!(self.row.show, Show::Text | Show::Bytes) && self.bits.is_multiple_of(8) {
            return Value::Bytes(bytes);
        }
        Value::Number(number(bytes, self.bit, self.bits))
    }

    /// The number that stands in it; zero for bytes that are none.
    #[must_use]
    pub fn number(&self) -> u64 {
        match self.value() {
            Value::Number(number) => number,
            Value::Bytes(_) => 0,
        }
    }

    /// Its value in words, as `64`, `0x1f40`, `17 UDP`, an address. Text from the network is escaped.
    #[must_use]
    pub fn shown(&self) -> String {
        if let Some(shown) = rows::shown(self) {
            return shown;
        }
        match self.value() {
            Value::Number(number) => Row { bits: self.bits, ..*self.row }.shown(number),
            Value::Bytes(bytes) => self.row.shown_bytes(bytes),
        }
    }

    /// What it tells, in a short sentence for people.
    #[must_use]
    pub fn meaning(&self) -> String {
        meaning::of(self)
    }

    /// The document that says so, as in `RFC 791 section 3.1`; empty for what no document of the field's tells, as data.
    #[must_use]
    pub fn rfc(&self) -> &'static str {
        source::of(self)
    }

    /// The fields inside of it.
    #[must_use]
    pub fn fields(&self) -> Fields<'d> {
        Fields { layer: self.layer, within: Some(self.row), row: 0, nodes: self.nodes, trailer: false }
    }

    /// What is wrong with it.
    pub fn problems(&self) -> impl Iterator<Item = &'d Problem> {
        let (bytes, name, within) = (self.bytes(), self.name(), self.within());
        self.layer.problems().filter(move |problem| {
            problem.field() == name && problem.within() == within && bytes.contains(&problem.byte)
        })
    }

    /// What the first field of this name inside of it shows.
    pub(super) fn inside(&self, name: &str) -> Option<String> {
        self.fields().find(|field| field.name() == name).map(|field| field.shown())
    }

    /// The number in the first field of this name inside of it.
    pub(super) fn number_inside(&self, name: &str) -> Option<u64> {
        self.fields().find(|field| field.name() == name).map(|field| field.number())
    }

    /// What all fields of this name inside of it show.
    pub(super) fn all_inside(&self, name: &str) -> String {
        let all = self.fields().filter(|field| field.name() == name);
        all.map(|field| field.shown()).collect::<Vec<_>>().join(", ")
    }

    /// The name of its number, if its row has one for it.
    #[must_use]
    pub fn value_name(&self) -> Option<&'static str> {
        self.row.name_of(self.number())
    }
}

/// The `bits` bits at bit `bit` of a packet; `bytes` are those that they touch.
pub(super) fn number(bytes: &[u8], bit: usize, bits: usize) -> u64 {
    let all = bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    let behind = (8 - (bit + bits) % 8) % 8;
    let mask = u64::MAX.checked_shr(64 - u32::try_from(bits.min(64)).unwrap_or(64)).unwrap_or(0);
    u64::try_from(all >> behind & u128::from(mask)).unwrap_or(0)
}

/// Walks the fields of a layer, or those inside of a field.
#[derive(Debug, Clone)]
pub struct Fields<'d> {
    layer: Layer<'d>,
    within: Option<&'static Row>,
    /// The next row of a table.
    row: usize,
    /// From the next node to behind the last one.
    nodes: (usize, usize),
    /// Whether the layer's trailer is still to come.
    trailer: bool,
}

impl<'d> Fields<'d> {
    pub(super) fn of(layer: Layer<'d>) -> Self {
        let dissection = layer.dissection;
        let next = dissection.layers.get(layer.number + 1);
        let nodes = (layer.entry.nodes, next.map_or(dissection.nodes.len(), |next| next.nodes));
        Self { layer, within: None, row: 0, nodes, trailer: !layer.entry.trailer.is_empty() }
    }
}

impl<'d> Iterator for Fields<'d> {
    type Item = Field<'d>;

    fn next(&mut self) -> Option<Field<'d>> {
        let Self { layer, within, .. } = *self;
        loop {
            let (at, end) = self.nodes;
            let Some(node) = self.layer.dissection.nodes.get(at).filter(|_| at < end) else {
                let Range { start, end } = layer.entry.trailer.clone();
                let field = Field {
                    layer,
                    within,
                    row: &rows::TRAILER,
                    bit: start * 8,
                    bits: (end - start) * 8,
                    nodes: (0, 0),
                };
                return std::mem::take(&mut self.trailer).then_some(field);
            };
            match node {
                Node::Rows { table, start, end } => {
                    let row = table.get(self.row).filter(|row| row.bit + row.bits <= (end - start) * 8);
                    self.row += 1;
                    if let Some(row) = row {
                        let bit = start * 8 + row.bit;
                        return Some(Field { layer, within, row, bit, bits: row.bits, nodes: (0, 0) });
                    }
                    (self.row, self.nodes.0) = (0, at + 1);
                }
                Node::Part { row, bits, nodes } => {
                    self.nodes.0 = at + 1 + nodes;
                    let Range { start, end } = *bits;
                    return Some(Field {
                        layer,
                        within,
                        row,
                        bit: start,
                        bits: end - start,
                        nodes: (at + 1, at + 1 + nodes),
                    });
                }
            }
        }
    }
}
