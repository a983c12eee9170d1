//! When an acknowledgment leaves.
//!
//! Obeys RFC 9293 section 3.8.6.3 and RFC 5681 section 4.2. Linux's manner on top of it: a connection begins with quick
//! acknowledgments, and changes to delayed ones when the program first answers, as from then on an answer may carry the
//! acknowledgment ("ping-pong mode"). A first exchange therefore shows no delay, and the second one does.
//!
//! Leaves out how Linux comes back to quick acknowledgments after an idle time, and how it adapts the delay to the
//! traffic.

use crate::config::Config;
use host::Time;
use std::time::Duration;

/// RFC 9293 section 3.8.6.3: "the delay MUST be less than 0.5 seconds" (MUST-40).
pub const LONGEST_ACK_DELAY: Duration = Duration::from_millis(499);

/// What is owed to the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owed {
    /// Nothing.
    Nothing,
    /// An acknowledgment at this time, unless a segment carries it before.
    Until(Time),
    /// An acknowledgment now; a data segment may carry it.
    Now,
    /// An acknowledgment of its own now: a duplicate one counts only without data (RFC 5681 section 2).
    Bare,
}

#[derive(Debug)]
pub(crate) struct DelayedAck {
    pub(crate) owed: Owed,
    delay: Duration,
    /// How many acknowledgments are still sent at once.
    quick: u32,
    /// Whether the program has answered: Linux's ping-pong mode.
    answers: bool,
    /// When data came last.
    data_at: Option<Time>,
    /// Bytes in order that no acknowledgment has answered.
    bytes: u32,
}

impl DelayedAck {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            owed: Owed::Nothing,
            delay: config.ack_delay.min(LONGEST_ACK_DELAY),
            quick: config.quick_acks,
            answers: false,
            data_at: None,
            bytes: 0,
        }
    }

    /// Data came in order: so many bytes, where `mss` is what we said in our SYN.
    ///
    /// RFC 9293 section 3.8.6.3: "An ACK SHOULD be generated for at least every second full-sized segment or 2*RMSS
    /// bytes of new data". Linux does so for more than *one* RMSS, so that two segments of which only one is full are
    /// acknowledged too.
    pub(crate) fn data(&mut self, now: Time, bytes: u32, mss: u32) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.data_at = Some(now);
        let quick = self.quick > 0 && !self.answers;
        match self.owed {
            _ if quick || self.bytes > mss || self.delay.is_zero() => self.at_once(Owed::Now),
            Owed::Nothing => self.owed = Owed::Until(now + self.delay),
            _ => {}
        }
    }

    /// An acknowledgment is to leave now.
    pub(crate) fn at_once(&mut self, how: Owed) {
        self.owed = self.owed.max(how);
    }

    /// A segment with an acknowledgment leaves; `data`: it has data of our program, and not for the second time.
    pub(crate) fn sent(&mut self, now: Time, data: bool) {
        if self.owed != Owed::Nothing {
            self.quick = self.quick.saturating_sub(1);
        }
        // An answer is what leaves soon after data came.
        self.answers |= data && self.data_at.is_some_and(|at| now - at <= self.delay);
        self.owed = Owed::Nothing;
        self.bytes = 0;
    }

    /// `TCP_QUICKACK`: on, what is owed leaves now, and so do the next ones, until the program answers again, for the
    /// option does not stick; off, delaying begins.
    pub(crate) fn quick_ack(&mut self, on: bool, quick_acks: u32) {
        self.answers = !on;
        if on {
            self.quick = self.quick.max(quick_acks.max(1));
            if matches!(self.owed, Owed::Until(_)) {
                self.owed = Owed::Now;
            }
        }
    }

    pub(crate) fn set_delay(&mut self, delay: Duration) {
        self.delay = delay.min(LONGEST_ACK_DELAY);
    }

    /// When a delayed acknowledgment becomes due.
    pub(crate) fn due(&self) -> Time {
        match self.owed {
            Owed::Until(at) => at,
            _ => Time::NEVER,
        }
    }

    /// The delay is over for what was due at `now`.
    pub(crate) fn expire(&mut self, now: Time) {
        if self.due() <= now {
            self.owed = Owed::Now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MSS: u32 = 1460;
    const LATER: Owed = Owed::Until(Time(40_000_000));

    fn slow() -> DelayedAck {
        DelayedAck::new(&Config { quick_acks: 0, ..Config::default() })
    }

    #[test]
    fn second_full_segment_is_acknowledged_at_once_and_a_lone_one_after_the_delay() {
        let mut ack = slow();
        ack.data(Time(0), MSS, MSS);
        assert_eq!(ack.owed, LATER);
        ack.data(Time(1), 1, MSS);
        assert_eq!(ack.owed, Owed::Now);
        ack.sent(Time(1), false);
        ack.data(Time(0), 500, MSS);
        ack.expire(Time(39_999_999));
        assert_eq!(ack.owed, LATER);
        ack.expire(Time(40_000_000));
        assert_eq!(ack.owed, Owed::Now);
    }

    #[test]
    fn acknowledgments_are_quick_until_the_program_answers_or_sixteen_are_sent() {
        let mut ack = DelayedAck::new(&Config::default());
        for _ in 0..16 {
            ack.data(Time(0), 4, MSS);
            assert_eq!(ack.owed, Owed::Now);
            ack.sent(Time(0), false);
        }
        ack.data(Time(0), 4, MSS);
        assert_eq!(ack.owed, LATER);

        let mut ack = DelayedAck::new(&Config::default());
        ack.data(Time(0), 4, MSS);
        ack.sent(Time(0), true);
        ack.data(Time(0), 4, MSS);
        assert_eq!(ack.owed, LATER);
        ack.quick_ack(true, 16);
        assert_eq!(ack.owed, Owed::Now);
        ack.sent(Time(0), true);
        ack.data(Time(0), 4, MSS);
        assert_eq!(ack.owed, LATER, "the option does not stick");
    }

    #[test]
    fn delay_is_always_less_than_half_a_second() {
        let longest = Time(499_000_000);
        let seconds = Duration::from_secs(3);
        let mut ack = DelayedAck::new(&Config { quick_acks: 0, ack_delay: seconds, ..Config::default() });
        ack.data(Time(0), 1, MSS);
        assert_eq!(ack.due(), longest);
        let mut ack = slow();
        ack.set_delay(seconds);
        ack.data(Time(0), 1, MSS);
        assert_eq!(ack.due(), longest);
    }
}
