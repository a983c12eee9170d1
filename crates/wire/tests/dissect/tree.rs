//! What must hold for any dissection.

use wire::dissect::{Dissection, Field, Layer};

/// Checks all promises of [`wire::dissect`] about `dissection`, and gives the number of its innermost fields.
///
/// # Panics
/// When one is not kept.
pub(crate) fn check(dissection: &Dissection<'_>) -> usize {
    let bits = dissection.bytes().len() * 8;
    let mut leaves = vec![];
    for layer in dissection.layers() {
        check_layer(layer, dissection.bytes().len());
        layer.fields().for_each(|field| collect(&field, &mut leaves, 0));
    }
    leaves.sort_by_key(|(from, to, _)| (*from, *to));
    let mut at = 0;
    for (from, to, name) in &leaves {
        assert_eq!(*from, at, "{name} begins where the field before it ends");
        assert!(to > from, "{name} has bits");
        at = *to;
    }
    assert_eq!(at, bits, "the last field ends with the packet");
    for problem in dissection.problems() {
        assert!(problem.layer < dissection.layers().len(), "{problem} is of a layer");
        assert!(problem.byte <= dissection.bytes().len(), "{problem} at {} is in the packet", problem.byte);
        assert!(problem.to_string().is_ascii(), "{problem}");
    }
    leaves.len()
}

fn check_layer(layer: Layer<'_>, len: usize) {
    let (header, payload, trailer) = (layer.header(), layer.payload(), layer.trailer());
    assert!(header.start <= header.end && header.end <= payload.start && payload.start <= payload.end, "{layer:?}");
    assert!(payload.end <= len && trailer.start <= trailer.end && trailer.end <= len, "{layer:?}");
    assert!(layer.payload_len() >= payload.len(), "{layer:?}");
}

fn collect<'d>(field: &Field<'d>, leaves: &mut Vec<(usize, usize, &'d str)>, depth: usize) {
    assert!(depth < 5, "{} is not deep inside", field.name());
    let (from, to) = (field.bits().start, field.bits().end);
    let mut inside = field.fields().peekable();
    if inside.peek().is_none() {
        return leaves.push((from, to, field.name()));
    }
    let before = leaves.len();
    inside.for_each(|field| collect(&field, leaves, depth + 1));
    let (first, last) = (leaves.get(before), leaves.last());
    assert_eq!(
        (first.map(|leaf| leaf.0), last.map(|leaf| leaf.1)),
        (Some(from), Some(to)),
        "{} is its fields",
        field.name()
    );
}

/// Says all that can be said of `dissection`: none of it may panic, be empty, or reach a terminal as it came.
///
/// # Panics
/// When it does.
pub(crate) fn speak(dissection: &Dissection<'_>) {
    let mut said = vec![dissection.summary().to_string()];
    said.extend(dissection.problems().iter().map(ToString::to_string));
    dissection.layers().flat_map(Layer::fields).for_each(|field| say(&field, &mut said));
    for text in said {
        assert!(!text.is_empty() && text.chars().all(|letter| matches!(letter, ' '..='~')), "{text:?}");
    }
}

fn say(field: &Field<'_>, said: &mut Vec<String>) {
    said.push(field.meaning());
    said.push(format!("{} {}: {}", field.label(), field.rfc(), field.shown()));
    field.fields().for_each(|field| say(&field, said));
}
