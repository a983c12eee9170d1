//! A line an event, in the letters of ns-2: `+` sent, `r` received, `d` dropped because the queue is full, `x` lost on the way.
//!
//! ```text
//! + 0.000000000 net1  client>r1  60  ARP who has 192.168.1.100? tell 192.168.1.3
//! r 0.000500000 net1  client>r1  60  ARP who has 192.168.1.100? tell 192.168.1.3
//! ```

use host::Time;
use std::io::{self, BufWriter, Write};
use wire::dissect::{LinkType, Protocol, dissect};

/// Where the lines go.
#[derive(Default)]
pub(crate) struct Trace {
    sink: Option<BufWriter<Box<dyn Write>>>,
    error: Option<io::Error>,
}

impl Trace {
    pub(crate) fn to(&mut self, sink: Box<dyn Write>) {
        self.sink = Some(BufWriter::new(sink));
    }

    pub(crate) fn note(&mut self, kind: char, now: Time, cable: &str, name: &str, frame: &[u8]) {
        let Some(sink) = &mut self.sink else { return };
        let (seconds, nanoseconds) = (now.0 / 1_000_000_000, now.0 % 1_000_000_000);
        let len = frame.len();
        let written = writeln!(sink, "{kind} {seconds}.{nanoseconds:09} {cable}  {name}  {len}  {}", summary(frame));
        self.error = self.error.take().or(written.err());
    }

    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let flushed = self.sink.as_mut().map_or(Ok(()), Write::flush);
        self.error.take().map_or(flushed, Err)
    }
}

/// What a frame says in a few words, as `peel` has it, and its time to live: that is what a trace of all
/// cables shows and no capture of one.
fn summary(frame: &[u8]) -> String {
    let dissection = dissect(frame, LinkType::Ethernet);
    let ttl = dissection.layer(Protocol::Ipv4).and_then(|ip| ip.field("ttl"));
    let ttl = ttl.map_or_else(String::new, |ttl| format!(", ttl {}", ttl.number()));
    format!("{}{ttl}", dissection.summary())
}
