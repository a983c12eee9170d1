//! What drawings promise, for all packets: they fit, and each mark stands below the bytes that it is about.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends at its first surprise"
)]

#[allow(dead_code, reason = "the packets are those of another test, which needs more of them")]
#[path = "../../wire/tests/more_packets/mod.rs"]
mod more_packets;
#[path = "../../wire/tests/dissect/mutate.rs"]
mod mutate;
#[allow(dead_code, reason = "the packets are those of another test, which needs more of them")]
#[path = "../../wire/tests/packets/mod.rs"]
mod packets;

use cli::explain::{Against, Layers, Packet, Part, Pen, Picture, WIDTH};
use host::Time;
use more_packets::Captured;
use mutate::{Mutant, Original, mutant};
use packets::Rng;
use std::collections::BTreeSet;
use std::ops::Range;
use wire::dissect::{Dissection, Field, Layer, LinkType, Protocol, dissect_captured};

const UTF8: Pen = Pen { ascii: false, colour: false };

/// A packet of any protocol, valid or not.
struct Case {
    link: LinkType,
    bytes: Vec<u8>,
    whole_len: usize,
}

impl Case {
    /// Half of them with faults at places that the packet's own tree names.
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let original = Original::new(valid(&mut rng));
        let link = original.packet.link;
        if rng.once_in(2) {
            let bytes = original.packet.bytes;
            return Case { link, whole_len: bytes.len(), bytes };
        }
        let other = valid(&mut rng);
        let Mutant { bytes, original_len } = mutant(&original, &other, &mut rng);
        Case { link, bytes, whole_len: original_len }
    }

    fn packet(&self) -> Packet<'_> {
        let part = if self.link == LinkType::Ethernet { Part::Frame } else { Part::Packet };
        Packet::beginning(part, &self.bytes, self.whole_len)
    }

    fn dissection(&self) -> Dissection<'_> {
        dissect_captured(&self.bytes, self.whole_len.max(self.bytes.len()), self.link)
    }
}

/// Frames and IP packets of all protocols; programs have no cooked ones.
fn valid(rng: &mut Rng) -> Captured {
    loop {
        let packet = match rng.below(2) {
            0 => Captured { link: LinkType::Ethernet, bytes: packets::frame(rng).bytes },
            _ => more_packets::captured(rng),
        };
        if matches!(packet.link, LinkType::Ethernet | LinkType::RawIp) {
            return packet;
        }
    }
}

#[test]
fn every_mark_stands_below_the_digits_of_its_fields_and_every_digit_has_one() {
    let mut marks = 0;
    for seed in 0..4_000 {
        let case = Case::new(seed);
        let (packet, bytes) = (case.packet(), &case.bytes);
        let lines = Picture::leaving("a packet", Time(seed), &packet).lines(UTF8);
        fits(&lines, seed);
        let dissection = case.dissection();
        let sections = sections(&lines);
        let layers = drawn_layers(&dissection);
        assert_eq!(sections.len(), layers.len(), "seed {seed}:\n{}", lines.join("\n"));
        let edges = Edges::of(&dissection);
        for (section, (layer, start)) in sections.iter().zip(layers) {
            assert!(section.heading.contains(layer.protocol().name()), "seed {seed}: {}", section.heading);
            for row in &section.rows {
                let at = start + row.offset;
                assert_eq!(row.bytes, bytes[at..at + row.bytes.len()], "seed {seed}, row {}", row.offset);
                for mark in &row.marks {
                    let bits = at * 8 + mark.start * 4..at * 8 + mark.end * 4;
                    assert!(edges.fit(&bits, row.more), "seed {seed}: {mark:?} in row {}", row.offset);
                }
                let marked: usize = row.marks.iter().map(ExactSizeIterator::len).sum();
                assert_eq!(marked, row.bytes.len() * 2, "seed {seed}, row {}", row.offset);
                marks += row.marks.len();
            }
        }
    }
    assert!(marks > 50_000, "{marks} marks were compared");
}

#[test]
fn comparison_of_any_two_packets_fits_and_marks_nothing_that_is_the_same_and_right() {
    for seed in 0..1_500 {
        let was = Case::new(seed);
        let mut changed = Case::new(seed);
        let at = Rng::new(seed).below(was.bytes.len().max(1));
        if let Some(byte) = changed.bytes.get_mut(at) {
            *byte = !*byte;
        }
        for (is_same, now) in [(true, &was), (false, &changed), (false, &Case::new(seed + 10_000))] {
            let (before, after) = (was.packet(), now.packet());
            let against = |layers| Against::since("the last one", layers, &before);
            let picture = Picture::arriving("another", Time(seed), &after);
            let lines = picture.against([against(Layers::Quoted), against(Layers::All)]).lines(UTF8);
            fits(&lines, seed);
            let sections = sections(&lines);
            let dissection = now.dissection();
            if is_same && dissection.layers().all(|layer| !layer.is_quoted()) {
                // What is wrong is marked each time.
                let wrong = dissection.problems().len();
                assert!(sections.iter().map(|section| section.rows.len()).sum::<usize>() <= wrong, "seed {seed}");
            }
        }
    }
}

