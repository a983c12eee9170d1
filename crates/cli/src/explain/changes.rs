//! A packet compared with another one, layer by layer and field by field.

use wire::dissect::{Dissection, Field, Layer, Protocol};

/// A layer, and the packet's bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'d> {
    pub(super) bytes: &'d [u8],
    pub(super) layer: Layer<'d>,
    /// Whether there is only the beginning of the packet, as in an error's quote.
    pub(super) is_cut: bool,
}

/// What became of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change<'d> {
    /// Nothing.
    Same,
    /// It was not there before.
    New,
    /// It was this before.
    Was(Field<'d>),
}

impl Change<'_> {
    pub(super) fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}

impl<'d> Place<'d> {
    /// A layer of this dissection.
    pub(super) fn new(dissection: &'d Dissection<'d>, layer: Layer<'d>) -> Self {
        let is_cut = layer.is_quoted() || dissection.original_len() > dissection.bytes().len();
        Self { bytes: dissection.bytes(), layer, is_cut }
    }

    /// The bytes that a field touches.
    fn of(self, field: &Field<'_>) -> &'d [u8] {
        self.bytes.get(field.bytes()).unwrap_or_default()
    }
}

/// What became of `field`, the `number`th of layer `now`, since `before`. A quote may be cut short.
pub(super) fn change<'d>(field: &Field<'_>, now: Place<'_>, before: Place<'d>) -> Change<'d> {
    let number = now.layer.fields().take_while(|other| other.bits() != field.bits());
    let number = number.filter(|other| other.name() == field.name()).count();
    let was = before.layer.fields().filter(|other| other.name() == field.name()).nth(number);
    match was {
        Some(was) if was.value() == field.value() && was.bits().len() == field.bits().len() => Change::Same,
        // What is quoted is the beginning, and its last field may be cut short.
        _ if now.is_cut && is_beginning(field, now, before) => Change::Same,
        Some(was) => Change::Was(was),
        None => Change::New,
    }
}

/// Whether a field of bytes has what stands at its place in `before`.
fn is_beginning(field: &Field<'_>, now: Place<'_>, before: Place<'_>) -> bool {
    let is_of_bytes = matches!(field.name(), "data" | "cut_short" | "padding");
    let at = field.bytes().start.saturating_sub(now.layer.header().start) + before.layer.header().start;
    is_of_bytes && before.bytes.get(at..).is_some_and(|was| was.starts_with(now.of(field)))
}

/// What is the same, in words, as in `identifier` and `sequence number`.
pub(super) fn same(now: Place<'_>, before: Place<'_>) -> Vec<String> {
    let layer = now.layer;
    let same: Vec<Field<'_>> = layer.fields().filter(|field| change(field, now, before).is_same()).collect();
    if layer.protocol() == Protocol::Data {
        let (here, there) = (layer.payload().len(), before.layer.payload().len());
        return same.first().map_or(vec![], |_| vec![data(here, there)]);
    }
    let whole = if layer.protocol() == Protocol::Arp { "packet" } else { "header" };
    match same.len() {
        0 => vec![],
        all if all == layer.fields().count() => vec![format!("the {} {whole}", layer.protocol())],
        1..=FEW => same.iter().filter(|field| field.label() != UNUSED).map(words).collect(),
        many => vec![format!("the other {many} fields of the {} {whole}", layer.protocol())],
    }
}

fn words(field: &Field<'_>) -> String {
    if field.name() == "trailer" { "what is behind the packet".into() } else { words_of(field.label()) }
}

/// `here` bytes of data, of which there were `there`.
fn data(here: usize, there: usize) -> String {
    match (here, there) {
        (1, 1) => "the one byte of data".into(),
        (1, _) => "the first byte of data".into(),
        _ if here < there => format!("the first {here} bytes of data"),
        _ => format!("all {here} bytes of data"),
    }
}

/// What tables call bits that have no meaning.
const UNUSED: &str = "Unused";

/// As many fields are called by their names.
const FEW: usize = 4;

/// `a, b and c`.
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A label within a sentence: `Header Checksum` is `header checksum`, and `DF` stays `DF`.
pub(super) fn words_of(label: &str) -> String {
    let word = |word: &str| match word.chars().skip(1).any(char::is_uppercase) {
        true => word.to_string(),
        false => word.to_lowercase(),
    };
    label.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
