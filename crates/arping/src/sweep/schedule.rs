//! When requests leave, and when there is nothing more to wait for: pure, time is an argument.

use super::census::Census;
use super::events::Ended;
use host::Time;
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::Duration;

/// How many requests leave together.
const BURST: usize = 16;
/// From one burst to the next: 3,200 requests a second, so that 254 have left after 75 ms. That is a fiftieth of what a link of
/// 100 Mbit/s carries, and every station on it must look at each.
const GAP: Duration = Duration::from_millis(5);
/// How often who stays silent is asked: a frame is lost now and then.
const ROUNDS: u32 = 2;
/// From the last request of a round to the first of the next.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(200);
/// How long to listen after the very last request.
const AFTER_LAST: Duration = Duration::from_millis(500);
/// How long to listen after all have answered, at least. A second station with one of the addresses answers at about the same
/// time as the first, and who stops listening at the first answer never hears of it.
const GRACE: Duration = Duration::from_millis(50);

/// When requests leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// How often who stays silent is asked.
    pub rounds: u32,
    /// How many requests leave together.
    pub burst: usize,
    /// From one burst to the next.
    pub gap: Duration,
    /// The end of it all, from the start: earlier than usual, or later for the sake of slow stations.
    pub deadline: Option<Duration>,
}

impl Schedule {
    /// The usual schedule, changed by what the user gave: rounds, the time from one request to the next, and the deadline.
    #[must_use]
    pub fn new(rounds: Option<u32>, interval: Option<Duration>, deadline: Option<Duration>) -> Self {
        let (burst, gap) = match interval {
            // Without any time between them, still not all at once: answers are heard in between.
            None | Some(Duration::ZERO) => (BURST, interval.unwrap_or(GAP)),
            Some(interval) => (1, interval),
        };
        Self { rounds: rounds.unwrap_or(ROUNDS), burst, gap, deadline }
    }
}

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A round begins, with so many requests.
    Round(usize),
    /// Ask for these addresses.
    Ask(Vec<Ipv4Addr>),
    /// Listen until then, or until a frame comes; then ask for the next step.
    Listen(Time),
    /// There is nothing more to do.
    End(Ended),
}

/// The schedule under way.
///
/// One rule for whoever runs it: **do what [`Agenda::next`] says, tell the [`Census`] what was asked and heard, and come back.**
#[derive(Debug)]
pub struct Agenda {
    schedule: Schedule,
    deadline: Time,
    /// The rounds that have begun.
    round: u32,
    /// Who is still to be asked in this round.
    queue: VecDeque<Ipv4Addr>,
    /// When the last burst left; before the first: the start.
    last: Time,
    /// When the next burst may leave.
    next: Time,
}

impl Agenda {
    /// A sweep that starts `now`.
    #[must_use]
    pub fn new(schedule: Schedule, now: Time) -> Self {
        let deadline = schedule.deadline.map_or(Time::NEVER, |deadline| now + deadline);
        Self { schedule, deadline, round: 0, queue: VecDeque::new(), last: now, next: now }
    }

