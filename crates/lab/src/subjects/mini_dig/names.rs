//! Names in messages, right and wrong.

use super::drawn;
use super::layout::{CUT, Labels, Layout, NAME, SIZES, labels_of, long, pointing, whole};
use crate::check::ask::Ask;
use crate::subjects::draw::Draw;

const LABEL_TYPE: &str =
    "RFC 1035 section 4.1.4: of the first two bits, 00 is a label and 11 a pointer; 01 and 10 are reserved";
const LETTERS: &str =
    "RFC 1035 section 2.3.3: when data enter the system, their case should be kept; a label may have any bytes";
const POINTER: &str =
    "RFC 1035 section 4.1.4: 14 bits say where the rest of the name is; what follows it is behind those two bytes";
const PRIOR: &str =
    "RFC 1035 section 4.1.4: a pointer leads to a prior occurrence of a name, so backwards, and not into itself";

pub(super) fn labels(mut draw: Draw) -> Vec<Ask> {
    let alone = |labels: &[Vec<u8>], why| {
        let mut layout = Layout::new();
        let at = layout.name(&whole(labels));
        layout.has(at, labels, whole(labels).len(), why)
    };
    let mut asks = vec![];
    for text in [".", "a", "com", "www.example.com", "WWW.eXample.Com"] {
        asks.push(alone(&labels_of(text), if text.starts_with('W') { LETTERS } else { NAME }));
    }
    asks.push(alone(&long(&[63, 1]), NAME));
    asks.push(alone(&[b"a.b".to_vec(), vec![0, 0xff, b' ', b'\\'], "\u{e4}".as_bytes().to_vec()], LETTERS));
    for _ in 0..8 {
        let lengths: Vec<usize> = (0..1 + draw.index(5)).map(|_| 1 + draw.index(12)).collect();
        let labels: Labels = lengths.iter().map(|len| draw.bytes(*len)).collect();
        asks.push(alone(&labels, LETTERS));
    }
    // Not at the beginning, and not in the first entry.
    let mut layout = Layout::new();
    let first = labels_of("ab.c");
    layout.name(&whole(&first));
    let second = labels_of("mail.example.org");
    let at = layout.name(&whole(&second));
    layout.name(&whole(&first));
    asks.push(layout.has(at, &second, 18, NAME));
    asks.push(layout.has(15, &labels_of("c"), 3, NAME));
    // Cut within the name; and other types of labels, with enough behind them.
    let mut layout = Layout::new();
    let at = layout.name(&whole(&labels_of("www.example.com")));
    asks.extend((at..at + 17).map(|end| layout.cut(end).has_no_name(at, CUT)));
    for first in [0x40, 0x41, 0x7f, 0x80, 0x83, 0xbf] {
        let mut layout = Layout::new();
        let at = layout.name(&[vec![first], vec![b'a'; usize::from(first)], vec![0]].concat());
        asks.push(layout.has_no_name(at, LABEL_TYPE));
        // And as if it were a pointer to the name before.
        let mut layout = Layout::new();
        layout.name(&whole(&labels_of("ab.c")));
        let at = layout.name(&[first & 0xc0, 12]);
        asks.push(layout.has_no_name(at, LABEL_TYPE));
    }
    asks
}

pub(super) fn pointer(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    let example = labels_of("Ab.c");
    let mut layout = Layout::new();
    let first = layout.name(&whole(&example));
    // A pointer alone, labels before it, into the middle of a name, to its end, and to a name that has one itself.
    let alone = layout.name(&pointing(&[], first));
    asks.push(layout.has(alone, &example, 2, POINTER));
    let www = layout.name(&pointing(&labels_of("www"), first));
    let whole_www = [labels_of("www"), example.clone()].concat();
    asks.push(layout.has(www, &whole_www, 6, POINTER));
    let com = layout.name(&pointing(&labels_of("other"), first + 3));
    asks.push(layout.has(com, &labels_of("other.c"), 8, POINTER));
    let root = layout.name(&pointing(&labels_of("net"), first + 5));
    asks.push(layout.has(root, &labels_of("net"), 6, POINTER));
    let twice = layout.name(&pointing(&labels_of("a.b"), www));
    asks.push(layout.has(twice, &[labels_of("a.b"), whole_www].concat(), 6, POINTER));
    let again = layout.name(&pointing(&[], twice));
    asks.push(layout.has(again, &[labels_of("a.b.www"), example.clone()].concat(), 2, POINTER));
    // What was asked for before is still there.
    asks.push(layout.has(www, &[labels_of("www"), example].concat(), 6, POINTER));
    asks.extend([again + 1, twice + 5].map(|end| layout.cut(end)).map(|layout| {
        let at = if layout.end() > again { again } else { twice };
        layout.has_no_name(at, CUT)
    }));
    // Far away: the six bits of the first byte count.
    for far in [1, 3, 20, 60] {
        let mut layout = Layout::new();
        layout.name(&whole(&labels_of("near.example")));
        for _ in 0..far {
            layout.name(&whole(&long(&[63, 63, 63, 40])));
        }
        let target = layout.name(&whole(&labels_of("far.example")));
        let at = layout.name(&pointing(&labels_of("www"), target));
        asks.push(layout.has(at, &labels_of("www.far.example"), 6, POINTER));
    }
    for _ in 0..6 {
        let mut layout = Layout::new();
        let mut known: Vec<(usize, Labels)> = vec![];
        for _ in 0..8 {
            let count = draw.index(3);
            let labels = labels_of(&drawn(&mut draw, count));
            let entry = match known.get(draw.index(known.len() + 1)) {
                Some((to, rest)) => (pointing(&labels, *to), [labels, rest.clone()].concat()),
                None => (whole(&labels), labels),
            };
            let at = layout.name(&entry.0);
            asks.push(layout.has(at, &entry.1, entry.0.len(), POINTER));
            known.push((at, entry.1));
        }
    }
    asks
}