#[test]
fn part_of_a_packet_is_drawn_without_the_headers_that_the_host_keeps() {
    for seed in 0..2_000 {
        let bytes = packets::frame(&mut Rng::new(seed)).bytes;
        for (part, from) in [(Part::Packet, 14), (Part::Icmp, 34), (Part::Data, 42)] {
            let bytes = bytes.get(from..).unwrap_or_default();
            for packet in [Packet::new(part, bytes), Packet::beginning(part, bytes, bytes.len() + 100)] {
                let lines = Picture::leaving("a part", Time(seed), &packet).lines(UTF8);
                fits(&lines, seed);
                let first = lines.iter().find(|line| line.starts_with("    0 "));
                if let (Part::Icmp | Part::Data, Some(byte)) = (part, bytes.first()) {
                    let first = first.expect("a row");
                    assert!(first.starts_with(&format!("    0 │ {byte:02x}")), "seed {seed}: {first}");
                }
            }
        }
    }
}

#[test]
fn what_is_wrong_stands_at_its_mark_with_what_would_be_right() {
    let mut bytes = wire::ipv4::example();
    bytes[3] = 84; // more than there are, and the checksum was for 28
    let packet = Packet::new(Part::Packet, &bytes);
    let drawn = Picture::arriving("a packet", Time(0), &packet).lines(UTF8).join("\n");
    for said in [
        "╰ total length 84: header and payload, in bytes\n      │ ││ │    ! IPv4 total length says 84 bytes, and 28 are there",
        "╰ header checksum 0x8a89, wrong: 0x8a51 would be right",
    ] {
        assert!(drawn.contains(said), "{said}\n{drawn}");
    }
    let red = Picture::arriving("a packet", Time(0), &packet).lines(Pen { ascii: false, colour: true }).join("\n");
    assert!(
        red.contains("\u{1b}[1m\u{1b}[31m! IPv4 total length says") && red.contains("\u{1b}[1m\u{1b}[31m8a\u{1b}[0m"),
        "{red}"
    );
}

#[test]
fn one_word_that_changed_explains_the_checksum_and_several_do_not() {
    let was = wire::ipv4::example();
    let (header, ..) = wire::ipv4::Ipv4::parse(&was).unwrap();
    let mended = |header: wire::ipv4::Ipv4| header.packet(&was[20..]);
    let said = |now: &[u8]| {
        let (before, after) = (Packet::new(Part::Packet, &was), Packet::new(Part::Packet, now));
        let against = Against::since("the last one", Layers::All, &before);
        let lines = Picture::arriving("a packet", Time(0), &after).against([against]).lines(UTF8);
        let text: Vec<&str> =
            lines.iter().flat_map(|line| line.split(['│', '╰', ' '])).filter(|w| !w.is_empty()).collect();
        text.join(" ")
    };
    let one = mended(wire::ipv4::Ipv4 { ttl: 99, ..header });
    assert!(said(&one).contains("correct: 0x0100 more, for a time to live 1 less"), "{}", said(&one));
    let more = mended(wire::ipv4::Ipv4 { identification: 0xffff, ..header });
    assert!(
        said(&more).contains("correct: 0xfffe less with the carry, for an identification 65534 more"),
        "{}",
        said(&more)
    );
    let two = mended(wire::ipv4::Ipv4 { ttl: 99, identification: 7, ..header });
    assert!(said(&two).contains("correct: it covers what changed"), "{}", said(&two));
    let mut forgotten = was.clone();
    forgotten[8] = 99; // without mending the checksum
    assert!(said(&forgotten).contains("wrong: 0x8b89 would be right"), "{}", said(&forgotten));
}

#[test]
fn ascii_and_colour_change_how_marks_look_and_not_where_they_stand() {
    for seed in 0..500 {
        let case = Case::new(seed);
        let packet = case.packet();
        let picture = Picture::leaving("a packet", Time(seed), &packet);
        let plain = picture.lines(UTF8);
        let ascii = picture.lines(Pen { ascii: true, colour: false });
        let typed = |line: &String| {
            line.replace('│', "|").replace('╰', "`").replace(['┬', '─'], "^").replace('…', "...").replace('→', "-->")
        };
        // The headline's arrow is wider, and so moves its title.
        assert_eq!(ascii[1..], plain.iter().map(typed).collect::<Vec<_>>()[1..], "seed {seed}");
        assert!(ascii.iter().all(|line| line.is_ascii()), "seed {seed}");
        fits(&ascii, seed);
        let colour = picture.lines(Pen { ascii: false, colour: true });
        assert_eq!(colour.iter().map(|line| bare(line)).collect::<Vec<_>>(), plain, "seed {seed}");
        assert!(colour.iter().any(|line| line.contains('\u{1b}')), "seed {seed}");
    }
}