    /// Which round it is, from 1 on.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.round
    }

    /// What to do at `now`.
    pub fn next(&mut self, now: Time, census: &Census) -> Step {
        if now >= self.deadline {
            return Step::End(Ended::Deadline);
        }
        // Who answered since the round began need not be asked again.
        while self.queue.front().is_some_and(|address| census.is_answered(*address)) {
            self.queue.pop_front();
        }
        let finished = self.queue.is_empty();
        if let Some(last) = census.all_answered().filter(|_| finished && self.round > 0) {
            return self.wait_for(now, last + self.grace(census), Step::End(Ended::Answered));
        }
        let due = self.due(finished);
        if now < due {
            return Step::Listen(due.min(self.deadline));
        }
        if !finished {
            return Step::Ask(self.burst(now, census));
        }
        if self.round < self.schedule.rounds {
            self.round += 1;
            self.queue = census.unanswered().collect();
            self.next = now;
            return Step::Round(self.queue.len());
        }
        Step::End(Ended::Rounds)
    }

    /// When to go on: with the next burst, or if this round is `finished` with the next round, or with the end.
    fn due(&self, finished: bool) -> Time {
        match (finished, self.schedule.deadline) {
            (false, _) => self.next,
            (true, _) if self.round == 0 => self.last,
            (true, _) if self.round < self.schedule.rounds => self.last + BETWEEN_ROUNDS,
            // A deadline is time that the user gives.
            (true, Some(_)) => self.deadline,
            (true, None) => self.last + AFTER_LAST,
        }
    }

    /// The next burst, without those who have answered meanwhile.
    fn burst(&mut self, now: Time, census: &Census) -> Vec<Ipv4Addr> {
        let mut burst = vec![];
        while burst.len() < self.schedule.burst
            && let Some(address) = self.queue.pop_front()
        {
            if !census.is_answered(address) {
                burst.push(address);
            }
        }
        (self.last, self.next) = (now, now + self.schedule.gap);
        burst
    }

    /// As long as an answer could be behind the first one: twice the longest that one took.
    fn grace(&self, census: &Census) -> Duration {
        (2 * census.longest()).clamp(GRACE, AFTER_LAST)
    }

    fn wait_for(&self, now: Time, until: Time, then: Step) -> Step {
        if now < until { Step::Listen(until.min(self.deadline)) } else { then }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prefix::Prefix;
    use wire::Mac;

    const THEM: Mac = Mac([2, 0, 0, 0, 0, 0xdd]);

    /// What happened in a sweep.
    #[derive(Debug, Default)]
    struct Run {
        /// When each burst left, in milliseconds, and how many were in it.
        bursts: Vec<(u64, usize)>,
        rounds: Vec<usize>,
        end_ms: u64,
        ended: Option<Ended>,
    }

    /// A sweep of 10.0.0.0/24 by its first host; `answers` tells how long after a request somebody answers.
    fn run(schedule: Schedule, answers: impl Fn(Ipv4Addr, u32) -> Option<Duration>) -> Run {
        let prefix = Prefix::of([10, 0, 0, 0].into(), 24);
        let own = Ipv4Addr::new(10, 0, 0, 1);
        let mut census = Census::new(prefix.hosts(), &[(own, Mac([2, 0, 0, 0, 0, 0xaa]))]);
        let mut agenda = Agenda::new(schedule, Time::START);
        let (mut now, mut run) = (Time::START, Run::default());
        let mut arriving: Vec<(Time, Ipv4Addr)> = vec![];
        loop {
            match agenda.next(now, &census) {
                Step::Round(requests) => run.rounds.push(requests),
                Step::Ask(burst) => {
                    run.bursts.push((now.0 / 1_000_000, burst.len()));
                    for address in burst {
                        census.asked(address, now);
                        let answer = answers(address, agenda.round()).filter(|_| address != own);
                        arriving.extend(answer.map(|after| (now + after, address)));
                    }
                }
                Step::Listen(until) => {
                    arriving.sort();
                    let next = arriving.first().copied().filter(|(at, _)| *at <= until);
                    now = next.map_or(until, |(at, _)| at.max(now));
                    if let Some((at, address)) = next {
                        arriving.remove(0);
                        census.answer(at, address, THEM);
                    }
                }
                Step::End(ended) => {
                    run.end_ms = now.0 / 1_000_000;
                    run.ended = Some(ended);
                    return run;
                }
            }
        }
    }

    fn usual() -> Schedule {
        Schedule::new(None, None, None)
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn requests_leave_in_bursts_of_sixteen_five_milliseconds_apart() {
        let run = run(usual(), |_, _| Some(MS));
        assert_eq!(run.bursts.len(), 16);
        assert_eq!((run.bursts[0], run.bursts[1], run.bursts[15]), ((0, 16), (5, 16), (75, 14)));
    }

    #[test]
    fn sweep_in_which_all_answer_ends_a_grace_after_the_last_answer() {
        let run = run(usual(), |_, _| Some(MS));
        assert_eq!((run.end_ms, run.ended, run.rounds.as_slice()), (75 + 1 + 50, Some(Ended::Answered), &[254][..]));
    }

    #[test]
    fn grace_is_twice_the_longest_round_trip_where_that_is_long() {
        let slow = run(usual(), |address, _| Some(if address.octets()[3] == 254 { 40 * MS } else { MS }));
        assert_eq!(slow.end_ms, 75 + 40 + 80);
    }

    #[test]
    fn who_stays_silent_is_asked_once_more_and_all_share_one_wait() {
        let half = run(usual(), |address, _| (address.octets()[3] % 2 == 0).then_some(MS));
        // The silent ones, and our own address.
        assert_eq!(half.rounds, [254, 127]);
        assert_eq!((half.bursts[16].0, half.bursts[23].0), (75 + 200, 310));
        assert_eq!((half.end_ms, half.ended), (810, Some(Ended::Rounds)));
    }

    #[test]
    fn answer_to_the_second_request_ends_the_wait_as_one_to_the_first_does() {
        let lossy = run(usual(), |address, round| (round == 2 || address.octets()[3] != 9).then_some(MS));
        // The lost one, and our own address.
        assert_eq!(lossy.rounds, [254, 2]);
        assert_eq!((lossy.end_ms, lossy.ended), (275 + 1 + 50, Some(Ended::Answered)));
    }

    #[test]
    fn who_answers_late_is_not_asked_again() {
        // A link that holds all answers back until 277 ms; two addresses are nobody's.
        let sent = |address: Ipv4Addr| u32::from(address.octets()[3] - 1) / 16 * 5;
        let late = run(usual(), |address, _| (address.octets()[3] < 253).then(|| (277 - sent(address).min(275)) * MS));
        assert_eq!((late.rounds, &late.bursts[16..]), (vec![254, 254], &[(275, 16), (280, 2)][..]));
    }

    #[test]
    fn last_request_is_waited_for_although_the_others_need_none() {
        // The first nine are nobody's, and all others answer after the second round began with these nine and seven more.
        let late = run(usual(), |address, _| {
            (address.octets()[3] > 10).then(|| (277 - u32::from(address.octets()[3] - 1) / 16 * 5) * MS)
        });
        assert_eq!((&late.bursts[16..], late.end_ms, late.ended), (&[(275, 16)][..], 775, Some(Ended::Rounds)));
    }

    #[test]
    fn interval_of_the_user_is_from_request_to_request() {
        let slow = run(Schedule::new(Some(1), Some(2 * MS), None), |_, _| None);
        assert_eq!((slow.bursts.len(), slow.bursts[1], slow.end_ms), (254, (2, 1), 253 * 2 + 500));
    }

    #[test]
    fn no_interval_is_no_wait_between_bursts() {
        let quick = run(Schedule::new(Some(1), Some(Duration::ZERO), None), |_, _| None);
        assert_eq!((quick.bursts.len(), quick.bursts[15].0, quick.end_ms), (16, 0, 500));
    }

    #[test]
    fn deadline_cuts_short_or_gives_slow_stations_time() {
        let short = run(Schedule::new(None, None, Some(12 * MS)), |_, _| None);
        assert_eq!((short.bursts.len(), short.end_ms, short.ended), (3, 12, Some(Ended::Deadline)));
        let long = run(Schedule::new(None, None, Some(3000 * MS)), |_, _| None);
        assert_eq!((long.end_ms, long.ended), (3000, Some(Ended::Deadline)));
    }
}
