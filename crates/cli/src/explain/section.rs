//! A layer of a packet as a heading and rows: in full, or what changed of it.

use super::arithmetic;
use super::cells::{Say, Told, rows, style_of};
use super::changes::{Change, Place, change, words_of};
use super::gutter::{MOST_BYTES, Mark, Row, Said};
use super::pen::{Line, Pen};
use crate::style;
use wire::dissect::{Field, Layer, Protocol, Verdict};

/// A heading, and rows of bytes below it.
pub(super) struct Section<'d> {
    pub(super) name: String,
    pub(super) heading: String,
    pub(super) protocol: Protocol,
    pub(super) rows: Vec<Row<'d>>,
}

impl<'d> Section<'d> {
    /// All of a layer, and the data in it if that is all it carries.
    pub(super) fn full(place: Place<'d>, data: Option<Layer<'d>>, say: &Say<'_>) -> Self {
        let layer = place.layer;
        let origin = layer.header().start;
        let says = |field: &Field<'d>| Some(meaning(Told { field, before: None }, say));
        let mut all = rows(place, without_trailer(layer).flat_map(in_parts), origin, &says);
        if let Some(data) = data {
            all.extend(rows(Place { layer: data, ..place }, data.fields(), origin, &says));
        }
        let heading = match (layer.protocol(), data) {
            (Protocol::Data, _) => counted(layer.payload().len()),
            (_, None) => counted(layer.header().len()),
            (_, Some(data)) => {
                format!("{}, then {} of data", counted(layer.header().len()), data.payload().len())
            }
        };
        Self { name: name(layer), heading, protocol: layer.protocol(), rows: all }
    }

    /// What changed of a layer. `was` stands before what a field was.
    pub(super) fn changes(
        now: Place<'d>,
        before: Place<'d>,
        origin: usize,
        heading: &str,
        was: Option<&str>,
        say: &Say<'_>,
    ) -> Self {
        let layer = now.layer;
        let mut marked = match layer.protocol() {
            Protocol::Data => data_changes(now, before, origin, say),
            _ => {
                let says = |field: &Field<'d>| changed(field, now, before, was, say);
                rows(now, without_trailer(layer), origin, &says)
            }
        };
        marked.retain(|row| !row.marks.is_empty());
        Self { name: name(layer), heading: heading.to_string(), protocol: layer.protocol(), rows: marked }
    }

    /// What stands behind all that a layer carries, if there is something.
    pub(super) fn trailer(place: Place<'d>, say: &Say<'_>) -> Option<Self> {
        let layer = place.layer;
        let trailer = layer.fields().last().filter(|_| !layer.trailer().is_empty())?;
        let says = |field: &Field<'d>| Some(meaning(Told { field, before: None }, say));
        let rows = rows(place, [trailer].into_iter(), layer.header().start, &says);
        let heading = format!("{} behind the packet", counted(layer.trailer().len()));
        Some(Self { name: name(layer), heading, protocol: layer.protocol(), rows })
    }

    /// Its lines.
    pub(super) fn draw(&self, pen: Pen) -> Vec<String> {
        let mut heading = Line::default();
        heading.plain("  ");
        heading.put(style_of(self.protocol), &self.name);
        heading.plain(&format!("  {}", self.heading));
        let rows = self.rows.iter().flat_map(|row| row.draw(pen));
        [heading.drawn(pen)].into_iter().chain(rows).collect()
    }
}

/// `20 bytes`.
pub(super) fn counted(bytes: usize) -> String {
    if bytes == 1 { "1 byte".into() } else { format!("{bytes} bytes") }
}

fn name(layer: Layer<'_>) -> String {
    let quoted = if layer.is_quoted() { "quoted " } else { "" };
    format!("{quoted}{}", layer.protocol())
}

/// The fields before what a layer carries.
fn without_trailer<'d>(layer: Layer<'d>) -> impl Iterator<Item = Field<'d>> {
    let trailer = layer.trailer();
    layer.fields().filter(move |field| trailer.is_empty() || field.bytes().start < trailer.start)
}

