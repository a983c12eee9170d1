//! What two ends do, as lab 14's checker works it out: times in milliseconds, lengths in bytes.
//!
//! Nothing is remembered that can be seen from the segments which left: whether a small one is under way is asked of all of
//! them. Tests compare it with `crates/tcp`.

use std::collections::VecDeque;

/// How long what waits under a cork waits at the most.
pub(super) const CORK_CEILING: u64 = 200;
/// How long an acknowledgment waits at the most.
const LONGEST_DELAY: u64 = 499;

/// Which rule there is for small segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nagle {
    Off,
    Rfc,
    Minshall,
}

/// How much is acknowledged at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threshold {
    TwoFull,
    MoreThanOne,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    Nagle,
    Cork,
}

/// What the decision depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) queued: u64,
    pub(super) mss: u64,
    pub(super) unacked: u64,
    pub(super) small_unacked: bool,
    pub(super) nagle: Nagle,
    pub(super) cork: bool,
    pub(super) corked_for: u64,
    pub(super) closed: bool,
    pub(super) push: bool,
}

impl Moment {
    /// What holds the front of the queue.
    pub(super) fn held_by(&self) -> Option<Rule> {
        let is_in_sight = match self.nagle {
            Nagle::Off => false,
            Nagle::Rfc => self.unacked > 0,
            Nagle::Minshall => self.small_unacked,
        };
        match (self.queued < self.mss && !self.closed, self.cork) {
            (false, _) => None,
            (true, true) => (self.corked_for < CORK_CEILING).then_some(Rule::Cork),
            (true, false) => is_in_sight.then_some(Rule::Nagle),
        }
    }
}

/// What happens at the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Write(u64),
    Ack(u64),
    Cork,
    Uncork,
    Close,
}

/// A segment that left: the bytes from one to before the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) at: u64,
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) push: bool,
    pub(super) held: Option<Rule>,
}

/// The sending end.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    mss: u64,
    nagle: Nagle,
    written: u64,
    acked: u64,
    cork: bool,
    closed: bool,
    /// What the front of the queue waits for, and since when for that.
    waits: Option<(Rule, u64)>,
    pub(super) left: Vec<Left>,
}

impl Sender {
    pub(super) fn new(mss: u64, nagle: Nagle) -> Self {
        Self { mss, nagle, written: 0, acked: 0, cork: false, closed: false, waits: None, left: vec![] }
    }

    /// How many bytes have left.
    pub(super) fn sent(&self) -> u64 {
        self.left.last().map_or(0, |left| left.to)
    }

    pub(super) fn hear(&mut self, now: u64, event: Event) {
        match event {
            Event::Close => self.closed = true,
            Event::Cork | Event::Uncork => self.cork = event == Event::Cork,
            Event::Ack(up_to) => self.acked = self.acked.max(up_to),
            Event::Write(length) => self.written += length,
        }
        self.go(now);
    }

    /// When the cork's ceiling is reached.
    fn ceiling(&self) -> Option<u64> {
        self.waits.filter(|(rule, _)| *rule == Rule::Cork).map(|(_, since)| since + CORK_CEILING)
    }

    /// All that time alone does until then.
    pub(super) fn pass(&mut self, until: u64) {
        while let Some(at) = self.ceiling().filter(|at| *at <= until) {
            self.go(at);
        }
    }

    fn go(&mut self, now: u64) {
        let waited = self.waits.take();
        let mut held = waited.map(|(rule, _)| rule);
        while self.written > self.sent() {
            let moment = self.moment(now, waited);
            if let Some(rule) = moment.held_by() {
                let since = waited.filter(|(before, _)| *before == rule).map_or(now, |(_, since)| since);
                self.waits = Some((rule, since));
                return;
            }
            let from = self.sent();
            let to = self.written.min(from + self.mss);
            self.left.push(Left { at: now, from, to, push: to == self.written, held: held.take() });
        }
    }

    fn moment(&self, now: u64, waited: Option<(Rule, u64)>) -> Moment {
        let is_small = |left: &&Left| left.to - left.from < self.mss;
        let mut small = self.left.iter().filter(is_small);
        Moment {
            push: true,
            queued: self.written - self.sent(),
            mss: self.mss,
            unacked: self.sent() - self.acked,
            small_unacked: small.any(|left| left.to > self.acked),
            nagle: self.nagle,
            cork: self.cork,
            corked_for: waited.filter(|(rule, _)| *rule == Rule::Cork).map_or(0, |(_, since)| now - since),
            closed: self.closed,
        }
    }
}

