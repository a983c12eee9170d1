//! The checksum alone, at the lengths of a header, of small and large packets, and of a long buffer.

use crate::pair::{Pair, pair};
use crate::table::{Group, Row, range};
use std::hint::black_box;
use wire::checksum::Checksum;

/// Sums over plain bytes.
pub(crate) const CHECKSUM: Group = Group {
    name: "checksum",
    title: "wire: the Internet checksum",
    about: "One sum over bytes, complemented, against smoltcp's `wire::checksum::data`. The ratio is of speeds: more is better.",
    rows,
};

fn rows() -> Result<Vec<Row>, String> {
    [(20, None), (64, None), (1480, Some(0.9)), (65_536, Some(0.9))]
        .into_iter()
        .map(|(len, bar)| row(len, bar))
        .collect()
}

fn row(len: usize, bar: Option<f64>) -> Result<Row, String> {
    let bytes: Vec<u8> = (0u8..=255).cycle().map(|byte| byte.wrapping_mul(31) ^ 0x55).take(len).collect();
    let ours = |bytes: &[u8]| Checksum::default().add(bytes).finish();
    let theirs = |bytes: &[u8]| !smoltcp::wire::checksum::data(bytes);
    if ours(&bytes) != theirs(&bytes) {
        return Err(format!("smoltcp and we differ on the checksum of {len} bytes"));
    }
    let Pair { ours, theirs, ratio } = pair(|| ours(black_box(&bytes)), || theirs(black_box(&bytes)));
    let speed = ratio.inverse();
    let figure = |nanoseconds: f64| {
        let bytes = u32::try_from(len).map_or(f64::NAN, f64::from);
        format!("{nanoseconds:.1} ns, {:.1} GB/s", bytes / nanoseconds)
    };
    Ok(Row {
        what: format!("{len} B"),
        ours: figure(ours),
        peer: format!("smoltcp {}", figure(theirs)),
        ratio: range(speed),
        bar: bar.map_or(String::new(), |bar| format!("≥ {bar} × speed")),
        reached: bar.map(|bar| speed.median >= bar),
    })
}
