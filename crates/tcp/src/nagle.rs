//! Which small segments wait for an acknowledgment.
//!
//! Obeys RFC 9293 section 3.7.4 (the Nagle algorithm, first in RFC 896) and appendix A.3 (Minshall's modification of
//! it).
//!
//! A write of 5000 bytes makes three segments of 1460 and one of 620. By section 3.7.4 the 620 wait, as the three
//! before them are unacknowledged. Minshall's rule lets them go, for none of the three is small; only the next small
//! one waits, until the 620 are acknowledged. Linux follows Minshall, so one small segment at a time is under way, and
//! a large write has no tail that waits for a delayed acknowledgment.

use host::Nagle;

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unacknowledged {
    /// Anything: SND.NXT > SND.UNA.
    pub(crate) any: bool,
    /// A segment that was not full-sized.
    pub(crate) small: bool,
}

/// Whether a segment that is not full-sized must wait.
///
/// RFC 9293 section 3.7.4: "If there is unacknowledged data (i.e., SND.NXT > SND.UNA), then the sending TCP endpoint
/// buffers all user data (regardless of the PSH bit) until the outstanding data has been acknowledged or until the TCP
/// endpoint can send a full-sized segment".
pub(crate) fn holds(rule: Nagle, unacknowledged: Unacknowledged) -> bool {
    match rule {
        // "there MUST be a way for an application to disable the Nagle algorithm on an individual connection"
        // (MUST-17).
        Nagle::Off => false,
        Nagle::Rfc896 => unacknowledged.any,
        Nagle::Minshall => unacknowledged.small,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_differ_where_only_full_segments_are_unacknowledged() {
        let held = |any, small| {
            [Nagle::Off, Nagle::Rfc896, Nagle::Minshall].map(|rule| holds(rule, Unacknowledged { any, small }))
        };
        assert_eq!(held(false, false), [false, false, false]);
        assert_eq!(held(true, false), [false, true, false]);
        assert_eq!(held(true, true), [false, true, true]);
    }
}
