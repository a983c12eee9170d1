//! When it is worth while to send, and to open the window: no silly small steps at either end.
//!
//! Obeys RFC 9293 section 3.8.6.2 (silly window syndrome avoidance, MUST-38 and MUST-39). The sender's rule meets the
//! Nagle rule (section 3.7.4) and the congestion window (RFC 5681 section 3.1) here, so this is the one place that says
//! which bytes leave.

use crate::nagle::{self, Unacknowledged};
use crate::why::Rule;
use host::Nagle;

/// What the decision depends on; all lengths in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// RFC 9293's D: queued and not yet sent.
    pub(crate) queued: u32,
    /// RFC 9293's U: SND.UNA + SND.WND - SND.NXT, what the other side has room for.
    pub(crate) usable: u32,
    /// What the congestion window has room for.
    pub(crate) congestion: u32,
    /// Eff.snd.MSS less the options that each segment has.
    pub(crate) mss: u32,
    /// The largest window that the other side ever told.
    pub(crate) max_window: u32,
    /// What is under way.
    pub(crate) unacknowledged: Unacknowledged,
    /// The rule for small segments.
    pub(crate) nagle: Nagle,
    /// Whether the program holds small segments back.
    pub(crate) cork: bool,
    /// Whether what is queued shall go without regard to Nagle and cork: nothing will follow it, or the program said
    /// so.
    pub(crate) push: bool,
    /// Whether the override timeout of section 3.8.6.2.1 has occurred.
    pub(crate) overridden: bool,
}

/// How many bytes leave now in one segment, or what holds them.
pub(crate) fn leaves(moment: &Moment) -> Result<u32, Rule> {
    let Moment { queued, usable, congestion, mss, .. } = *moment;
    let sendable = queued.min(usable).min(congestion);
    // "(1) if a maximum-sized segment can be sent, i.e., if: min(D,U) >= Eff.snd.MSS"
    if sendable >= mss {
        return Ok(mss);
    }
    let small_waits = nagle::holds(moment.nagle, moment.unacknowledged) && !moment.push;
    // "(2) or if the data is pushed and all queued data can be sent now", where all data counts as pushed and the
    // bracketed condition is the Nagle rule.
    if sendable == queued {
        return match () {
            () if moment.cork && !moment.push => Err(Rule::Cork),
            () if small_waits => Err(Rule::Nagle),
            () => Ok(queued),
        };
    }
    // More is queued than may go, and what may go is no full segment. The congestion window never is less than a
    // segment, so that something is under way whose acknowledgment will open it.
    if congestion < usable {
        return Err(Rule::CongestionWindow);
    }
    // "(3) or if at least a fraction Fs of the maximum window can be sent", "Fs is a fraction whose recommended value
    // is 1/2".
    let half = usable > 0 && usable >= moment.max_window / 2 && !small_waits;
    // "(4) or if the override timeout occurs."
    if half || moment.overridden && usable > 0 {
        return Ok(usable);
    }
    Err(if usable == 0 { Rule::ReceiveWindow } else { Rule::SillyWindow })
}

/// The window that a receiver with this `room` tells, where it has `told` one already of which so much is left.
///
/// RFC 9293 section 3.8.6.2.2: keep the right edge fixed until it can move by "min( Fr * RCV.BUFF, Eff.snd.MSS )",
/// "where Fr is a fraction whose recommended value is 1/2". It never moves left (SHLD-14).
pub(crate) fn offered(told: u32, room: u32, buffer: u32, mss: u32) -> u32 {
    if room >= told.saturating_add((buffer / 2).min(mss)) { room } else { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Moment = Moment {
        queued: 0,
        usable: 65_535,
        congestion: 14_600,
        mss: 1460,
        max_window: 65_535,
        unacknowledged: Unacknowledged { any: false, small: false },
        nagle: Nagle::Rfc896,
        cork: false,
        push: false,
        overridden: false,
    };

    #[test]
    fn tail_of_a_large_write_waits_by_one_nagle_rule_and_not_by_the_other() {
        let tail = Moment { queued: 620, unacknowledged: Unacknowledged { any: true, small: false }, ..FREE };
        assert_eq!(leaves(&tail), Err(Rule::Nagle));
        assert_eq!(leaves(&Moment { nagle: Nagle::Minshall, ..tail }), Ok(620));
        assert_eq!(leaves(&Moment { push: true, ..tail }), Ok(620));
        assert_eq!(leaves(&Moment { cork: true, nagle: Nagle::Off, ..tail }), Err(Rule::Cork));
        assert_eq!(leaves(&Moment { queued: 1460, cork: true, ..tail }), Ok(1460));
    }

    #[test]
    fn the_smaller_window_is_what_holds() {
        let much = Moment { queued: 5000, ..FREE };
        assert_eq!(leaves(&much), Ok(1460));
        assert_eq!(leaves(&Moment { congestion: 1459, ..much }), Err(Rule::CongestionWindow));
        assert_eq!(leaves(&Moment { usable: 0, ..much }), Err(Rule::ReceiveWindow));
        assert_eq!(leaves(&Moment { usable: 0, congestion: 0, ..much }), Err(Rule::ReceiveWindow));
    }

    #[test]
    fn small_window_is_used_if_it_is_half_of_the_largest_or_after_the_override() {
        let silly = Moment { queued: 5000, usable: 500, ..FREE };
        assert_eq!(leaves(&silly), Err(Rule::SillyWindow));
        assert_eq!(leaves(&Moment { max_window: 1000, ..silly }), Ok(500));
        assert_eq!(leaves(&Moment { max_window: 1002, ..silly }), Err(Rule::SillyWindow));
        assert_eq!(leaves(&Moment { overridden: true, ..silly }), Ok(500));
        let behind = Unacknowledged { any: true, small: true };
        assert_eq!(leaves(&Moment { max_window: 1000, unacknowledged: behind, ..silly }), Err(Rule::SillyWindow));
        // All that is queued fits: no reason to wait.
        assert_eq!(leaves(&Moment { queued: 400, ..silly }), Ok(400));
    }

    #[test]
    fn right_edge_moves_by_a_segment_or_half_the_buffer_and_never_left() {
        assert_eq!(offered(1000, 2459, 65_535, 1460), 1000);
        assert_eq!(offered(1000, 2460, 65_535, 1460), 2460);
        assert_eq!(offered(0, 500, 1000, 1460), 500);
        assert_eq!(offered(0, 499, 1000, 1460), 0);
        assert_eq!(offered(1000, 10, 65_535, 1460), 1000);
    }
}
