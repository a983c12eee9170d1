// Fails `cork`: the cork has no ceiling.
//! Lab 14, solved: when a small segment may leave, and when an acknowledgment does.

use host::lab::{Lab, LabError};
use std::time::Duration;

/// How long what waits under a cork waits at the most: tcp(7), `TCP_CORK`.
const CORK_CEILING: Duration = Duration::from_millis(200);
/// How long an acknowledgment waits at the most. RFC 9293 section 3.8.6.3 says less than half a second.
const LONGEST_DELAY: Duration = Duration::from_millis(499);

/// Which rule there is for segments that are not full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nagle {
    /// None: `TCP_NODELAY`.
    Off,
    /// RFC 9293 section 3.7.4: such a segment waits as long as anything is unacknowledged.
    Rfc,
    /// Minshall's modification (RFC 9293 appendix A.3), which Linux has: it waits as long as another such segment is
    /// unacknowledged.
    Minshall,
}

/// What a segment waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Nagle,
    Cork,
}

/// What the decision depends on; lengths in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Written and not yet sent; never 0 here.
    pub queued: u64,
    /// How long a full segment is.
    pub mss: u64,
    /// Sent and not yet acknowledged: SND.NXT - SND.UNA.
    pub unacked: u64,
    /// Whether any of that left in a segment that was not full.
    pub small_unacked: bool,
    pub nagle: Nagle,
    /// `TCP_CORK`: the program wants nothing but full segments to leave, for the time being.
    pub cork: bool,
    /// How long something has been waiting under the cork.
    pub corked_for: Duration,
    /// The program has closed: nothing will follow what is queued, and its last segment has the FIN.
    pub closed: bool,
    /// What is queued ends a write, so its last segment will have PSH.
    pub push: bool,
}

/// What becomes of the front of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// So many bytes leave now, in one segment.
    Send(u64),
    /// Nothing leaves now, because of this rule.
    Wait(Rule),
}

/// What leaves now. The other end has room for everything, and the network too.
pub fn may_send(moment: &Moment) -> Lab<Decision> {
    if moment.queued >= moment.mss {
        return Ok(Decision::Send(moment.mss));
    }
    if moment.closed {
        return Ok(Decision::Send(moment.queued));
    }
    if moment.cork {
        let is_over = false;
        return Ok(if is_over { Decision::Send(moment.queued) } else { Decision::Wait(Rule::Cork) });
    }
    let waits = match moment.nagle {
        Nagle::Off => false,
        Nagle::Rfc => moment.unacked > 0,
        Nagle::Minshall => moment.small_unacked,
    };
    Ok(if waits { Decision::Wait(Rule::Nagle) } else { Decision::Send(moment.queued) })
}

/// What happens at the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The program writes so many bytes.
    Write(u64),
    /// An acknowledgment arrives: the other end has all bytes before this one. It may say nothing new.
    Ack(u64),
    /// The program puts the cork in, or takes it out.
    Cork(bool),
    /// The program closes.
    Close,
    /// It is the time that `wake_at` asked for.
    Wake,
}

/// A segment that leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its length in bytes.
    pub length: u64,
    /// Whether it has PSH: nothing is queued behind it (RFC 9293 section 3.9.1.2).
    pub push: bool,
    /// What its first byte was waiting for until now; `None`: it did not wait.
    pub held: Option<Rule>,
}

/// The sending end. Bytes are counted from 0, the first that is written.
#[derive(Debug, Clone)]
pub struct Sender {
    pub mss: u64,
    pub nagle: Nagle,
    /// How many bytes the program has written.
    written: u64,
    /// How many of them have left.
    sent: u64,
    /// How many of those are acknowledged.
    acked: u64,
    /// Where the last segment ended that was not full; 0: there was none.
    small: u64,
    cork: bool,
    /// Since when something has been waiting under the cork; whatever leaves meanwhile, as long as something waits.
    corked: Option<Duration>,
    closed: bool,
    /// What the front of the queue waits for.
    held: Option<Rule>,
}

impl Sender {
    pub fn new(mss: u64, nagle: Nagle) -> Self {
        Self {
            mss,
            nagle,
            written: 0,
            sent: 0,
            acked: 0,
            small: 0,
            cork: false,
            corked: None,
            closed: false,
            held: None,
        }
    }

