//! The timestamps of a connection: what to echo, and which segments are too old to be of this turn of the sequence
//! numbers.
//!
//! Obeys RFC 7323 sections 4.3 (which timestamp to echo) and 5 (PAWS). The clock of this end counts milliseconds, as
//! Linux's.

use crate::options::Timestamps;
use crate::segment::Segment;
use crate::seq::Seq;
use host::Time;
use std::time::Duration;

/// RFC 7323 section 5.5: after 24 days without a segment, what was remembered says nothing any more.
const OUTDATED: Duration = Duration::from_secs(24 * 24 * 60 * 60);

/// TS.Recent and its circumstances.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// TS.Recent: what to echo.
    recent: u32,
    /// When TS.Recent came.
    at: Time,
    /// Last.ACK.sent.
    pub(crate) last_ack_sent: Seq,
}

/// Our clock at `now`. It never says 0, which some hosts take for "no timestamp".
fn ticks(now: Time) -> u32 {
    u32::try_from((now.0 / 1_000_000 + 1) & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// What to say in the first SYN, where there is nothing to echo.
pub(crate) fn first(now: Time) -> Timestamps {
    Timestamps { value: ticks(now), echo_reply: 0 }
}

impl Clock {
    /// After the other side's SYN.
    pub(crate) fn new(now: Time, theirs: u32, irs: Seq) -> Self {
        Self { recent: theirs, at: now, last_ack_sent: irs + 1 }
    }

    /// What to say in a segment.
    pub(crate) fn say(&self, now: Time) -> Timestamps {
        Timestamps { value: ticks(now), echo_reply: self.recent }
    }

    /// Whether a segment is an old duplicate by its timestamp: RFC 7323 section 5.3, R1.
    pub(crate) fn is_old(&self, now: Time, value: u32) -> bool {
        Seq(value).is_before(Seq(self.recent)) && now - self.at < OUTDATED
    }

    /// Takes the timestamp of an acceptable segment. RFC 7323 section 4.3: "(2) If: SEG.TSval >= TS.Recent and SEG.SEQ
    /// <= Last.ACK.sent then SEG.TSval is copied to TS.Recent". So of several segments that one acknowledgment answers,
    /// the first one's is echoed, and the measured time has the delay of the acknowledgment in it.
    pub(crate) fn take(&mut self, now: Time, segment: &Segment) {
        let Some(Timestamps { value, .. }) = segment.options.timestamps else { return };
        let outdated = now - self.at >= OUTDATED;
        if segment.seq.is_at_or_before(self.last_ack_sent) && (outdated || Seq(self.recent).is_at_or_before(Seq(value)))
        {
            self.recent = value;
            self.at = now;
        }
    }

    /// The round trip time by an echo of our clock; `None`: it echoes no time of ours.
    pub(crate) fn round_trip(now: Time, echo_reply: u32) -> Option<Duration> {
        let passed = ticks(now).wrapping_sub(echo_reply);
        // More than a minute is no round trip, it is a peer that echoes what it likes.
        (echo_reply != 0 && passed < 60_000).then(|| Duration::from_millis(passed.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    fn segment(seq: u32, value: u32) -> Segment {
        let timestamps = Some(Timestamps { value, echo_reply: 0 });
        Segment { seq: Seq(seq), options: Options { timestamps, ..Options::default() }, ..Segment::default() }
    }

    #[test]
    fn earliest_of_the_segments_that_wait_for_an_acknowledgment_is_echoed() {
        let mut clock = Clock::new(Time(0), 5, Seq(0));
        clock.take(Time(0), &segment(1, 7));
        clock.take(Time(0), &segment(101, 8));
        assert_eq!(clock.say(Time(2_000_000)), Timestamps { value: 3, echo_reply: 7 });
        clock.last_ack_sent = Seq(201);
        clock.take(Time(0), &segment(201, 9));
        assert_eq!(clock.say(Time(0)).echo_reply, 9);
    }

    #[test]
    fn older_timestamp_is_old_round_the_wrap_and_until_24_days_have_passed() {
        let clock = Clock::new(Time(0), 3, Seq(0));
        assert!(clock.is_old(Time(0), u32::MAX) && clock.is_old(Time(0), 2));
        assert!(!clock.is_old(Time(0), 3) && !clock.is_old(Time(0), 4));
        assert!(!clock.is_old(Time::START + OUTDATED, 2));
    }
}
