//! How long to wait for an acknowledgment: the round trip time, the timeout, and the one timer for both uses.
//!
//! Obeys RFC 6298 (all of it) with Karn's algorithm, RFC 9293 sections 3.8.1 (retransmission), 3.8.3 (when to give up)
//! and 3.8.6.1 (zero-window probing, which backs off by the same rule).

use crate::config::Config;
use crate::seq::Seq;
use host::Time;
use std::time::Duration;

/// RFC 6298 (5.7): where a SYN was lost, "the RTO MUST be re-initialized to 3 seconds when data transmission begins".
const RTO_AFTER_LOST_SYN: Duration = Duration::from_secs(3);

/// RFC 9293 section 3.8.6.2.1: "The override timeout should be in the range 0.1 - 1.0 seconds."
const OVERRIDE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// What the timer waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// Nothing.
    Off,
    /// The acknowledgment of the oldest byte under way.
    Retransmit(Time),
    /// A window that opens: nothing is under way, so nobody else would speak.
    Persist(Time),
}

/// The state variables of RFC 6298.
#[derive(Debug)]
pub(crate) struct Retransmission {
    /// SRTT; `None`: nothing has been measured.
    pub(crate) srtt: Option<Duration>,
    /// RTTVAR.
    pub(crate) rttvar: Duration,
    /// RTO as computed, before it is backed off.
    rto: Duration,
    /// How often it is doubled now.
    pub(crate) backoff: u32,
    pub(crate) timer: Timer,
    /// The segment that is being timed, by the number behind its last, and when it left.
    timed: Option<(Seq, Time)>,
    /// Of what lies before this number some was sent again, so that its acknowledgment does not say which one arrived.
    ambiguous: Option<Seq>,
    /// Since when something of ours waits for an answer of any use; what R2 is measured from.
    pub(crate) unanswered: Option<Time>,
    /// Whether the SYN was sent again.
    pub(crate) syn_lost: bool,
    /// How many segments were sent again.
    pub(crate) count: u32,
    min: Duration,
    max: Duration,
    granularity: Duration,
}