    /// What leaves when this happens; each segment as `may_send` decides.
    pub fn event(&mut self, now: Duration, event: Event) -> Lab<Vec<Segment>> {
        match event {
            Event::Write(length) => self.written += length,
            Event::Ack(up_to) => self.acked = self.acked.max(up_to),
            Event::Cork(cork) => self.cork = cork,
            Event::Close => self.closed = true,
            Event::Wake => {}
        }
        let mut leaves = vec![];
        while self.sent < self.written {
            match may_send(&self.moment(now))? {
                Decision::Send(length) => {
                    self.sent += length;
                    if length < self.mss {
                        self.small = self.sent;
                    }
                    leaves.push(Segment { length, push: self.sent == self.written, held: self.held.take() });
                }
                Decision::Wait(rule) => {
                    self.held = Some(rule);
                    break;
                }
            }
        }
        let is_corked = self.held == Some(Rule::Cork);
        self.corked = if is_corked { self.corked.or(Some(now)) } else { None };
        Ok(leaves)
    }

    /// When something leaves though nothing else happens; `None`: never.
    pub fn wake_at(&self) -> Lab<Option<Duration>> {
        Ok(self.corked.map(|since| since + CORK_CEILING))
    }

    fn moment(&self, now: Duration) -> Moment {
        Moment {
            queued: self.written - self.sent,
            mss: self.mss,
            unacked: self.sent - self.acked,
            small_unacked: self.acked < self.small,
            nagle: self.nagle,
            cork: self.cork,
            corked_for: self.corked.map_or(Duration::ZERO, |since| now - since),
            closed: self.closed,
            push: true,
        }
    }
}

/// How much makes an acknowledgment leave at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// RFC 9293 section 3.8.6.3: two full segments, which are 2 * RMSS bytes.
    TwoFull,
    /// Linux: more bytes than one full segment has.
    MoreThanOne,
}

/// What happens at the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// So many bytes arrive, the next of the stream.
    Data(u64),
    /// The program answers: a segment leaves, and has an acknowledgment as every segment has.
    Answer,
    /// It is the time that `wake_at` asked for.
    Wake,
}

/// The receiving end.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// RMSS: how long a full segment is that it gets.
    pub rmss: u64,
    pub threshold: Threshold,
    /// How long an acknowledgment waits, if that is not too long.
    pub delay: Duration,
    /// How many acknowledgments still leave at once. A new connection on Linux has some of those, until its program answers.
    pub quick: u32,
    /// How many bytes have come.
    received: u64,
    /// How many of them are acknowledged.
    acked: u64,
    /// When the acknowledgment leaves that waits.
    due: Option<Duration>,
}

impl Receiver {
    pub fn new(rmss: u64, threshold: Threshold, delay: Duration, quick: u32) -> Self {
        Self { rmss, threshold, delay, quick, received: 0, acked: 0, due: None }
    }

    /// How many bytes are acknowledged by what leaves when this happens; `None`: by nothing, as nothing leaves or nothing is new.
    pub fn event(&mut self, now: Duration, heard: Heard) -> Lab<Option<u64>> {
        let leaves = match heard {
            Heard::Data(length) => {
                self.received += length;
                self.due = self.due.or(Some(now + self.delay.min(LONGEST_DELAY)));
                self.quick > 0 || self.is_enough()
            }
            Heard::Answer => {
                self.quick = 0;
                self.received > self.acked
            }
            Heard::Wake => self.due.is_some_and(|due| due <= now),
        };
        if !leaves {
            return Ok(None);
        }
        self.acked = self.received;
        self.due = None;
        self.quick = self.quick.saturating_sub(1);
        Ok(Some(self.acked))
    }

    /// When an acknowledgment leaves though nothing else happens; `None`: never.
    pub fn wake_at(&self) -> Lab<Option<Duration>> {
        Ok(self.due)
    }

    fn is_enough(&self) -> bool {
        let new = self.received - self.acked;
        match self.threshold {
            Threshold::TwoFull => new >= 2 * self.rmss,
            Threshold::MoreThanOne => new > self.rmss,
        }
    }
}
