//! What [`wire::dns`] promises: by a judge that nobody here wrote, and for any bytes.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be, and builds messages byte by byte"
)]

mod generate;
mod hickory;
mod mutate;
#[path = "../packets/rng.rs"]
mod rng;

use rng::Rng;
use wire::dns::{Anatomy, Message, Part};

#[test]
fn message_is_read_as_it_was_written() {
    for seed in 0..20_000 {
        let message = generate::message(&mut Rng::new(seed));
        let bytes = message.bytes();
        let (read, behind) = Message::parse(&bytes).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!((&read, behind), (&message, [].as_slice()), "seed {seed}");
        assert_eq!(read.bytes(), bytes, "seed {seed}");
        for record in read.records() {
            let text = record.to_string();
            assert!(text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')), "seed {seed}: {text}");
        }
    }
}

#[test]
fn what_stands_behind_a_message_is_reported() {
    let bytes = generate::message(&mut Rng::new(7)).bytes();
    let longer = [bytes.as_slice(), b"more"].concat();
    assert_eq!(Message::parse(&longer).unwrap().1, b"more");
    assert_eq!(Anatomy::of(&longer).end, bytes.len());
}

#[test]
fn every_bit_that_was_read_is_in_one_field_and_every_pointer_leads_backwards() {
    let (mut whole, mut pointers) = (0, 0);
    for seed in 0..100_000 {
        let mut rng = Rng::new(seed);
        let [original, other] = [(); 2].map(|()| generate::message(&mut rng).bytes());
        let bytes = if rng.once_in(4) { original } else { mutate::mutant(&original, &other, &mut rng) };
        let anatomy = Anatomy::of(&bytes);
        assert!(anatomy.end <= bytes.len());
        assert_eq!(filled(&anatomy.parts, 0), anatomy.end * 8, "seed {seed}");
        match (&anatomy.message, Message::parse(&bytes)) {
            (Ok(message), Ok((again, behind))) => {
                assert_eq!((message, bytes.len() - behind.len()), (&again, anatomy.end), "seed {seed}");
                whole += 1;
            }
            (Err(error), Err(again)) => {
                assert_eq!(*error, again, "seed {seed}");
                assert!(error.byte <= bytes.len(), "seed {seed}: {error}");
            }
            _ => panic!("seed {seed}: a message only when it is noted, or only when it is not"),
        }
        for pointer in &anatomy.pointers {
            assert!(pointer.to < pointer.at && pointer.at + 2 <= anatomy.end, "seed {seed}: {pointer:?}");
            pointers += 1;
        }
    }
    assert!(whole > 20_000 && pointers > 50_000, "{whole} messages, {pointers} pointers");
}

/// Checks that these parts fill the bits from `from` on without a gap, and gives the bit where they end.
fn filled(parts: &[Part], from: usize) -> usize {
    let (mut at, mut rest) = (from, parts);
    while let Some((part, behind)) = rest.split_first() {
        assert_eq!(part.bits.start, at, "{}", part.row.name);
        let (inside, next) = behind.split_at(part.parts);
        if part.parts > 0 {
            assert_eq!(filled(inside, at), part.bits.end, "{}", part.row.name);
        }
        (at, rest) = (part.bits.end, next);
    }
    at
}

#[test]
fn answer_that_is_too_long_for_a_datagram_says_so() {
    let (mut message, mut rng) = (Message::new(wire::dns::Header::query(1, true)), Rng::new(3));
    while message.bytes().len() < 2000 {
        message.answers.push(wire::dns::Record::new(
            generate::name(&mut rng),
            1,
            generate::rdata(wire::dns::Type::TXT, &mut rng),
        ));
    }
    message.additionals.push(wire::dns::Edns::new(1232).record());
    let message = message.sealed();
    assert_eq!(message.bytes_within(65_535), message.bytes());
    let (short, _) = Message::parse(&message.bytes_within(512)).map(|(read, behind)| (read, behind.len())).unwrap();
    assert!(short.header.tc && short.answers.is_empty() && short.edns().is_some());
}
