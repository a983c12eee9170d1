//! The only place of the workspace's tools that reads the machine's clocks.
//!
//! A program's [`Time`] is the monotonic clock, which nobody sets. The kernel stamps packets by the wall clock, which
//! somebody may set at any moment, so a stamp is believed only where it is possible: after the moment at which the packet
//! was not there yet, and before now.

use host::Time;
use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// For how long the difference between the two clocks is believed.
const FRESH: Duration = Duration::from_millis(100);

/// The time since the program's start.
pub(crate) struct Clock {
    start: Instant,
    /// What the wall clock showed at the start, nanoseconds since 1970, as far as it shows today.
    began: Cell<i128>,
    measured: Cell<Time>,
    latest: Cell<Time>,
}

impl Clock {
    /// A clock that starts now.
    pub(crate) fn start() -> Self {
        let [measured, latest] = [Cell::new(Time::START), Cell::new(Time::START)];
        let clock = Self { start: monotonic(), began: Cell::new(0), measured, latest };
        clock.compare();
        clock
    }

    /// Nanoseconds since the start.
    pub(crate) fn now(&self) -> Time {
        let now = Time::START + monotonic().saturating_duration_since(self.start);
        self.latest.set(now);
        now
    }

    /// What [`Clock::now`] said last: not later than now, and for nothing.
    pub(crate) fn latest(&self) -> Time {
        self.latest.get()
    }

    /// When a packet arrived that the kernel stamped with `stamp`, the time since 1970, and that was not there yet at `floor`.
    ///
    /// Without a stamp it arrived now, as far as one can know.
    pub(crate) fn arrival(&self, stamp: Option<Duration>, floor: Time) -> Time {
        let now = self.now();
        let Some(stamp) = stamp else { return now };
        if now - self.measured.get() > FRESH {
            self.compare();
        }
        let possible = floor..=now;
        let at = since(self.began.get(), stamp);
        if possible.contains(&at) {
            return at;
        }
        // The wall clock was set in between, or the difference was measured badly: once more, and then whatever is possible.
        self.compare();
        since(self.began.get(), stamp).max(floor).min(now)
    }

    /// Measures the difference of the two clocks: the best of three, since the program may lose the processor between the
    /// two readings.
    fn compare(&self) {
        let reading = || {
            let before = self.now();
            let wall = wall();
            let width = self.now() - before;
            (width, wall - i128::from(before.0) - nanoseconds(width) / 2)
        };
        let (_, began) = [reading(), reading(), reading()].into_iter().min().unwrap_or_default();
        self.began.set(began);
        self.measured.set(self.now());
    }
}

/// The time of a `stamp` (since 1970) for a program that `began` then; the start, if it is older than that.
fn since(began: i128, stamp: Duration) -> Time {
    Time(u64::try_from((nanoseconds(stamp) - began).max(0)).unwrap_or(u64::MAX))
}

fn nanoseconds(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

#[expect(clippy::disallowed_methods, reason = "this is where `Host::now` comes from")]
fn monotonic() -> Instant {
    Instant::now()
}

/// Nanoseconds since 1970, by the clock that stamps packets.
#[expect(clippy::disallowed_methods, reason = "the kernel's receive timestamps are wall clock times")]
fn wall() -> i128 {
    nanoseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(clock: &Clock, at: Time) -> Duration {
        Duration::from_nanos(u64::try_from(clock.began.get() + i128::from(at.0)).unwrap())
    }

    #[test]
    fn stamp_between_floor_and_now_is_the_arrival() {
        let clock = Clock::start();
        let at = clock.now();
        assert_eq!(clock.arrival(Some(stamp(&clock, at)), at), at);
    }

    #[test]
    fn clock_that_was_set_cannot_move_a_packet_out_of_its_wait() {
        let clock = Clock::start();
        let (floor, hour) = (clock.now(), Duration::from_secs(3600));
        let at = stamp(&clock, floor);
        assert_eq!(clock.arrival(Some(at - hour), floor), floor);
        let late = clock.arrival(Some(at + hour), floor);
        assert!(floor <= late && late <= clock.now());
    }

    #[test]
    fn packet_without_a_stamp_arrives_when_it_is_read() {
        let clock = Clock::start();
        let before = clock.now();
        let at = clock.arrival(None, Time::START);
        assert!(before <= at && at <= clock.now());
    }
}
