//! The decisions: which probe leaves next, when a hop is known, how far the way is.
//!
//! A [`Tracer`] has no socket and no clock. Whoever runs it does what [`Tracer::next`] says, reports what left and what came
//! ([`Tracer::sent`], [`Tracer::hear`]), and asks again. All it keeps are the attempts; the rest is derived from them:
//!
//! - **The distance first.** The first UDP probe has the highest time to live and reaches the target, whose "port unreachable"
//!   quotes the time to live that was left: what is missing was taken by the routers. Then no probe is wasted beyond the target,
//!   which like every Linux host answers six probes at once and then one a second; who floods it with higher and higher times to
//!   live hears nothing any more when the right one comes, and prints too many hops.
//!   As long as its answer may come, only the first few hops are asked.
//! - **A few hops at a time**, and one probe at a time to each, so that no router's limit is met for no reason.
//! - **Silence is asked again**: at once, for the probe may have been lost, and when a limit must have passed ([`Hop::next`]).
//! - **What stays silent at the end of the way ends the run** after [`Plan::wait`], however many hops it could have had.

use crate::answer::{Answer, Says};
use crate::circle::circle;
use crate::hop::{Attempt, Hop, REFILL, Silence};
use crate::patience::patience;
use host::Time;
use std::net::IpAddr;
use std::time::Duration;

/// What to find out, and how much may be sent for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Whom to trace to.
    pub target: IpAddr,
    /// The first time to live.
    pub first: u8,
    /// The last time to live.
    pub last: u8,
    /// How many answers are wanted of each hop.
    pub answers: usize,
    /// How many probes may be on their way at once.
    pub in_flight: usize,
    /// The least time between two probes.
    pub pause: Duration,
    /// How long a silent end of the way is waited for.
    pub wait: Duration,
    /// Whether answers of the target quote the probe, so that one of them tells the distance.
    pub quoted: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send a probe with this time to live.
    Send {
        /// The time to live.
        ttl: u8,
    },
    /// Listen until then.
    Wait(Time),
    /// All is known that will be.
    Done,
}

/// How many hops nobody has answered from may be asked at once, as long as nothing is overdue.
const AHEAD: u8 = 4;
/// A trace as far as it is known.
#[derive(Debug, Clone)]
pub struct Tracer {
    plan: Plan,
    start: Time,
    attempts: Vec<Attempt>,
    last_sent: Option<Time>,
    /// The target's answers do not tell which probe they are to, so that one is sent at a time.
    one_by_one: bool,
}

impl Tracer {
    /// A trace that begins at `start`.
    #[must_use]
    pub fn new(plan: Plan, start: Time) -> Self {
        Self { plan, start, attempts: vec![], last_sent: None, one_by_one: false }
    }

    /// Probe `number` left at `now` with this time to live.
    pub fn sent(&mut self, now: Time, number: u16, ttl: u8) {
        let overdue = now + self.patience(ttl);
        self.attempts.push(Attempt { number, ttl, sent: now, overdue, answer: None });
        self.last_sent = Some(now);
    }

    /// An answer came at `at`. `false`: its probe was answered already.
    pub fn hear(&mut self, answer: &Answer, at: Time) -> bool {
        let attempt = self.attempts.iter_mut().find(|attempt| attempt.number == answer.number);
        let Some(attempt) = attempt.filter(|attempt| attempt.answer.is_none()) else { return false };
        attempt.answer = Some((answer.clone(), at));
        // What takes longer than was thought takes so long for its like too.
        let ttl = attempt.ttl;
        let ttl = self.distance().map_or(ttl, |distance| distance.min(ttl));
        let patience = self.patience(ttl);
        for attempt in self.attempts.iter_mut().filter(|attempt| attempt.ttl >= ttl && attempt.answer.is_none()) {
            attempt.overdue = attempt.overdue.max(attempt.sent + patience);
        }
        true
    }

    /// The target answered at `at` with something that does not tell to which probe. It counts if only one can be meant, and
    /// from now on one is sent at a time.
    pub fn hear_unnumbered(&mut self, from: IpAddr, ttl: u8, at: Time) {
        let mut open = self.attempts.iter().filter(|attempt| attempt.is_open(at)).map(|attempt| attempt.number);
        let only = open.next().filter(|_| open.next().is_none());
        self.one_by_one = true;
        if let Some(number) = only {
            let answer = Answer { number, from, says: Says::Datagram, ttl: Some(ttl), quoted_ttl: None, told: vec![] };
            self.hear(&answer, at);
        }
    }

