//! How long an answer may take, and what breaks a listener off.

use host::Error;
use std::time::Duration;

/// Before anything is known of round trip times.
const FIRST: Duration = Duration::from_millis(300);
/// At the least.
const LEAST: Duration = Duration::from_millis(50);
/// So many of the longest round trip so far.
const ROUND_TRIPS: u32 = 3;

/// How long an answer may take where the longest round trip so far is `longest`; never more than `most`.
pub(crate) fn patience(longest: Option<Duration>, most: Duration) -> Duration {
    longest.map_or(FIRST, |rtt| rtt.saturating_mul(ROUND_TRIPS)).clamp(LEAST, most.max(LEAST))
}

/// Why a loop over probes was left before its end.
pub(crate) enum Broken<E> {
    /// Ctrl-C: what is known so far is told.
    Off,
    /// What the host says, or whoever is told.
    Failed(E),
}

impl<E: From<Error>> From<Error> for Broken<E> {
    fn from(error: Error) -> Self {
        match error {
            Error::Interrupted => Self::Off,
            error => Self::Failed(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_with_the_round_trips_between_its_limits() {
        let ms = Duration::from_millis;
        let within_two_seconds = |longest: Option<u64>| patience(longest.map(ms), ms(2000));
        assert_eq!([None, Some(1), Some(36), Some(5000)].map(within_two_seconds), [300, 50, 108, 2000].map(ms));
        assert_eq!(patience(None, Duration::ZERO), ms(50));
    }
}
