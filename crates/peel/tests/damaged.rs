//! Captures that were cut or damaged: read up to the fault, which is named, and never a panic.

#![expect(clippy::expect_used, reason = "a test ends at its first surprise")]

mod made;

use cli::{Output, Show};
use made::{Shot, pcap, pcapng, pcapng_in};
use pcap_file::Endianness;
use peel::capture::{Capture, Fault, Kind, Stop};
use peel::follow::{Conversation, ladder::Ladder};
use peel::json::{self, Event};
use peel::time::{Clock, Since};
use peel::{full, line, tree};
use wire::dissect::dissect_captured;

/// The packets of a file, and how it ended.
fn read(file: &[u8]) -> (Vec<Vec<u8>>, Option<Fault>) {
    let mut capture = match Capture::open(file) {
        Ok(capture) => capture,
        Err(Stop::Fault(fault)) => return (vec![], Some(fault)),
        Err(Stop::Unreadable(error)) => panic!("{error}"),
    };
    let mut packets = vec![];
    loop {
        match capture.next_packet() {
            Ok(Some(record)) => packets.push(record.packet.bytes.to_vec()),
            Ok(None) => return (packets, None),
            Err(Stop::Fault(fault)) => return (packets, Some(fault)),
            Err(Stop::Unreadable(error)) => panic!("{error}"),
        }
    }
}

fn shots() -> Vec<Shot> {
    let shot = |ns, len| Shot { ns, frame: vec![7; len], ..Shot::default() };
    vec![
        shot(1, 60),
        Shot { comment: Some("lost on the way"), ..shot(1_500_000_000, 61) },
        Shot { interface: 1, ..shot(2_000_000_001, 1) },
        shot(3, 0),
    ]
}

const INTERFACES: &[(&str, u32)] = &[("net1", 1), ("net2", 101)];

/// A file of each format and order of bytes, with the bytes at which a part of it ends.
fn files() -> Vec<(&'static str, Vec<u8>, Vec<usize>)> {
    let of_one: Vec<Shot> = shots().into_iter().map(|shot| Shot { interface: 0, ..shot }).collect();
    let records = |file: &[u8]| {
        let lens = of_one.iter().map(|shot| 16 + shot.frame.len());
        let ends: Vec<usize> = lens.scan(24, |at, len| Some(std::mem::replace(at, *at + len))).chain([file.len()]).collect();
        ends
    };
    let blocks = |file: &[u8], big: bool| {
        let mut ends = vec![0];
        while let Some(four) = file.get(ends[ends.len() - 1] + 4..).and_then(|rest| rest.first_chunk()) {
            let len = if big { u32::from_be_bytes(*four) } else { u32::from_le_bytes(*four) };
            ends.push(ends[ends.len() - 1] + len as usize);
        }
        ends
    };
    let little = pcapng(INTERFACES, &shots());
    let big = pcapng_in(Endianness::Big, 9, INTERFACES, &shots());
    let mut files = vec![];
    for (name, magic, is_big) in
        [("pcap", 0xa1b2_c3d4, false), ("pcap, big-endian", 0xa1b2_c3d4, true), ("pcap, nanoseconds", 0xa1b2_3c4d, true)]
    {
        let file = pcap(magic, is_big, 1, &of_one);
        let ends = records(&file);
        files.push((name, file, ends));
    }
    let (little_ends, big_ends) = (blocks(&little, false), blocks(&big, true));
    files.push(("pcapng", little, little_ends));
    files.push(("pcapng, big-endian", big, big_ends));
    files
}

#[test]
fn file_that_is_cut_anywhere_is_read_up_to_there_and_says_so() {
    for (name, file, ends) in files() {
        let (whole, fault) = read(&file);
        assert_eq!((whole.len(), fault), (4, None), "{name}");
        for len in 0..file.len() {
            let (packets, fault) = read(&file[..len]);
            assert!(whole.starts_with(&packets), "{name} cut at {len}");
            let is_end_of_a_part = len > 0 && ends.contains(&len);
            match fault {
                None => assert!(is_end_of_a_part, "{name} cut at {len} has no fault"),
                Some(fault) => {
                    assert!(!is_end_of_a_part, "{name} cut at {len}: {fault}");
                    let (byte, text) = (fault.byte, fault.to_string());
                    match fault.kind {
                        Kind::Empty => assert_eq!(len, 0),
                        Kind::NotACapture(_) => assert!((1..4).contains(&len), "{text}"),
                        Kind::CutShort { begins, need, .. } => {
                            assert_eq!(byte, len as u64, "{name}: {text}");
                            let begins = usize::try_from(begins).expect("small");
                            assert!(begins == 0 || ends.contains(&begins), "{name} cut at {len}: {text}");
                            assert!(begins + usize::try_from(need).expect("small") > len, "{name}: {text}");
                        }
                        _ => panic!("{name} cut at {len}: {text}"),
                    }
                }
            }
        }
    }
}

