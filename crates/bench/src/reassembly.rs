//! Fragments put together, beside etherparse: those of whole packets, and a flood of those that never become any.

use crate::pair::pair;
use crate::table::{Group, Row, range};
use etherparse::defrag::IpDefragPool;
use etherparse::{IpNumber, SlicedPacket};
use std::cell::RefCell;
use std::hint::black_box;
use std::time::Duration;
use wire::fragment::{Limits, Outcome, Reassembler, cut};
use wire::ipv4::{self, Ipv4};

/// Reassembly.
pub(crate) const REASSEMBLY: Group = Group {
    name: "reassembly",
    title: "wire: reassembly",
    about: "Whole: a packet of 4,020 bytes in three fragments, from these to the packet. Flood: first fragments of 1,400 bytes, of\n\
            another packet each, which never becomes whole; ours may hold 1 MiB. etherparse's pool has no limit of its own: it is\n\
            told to forget all but the newest 600 packets each time it has 1,200. Memory: what a flood of fragments of all\n\
            lengths and offsets makes ours hold at the most, by its own count and by what the process has more than before.",
    rows,
};

const LIMITS: Limits = Limits { memory: 1 << 20, assemblies: usize::MAX, time_to_live: Duration::from_mins(1) };
/// About as many packets as [`LIMITS`] leaves to ours.
const KEPT: u64 = 600;

fn rows() -> Result<Vec<Row>, String> {
    Ok([whole()?, flood()?].into_iter().chain(memory()?).collect())
}

type Pool = IpDefragPool<u64, ()>;

fn header(identification: u16) -> Ipv4 {
    let header = Ipv4::new([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), ipv4::UDP);
    Ipv4 { identification, ..header }
}

/// What etherparse puts together with this fragment: the payload of a packet, or nothing yet.
fn add(pool: &mut Pool, now: u64, fragment: &[u8]) -> Option<etherparse::defrag::IpDefragPayloadVec> {
    pool.process_sliced_packet(&SlicedPacket::from_ip(fragment).ok()?, now, ()).ok()?
}

fn whole() -> Result<Row, String> {
    let payload: Vec<u8> = (0..=255).cycle().take(4000).collect();
    let packet = header(7).packet(&payload);
    let fragments = cut(&packet, 1500).map_err(|error| error.to_string())?;
    let mut reassembler = Reassembler::new(LIMITS);
    let mut ours = || fragments.iter().map(|it| reassembler.add(Duration::ZERO, black_box(it))).last();
    let mut pool = Pool::new();
    let mut theirs = || {
        let whole = fragments.iter().filter_map(|it| add(&mut pool, 0, black_box(it))).last();
        whole.map(|whole| {
            let is_right = (whole.ip_number, whole.payload.len()) == (IpNumber::UDP, payload.len());
            let same = whole.payload == payload;
            pool.return_buf(whole);
            is_right && same
        })
    };
    if fragments.len() != 3 || ours() != Some(Outcome::Whole(packet.clone())) || theirs() != Some(true) {
        return Err("etherparse and we put fragments together otherwise".into());
    }
    let mut ours = || match fragments.iter().map(|it| reassembler.add(Duration::ZERO, black_box(it))).last() {
        Some(Outcome::Whole(whole)) => whole == packet,
        _ => false,
    };
    let pair = pair(&mut ours, &mut theirs);
    let time = |nanoseconds: f64| format!("{:.2} µs", nanoseconds / 1e3);
    Ok(Row {
        what: "whole packet of three fragments".into(),
        ours: time(pair.ours),
        peer: format!("etherparse {}", time(pair.theirs)),
        ratio: range(pair.ratio),
        bar: String::new(),
        reached: None,
    })
}

fn flood() -> Result<Row, String> {
    let first = |identification| Ipv4 { more_fragments: true, ..header(identification) }.packet(&[0; 1400]);
    let fragments: Vec<Vec<u8>> = (0..4096).map(first).collect();
    let reassembler = RefCell::new(Reassembler::new(LIMITS));
    let mut next = fragments.iter().cycle();
    let ours = || next.next().map(|fragment| reassembler.borrow_mut().add(Duration::ZERO, black_box(fragment)));
    let (mut pool, mut now) = (Pool::new(), 0);
    let mut next_of_theirs = fragments.iter().cycle();
    let theirs = || {
        now += 1;
        if now % KEPT == 0 {
            pool.retain(|arrived| *arrived + KEPT > now);
        }
        next_of_theirs.next().map(|fragment| add(&mut pool, now, black_box(fragment)))
    };
    let pair = pair(ours, theirs);
    let held = reassembler.borrow().assemblies();
    if !(KEPT / 2..=KEPT * 2).contains(&(held as u64)) {
        return Err(format!("{held} packets are held, where etherparse holds {KEPT} to {}", 2 * KEPT));
    }
    let rate = |nanoseconds: f64| format!("{:.1} M/s", 1e3 / nanoseconds);
    Ok(Row {
        what: "flood, fragments".into(),
        ours: rate(pair.ours),
        peer: format!("etherparse {}", rate(pair.theirs)),
        ratio: range(pair.ratio.inverse()),
        bar: String::new(),
        reached: None,
    })
}

/// The argument with which this program does [`tell_flood_memory`].
pub(crate) const FLOOD_MEMORY: &str = "--flood-memory";

/// A flood in a process of its own, of which nothing else has grown before.
#[expect(clippy::disallowed_types, reason = "the memory of a process is what is measured")]
fn memory() -> Result<[Row; 2], String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = std::process::Command::new(here).arg(FLOOD_MEMORY).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(str::parse::<usize>);
    let (Some(Ok(counted)), Some(Ok(grown))) = (numbers.next(), numbers.next()) else {
        return Err(format!("no amounts of memory: {text}{}", String::from_utf8_lossy(&output.stderr)));
    };
    let limit = LIMITS.memory / 1024;
    let row = |what: &str, amount: usize| Row {
        what: format!("flood, memory, {what}"),
        ours: format!("{amount} KiB"),
        peer: String::new(),
        ratio: String::new(),
        bar: format!("≤ {limit} KiB"),
        reached: Some(amount > 0 && amount <= limit),
    };
    Ok([row("counted", counted.div_ceil(1024)), row("of the process", grown)])
}

/// Floods a reassembler, and prints the most that it counted, in bytes, and the most that the process grew by, in KiB.
pub(crate) fn tell_flood_memory() -> Result<(), String> {
    let payload = vec![0; 1480];
    let mut reassembler = Reassembler::new(LIMITS);
    let (mut counted, mut grown) = (0, 0);
    let before = resident()?;
    for number in 0..1_000_000usize {
        // Steps that share no factor with what they wrap at: all lengths, offsets and numbers come, in an order that never settles.
        let len = 8 * (1 + number * 37 % 185);
        let header = Ipv4 {
            fragment_offset: u16::try_from(number * 101 % 8000).map_err(|error| error.to_string())?,
            more_fragments: true,
            ..header(u16::try_from(number * 7919 % 65_521).map_err(|error| error.to_string())?)
        };
        black_box(reassembler.add(Duration::ZERO, &header.packet(payload.get(..len).unwrap_or_default())));
        counted = counted.max(reassembler.memory());
        if number % 1000 == 0 {
            grown = grown.max(resident()?.saturating_sub(before));
        }
    }
    println!("{counted} {grown}");
    Ok(())
}

/// The memory that this process has of its own now, in KiB.
fn resident() -> Result<usize, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| "the system does not tell the memory of a process".to_string())
}