    /// How long an answer from `ttl` hops away may take.
    fn patience(&self, ttl: u8) -> Duration {
        let longest = |from: u8| {
            let rtts = self.attempts.iter().filter(|attempt| attempt.ttl >= from).filter_map(Attempt::rtt);
            rtts.max()
        };
        patience(longest(ttl).or_else(|| longest(0)), self.plan.wait)
    }

    /// How far the end of the way is: the target, or whoever says that there is no way. `None`: not known.
    ///
    /// RFC 791 section 3.2: every router on the way takes one from the time to live, so of a probe that left with t and arrived
    /// with q, t − q routers had it before.
    #[must_use]
    pub fn distance(&self) -> Option<u8> {
        let ends = self.attempts.iter().filter_map(|attempt| {
            let (answer, _) = attempt.answer.as_ref()?;
            (answer.says != Says::TimeExceeded).then_some((attempt.ttl, answer))
        });
        let routers = |ttl: u8, quoted: u8| ttl.checked_sub(quoted).map(|routers| routers + 1);
        let nearest = ends
            .map(|(ttl, answer)| answer.quoted_ttl.and_then(|quoted| routers(ttl, quoted)).unwrap_or(ttl).min(ttl))
            .min()?;
        // Whoever let a probe pass and was asked later is nearer than the end, whatever that quotes.
        let passed = self.attempts.iter().filter(|attempt| attempt.ttl >= nearest && attempt.passed());
        let passed = passed.filter(|attempt| !self.ended_below(attempt.ttl)).map(|attempt| attempt.ttl).max();
        Some(passed.map_or(nearest, |ttl| ttl.saturating_add(1)).max(self.plan.first))
    }

    /// Whether a probe with at most this time to live was answered from the end of the way.
    fn ended_below(&self, ttl: u8) -> bool {
        self.attempts.iter().any(|attempt| attempt.ttl <= ttl && attempt.ended())
    }

    /// The circle that the way goes round in, if it does.
    #[must_use]
    pub fn circle(&self) -> Option<Circle> {
        let round = circle(&self.routers())?;
        let ttl = |index: usize| self.plan.first.saturating_add(u8::try_from(index).unwrap_or(u8::MAX));
        Some(Circle { first: ttl(round.first), length: round.length, end: ttl(round.end) })
    }

    /// The router that answered first for each hop, from [`Plan::first`] to [`Plan::last`].
    fn routers(&self) -> Vec<Option<IpAddr>> {
        let router = |ttl: u8| self.attempts.iter().find(|a| a.ttl == ttl && a.passed()).and_then(Attempt::from);
        (self.plan.first..=self.plan.last).map(router).collect()
    }

    /// Where the end of the way is to be looked for, if its distance was told by an answer that may not be the nearest.
    ///
    /// Whoever limits its errors answers the first probe that comes when it may speak again, and not the one that went just far
    /// enough. Without a quote to tell the distance, the hops between the last router and that answer are asked by halves, each when
    /// the limit must have passed and nothing else is on its way.
    fn gap(&self, now: Time, distance: u8) -> Option<Gap> {
        let is_guess = |attempt: &Attempt| {
            attempt.answer.as_ref().is_some_and(|(answer, _)| {
                matches!(answer.says, Says::Unreachable { .. }) && answer.quoted_ttl.is_none()
            })
        };
        if !self.attempts.iter().any(is_guess) {
            return None;
        }
        let passed = self.attempts.iter().filter(|attempt| attempt.ttl < distance && attempt.passed());
        let router = passed.map(|attempt| attempt.ttl).max().unwrap_or(self.plan.first.saturating_sub(1));
        let beyond: Vec<&Attempt> = self.attempts.iter().filter(|attempt| attempt.ttl > router).collect();
        let alone = beyond.windows(2).filter_map(|pair| match pair {
            [before, this] => (this.sent - before.sent >= REFILL).then_some(this),
            _ => None,
        });
        let silent =
            alone.filter(|attempt| attempt.answer.is_none() && !attempt.is_open(now) && attempt.ttl < distance);
        let low = silent.map(|attempt| attempt.ttl).max().unwrap_or(router);
        let last = beyond.iter().map(|attempt| attempt.sent).max()?;
        let is_open = beyond.iter().any(|attempt| attempt.is_open(now));
        let ttl = low.midpoint(distance).max(low + 1);
        (ttl < distance).then_some(Gap { router, ttl, at: if is_open { Time::NEVER } else { last + REFILL } })
    }

