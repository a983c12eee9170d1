//! Captures, read as `peel` reads them.

use figure::Captured;
use peel::capture::Capture;
use peel::pictures::captured;
use peel::stamp::Stamp;

/// The packets of a capture, in their order, with times since the first of January 1970: what the simulated network writes begins then.
pub(crate) fn packets(file: &[u8]) -> Vec<Captured> {
    let mut capture = Capture::open(file).unwrap_or_else(|stop| panic!("{stop:?}"));
    let mut packets = vec![];
    while let Some(record) = capture.next_packet().unwrap_or_else(|stop| panic!("{stop:?}")) {
        packets.push(captured(&record, Stamp(0)).expect("a known link type"));
    }
    packets
}
