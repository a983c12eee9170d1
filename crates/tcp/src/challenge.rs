//! How many acknowledgments answer segments that nobody should have sent.
//!
//! Obeys RFC 5961 section 7: "in any 5 second window, no more than 10 challenge ACKs should be sent". Without a limit,
//! two ends that disagree about their sequence numbers would answer each other's acknowledgments for ever.

use host::Time;
use std::time::Duration;

const MOST: u32 = 10;
const SPAN: Duration = Duration::from_secs(5);

/// "a timestamp and a counter", as the RFC proposes.
#[derive(Debug, Default)]
pub(crate) struct Challenges {
    since: Time,
    sent: u32,
}

impl Challenges {
    /// Whether one more may be sent.
    pub(crate) fn allow(&mut self, now: Time) -> bool {
        if now - self.since >= SPAN {
            *self = Self { since: now, sent: 0 };
        }
        self.sent += 1;
        self.sent <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_are_sent_in_five_seconds() {
        let mut challenges = Challenges::default();
        let allowed = |challenges: &mut Challenges, at| (0..100).filter(|_| challenges.allow(Time(at))).count();
        assert_eq!(allowed(&mut challenges, 1), 10);
        assert_eq!(allowed(&mut challenges, 4_999_999_999), 0);
        assert_eq!(allowed(&mut challenges, 5_000_000_000), 10);
    }
}
