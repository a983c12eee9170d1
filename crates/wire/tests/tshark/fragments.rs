//! tshark puts together what this crate cut, and what is in there is the same.

use crate::ask;
use crate::packets::{EXPERIMENT, Rng};
use libtest_mimic::Failed;
use std::time::Duration;
use wire::fragment::{Limits, Outcome, Reassembler, cut};
use wire::ipv4::Ipv4;

const PACKETS: u16 = 300;
const FIELDS: &[&str] = &["ip.fragment.count", "ip.reassembled.length", "ip.reassembled.data"];
const ETHERNET: [u8; 14] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00];

pub(crate) fn compare() -> Result<(), Failed> {
    let frames: Vec<Vec<u8>> = (0..PACKETS).flat_map(frames).collect();
    let answers = ask(&frames, &["ip.defragment:TRUE"], FIELDS)?;
    let mut reassembler = Reassembler::new(Limits::default());
    let (mut pieces, mut wholes) = (0, 0);
    for (frame, values) in frames.iter().zip(&answers) {
        pieces += 1;
        let theirs = |field| values.get(field).and_then(|values| values.first()).map(String::as_str);
        let whole = match reassembler.add(Duration::ZERO, &frame[ETHERNET.len()..]) {
            Outcome::Whole(packet) => packet,
            Outcome::Waiting if theirs("ip.reassembled.length").is_none() => continue,
            other => return Err(format!("{other:?}, where tshark says {values:?}").into()),
        };
        let (_, _, payload, _) = Ipv4::parse(&whole).map_err(|error| error.to_string())?;
        let hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = [pieces.to_string(), payload.len().to_string(), hex];
        for (field, ours) in FIELDS.iter().zip(&expected) {
            if theirs(field) != Some(ours) {
                return Err(format!("{field} is {:?} for tshark and {ours} for us", theirs(field)).into());
            }
        }
        wholes += 1;
        pieces = 0;
    }
    println!("compared {wholes} packets with those that tshark put together of {} fragments", frames.len());
    if wholes == PACKETS { Ok(()) } else { Err("not every packet was put together".into()) }
}

/// The fragments of a packet in any order, each in a frame.
fn frames(number: u16) -> Vec<Vec<u8>> {
    let mut rng = Rng::new(number.into());
    let payload = rng.bytes(600 + usize::from(number) * 10);
    let header = Ipv4::new([10, 1, 0, 2].into(), [10, 1, 3, 2].into(), EXPERIMENT);
    let packet = Ipv4 { identification: number, ..header }.packet(&payload);
    let mut fragments = cut(&packet, 68 + rng.u16() % 500).expect("it may be cut");
    let mut frames = vec![];
    while !fragments.is_empty() {
        let fragment = fragments.swap_remove(rng.below(fragments.len()));
        frames.push([&ETHERNET[..], &fragment].concat());
    }
    frames
}