    /// What all attempts so far amount to.
    fn view(&self, now: Time) -> View {
        let distance = self.distance();
        let circle = self.circle().map(|circle| circle.end);
        let end = [distance, circle].into_iter().flatten().min().unwrap_or(self.plan.last).min(self.plan.last);
        let hop = |ttl: u8| {
            let of_it = |attempt: &&Attempt| {
                attempt.ttl == ttl || distance == Some(ttl) && attempt.ttl > ttl && attempt.ended()
            };
            Hop { ttl, attempts: self.attempts.iter().filter(of_it).cloned().collect() }
        };
        let hops: Vec<Hop> = (self.plan.first..=end).map(hop).collect();
        let farthest = hops.iter().rfind(|hop| hop.answered() > 0);
        let heard = farthest.and_then(|hop| hop.attempts.iter().filter_map(Attempt::answered_at).min());
        let farthest = farthest.map(|hop| hop.ttl);
        let gap = distance.filter(|distance| *distance <= end).and_then(|distance| self.gap(now, distance));
        let beyond = self.attempts.iter().find(|attempt| Some(attempt.ttl) > farthest).map(|attempt| attempt.sent);
        // Where a pause holds probes back, nothing can be given up before the first few hops beyond were asked.
        let held_back = || {
            let few = hops.iter().filter(|hop| Some(hop.ttl) > farthest).take(AHEAD.into());
            few.map(|hop| hop.attempts.first().map_or(Time::NEVER, |first| first.sent)).max()
        };
        let beyond = if self.plan.pause.is_zero() { beyond } else { held_back() };
        let given_up = beyond.max(heard).unwrap_or(self.start) + self.plan.wait;
        View { hops, farthest, gap, given_up }
    }

    /// What to do now.
    #[must_use]
    pub fn next(&self, now: Time) -> Step {
        let view = self.view(now);
        let unsettled: Vec<&Hop> =
            view.hops.iter().filter(|hop| !view.is_settled(hop, now, self.plan.answers)).collect();
        if unsettled.is_empty() {
            return Step::Done;
        }
        let open = self.attempts.iter().filter(|attempt| attempt.is_open(now));
        let in_flight = if self.one_by_one { 1 } else { self.plan.in_flight.max(1) };
        let is_full = open.clone().count() >= in_flight;
        let paced = self.last_sent.map_or(now, |last| last + self.plan.pause);
        let due = match view.gap {
            _ if is_full => None,
            Some(gap) => {
                let near: Vec<&Hop> = unsettled.iter().copied().filter(|hop| hop.ttl <= gap.router).collect();
                self.due(now, &near, view.ahead(now)).into_iter().chain([(gap.at, gap.ttl)]).min()
            }
            None => self.due(now, &unsettled, view.ahead(now)),
        };
        match due.map(|(at, ttl)| (at.max(paced), ttl)) {
            Some((at, ttl)) if at <= now => Step::Send { ttl },
            due => {
                let given_up = Some(view.given_up).filter(|end| *end > now);
                let changes = open.map(|attempt| attempt.overdue).chain(given_up).chain(due.map(|(at, _)| at));
                Step::Wait(changes.min().unwrap_or(now))
            }
        }
    }

    /// The next probe, and when it may leave. `ahead`: how many hops that did not answer yet may be asked at once.
    fn due(&self, now: Time, unsettled: &[&Hop], ahead: usize) -> Option<(Time, u8)> {
        if self.plan.quoted && self.attempts.is_empty() {
            return Some((now, self.plan.last));
        }
        let unsure = self.plan.quoted && self.attempts.first().is_some_and(|first| first.is_open(now));
        let few = self.plan.first.saturating_add(if unsure { AHEAD - 1 } else { u8::MAX });
        let (mut ahead, mut due) = (ahead, vec![]);
        for hop in unsettled.iter().take_while(|hop| hop.ttl <= few) {
            if hop.attempts.is_empty() && ahead == 0 {
                break;
            }
            if hop.answered() == 0 && hop.attempts.last().is_none_or(|last| last.is_open(now)) {
                ahead = ahead.saturating_sub(1);
            }
            due.extend(hop.next(now, self.plan.answers).map(|at| (at, hop.attempts.len(), hop.ttl)));
        }
        // In rounds: whoever was asked least comes first, so that a way that changes shows at each hop.
        due.into_iter().min().map(|(at, _, ttl)| (at, ttl))
    }

