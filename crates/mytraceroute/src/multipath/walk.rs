//! The loop over probes: all hops at once, each asked as it needs.
//!
//! A probe that stays unanswered is sent again: at once, for it may have been lost, and then once a second, for a limit may have
//! passed. Each has a number of its own, and whichever is answered, however late, tells what its flow met. A hop is silent after
//! [`Plan::wait`]; the hops behind the last that was heard of are so together. One that answered others may have a limit: it is
//! asked on as long as that helps.

use super::{Event, Met, Tell, Wanted, Ways};
use crate::answer::{Answer, Says};
use crate::hop::REFILL;
use crate::patience::{Broken, patience};
use crate::probe::{Flow, Method};
use crate::sockets::{Heard, Passed, Sending, Sockets};
use crate::tracer::Plan;
use host::{Error, Host, Time};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// So many probes a second are sent again to a hop, once each had a second try.
const AGAIN: usize = 8;
/// Where more than so many probes wait for a hop that limits its answers, it takes more than so many seconds.
const SLOW: usize = 5;

/// Looks for all ways to `plan.target`.
///
/// # Errors
/// What the host says of the sockets and of a probe that could not leave; what `tell` fails with. `Unsupported` where the host
/// does not let us choose the flow of a probe.
pub fn trace<E: From<Error>>(
    host: &mut dyn Host,
    plan: Plan,
    sending: &Sending,
    tell: &mut Tell<'_, E>,
) -> Result<Ways, E> {
    let sockets = Sockets::open(host, sending)?;
    if !sockets.choose_the_flow() {
        host::unsupported("way to choose the flow of a probe without permission for raw sockets", "this machine")?;
    }
    tell(&Event::Start)?;
    let mut walk = Walk {
        sockets,
        host,
        plan,
        sending,
        ways: Ways::new(plan.first, plan.last),
        open: BTreeMap::new(),
        sent: BTreeMap::new(),
        heard: BTreeMap::new(),
        longest: None,
        last_sent: None,
        slow: false,
        told: BTreeMap::new(),
    };
    match walk.run(tell) {
        Ok(()) => {}
        Err(Broken::Off) => walk.ways.interrupted = true,
        Err(Broken::Failed(error)) => return Err(error),
    }
    walk.tell_hops(u8::MAX, tell)?;
    Ok(walk.ways)
}

/// How a wanted probe was sent.
#[derive(Debug, Clone, Copy)]
struct Asked {
    first: Time,
    last: Time,
    times: u32,
}

/// When a hop was heard.
#[derive(Debug, Clone, Copy)]
struct Spoke {
    first: Time,
    last: Time,
}

struct Walk<'a> {
    sockets: Sockets,
    host: &'a mut dyn Host,
    plan: Plan,
    sending: &'a Sending,
    ways: Ways,
    /// What is wanted; `None`: not sent yet.
    open: BTreeMap<Wanted, Option<Asked>>,
    /// All that left, by number.
    sent: BTreeMap<u16, (Wanted, Time)>,
    heard: BTreeMap<u8, Spoke>,
    longest: Option<Duration>,
    last_sent: Option<Time>,
    slow: bool,
    /// The nodes of hops, as they were told.
    told: BTreeMap<u8, Vec<(super::Node, Vec<super::Node>)>>,
}

