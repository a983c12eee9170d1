//! Why a checksum is another one: RFC 1624, where one word of what it covers changed.
//!
//! The checksum is the complement of a sum (RFC 1071), so it grows by as much as what it covers shrinks. An echo reply has type 0
//! where the request had 8, the upper half of a word: 0x0800 less in the sum, and 0x0800 more in the checksum.

use super::changes::{Place, change, words_of};
use std::ops::Range;
use wire::dissect::{Field, Protocol};

/// How the checksum `now` of a layer follows from the one `before`, as in `0x0800 more, for a type 8 less`; `None` where it does not
/// follow from one word.
pub(super) fn step(now: Place<'_>, before: Place<'_>) -> Option<String> {
    let (new, old) = (covered(now)?, covered(before)?);
    let start = now.layer.header().start;
    let at = now.layer.field("checksum")?.bytes().start.checked_sub(start)?;
    let mut words = differing(new, old)?.into_iter().filter(|word| *word != at);
    let (word, None) = (words.next()?, words.next()) else { return None };
    let (m, m_now) = (word_at(old, word)?, word_at(new, word)?);
    let (sum, sum_now) = (word_at(old, at)?, word_at(new, at)?);
    if follows(sum, m, m_now) != sum_now {
        return None;
    }
    let place = start + word..start + word + 2;
    let is_changed = |field: &Field<'_>| overlaps(&field.bytes(), &place) && !change(field, now, before).is_same();
    let mut changed = now.layer.fields().filter(is_changed);
    let cause = match (changed.next(), changed.next()) {
        (Some(field), None) => cause(&field, &before.layer.field(field.name())?)?,
        _ => "for what changed beside it".into(),
    };
    let (difference, direction) = match m.checked_sub(m_now) {
        Some(less) => (less, "more"),
        None => (m_now - m, "less"),
    };
    let plain = if direction == "more" { sum.checked_add(difference) } else { sum.checked_sub(difference) };
    let carry = if plain == Some(sum_now) { "" } else { " with the carry" };
    Some(format!("{difference:#06x} {direction}{carry}, {cause}"))
}

/// `for a type 8 less`.
fn cause(now: &Field<'_>, before: &Field<'_>) -> Option<String> {
    let label = words_of(now.label());
    let a = if label.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let (now, before) = (now.number(), before.number());
    Some(match before.checked_sub(now) {
        Some(less) => format!("for {a} {label} {less} less"),
        None => format!("for {a} {label} {} more", now.checked_sub(before)?),
    })
}

/// RFC 1624 section 3, equation 3: HC' = ~(~HC + ~m + m').
fn follows(sum: u16, m: u16, m_now: u16) -> u16 {
    let add = |a: u16, b: u16| {
        let (sum, carry) = a.overflowing_add(b);
        sum + u16::from(carry)
    };
    !add(add(!sum, !m), m_now)
}

/// The bytes that a layer's checksum covers; `None` where they are not all of the packet's own.
fn covered(place: Place<'_>) -> Option<&[u8]> {
    let (header, payload) = (place.layer.header(), place.layer.payload());
    match place.layer.protocol() {
        Protocol::Ipv4 => place.bytes.get(header),
        Protocol::Icmp => place.bytes.get(header.start..payload.end),
        _ => None,
    }
}

/// Where words are not the same.
fn differing(now: &[u8], before: &[u8]) -> Option<Vec<usize>> {
    let words = now.chunks(2).zip(before.chunks(2)).enumerate();
    let differing = words.filter(|(_, (now, before))| now != before).map(|(number, _)| number * 2);
    (now.len() == before.len()).then(|| differing.collect())
}

fn word_at(bytes: &[u8], at: usize) -> Option<u16> {
    let byte = |at: usize| bytes.get(at).copied();
    // An odd last byte is the upper half of a word: RFC 1071 section 1.
    Some(u16::from_be_bytes([byte(at)?, byte(at + 1).unwrap_or(0)]))
}

fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}