    /// The hops that are known for good, the nearest first; the silent end of the way is not among them.
    ///
    /// Where a limit is suspected, the others have a say: if one of them lost a probe, silence is no proof of a limit.
    #[must_use]
    pub fn settled(&self, now: Time) -> Vec<Hop> {
        let view = self.view(now);
        let is_known = |hop: &&Hop| {
            let is_doubtful = hop.silence() == Silence::RateLimit;
            Some(hop.ttl) <= view.farthest && !is_doubtful && view.is_settled(hop, now, self.plan.answers)
        };
        view.hops.iter().take_while(is_known).map(|hop| self.told(hop, now)).collect()
    }

    /// All hops up to the last that was heard of, and behind them those that stay silent.
    #[must_use]
    pub fn hops(&self, now: Time) -> (Vec<Hop>, Vec<Hop>) {
        let view = self.view(now);
        let told = view.hops.iter().map(|hop| self.told(hop, now));
        told.partition(|hop| Some(hop.ttl) <= view.farthest)
    }

    /// A hop with as many answers as were asked for, and without probes of which nothing can be said yet.
    fn told(&self, hop: &Hop, now: Time) -> Hop {
        let mut answers = 0;
        let known = hop.attempts.iter().filter(|attempt| !attempt.is_open(now)).take_while(|attempt| {
            let enough = answers == self.plan.answers;
            answers += usize::from(attempt.answer.is_some());
            !enough
        });
        Hop { ttl: hop.ttl, attempts: known.cloned().collect() }
    }
}

/// What all attempts amount to.
struct View {
    /// From the first to the last that there is to ask about.
    hops: Vec<Hop>,
    /// The last hop that was heard of.
    farthest: Option<u8>,
    /// Where the end of the way is to be looked for.
    gap: Option<Gap>,
    /// When the silent end of the way is given up: [`Plan::wait`] after the first probes beyond all that was heard of.
    given_up: Time,
}

/// A question that narrows down where the way ends.
#[derive(Debug, Clone, Copy)]
struct Gap {
    /// The last router that is known.
    router: u8,
    /// Which hop is asked next.
    ttl: u8,
    /// When.
    at: Time,
}

impl View {
    /// Whether nothing more is to be learnt of this hop.
    fn is_settled(&self, hop: &Hop, now: Time, wanted: usize) -> bool {
        let is_open = || hop.attempts.last().is_none_or(|last| last.is_open(now));
        if self.gap.is_some_and(|gap| hop.ttl > gap.router) {
            return false;
        }
        match Some(hop.ttl) > self.farthest {
            true => now >= self.given_up,
            false => hop.answered() >= wanted || !is_open() && hop.next(now, wanted).is_none(),
        }
    }

    /// How many hops that did not answer yet may be asked at once. The more are overdue, the likelier is silence to the end.
    fn ahead(&self, now: Time) -> usize {
        let silent = |hop: &&Hop| hop.answered() == 0 && hop.attempts.first().is_some_and(|first| !first.is_open(now));
        usize::from(AHEAD) + 2 * self.hops.iter().filter(silent).count()
    }
}

/// A circle that packets go round in until their time is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circle {
    /// The hop at which it begins.
    pub first: u8,
    /// How many routers it has.
    pub length: usize,
    /// The hop at which it was recognised.
    pub end: u8,
}

impl Attempt {
    fn from(&self) -> Option<IpAddr> {
        self.answer.as_ref().map(|(answer, _)| answer.from)
    }

    fn answered_at(&self) -> Option<Time> {
        self.answer.as_ref().map(|(_, at)| *at)
    }

    /// Whether a router answered that the time was up.
    fn passed(&self) -> bool {
        self.answer.as_ref().is_some_and(|(answer, _)| answer.says == Says::TimeExceeded)
    }

    /// Whether it was answered from the end of the way.
    fn ended(&self) -> bool {
        self.answer.as_ref().is_some_and(|(answer, _)| answer.says != Says::TimeExceeded)
    }
}
