//! Layers: a message at several places of its way, as boxes in boxes. Each box is what a layer has put around what it was given, and
//! what is other than at the place before is named.

use crate::canvas::{Anchor, Canvas, Text};
use crate::grid::hue;
use crate::{Caption, Captured, Refusal};
use wire::dissect::{Dissection, Layer, Protocol, Value};

/// The outermost box from left to right, and how far the next one is inside of it.
const LEFT: f64 = 4.0;
const RIGHT: f64 = 356.0;
const INSIDE: f64 = 7.0;
/// The place's name, a box's two lines, and what is below the innermost box.
const NAME: f64 = 22.0;
const HEAD: f64 = 33.0;
const FOOT: f64 = 4.0;
const GAP: f64 = 14.0;
/// Deeper boxes are too narrow for what would stand in them.
const MOST_LAYERS: usize = 6;
/// So many changes are named; with more, it is another header.
const MOST_CHANGES: usize = 3;
/// So many bytes of data are shown as text.
const MOST_DATA: usize = 40;

/// Where a message was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What the place is called.
    pub name: String,
    /// The message as it came by.
    pub packet: Captured,
}

/// One box.
struct Shell {
    hue: &'static str,
    protocol: String,
    bytes: usize,
    /// From whom to whom, or the beginning of the data.
    ends: String,
    /// What is other than at the place before; empty at the first.
    change: String,
}

/// Draws a message at each place, in their order.
///
/// # Errors
/// When there is no place.
pub fn layers(caption: &Caption, places: &[Place]) -> Result<String, Refusal> {
    if places.is_empty() {
        return Err(Refusal::NothingFlew);
    }
    let mut canvas = Canvas::new();
    let (mut y, mut told, mut before) = (0.0, vec![], None);
    for place in places {
        let dissection = place.packet.dissect();
        let shells = shells(&dissection, before);
        draw(&mut canvas, y, place, &shells);
        let said: Vec<String> = shells.iter().map(Shell::told).collect();
        told.push(format!("{}, {} bytes: {}.", place.name, place.packet.original_len, said.join("; ")));
        y += NAME + shells.iter().map(|_| HEAD + FOOT).sum::<f64>() + GAP;
        before = Some(&place.packet);
    }
    Ok(canvas.finish(caption, y - GAP + 2.0, &caption.description(&told.join(" "))))
}

fn draw(canvas: &mut Canvas, y: f64, place: &Place, shells: &[Shell]) {
    let bytes = format!("{} bytes", place.packet.original_len);
    if let Some(name) = Text::Title.shortened(&place.name, RIGHT - LEFT - Text::Muted.width(&bytes) - 8.0) {
        canvas.text((LEFT, y + 15.0), Text::Title, Anchor::Start, &name);
    }
    canvas.text((RIGHT, y + 15.0), Text::Muted, Anchor::End, &bytes);
    let (mut left, mut right, mut top) = (LEFT, RIGHT, y + NAME);
    let mut bottom = top + shells.iter().map(|_| HEAD + FOOT).sum::<f64>();
    for shell in shells {
        canvas.group(&shell.told(), |canvas| {
            canvas.rect(&format!("f-{}", shell.hue), (left, top), (right - left, bottom - top), 3.0);
            shell.draw(canvas, (left + 6.0, right - 6.0), top);
        });
        left += INSIDE;
        right -= INSIDE;
        top += HEAD;
        bottom -= FOOT;
    }
}

impl Shell {
    fn draw(&self, canvas: &mut Canvas, (left, right): (f64, f64), top: f64) {
        let line = top + 13.0;
        canvas.text((left, line), Text::Strong, Anchor::Start, &self.protocol);
        let behind = left + Text::Strong.width(&self.protocol) + 5.0;
        let bytes = format!("{} bytes", self.bytes);
        canvas.text((behind, line), Text::Muted, Anchor::Start, &bytes);
        let room = right - behind - Text::Muted.width(&bytes) - 8.0;
        if let Some(change) = Text::Plain.shortened(&self.change, room).filter(|_| !self.change.is_empty()) {
            canvas.text((right, line), Text::Plain, Anchor::End, &change);
        }
        if let Some(ends) = Text::Number.shortened(&self.ends, right - left).filter(|_| !self.ends.is_empty()) {
            canvas.text((left, top + 27.0), Text::Number, Anchor::Start, &ends);
        }
    }

    fn told(&self) -> String {
        let Self { protocol, bytes, ends, change, .. } = self;
        let parts = [format!("{bytes} bytes"), ends.clone(), change.clone()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{protocol}, {}", parts.join(", "))
    }
}

fn shells(dissection: &Dissection<'_>, before: Option<&Captured>) -> Vec<Shell> {
    let before = before.map(Captured::dissect);
    let shell = |(number, layer): (usize, Layer<'_>)| Shell {
        hue: hue(layer.protocol()).name(),
        protocol: layer.protocol().name().to_string(),
        bytes: if layer.protocol() == Protocol::Data { data(layer).len() } else { layer.header().len() },
        ends: ends(layer),
        change: before.as_ref().map_or_else(String::new, |before| change(layer, own(before).nth(number))),
    };
    own(dissection).enumerate().map(shell).collect()
}

/// The layers of the packet itself, without those that an error quotes.
fn own<'a>(dissection: &'a Dissection<'_>) -> impl Iterator<Item = Layer<'a>> {
    dissection.layers().filter(|layer| !layer.is_quoted()).take(MOST_LAYERS)
}

fn data<'a>(layer: Layer<'a>) -> Vec<u8> {
    let bytes = layer.fields().flat_map(|field| match field.value() {
        Value::Bytes(bytes) => bytes.to_vec(),
        Value::Number(_) => vec![],
    });
    bytes.collect()
}

/// `192.0.2.10 → 198.51.100.2, TTL 64`.
fn ends(layer: Layer<'_>) -> String {
    let shown = |name: &str| layer.field(name).map(|field| field.shown());
    let pairs = [("source", "destination"), ("source_port", "destination_port"), ("sender", "target")];
    let pair = pairs.iter().find_map(|(from, to)| shown(from).zip(shown(to)));
    match pair {
        Some((from, to)) => {
            let ttl = shown("ttl").map_or_else(String::new, |ttl| format!(", TTL {ttl}"));
            format!("{from} → {to}{ttl}")
        }
        None if layer.protocol() == Protocol::Data => {
            let readable = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' };
            data(layer).iter().take(MOST_DATA).map(readable).collect()
        }
        None => {
            let line = layer.field("request_line").or_else(|| layer.field("status_line"));
            line.map_or_else(String::new, |line| line.shown().chars().take(MOST_DATA).collect())
        }
    }
}

/// What is other in this layer than in the one before.
fn change(layer: Layer<'_>, before: Option<Layer<'_>>) -> String {
    let Some(before) = before.filter(|before| before.protocol() == layer.protocol()) else { return "new".into() };
    if layer.protocol() == Protocol::Data {
        return if data(layer) == data(before) { "as before" } else { "other bytes" }.into();
    }
    let is_other = |name: &str| {
        let shown = |layer: Layer<'_>| layer.field(name).map(|field| field.shown());
        shown(layer) != shown(before)
    };
    let others: Vec<&str> = layer.fields().filter(|field| is_other(field.name())).map(|field| field.label()).collect();
    match others.as_slice() {
        [] => "as before".into(),
        others if others.len() > MOST_CHANGES => "another header".into(),
        others => format!("other: {}", others.join(", ")),
    }
}
