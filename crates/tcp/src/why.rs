//! Why bytes that a program has written have not left yet, and when they did.

use host::Time;
use std::fmt;
use std::ops::Range;

/// What keeps bytes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The connection is not established: RFC 9293 section 3.10.2, "queue the data for transmission after entering
    /// ESTABLISHED".
    Handshake,
    /// The other side has no room for them: RFC 9293 section 3.8.6.
    ReceiveWindow,
    /// The other side has room for less than a full segment: RFC 9293 section 3.8.6.2.1, silly window syndrome
    /// avoidance.
    SillyWindow,
    /// As much as may be in the network is in the network: RFC 5681 section 3.1.
    CongestionWindow,
    /// Earlier bytes, which a timeout has taken for lost, go first: RFC 6298 (5.4).
    Retransmission,
    /// They do not fill a segment, and by the Nagle rule in force a small one must wait: RFC 9293 section 3.7.4.
    Nagle,
    /// They do not fill a segment, and the program has corked the connection.
    Cork,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Rule::Handshake => "handshake",
            Rule::ReceiveWindow => "receive window",
            Rule::SillyWindow => "silly window",
            Rule::CongestionWindow => "congestion window",
            Rule::Retransmission => "retransmission",
            Rule::Nagle => "nagle",
            Rule::Cork => "cork",
        })
    }
}

/// Bytes that have not left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which: counted from the first byte that the program wrote, which is 0.
    pub bytes: Range<u64>,
    /// What keeps them back.
    pub rule: Rule,
    /// Since when it is this rule.
    pub since: Time,
}

/// A segment with data that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// When.
    pub at: Time,
    /// Which bytes: counted as in [`Held::bytes`].
    pub bytes: Range<u64>,
    /// Whether it is sent again.
    pub again: bool,
    /// What had kept these bytes, or some of them, until then.
    pub held: Vec<Held>,
}

/// What is held now, and the record of what left.
#[derive(Debug, Default)]
pub(crate) struct Why {
    held: Vec<Held>,
    /// What was held before; kept for its memory.
    before: Vec<Held>,
    departures: Vec<Departure>,
}

impl Why {
    pub(crate) fn held(&self) -> &[Held] {
        &self.held
    }

    /// What was found to be held at `now`. A rule that held the bytes before holds them since then.
    pub(crate) fn hold(&mut self, now: Time, found: impl Iterator<Item = (Range<u64>, Rule)>) {
        std::mem::swap(&mut self.held, &mut self.before);
        self.held.clear();
        for (bytes, rule) in found {
            let mut rest = bytes;
            // Bytes that were written later are held since later: one piece for each.
            for known in self.before.iter().filter(|known| known.rule == rule) {
                let end = known.bytes.end.min(rest.end);
                if known.bytes.start <= rest.start && rest.start < end {
                    self.held.push(Held { bytes: rest.start..end, rule, since: known.since });
                    rest.start = end;
                }
            }
            if !rest.is_empty() {
                self.held.push(Held { bytes: rest, rule, since: now });
            }
        }
        self.bound();
    }

    /// A program that writes byte by byte against a closed window must not make this list long: the oldest pieces keep
    /// their times, and the youngest becomes one.
    fn bound(&mut self) {
        const MOST: usize = 64;
        if let Some(last) = self.held.last().map(|last| last.bytes.end)
            && self.held.len() > MOST
        {
            self.held.truncate(MOST);
            if let Some(youngest) = self.held.last_mut() {
                youngest.bytes.end = last;
            }
        }
    }

    pub(crate) fn leave(&mut self, at: Time, bytes: Range<u64>, again: bool) {
        let overlap = |held: &Held| {
            let common = held.bytes.start.max(bytes.start)..held.bytes.end.min(bytes.end);
            (!common.is_empty() && !again).then(|| Held { bytes: common, ..held.clone() })
        };
        let held = self.held.iter().filter_map(overlap).collect();
        self.departures.push(Departure { at, bytes, again, held });
    }

    pub(crate) fn take_departures(&mut self) -> Vec<Departure> {
        std::mem::take(&mut self.departures)
    }

    pub(crate) fn clear(&mut self) {
        self.held.clear();
    }
}