/// What happens at the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Data(u64),
    Answer,
}

/// The receiving end.
#[derive(Debug, Clone)]
pub(super) struct Receiver {
    rmss: u64,
    threshold: Threshold,
    delay: u64,
    quick: u32,
    came: u64,
    /// When the first byte came that is not acknowledged.
    owes_since: Option<u64>,
    /// When which bytes were acknowledged.
    pub(super) acks: Vec<(u64, u64)>,
}

impl Receiver {
    pub(super) fn new(rmss: u64, threshold: Threshold, delay: u64, quick: u32) -> Self {
        Self { rmss, threshold, delay, quick, came: 0, owes_since: None, acks: vec![] }
    }

    pub(super) fn hear(&mut self, now: u64, heard: Heard) {
        match heard {
            Heard::Data(length) => {
                self.came += length;
                self.owes_since.get_or_insert(now);
                let new = self.came - self.acks.last().map_or(0, |(_, up_to)| *up_to);
                let enough = match self.threshold {
                    Threshold::TwoFull => 2 * self.rmss,
                    Threshold::MoreThanOne => self.rmss + 1,
                };
                if self.quick > 0 || new >= enough {
                    self.quick = self.quick.saturating_sub(1);
                    self.acknowledge(now);
                }
            }
            Heard::Answer => {
                self.quick = 0;
                if self.owes_since.is_some() {
                    self.acknowledge(now);
                }
            }
        }
    }

    fn due(&self) -> Option<u64> {
        self.owes_since.map(|since| since + self.delay.min(LONGEST_DELAY))
    }

    /// All that time alone does until then.
    pub(super) fn pass(&mut self, until: u64) {
        if let Some(due) = self.due().filter(|due| *due <= until) {
            self.acknowledge(due);
        }
    }

    fn acknowledge(&mut self, now: u64) {
        self.acks.push((now, self.came));
        self.owes_since = None;
    }
}

/// Two ends and what is between them, and what their programs do: requests in so many writes each, one after the other's answer.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) nagle: Nagle,
    pub(super) cork: bool,
    pub(super) threshold: Threshold,
    pub(super) delay: u64,
    pub(super) quick: u32,
    pub(super) one_way: u64,
    pub(super) writes: Vec<u64>,
    pub(super) times: usize,
}

impl Exchange {
    /// What left, and how long each request waited for its answer.
    pub(super) fn run(&self, mss: u64) -> (Vec<Left>, Vec<u64>) {
        let mut sender = Sender::new(mss, self.nagle);
        let mut receiver = Receiver::new(mss, self.threshold, self.delay, self.quick);
        let request: u64 = self.writes.iter().sum();
        let (mut waited, mut now) = (vec![], 0);
        for _ in 0..self.times {
            let began = now;
            self.write(&mut sender, now);
            let asked = receiver.came + request;
            let mut seen = sender.left.iter().rposition(|left| left.at < began).map_or(0, |last| last + 1);
            let mut acks: VecDeque<(u64, u64)> = VecDeque::new();
            while receiver.came < asked {
                let acked = receiver.acks.len();
                let data = sender.left.get(seen).map(|left| left.at + self.one_way);
                let ack = acks.front().map(|(at, _)| *at);
                let Some(next) = [data, ack, sender.ceiling(), receiver.due()].into_iter().flatten().min() else {
                    return (sender.left, waited);
                };
                now = next;
                if data == Some(now) {
                    let length = sender.left.get(seen).map_or(0, |left| left.to - left.from);
                    seen += 1;
                    receiver.hear(now, Heard::Data(length));
                } else if let Some((_, up_to)) = acks.pop_front_if(|(at, _)| *at == now) {
                    sender.hear(now, Event::Ack(up_to));
                } else {
                    sender.pass(now);
                    receiver.pass(now);
                }
                acks.extend(receiver.acks.iter().skip(acked).map(|(at, up_to)| (at + self.one_way, *up_to)));
            }
            receiver.hear(now, Heard::Answer);
            now += self.one_way;
            sender.hear(now, Event::Ack(asked));
            waited.push(now - began);
        }
        (sender.left, waited)
    }

    fn write(&self, sender: &mut Sender, now: u64) {
        let cork = self.cork.then_some(Event::Cork);
        let uncork = self.cork.then_some(Event::Uncork);
        let writes = self.writes.iter().map(|length| Event::Write(*length));
        cork.into_iter().chain(writes).chain(uncork).for_each(|event| sender.hear(now, event));
    }
}
