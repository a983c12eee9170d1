//! How many ICMP errors a node sends, where it limits them as Linux does.
//!
//! Two buckets of tokens, as in `net/ipv4/icmp.c` and `net/ipv4/inetpeer.c` of Linux 6.18 with the settings it comes with:
//!
//! - **For each destination of errors** (`icmp_ratelimit` = 1000 ms, `XRLIM_BURST_FACTOR` = 6): its bucket fills with the time, up
//!   to six seconds of it, and is full at first. An error costs one second. So six leave at once, and then one a second.
//! - **For all together** (`icmp_msgs_per_sec` = 1000, `icmp_msgs_burst` = 50): up to 50 tokens. When none is left, and 20 ms or
//!   more have passed since the last filling, as many are put in as milliseconds have passed, 50 at the most. An error costs none,
//!   one or two, at random, one on average, so that nobody can count a host's errors from outside. A second spent by a
//!   destination that has none costs nothing here.
//!
//! Limited are only the types of `icmp_ratemask` = 6168: destination unreachable, source quench, time exceeded, parameter problem;
//! and of these "fragmentation needed" is not. Echo replies never are.
//!
//! Newer kernels come with 10,000 for both of the common bucket's settings, so that a host meets it hardly ever.
//!
//! Linux counts in ticks of its clock, 1 to 10 ms each; here it is nanoseconds. RFC 1812 section 4.3.2.8 asks for some such limit.

use crate::random::Random;
use host::Time;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::icmp;

/// A bit for each limited type: 3, 4, 11 and 12.
const MASK: u32 = 6168;
/// What an error costs its destination.
const COST: Duration = Duration::from_secs(1);
/// What a destination can save.
const MOST: Duration = Duration::from_secs(6);
/// What all destinations together can save.
const BURST: i64 = 50;
/// All together get one token in this time.
const EACH: Duration = Duration::from_millis(1);
/// How long the common bucket stays empty at least.
const DRY: Duration = Duration::from_millis(20);
/// With more destinations than this, those with a full bucket are forgotten, which changes nothing.
const REMEMBERED: usize = 1024;

/// Both buckets of a node.
#[derive(Debug)]
pub(super) struct Limit {
    all: Common,
    each: BTreeMap<Ipv4Addr, Saved>,
    random: Random,
}

#[derive(Debug)]
struct Common {
    tokens: i64,
    /// `None`: never yet, which is long ago.
    filled: Option<Time>,
}

/// What a destination had, and when.
#[derive(Debug, Clone, Copy)]
struct Saved {
    time: Duration,
    at: Time,
}

impl Limit {
    pub(super) fn new(seed: u64, node: &str) -> Self {
        let all = Common { tokens: 0, filled: None };
        Self { all, each: BTreeMap::new(), random: Random::new(seed, &format!("{node} ICMP limit")) }
    }

    /// Whether an error of this type and code may leave for `to` now; if so, it is counted.
    pub(super) fn allows(&mut self, now: Time, kind: u8, code: u8, to: Ipv4Addr) -> bool {
        let limited = 1_u32.checked_shl(kind.into()).is_some_and(|bit| bit & MASK != 0);
        if !limited || (kind, code) == (icmp::UNREACHABLE, 4) {
            return true;
        }
        if !self.all.has_any(now) || !self.spend(now, to) {
            return false;
        }
        self.all.tokens -= i64::try_from(self.random.next() % 3).unwrap_or(1);
        true
    }

    /// Takes what an error costs from the bucket of `to`, if it has so much.
    fn spend(&mut self, now: Time, to: Ipv4Addr) -> bool {
        if self.each.len() > REMEMBERED {
            self.each.retain(|_, saved| saved.now(now) < MOST);
        }
        let saved = self.each.entry(to).or_insert(Saved { time: MOST, at: now });
        let rest = saved.now(now).checked_sub(COST);
        *saved = Saved { time: rest.unwrap_or(saved.now(now)), at: now };
        rest.is_some()
    }
}

impl Saved {
    fn now(self, now: Time) -> Duration {
        (self.time + (now - self.at)).min(MOST)
    }
}

impl Common {
    /// Whether there is a token; an empty bucket is filled first, if its time has come.
    fn has_any(&mut self, now: Time) -> bool {
        if self.tokens > 0 {
            return true;
        }
        let since = self.filled.map_or(MOST, |filled| now - filled).min(Duration::from_secs(1));
        if since < DRY {
            return false;
        }
        let tokens = i64::try_from(since.as_nanos() / EACH.as_nanos()).unwrap_or(BURST);
        self.tokens = (self.tokens + tokens).min(BURST);
        self.filled = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Time {
        Time::START + Duration::from_millis(milliseconds)
    }

    fn host(number: u16) -> Ipv4Addr {
        let [high, low] = number.to_be_bytes();
        [10, 0, high, low].into()
    }

    /// How many of `tries` time-exceeded messages to `to` may leave at this instant.
    fn allowed(limit: &mut Limit, now: Time, to: Ipv4Addr, tries: u32) -> usize {
        (0..tries).filter(|_| limit.allows(now, icmp::TIME_EXCEEDED, 0, to)).count()
    }

    #[test]
    fn six_leave_at_once_and_then_one_a_second() {
        let mut limit = Limit::new(1, "r1");
        assert_eq!(allowed(&mut limit, at(0), host(1), 10), 6);
        assert_eq!(allowed(&mut limit, at(999), host(1), 10), 0);
        assert_eq!(allowed(&mut limit, at(1_000), host(1), 10), 1);
        assert_eq!(allowed(&mut limit, at(1_999), host(1), 10), 0);
        assert_eq!(allowed(&mut limit, at(2_000), host(1), 10), 1);
        assert_eq!(allowed(&mut limit, at(4_500), host(1), 10), 2, "two and a half seconds were saved");
        assert_eq!(allowed(&mut limit, at(5_000), host(1), 10), 1, "and the half counts");
        assert_eq!(allowed(&mut limit, at(60_000), host(1), 10), 6, "no more than six are saved");
        assert_eq!(allowed(&mut limit, at(60_000), host(2), 10), 6, "another destination has its own");
    }

    #[test]
    fn only_the_types_of_the_mask_are_limited_and_never_fragmentation_needed() {
        let mut limit = Limit::new(1, "r1");
        let mut sent = |kind, code| (0..100).filter(|_| limit.allows(at(0), kind, code, host(1))).count();
        assert_eq!(sent(icmp::ECHO_REPLY, 0), 100);
        assert_eq!(sent(icmp::UNREACHABLE, 4), 100);
        assert_eq!(sent(icmp::REDIRECT, 0), 100);
        assert_eq!(sent(icmp::UNREACHABLE, 3), 6);
        assert_eq!(sent(icmp::PARAMETER_PROBLEM, 0), 0, "one bucket for all types");
    }

    #[test]
    fn fifty_or_so_leave_for_all_hosts_and_then_a_thousand_a_second() {
        let mut limit = Limit::new(1, "r1");
        let mut hosts = (0..60_000).map(host).cycle();
        // Twenty errors a millisecond, each to another host.
        let mut sent = |milliseconds: std::ops::Range<u64>| {
            let tries = milliseconds.flat_map(|millisecond| [at(millisecond); 20]);
            tries.filter(|now| limit.allows(*now, icmp::TIME_EXCEEDED, 0, hosts.next().unwrap())).count()
        };
        let burst = sent(0..10);
        assert!((35..75).contains(&burst), "{burst} at first");
        let second = sent(1_000..2_000);
        assert!((900..1_200).contains(&second), "{second} in a second");
    }
}