impl Retransmission {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            srtt: None,
            rttvar: Duration::ZERO,
            rto: config.rto_initial,
            backoff: 0,
            timer: Timer::Off,
            timed: None,
            ambiguous: None,
            unanswered: None,
            syn_lost: false,
            count: 0,
            min: config.rto_min,
            max: config.rto_max,
            granularity: config.rto_granularity,
        }
    }

    /// RTO, with the doublings that are in force.
    pub(crate) fn rto(&self) -> Duration {
        self.rto.saturating_mul(1_u32.checked_shl(self.backoff).unwrap_or(u32::MAX)).min(self.max)
    }

    /// Takes a measurement of the round trip time: RFC 6298 (2.2), (2.3) and (2.4).
    fn measured(&mut self, rtt: Duration) {
        let srtt = match self.srtt {
            None => {
                self.rttvar = rtt / 2;
                rtt
            }
            // "updating RTTVAR and SRTT MUST be computed in the above order", so with the old SRTT.
            Some(srtt) => {
                self.rttvar = self.rttvar * 3 / 4 + srtt.abs_diff(rtt) / 4;
                srtt * 7 / 8 + rtt / 8
            }
        };
        self.srtt = Some(srtt);
        self.rto = (srtt + self.granularity.max(self.rttvar * 4)).max(self.min);
        // "which may result in "collapsing" RTO back down after it has been subject to exponential back off"
        self.backoff = 0;
    }

    /// A segment leaves, and it is not sent again: it may be timed. RFC 6298 section 3: "at least one RTT measurement
    /// per RTT".
    pub(crate) fn departs(&mut self, now: Time, end: Seq) {
        self.timed.get_or_insert((end, now));
        self.unanswered.get_or_insert(now);
    }

    /// A segment leaves again, which lies before `nxt`. RFC 6298 section 3: "RTT samples MUST NOT be made using
    /// segments that were retransmitted".
    pub(crate) fn departs_again(&mut self, nxt: Seq) {
        self.timed = None;
        self.ambiguous = Some(nxt);
        self.count = self.count.saturating_add(1);
    }

    /// New data are acknowledged up to `ack`: measures, if that can be done. `echo` is the round trip time by the
    /// timestamps.
    ///
    /// RFC 6298 section 3: "The only case when TCP can safely take RTT samples from retransmitted segments is when the
    /// TCP timestamp option" is employed. Elsewhere our own clock is the finer one.
    pub(crate) fn acknowledged(&mut self, now: Time, ack: Seq, echo: Option<Duration>) {
        let is_ambiguous = self.ambiguous.is_some_and(|end| ack.is_at_or_before(end));
        if !is_ambiguous {
            self.ambiguous = None;
        }
        let timed = self.timed.take_if(|(end, _)| end.is_at_or_before(ack)).map(|(_, left)| now - left);
        if let Some(rtt) = timed.or(echo.filter(|_| is_ambiguous)) {
            self.measured(rtt);
        }
    }

    /// RFC 6298 (5.1): "if the timer is not running, start it running so that it will expire after RTO seconds".
    pub(crate) fn start(&mut self, now: Time) {
        if !matches!(self.timer, Timer::Retransmit(_)) {
            self.restart(now);
        }
    }

    /// RFC 6298 (5.3) and (5.6).
    pub(crate) fn restart(&mut self, now: Time) {
        self.timer = Timer::Retransmit(now + self.rto());
    }

    /// Starts waiting for a window, if it does not wait already; `closed`: it is zero, and not only small.
    ///
    /// RFC 9293 section 3.8.6.1: "SHOULD send the first zero-window probe when a zero window has existed for the
    /// retransmission timeout period (SHLD-29)", "and SHOULD increase exponentially the interval between successive
    /// probes (SHLD-30)".
    pub(crate) fn persist(&mut self, now: Time, closed: bool) {
        if !matches!(self.timer, Timer::Persist(_)) {
            let wait = if closed { self.rto() } else { self.rto().clamp(OVERRIDE.0, OVERRIDE.1) };
            self.timer = Timer::Persist(now + wait);
        }
    }

    /// RFC 6298 (5.2): all is acknowledged.
    pub(crate) fn stop(&mut self) {
        self.timer = Timer::Off;
        self.unanswered = None;
    }

    /// RFC 6298 (5.5): "The host MUST set RTO <- RTO * 2 ("back off the timer")."
    pub(crate) fn back_off(&mut self) {
        self.backoff = self.backoff.saturating_add(1).min(31);
    }

    /// The handshake is complete.
    pub(crate) fn established(&mut self) {
        if self.syn_lost && self.srtt.is_none() {
            self.rto = RTO_AFTER_LOST_SYN;
            self.backoff = 0;
        }
    }

    /// When the timer expires, if it runs.
    pub(crate) fn due(&self) -> Time {
        match self.timer {
            Timer::Off => Time::NEVER,
            Timer::Retransmit(at) | Timer::Persist(at) => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn rfc() -> Retransmission {
        let config = Config { rto_min: MS(0), rto_granularity: MS(1), ..Config::by_the_rfcs() };
        Retransmission::new(&config)
    }

    #[test]
    fn timeout_follows_the_measurements_by_the_rfc_s_formula() {
        let mut timeout = rfc();
        assert_eq!(timeout.rto(), MS(1000));
        timeout.measured(MS(100));
        assert_eq!((timeout.srtt, timeout.rttvar, timeout.rto()), (Some(MS(100)), MS(50), MS(300)));
        // RTTVAR = 3/4 * 50 + 1/4 * |100 - 180|, SRTT = 7/8 * 100 + 1/8 * 180.
        timeout.measured(MS(180));
        assert_eq!((timeout.srtt, timeout.rttvar), (Some(MS(110)), Duration::from_micros(57_500)));
        assert_eq!(timeout.rto(), MS(340));
    }

    #[test]
    fn least_timeout_is_a_floor_by_the_rfc_and_an_addend_in_linux() {
        for (config, expected) in [(Config::by_the_rfcs(), MS(1000)), (Config::default(), MS(204))] {
            let mut timeout = Retransmission::new(&config);
            (0..100).for_each(|_| timeout.measured(MS(4)));
            assert_eq!(timeout.rto(), expected);
        }
    }

    #[test]
    fn doubling_ends_at_the_longest_timeout_and_with_the_next_measurement() {
        let mut timeout = rfc();
        let doubled: Vec<u64> = (0..8)
            .map(|_| {
                timeout.back_off();
                timeout.rto().as_secs()
            })
            .collect();
        assert_eq!(doubled, [2, 4, 8, 16, 32, 60, 60, 60]);
        timeout.measured(MS(10));
        assert_eq!(timeout.rto(), MS(30));
    }

    #[test]
    fn segment_that_was_sent_again_is_measured_by_its_timestamp_only() {
        let mut timeout = rfc();
        timeout.departs(Time(0), Seq(10));
        timeout.departs(Time(5), Seq(20));
        timeout.acknowledged(Time(7), Seq(9), Some(MS(1)));
        assert_eq!(timeout.srtt, None);
        timeout.acknowledged(Time(8), Seq(20), Some(MS(1)));
        assert_eq!(timeout.srtt, Some(Duration::from_nanos(8)));

        let mut timeout = rfc();
        timeout.departs(Time(10), Seq(30));
        timeout.departs_again(Seq(30));
        timeout.acknowledged(Time(12), Seq(30), None);
        assert_eq!(timeout.srtt, None);
        timeout.acknowledged(Time(12), Seq(30), Some(MS(1)));
        assert_eq!(timeout.srtt, Some(MS(1)));
    }
}