/// Without the sequences that colour a terminal.
fn bare(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_string();
    pieces.fold(first, |line, piece| line + piece.split_once('m').expect("a colour").1)
}

fn fits(lines: &[String], seed: u64) {
    for line in lines {
        assert!(line.chars().count() <= WIDTH && !line.ends_with(' '), "seed {seed}: '{line}'");
        assert!(!line.contains(char::is_control), "seed {seed}: '{line}'");
    }
}

struct Section {
    heading: String,
    rows: Vec<Row>,
}

struct Row {
    offset: usize,
    bytes: Vec<u8>,
    /// Whether the row says that more follows.
    more: bool,
    /// From which digit to behind which.
    marks: Vec<Range<usize>>,
}

/// Reads a drawing back, and checks that each mark has one text.
fn sections(lines: &[String]) -> Vec<Section> {
    let mut sections: Vec<Section> = vec![];
    let mut texts: Vec<usize> = vec![];
    for (number, line) in lines.iter().enumerate() {
        let columns: Vec<char> = line.chars().collect();
        if columns.get(6) != Some(&'│') {
            let next = lines.get(number + 1).map(String::as_str).unwrap_or_default();
            if next.chars().nth(6) == Some('│') {
                sections.push(Section { heading: line.trim().to_string(), rows: vec![] });
            }
            continue;
        }
        let section = sections.last_mut().expect("a heading stands above");
        let offset: String = columns[..6].iter().collect();
        if let Ok(offset) = offset.trim().parse() {
            assert!(texts.is_empty(), "a mark of the row above has no text");
            let words: Vec<&str> = line.split('│').nth(1).unwrap().split_whitespace().collect();
            let bytes = words.iter().filter_map(|word| u8::from_str_radix(word, 16).ok()).collect();
            section.rows.push(Row { offset, bytes, more: words.last() == Some(&"…"), marks: vec![] });
            continue;
        }
        let row = section.rows.last_mut().expect("bytes stand above");
        if row.marks.is_empty() {
            row.marks = marks(&columns);
            texts = row.marks.iter().map(|mark| column(mark.start)).collect();
        } else if let Some(at) = columns.iter().position(|column| *column == '╰') {
            // The last mark is explained first.
            assert_eq!(texts.pop(), Some(at), "{line}");
        }
    }
    assert!(texts.is_empty(), "a mark of the last row has no text");
    sections
}

/// The column of a digit.
fn column(digit: usize) -> usize {
    8 + digit / 2 * 3 + digit % 2
}

/// The digits below which marks stand.
fn marks(columns: &[char]) -> Vec<Range<usize>> {
    let digit = |at: usize| {
        let (byte, within) = ((at - 8) / 3, (at - 8) % 3);
        assert!(within < 2, "a mark begins or ends between two bytes");
        byte * 2 + within
    };
    let starts: Vec<usize> = (8..columns.len()).filter(|at| columns[*at] == '┬').collect();
    let end = |from: usize| (from + 1..columns.len()).find(|at| columns[*at] != '─').unwrap_or(columns.len());
    starts.into_iter().map(|from| digit(from)..digit(end(from) - 1) + 1).collect()
}

/// The layers that have a section each, in its order, with the byte from which it counts.
fn drawn_layers<'d>(dissection: &'d Dissection<'d>) -> Vec<(Layer<'d>, usize)> {
    let layers: Vec<Layer<'_>> = dissection.layers().collect();
    let is_there = |layer: Layer<'_>| layer.fields().next().is_some();
    let has_own = |index: &usize| {
        let is_data = layers[*index].protocol() == Protocol::Data;
        if is_data { *index == 0 } else { is_there(layers[*index]) }
    };
    let own: Vec<Layer<'_>> = (0..layers.len()).filter(has_own).map(|index| layers[index]).collect();
    let trailers = layers.iter().rev().copied().filter(|layer| !layer.trailer().is_empty());
    own.into_iter().chain(trailers).map(|layer| (layer, layer.header().start)).collect()
}

/// Where fields begin and end, in bits.
struct Edges {
    begin: BTreeSet<usize>,
    end: BTreeSet<usize>,
}

impl Edges {
    fn of(dissection: &Dissection<'_>) -> Self {
        let mut edges = Edges { begin: BTreeSet::new(), end: BTreeSet::new() };
        dissection.layers().flat_map(Layer::fields).for_each(|field| edges.add(&field));
        edges
    }

    fn add(&mut self, field: &Field<'_>) {
        self.begin.insert(field.bits().start);
        self.end.insert(field.bits().end);
        field.fields().for_each(|field| self.add(&field));
    }

    /// Whether a mark over these bits is one or more whole fields; the last of a row may go on beyond it.
    fn fit(&self, bits: &Range<usize>, more: bool) -> bool {
        self.begin.contains(&bits.start) && (self.end.contains(&bits.end) || more)
    }
}