/// A field that has no room in a row, as the fields inside of it, if there are some.
fn in_parts<'d>(field: Field<'d>) -> Vec<Field<'d>> {
    let mut inside = field.fields().peekable();
    if field.bytes().len() <= MOST_BYTES || inside.peek().is_none() {
        return vec![field];
    }
    inside.flat_map(in_parts).collect()
}

/// What a tool says of a field, or what the field says itself.
fn meaning(told: Told<'_, '_>, say: &Say<'_>) -> String {
    say(told).unwrap_or_else(|| told.field.meaning())
}

/// What is said of a field that is compared: nothing where it is the same and right.
fn changed(field: &Field<'_>, now: Place<'_>, before: Place<'_>, was: Option<&str>, say: &Say<'_>) -> Option<String> {
    let change = change(field, now, before);
    let told = match &change {
        Change::Same if field.problems().next().is_none() => return None,
        Change::Same | Change::New => return Some(meaning(Told { field, before: None }, say)),
        Change::Was(old) => Told { field, before: Some(old) },
    };
    if let Some(text) = say(told) {
        return Some(text);
    }
    if field.name() == "checksum" && matches!(now.layer.checksum(), Verdict::Right) {
        let because = arithmetic::step(now, before).map_or("it covers what changed".into(), |step| step);
        return Some(format!("{} {}, correct: {because}", words_of(field.label()), field.shown()));
    }
    let meaning = field.meaning();
    Some(match (was, told.before) {
        (Some(was), Some(old)) if field.name() != "checksum" => format!("{meaning}; {was} {}", old.shown()),
        _ => meaning,
    })
}

/// At most so many rows of data that changed are shown.
const ROWS_OF_DATA: usize = 2;

/// The rows of data in which bytes are others, the first ones.
fn data_changes<'d>(now: Place<'d>, before: Place<'d>, origin: usize, say: &Say<'_>) -> Vec<Row<'d>> {
    let range = now.layer.payload();
    let (new, old) = (bytes_of(now), bytes_of(before));
    let said = now.layer.fields().next().zip(before.layer.fields().next());
    let mut said = said.and_then(|(field, before)| say(Told { field: &field, before: Some(&before) }));
    let mut rows = vec![];
    for (number, (bytes, was)) in new.chunks(MOST_BYTES).zip(old.chunks(MOST_BYTES)).enumerate() {
        let mut marks: Vec<Mark> = vec![];
        for (at, (byte, was)) in bytes.iter().zip(was).enumerate().filter(|(_, (byte, was))| byte != was) {
            match marks.last_mut() {
                // One run of bytes, told as one.
                Some(last) if last.digits.end == at * 2 || said.is_some() => last.digits.end = at * 2 + 2,
                _ => marks.push(Mark {
                    digits: at * 2..at * 2 + 2,
                    style: style::PAYLOAD,
                    said: vec![Said::plain(format!("{byte:#04x}, it was {was:#04x}"))],
                }),
            }
        }
        if marks.is_empty() {
            continue;
        }
        for mark in marks.iter_mut().filter(|mark| mark.digits.len() > 2) {
            mark.said = vec![Said::plain(format!("these {} bytes are others", mark.digits.len() / 2))];
        }
        if let (Some(text), Some(first)) = (said.take(), marks.first_mut()) {
            first.said = vec![Said::plain(text)];
        }
        let offset = (range.start + number * MOST_BYTES).saturating_sub(origin);
        rows.push(Row { offset, bytes, more: (number + 1) * MOST_BYTES < new.len(), marks });
        if rows.len() == ROWS_OF_DATA {
            break;
        }
    }
    rows
}

/// The data of a layer of data.
pub(super) fn bytes_of(place: Place<'_>) -> &[u8] {
    place.bytes.get(place.layer.payload()).unwrap_or_default()
}
