//! When packets leave.

use super::events::Purpose;
use host::Host;
use std::time::Duration;

/// RFC 5227 section 1.1, `PROBE_WAIT`: before the first probe, at random, so that hosts switched on together do not speak at once.
const PROBE_WAIT: Duration = Duration::from_secs(1);
/// RFC 5227 section 1.1, `PROBE_NUM`.
const PROBE_NUM: u32 = 3;
/// RFC 5227 section 1.1, `PROBE_MIN`.
const PROBE_MIN: Duration = Duration::from_secs(1);
/// RFC 5227 section 1.1, `PROBE_MAX`.
const PROBE_MAX: Duration = Duration::from_secs(2);
/// RFC 5227 section 1.1, `ANNOUNCE_WAIT`: how long to listen after the last probe.
const ANNOUNCE_WAIT: Duration = Duration::from_secs(2);
/// RFC 5227 section 1.1, `ANNOUNCE_NUM`.
const ANNOUNCE_NUM: u32 = 2;
/// RFC 5227 section 1.1, `ANNOUNCE_INTERVAL`.
const ANNOUNCE_INTERVAL: Duration = Duration::from_secs(2);

/// From one request to the next, unless told otherwise; and how long to listen after the last packet.
const SECOND: Duration = Duration::from_secs(1);
/// With an interval of zero, a request without an answer is followed by the next after this long, as with `ping -f`.
const FLOOD: Duration = Duration::from_millis(10);

/// When packets leave, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// The longest wait before the first packet; how long it is, chance decides.
    pub before: Duration,
    /// How many packets; `None`: until the deadline or Ctrl-C.
    pub count: Option<u32>,
    /// From one packet to the next, at least and at most; between the two, chance decides.
    pub gap: (Duration, Duration),
    /// Whether an answer makes the next packet due at once.
    pub when_answered: bool,
    /// How long to listen after the last packet.
    pub after: Duration,
    /// The end of it all, from the start; `None`: there is none.
    pub deadline: Option<Duration>,
}

impl Schedule {
    /// The schedule for this purpose, changed by what the user gave. `default_count` is for questions only, which else have
    /// no end.
    #[must_use]
    pub fn new(
        purpose: Purpose,
        count: Option<u32>,
        interval: Option<Duration>,
        deadline: Option<Duration>,
        default_count: Option<u32>,
    ) -> Self {
        let fixed = |gap| (gap, gap);
        let usual = match purpose {
            Purpose::Ask => Self {
                before: Duration::ZERO,
                count: if deadline.is_none() { default_count } else { None },
                gap: fixed(SECOND),
                when_answered: false,
                after: SECOND,
                deadline,
            },
            Purpose::Detect => Self {
                before: PROBE_WAIT,
                count: Some(PROBE_NUM),
                gap: (PROBE_MIN, PROBE_MAX),
                when_answered: false,
                after: ANNOUNCE_WAIT,
                deadline,
            },
            Purpose::AnnounceByReply | Purpose::AnnounceByRequest => Self {
                before: Duration::ZERO,
                count: Some(ANNOUNCE_NUM),
                gap: fixed(ANNOUNCE_INTERVAL),
                when_answered: false,
                after: SECOND,
                deadline,
            },
        };
        let flood = purpose == Purpose::Ask && interval == Some(Duration::ZERO);
        Self {
            count: count.or(usual.count),
            gap: match interval {
                Some(_) if flood => fixed(FLOOD),
                Some(interval) => fixed(interval),
                None => usual.gap,
            },
            when_answered: flood,
            ..usual
        }
    }

    /// How long to wait before the first packet.
    pub fn first(&self, host: &mut dyn Host) -> Duration {
        between(host, Duration::ZERO, self.before)
    }

    /// How long to wait after a packet for the next.
    pub fn next(&self, host: &mut dyn Host) -> Duration {
        let (least, most) = self.gap;
        between(host, least, most)
    }

    /// Whether the packet with this number, from 1 on, is the last.
    #[must_use]
    pub fn is_last(&self, number: u64) -> bool {
        self.count.is_some_and(|count| number >= u64::from(count))
    }
}

/// A time between the two, any as likely as any other.
fn between(host: &mut dyn Host, least: Duration, most: Duration) -> Duration {
    let span = most.saturating_sub(least);
    if span.is_zero() {
        return least;
    }
    let mut drawn = [0; 8];
    host.random(&mut drawn);
    // Of 2^64 values, so many parts of the span.
    let nanos = (u128::from(u64::from_be_bytes(drawn)) * span.as_nanos()) >> 64;
    least + Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_without_count_has_the_worlds_number_or_ends_at_the_deadline() {
        let ask = |count, deadline| Schedule::new(Purpose::Ask, count, None, deadline, Some(4)).count;
        assert_eq!(ask(None, None), Some(4));
        assert_eq!(ask(Some(9), None), Some(9));
        assert_eq!(ask(None, Some(SECOND)), None);
    }

    #[test]
    fn duplicate_address_detection_is_by_rfc_5227_section_2_1_1() {
        let schedule = Schedule::new(Purpose::Detect, None, None, None, Some(4));
        let seconds = Duration::from_secs;
        assert_eq!((schedule.before, schedule.count, schedule.after), (seconds(1), Some(3), seconds(2)));
        assert_eq!(schedule.gap, (seconds(1), seconds(2)));
        assert_eq!(Schedule::new(Purpose::Detect, Some(1), None, None, None).count, Some(1));
    }

    #[test]
    fn announcement_is_made_twice_two_seconds_apart() {
        let schedule = Schedule::new(Purpose::AnnounceByRequest, None, None, None, Some(4));
        assert_eq!((schedule.count, schedule.gap.0), (Some(2), Duration::from_secs(2)));
    }

    #[test]
    fn interval_of_zero_follows_the_answers_and_does_not_stand_still() {
        let schedule = Schedule::new(Purpose::Ask, None, Some(Duration::ZERO), None, None);
        assert!(schedule.when_answered);
        assert_eq!(schedule.gap.0, FLOOD);
    }
}