#[test]
fn times_and_lengths_are_those_of_the_file_in_every_format() {
    for (name, file, _) in files() {
        let mut capture = Capture::open(&file[..]).expect("a capture");
        let micro = name.starts_with("pcap") && !name.contains("nano") && !name.contains("ng");
        for shot in shots() {
            let record = capture.next_packet().expect("whole").expect("a packet");
            let unit = if micro { 1000 } else { 1 };
            assert_eq!(record.packet.at.expect("a time").0, i64::try_from(shot.ns * unit).expect("fits"), "{name}");
            assert_eq!(record.packet.bytes, shot.frame, "{name}");
            if name.contains("ng") {
                assert_eq!(record.packet.comment.as_deref(), shot.comment);
                let names = ["net1", "net2"];
                assert_eq!(record.interface.name.as_deref(), Some(names[shot.interface as usize]));
                assert_eq!(record.interface.link, [1, 101][shot.interface as usize]);
            }
        }
        assert!(capture.next_packet().expect("the end").is_none());
    }
}

#[test]
fn resolution_and_order_of_times_are_those_of_the_interface() {
    for (resolution, units, ns) in
        [(6, 1_500_000, 1_500_000_000), (3, 1_500, 1_500_000_000), (0, 2, 2_000_000_000), (0x81, 3, 1_500_000_000_i64)]
    {
        for order in [Endianness::Little, Endianness::Big] {
            let shot = Shot { ns: units, frame: vec![0; 60], ..Shot::default() };
            let file = pcapng_in(order, resolution, &[("x", 1)], &[shot]);
            let mut capture = Capture::open(&file[..]).expect("a capture");
            let record = capture.next_packet().expect("whole").expect("a packet");
            assert_eq!(record.packet.at.expect("a time").0, ns, "resolution {resolution:#x}");
        }
    }
}

/// A second section has its own order of bytes and its own interfaces.
#[test]
fn sections_follow_each_other_whatever_their_order_of_bytes() {
    let little = pcapng(&[("first", 1)], &shots()[..1]);
    let big = pcapng_in(Endianness::Big, 9, &[("second", 101)], &shots()[..1]);
    let both = [&little[..], &big, &little].concat();
    let mut capture = Capture::open(&both[..]).expect("a capture");
    let mut seen = vec![];
    while let Some(record) = capture.next_packet().expect("whole") {
        seen.push((record.number, record.interface.name.clone().expect("a name"), record.interface.link));
    }
    assert_eq!(seen, [(1, "first".into(), 1), (2, "second".into(), 101), (3, "first".into(), 1)]);
}

/// The two kinds of packet block that are rare, and one that nobody knows, made by hand.
#[test]
fn rare_blocks_are_read_and_unknown_ones_passed_over() {
    let mut file = pcapng(&[("net1", 1)], &[]);
    let mut block = |kind: u32, body: &[u8]| {
        let len = u32::try_from(body.len() + 12).expect("short");
        file.extend([&kind.to_le_bytes()[..], &len.to_le_bytes(), body, &len.to_le_bytes()].concat());
    };
    block(3, &[&5_u32.to_le_bytes()[..], b"hello\0\0\0"].concat());
    block(0x0bad_cafe, &[0; 400]);
    let obsolete = [0_u32, 0, 7, 5, 9].map(u32::to_le_bytes).concat();
    block(2, &[&obsolete[..], b"there\0\0\0"].concat());
    let mut capture = Capture::open(&file[..]).expect("a capture");
    let record = capture.next_packet().expect("whole").expect("a packet");
    assert_eq!((record.packet.bytes, record.packet.original_len, record.packet.at), (&b"hello"[..], 5, None));
    let record = capture.next_packet().expect("whole").expect("a packet");
    let at = record.packet.at.map(|at| at.0);
    assert_eq!((record.packet.bytes, record.packet.original_len, at), (&b"there"[..], 9, Some(7)));
    assert!(capture.next_packet().expect("the end").is_none());
}