pub(super) fn limits(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    let first = labels_of("ab.c");
    let begun = || {
        let mut layout = Layout::new();
        layout.name(&whole(&first));
        layout
    };
    // Backwards, as it should be, and then to itself, to its own label, forwards, round, and beyond the end.
    let mut layout = begun();
    let at = layout.name(&pointing(&labels_of("www"), 12));
    asks.push(layout.has(at, &labels_of("www.ab.c"), 6, PRIOR));
    let mut layout = begun();
    let at = layout.end();
    layout.name(&pointing(&[], at));
    asks.push(layout.has_no_name(at, PRIOR));
    let mut layout = begun();
    let at = layout.end();
    layout.name(&pointing(&labels_of("www"), at));
    asks.push(layout.has_no_name(at, PRIOR));
    for ahead in [labels_of("www"), vec![]] {
        let mut layout = begun();
        let at = layout.end();
        let behind = at + pointing(&ahead, 0).len() + 10;
        layout.name(&pointing(&ahead, behind));
        layout.name(&whole(&labels_of("example.net")));
        asks.push(layout.has_no_name(at, PRIOR));
    }
    let mut layout = begun();
    let at = layout.end();
    layout.name(&pointing(&[], at + 12));
    let second = layout.name(&pointing(&[], at));
    asks.push(layout.has_no_name(at, PRIOR));
    asks.push(layout.has_no_name(second, PRIOR));
    let mut layout = begun();
    let at = layout.end();
    layout.name(&pointing(&labels_of("www"), 0x3fff));
    asks.push(layout.has_no_name(at, PRIOR));
    // A name of 255 bytes, and one of one more, in one piece and in two.
    for (lengths, is_right) in
        [(&[63, 63, 63, 61][..], true), (&[63, 63, 63, 62], false), (&[1; 127], true), (&[1; 128], false)]
    {
        let labels = long(lengths);
        let mut layout = Layout::new();
        let at = layout.name(&whole(&labels));
        let taken = whole(&labels).len();
        asks.push(if is_right { layout.has(at, &labels, taken, SIZES) } else { layout.has_no_name(at, SIZES) });
    }
    for (length, is_right) in [(61, true), (62, false), (1, true), (63, false)] {
        let [front, back] = [long(&[length]), long(&[63, 63, 63])];
        let mut layout = Layout::new();
        let to = layout.name(&whole(&back));
        let at = layout.name(&pointing(&front, to));
        let labels = [front, back].concat();
        asks.push(if is_right { layout.has(at, &labels, length + 3, SIZES) } else { layout.has_no_name(at, SIZES) });
    }
    // One label more with each pointer: no rule says how many are too many.
    let mut layout = Layout::new();
    let mut labels = long(&[1]);
    let mut to = layout.name(&whole(&labels));
    for count in 1..=30 {
        let one = labels_of(&format!("{count}"));
        to = layout.name(&pointing(&one, to));
        labels = [one, labels].concat();
        if count % 10 == 0 {
            asks.push(layout.has(to, &labels, 5, PRIOR));
        }
    }
    // The same at places and with lengths that are drawn: backwards, forwards or to itself, and at the border of 255 bytes.
    for _ in 0..6 {
        let (known, ahead) = (labels_of(&drawn(&mut draw, 2)), labels_of(&drawn(&mut draw, 1)));
        let mut layout = Layout::new();
        let to = layout.name(&whole(&known));
        let back = layout.name(&pointing(&ahead, to));
        asks.push(layout.has(back, &[&ahead[..], &known].concat(), pointing(&ahead, to).len(), PRIOR));
        let at = layout.end();
        layout.name(&pointing(&ahead, at + draw.index(3) * 20));
        layout.name(&whole(&known));
        asks.push(layout.has_no_name(at, PRIOR));
    }
    for bytes in [254, 255, 254, 255] {
        let labels = long(&filling(&mut draw, bytes));
        let (front, back) = labels.split_at(draw.index(labels.len()));
        let mut layout = Layout::new();
        let to = layout.name(&whole(back));
        let entry = pointing(front, to);
        let at = layout.name(&entry);
        asks.push(match bytes {
            254 => layout.has(at, &labels, entry.len(), SIZES),
            _ => layout.has_no_name(at, SIZES),
        });
    }
    asks
}

/// The lengths of labels that are so many bytes, each with its own length before it.
fn filling(draw: &mut Draw, bytes: usize) -> Vec<usize> {
    let (mut lengths, mut left) = (vec![], bytes);
    while left > 0 {
        let length = if left <= 64 { left - 1 } else { (1 + draw.index(63)).min(left - 3) };
        lengths.push(length);
        left -= 1 + length;
    }
    lengths
}
