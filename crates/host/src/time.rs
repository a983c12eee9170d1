//! A host's time.

use std::ops::{Add, Sub};
use std::time::Duration;

/// Nanoseconds since the program's start, in the host's time: virtual in the simulated network, real elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Time(pub u64);

impl Time {
    /// When the program started.
    pub const START: Time = Time(0);
    /// A deadline that never comes.
    pub const NEVER: Time = Time(u64::MAX);
}

impl Add<Duration> for Time {
    type Output = Time;

    /// Later by `duration`; [`Time::NEVER`] at the most.
    fn add(self, duration: Duration) -> Time {
        Time(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Sub for Time {
    type Output = Duration;

    /// How much later this is than `earlier`; zero if it is not.
    fn sub(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_ends_at_never_and_does_not_wrap() {
        assert_eq!(Time(5) + Duration::MAX, Time::NEVER);
        assert_eq!(Time(5) - Time(7), Duration::ZERO);
        assert_eq!(Time(7) - Time(5), Duration::from_nanos(2));
    }
}