impl Walk<'_> {
    fn run<E: From<Error>>(&mut self, tell: &mut Tell<'_, E>) -> Result<(), Broken<E>> {
        loop {
            let wanted = self.ways.wanted();
            self.open.extend(wanted.into_iter().map(|wanted| (wanted, None)));
            let now = self.host.now();
            if self.settle(now) {
                continue;
            }
            self.tell_complete(tell).map_err(Broken::Failed)?;
            if self.open.is_empty() || self.ways.own.is_some() {
                return Ok(());
            }
            self.tell_slow(tell).map_err(Broken::Failed)?;
            match self.due(now) {
                Some((at, wanted)) if at <= now => self.send(wanted, tell)?,
                due => {
                    let changes = self.changes(now);
                    let until = changes.into_iter().chain(due.map(|(at, _)| at)).min().unwrap_or(now + self.plan.wait);
                    self.listen(until, tell)?;
                }
            }
        }
    }

    fn patience(&self) -> Duration {
        patience(self.longest, self.plan.wait)
    }

    /// The next probe and when it may leave; `None`: enough are on their way.
    fn due(&self, now: Time) -> Option<(Time, Wanted)> {
        let on_their_way = |asked: &&Asked| asked.last + self.patience() > now;
        if self.open.values().flatten().filter(on_their_way).count() >= self.plan.in_flight.max(1) {
            return None;
        }
        let mut again: BTreeMap<u8, usize> = BTreeMap::new();
        for (wanted, asked) in &self.open {
            if asked.is_some_and(|asked| asked.times > 2 && asked.last + REFILL > now) {
                *again.entry(wanted.ttl).or_default() += 1;
            }
        }
        let at = |(wanted, asked): (&Wanted, &Option<Asked>)| {
            let (at, times) = match asked {
                None => (now, 0),
                Some(asked) if asked.times == 1 => (asked.last + self.patience(), 1),
                Some(_) if again.get(&wanted.ttl).is_some_and(|again| *again >= AGAIN) => return None,
                Some(asked) => {
                    let at = asked.first + REFILL.saturating_mul(asked.times - 1);
                    (at.max(asked.last + self.patience()), asked.times)
                }
            };
            Some((at.max(now), times, *wanted))
        };
        let (at, _, wanted) = self.open.iter().filter_map(at).min()?;
        let paced = self.last_sent.map_or(now, |last| last + self.plan.pause);
        Some((at.max(paced), wanted))
    }

    /// When something changes, if nothing is sent and nothing comes.
    fn changes(&self, now: Time) -> Vec<Time> {
        let asked = self.open.iter().filter_map(|(wanted, asked)| Some((*wanted, (*asked)?)));
        let times = asked.flat_map(|(wanted, asked)| {
            [asked.last + self.patience(), asked.last + REFILL, self.silent_at(wanted, asked)]
        });
        times.filter(|at| *at > now).collect()
    }

    /// Calls silent what was waited for long enough, and lets flows go on where they may well find silence. Whether any did.
    fn settle(&mut self, now: Time) -> bool {
        let asked: Vec<(Wanted, Asked)> =
            self.open.iter().filter_map(|(wanted, asked)| Some((*wanted, (*asked)?))).collect();
        let silent: Vec<Wanted> = asked
            .iter()
            .filter(|(wanted, asked)| asked.times > 1 && now >= self.silent_at(*wanted, *asked))
            .map(|(wanted, _)| *wanted)
            .collect();
        let overdue = asked
            .iter()
            .filter(|(wanted, asked)| now >= asked.last + self.patience() && !self.heard.contains_key(&wanted.ttl));
        let doubtful: Vec<Wanted> =
            overdue.map(|(wanted, _)| *wanted).filter(|wanted| !self.ways.doubtful.contains(wanted)).collect();
        let any = !silent.is_empty() || !doubtful.is_empty();
        doubtful.into_iter().for_each(|wanted| self.ways.doubt(wanted));
        silent.into_iter().for_each(|wanted| self.met(wanted, None));
        any
    }

    fn silent_at(&self, wanted: Wanted, asked: Asked) -> Time {
        let farthest = self.ways.last();
        let at = match self.heard.get(&wanted.ttl) {
            _ if Some(wanted.ttl) > farthest => {
                let beyond = self.open.iter().filter(|(open, _)| Some(open.ttl) > farthest);
                let first = beyond.filter_map(|(_, asked)| Some((*asked)?.first)).min();
                let heard = farthest.and_then(|ttl| self.heard.get(&ttl)).map(|spoke| spoke.first);
                first.max(heard).unwrap_or(asked.first) + self.plan.wait
            }
            // Two refills in vain: then it is no limit.
            Some(spoke) => {
                let limit = spoke.last.max(asked.first) + REFILL.saturating_mul(2);
                limit.max(asked.first + self.plan.wait)
            }
            None => asked.first + self.plan.wait,
        };
        // In a circle, the limit of one router is that of several hops.
        let circle = self.ways.goes_round(wanted.flow, wanted.ttl);
        let spoke = self.heard.values().map(|spoke| spoke.last).max().filter(|_| circle);
        let at = spoke.map_or(at, |spoke| at.max(spoke + REFILL.saturating_mul(2)));
        at.max(asked.last + self.patience().min(self.plan.wait))
    }

    fn met(&mut self, wanted: Wanted, met: Met) {
        self.ways.met(wanted, met);
        let ways = &self.ways;
        self.open.retain(|wanted, _| ways.is_open(*wanted));
    }

    fn send<E: From<Error>>(&mut self, wanted: Wanted, tell: &mut Tell<'_, E>) -> Result<(), Broken<E>> {
        let probe = self.sockets.send(self.host, flow(self.sending, wanted.flow), wanted.ttl)?;
        self.sent.insert(probe.number, (wanted, probe.at));
        self.last_sent = Some(probe.at);
        let before = self.open.get(&wanted).copied().flatten();
        let first = before.map_or(probe.at, |asked| asked.first);
        let times = before.map_or(0, |asked| asked.times) + 1;
        self.open.insert(wanted, Some(Asked { first, last: probe.at, times }));
        tell(&Event::Passed(Passed::Left(&probe))).map_err(Broken::Failed)
    }

    fn listen<E: From<Error>>(&mut self, until: Time, tell: &mut Tell<'_, E>) -> Result<(), Broken<E>> {
        let heard = match self.sockets.recv(self.host, until) {
            // In a network where nothing will happen any more, time passes all the same.
            Err(Error::Idle) => return Ok(self.host.sleep(until)?),
            heard => heard?,
        };
        match heard {
            Some(Heard::Answer(answer, packet)) => {
                tell(&Event::Passed(Passed::Came { answer: &answer, packet: &packet })).map_err(Broken::Failed)?;
                self.hear(answer, packet.at);
            }
            Some(Heard::Foreign(foreign)) => tell(&Event::Foreign(foreign)).map_err(Broken::Failed)?,
            None => {}
        }
        Ok(())
    }

    fn hear(&mut self, answer: Answer, at: Time) {
        if is_own(&answer, self.sending) {
            self.ways.own = Some(answer);
            return;
        }
        let Some((wanted, left)) = self.sent.get(&answer.number).copied() else { return };
        let rtt = at - left;
        self.longest = self.longest.max(Some(rtt));
        self.heard.entry(wanted.ttl).or_insert(Spoke { first: at, last: at }).last = at;
        self.met(wanted, Some((answer, rtt)));
    }

    fn tell_slow<E>(&mut self, tell: &mut Tell<'_, E>) -> Result<(), E> {
        let mut waiting: BTreeMap<u8, usize> = BTreeMap::new();
        for (wanted, asked) in &self.open {
            let again = asked.is_some_and(|asked| asked.times > 1) && self.heard.contains_key(&wanted.ttl);
            *waiting.entry(wanted.ttl).or_default() += usize::from(again);
        }
        match waiting.into_iter().max_by_key(|(_, waiting)| *waiting) {
            Some((ttl, waiting)) if waiting > SLOW && !self.slow => {
                self.slow = true;
                tell(&Event::Slow { ttl, waiting })
            }
            _ => Ok(()),
        }
    }

    /// Tells the hops whose next hop wants no more flows.
    fn tell_complete<E>(&mut self, tell: &mut Tell<'_, E>) -> Result<(), E> {
        let complete =
            (self.plan.first..=self.plan.last).take_while(|ttl| self.ways.is_complete(ttl.saturating_add(1)));
        let Some(complete) = complete.last().filter(|_| !self.open.is_empty()) else { return Ok(()) };
        for ttl in self.plan.first..=complete {
            if !self.told.contains_key(&ttl) {
                self.tell_hop(ttl, tell)?;
            }
        }
        Ok(())
    }

    /// Tells the hops that were not told, or of which more is known since.
    fn tell_hops<E>(&mut self, last: u8, tell: &mut Tell<'_, E>) -> Result<(), E> {
        let ttls: Vec<u8> = self.ways.ttls().take_while(|ttl| *ttl <= last).collect();
        ttls.into_iter().try_for_each(|ttl| self.tell_hop(ttl, tell))
    }

    fn tell_hop<E>(&mut self, ttl: u8, tell: &mut Tell<'_, E>) -> Result<(), E> {
        let nodes = self.ways.nodes(ttl);
        let links = nodes.iter().map(|seen| (seen.node, seen.from.clone())).collect();
        if nodes.is_empty() || self.told.get(&ttl) == Some(&links) {
            return Ok(());
        }
        let again = self.told.insert(ttl, links).is_some();
        tell(&Event::Hop { ttl, nodes: &nodes, again })
    }
}

/// Whether this host itself says that a probe could not leave: that is no hop.
pub(crate) fn is_own(answer: &Answer, sending: &Sending) -> bool {
    let own = IpAddr::V4(sending.shape.source);
    answer.from == own
        && sending.shape.target != sending.shape.source
        && matches!(answer.says, Says::Unreachable { .. })
}

/// Flow number `flow`: ports count up from the first; ICMP has its checksum to vary.
fn flow(sending: &Sending, flow: u16) -> Flow {
    let first = sending.flow;
    match sending.shape.method {
        Method::Udp | Method::Tcp => Flow { source_port: first.source_port.wrapping_add(flow) | 0xc000, ..first },
        Method::Icmp => Flow { destination_port: flow, ..first },
    }
}