#[test]
fn damage_is_told_with_the_byte_that_is_wrong() {
    let ng = pcapng(&[("net1", 1)], &shots()[..1]);
    let first = ng.len() - 92; // 32 of the block, 60 of the packet
    let told = |at: usize, value: u32| {
        let mut file = ng.clone();
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        read(&file).1.map(|fault| fault.to_string().replace(&format!("byte {at}"), "byte HERE")).unwrap_or_default()
    };
    assert_eq!(told(first + 4, 7), "is damaged at byte HERE: packet 1 cannot have the length 7");
    assert_eq!(told(first + 4, 94), "is damaged at byte HERE: packet 1 cannot have the length 94");
    assert_eq!(
        told(first + 4, 0x7fff_fffc),
        "is damaged at byte HERE: packet 1 has 2147483644 bytes by its length, and 16777216 is the most"
    );
    assert_eq!(
        told(first + 8, 1),
        "is damaged at byte HERE: packet 1 is of interface 1, and only 1 were described before"
    );
    assert_eq!(told(first + 20, 61), "is damaged at byte HERE: packet 1 has 61 bytes by its length, more than its block");
    assert_eq!(
        told(ng.len() - 4, 0),
        "is damaged at byte HERE: packet 1 has the length 92 at its beginning and 0 at its end"
    );
    assert_eq!(told(8, 0), "is damaged at byte 0: a section header cannot be read");
    assert_eq!(told(12, 2), "is damaged at byte HERE: a section of version 2.0, and only 1 is known");
}

/// `SplitMix64`.
struct Rng(u64);

impl Rng {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((z >> 33) % most as u64).expect("small")
    }
}

#[test]
fn any_damage_is_a_fault_or_other_packets_and_never_a_panic() {
    let files = files();
    let mut rng = Rng(1);
    let (mut faults, mut packets) = (0, 0);
    for _ in 0..20_000 {
        let (_, file, _) = &files[rng.below(files.len())];
        let mut file = file.clone();
        for _ in 0..=rng.below(4) {
            if file.is_empty() {
                break;
            }
            let at = rng.below(file.len());
            match rng.below(5) {
                0 => file[at] ^= 1 << rng.below(8),
                1 => file[at] = [0, 0xff, 0x7f, 0x80][rng.below(4)],
                2 => file.truncate(at.max(4)),
                3 => drop(file.drain(at..(at + rng.below(40)).min(file.len()))),
                _ => file.splice(at..at, vec![0xff; rng.below(9)]).for_each(drop),
            }
        }
        let (read, fault) = read(&file);
        packets += read.len();
        if let Some(fault) = fault {
            faults += 1;
            assert!(fault.byte <= file.len() as u64 && !fault.to_string().is_empty(), "{fault}");
        }
    }
    assert!(faults > 5_000 && packets > 10_000, "{faults} faults, {packets} packets");
}

/// Packets of all kinds with bytes changed, in every view: whatever they are, there is something to show, on lines that do not act
/// on a terminal.
#[test]
fn any_packet_can_be_shown_in_every_view() {
    let mut rng = Rng(3);
    let seeds: Vec<Vec<u8>> = [made::ping(), made::trace()].iter().flat_map(|file| read(file).0).collect();
    let links = [("ethernet", 1), ("raw", 101), ("cooked", 113), ("cooked2", 276), ("other", 147)];
    let shots: Vec<Shot> = (0..3_000)
        .map(|number| {
            let mut frame = seeds[rng.below(seeds.len())].clone();
            for _ in 0..rng.below(6) {
                let at = rng.below(frame.len());
                frame[at] = [0, 1, 4, 6, 17, 58, 0x45, 0x60, 0x86, 0xdd, 0xff][rng.below(11)];
            }
            let interface = u32::try_from(rng.below(8).saturating_sub(3)).expect("small");
            frame.drain(..if interface == 0 { 0 } else { 14 });
            frame.truncate(rng.below(frame.len() * 2) + 1);
            Shot { ns: number, frame, interface, original_len: 100, ..Shot::default() }
        })
        .collect();
    let file = pcapng(&links, &shots);
    let mut capture = Capture::open(&file[..]).expect("a capture");
    let mut clock = Clock::new(Since::First);
    let (mut ladder, mut conversations) = (None, 0);
    while let Some(record) = capture.next_packet().expect("whole") {
        let (mut out, collected) = Output::collected(&Show { ascii: true, ..Show::default() });
        let original_len = record.packet.original_len as usize;
        let packet = record.link().map(|link| dissect_captured(record.packet.bytes, original_len, link));
        clock.note(&record);
        let mut text = String::new();
        line::write(&mut text, &record, packet.as_ref(), &clock, &out);
        out.line(&text).expect("written");
        full::show(&mut out, &record, packet.as_ref(), &clock).expect("shown");
        out.json(&Event::Packet(json::Packet::of(&record, packet.as_ref(), &clock, true))).expect("written");
        if let Some(packet) = &packet {
            tree::show(&mut out, packet).expect("shown");
            if record.number % 10 == 1 {
                ladder = Conversation::of(packet).map(Ladder::new);
                conversations += usize::from(ladder.is_some());
            }
            if let Some(ladder) = &mut ladder {
                ladder.draw(&mut out, &record, packet).expect("drawn");
            }
        }
        let shown = collected.stdout();
        assert!(shown.is_ascii() && !shown.contains(|c: char| c.is_control() && c != '\n'), "{shown}");
    }
    assert!(conversations > 50, "{conversations}");
}
