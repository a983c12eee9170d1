//! All ways to a target, where routers on the way choose among several by flow.
//!
//! One flow sees one way. So this sends many flows, and follows each: what a flow met at one hop and at the next is a link, and
//! nothing else is. How many flows are enough is a question of chance: of k equal ways one is missed by n flows with a probability
//! of at most k · ((k − 1)/k)ⁿ, and n is chosen so that this is below 5 %: 6 flows for one way more than one, 11 for more than two,
//! 16 for more than three. (The idea is that of Veitch, Augustin, Teixeira and Friedman: "Failure control in multipath route
//! tracing", 2009.)
//!
//! [`Ways`] has the rules, without socket and clock; [`walk`] is the loop, with its patience.

pub mod walk;

use crate::answer::{Answer, Says};
use crate::circle::circle;
use crate::foreign::Foreign;
use crate::sockets::Passed;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

pub use walk::trace;

/// How many flows are followed at the most.
const MOST_FLOWS: u16 = 256;
/// How likely it may be, for each router, that a way is missed.
const RISK: f64 = 0.05;
/// So many hops behind the last that was heard of are asked.
const SILENT_HOPS: u8 = 3;

/// Who is at a hop: a router, the target, or nobody that answers.
pub type Node = Option<IpAddr>;

/// What one flow met at one hop: an answer, and in which time; `None`: silence.
pub type Met = Option<(Answer, Duration)>;

/// A probe to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// With which time to live.
    pub ttl: u8,
    /// Which flow.
    pub flow: u16,
}

/// What the flows met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ways {
    first: u8,
    last: u8,
    /// For each hop, what each flow met there.
    hops: BTreeMap<u8, BTreeMap<u16, Met>>,
    /// What was wanted and is not known yet.
    open: BTreeSet<Wanted>,
    /// Those of `open` at hops that may well be silent: their flows go on meanwhile.
    doubtful: BTreeSet<Wanted>,
    /// How many flows were sent.
    flows: u16,
    /// At which hop a flow is over: its way ends there, or went round in a circle.
    over: BTreeMap<u16, u8>,
    circle: Option<Vec<IpAddr>>,
    /// Why this host itself could not send.
    own: Option<Answer>,
    interrupted: bool,
}

/// One node at a hop, and where packets come to it from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Who it is.
    pub node: Node,
    /// The shortest round trip.
    pub rtt: Option<Duration>,
    /// How many flows met it.
    pub flows: usize,
    /// The nodes before it.
    pub from: Vec<Node>,
    /// Why the way ends here, if it does.
    pub end: Option<Says>,
}

impl Ways {
    /// Nothing is known yet; hops are those of these times to live.
    #[must_use]
    pub fn new(first: u8, last: u8) -> Self {
        Self {
            first,
            last,
            hops: BTreeMap::new(),
            open: BTreeSet::new(),
            doubtful: BTreeSet::new(),
            flows: 0,
            over: BTreeMap::new(),
            circle: None,
            own: None,
            interrupted: false,
        }
    }

    /// What a flow met at a hop; an answer is never replaced. What a flow meets behind the end of its way tells nothing.
    pub fn met(&mut self, wanted: Wanted, met: Met) {
        let Wanted { ttl, flow } = wanted;
        self.open.remove(&wanted);
        self.doubtful.remove(&wanted);
        if self.is_over(flow, ttl.saturating_sub(1)) || self.at(ttl, flow).is_some_and(Option::is_some) {
            return;
        }
        let is_end = is_end(&met);
        self.hops.entry(ttl).or_default().insert(flow, met);
        let way: Vec<Node> = (self.first..=self.last).map(|ttl| node(self.at(ttl, flow)?)).collect();
        let round = circle(&way);
        if let Some(round) = round {
            let members = way.iter().skip(round.first).take(round.length).copied().flatten().collect();
            self.circle.get_or_insert(members);
        }
        let round_at = round.and_then(|round| u8::try_from(round.end).ok()).map(|end| self.first.saturating_add(end));
        if let Some(end) = [is_end.then_some(ttl), round_at].into_iter().flatten().min() {
            self.over.insert(flow, end);
            self.open.retain(|wanted| wanted.flow != flow || wanted.ttl <= end);
            self.doubtful.retain(|wanted| wanted.flow != flow || wanted.ttl <= end);
            self.hops.iter_mut().filter(|(ttl, _)| **ttl > end).for_each(|(_, hop)| {
                hop.remove(&flow);
            });
            self.hops.retain(|_, hop| !hop.is_empty());
        }
    }

    /// A probe stayed unanswered for a while: its flow goes on, as if the hop were silent, until it is known.
    pub fn doubt(&mut self, wanted: Wanted) {
        if self.open.contains(&wanted) {
            self.doubtful.insert(wanted);
        }
    }

    fn at(&self, ttl: u8, flow: u16) -> Option<&Met> {
        self.hops.get(&ttl)?.get(&flow)
    }

    /// Whether the flow's way is over at `ttl` or before.
    fn is_over(&self, flow: u16, ttl: u8) -> bool {
        self.over.get(&flow).is_some_and(|end| *end <= ttl)
    }

    /// Whether the flow, before it gets to `ttl`, is back at somebody whom it met before somebody else.
    fn goes_round(&self, flow: u16, ttl: u8) -> bool {
        let mut way: Vec<IpAddr> = (self.first..ttl).filter_map(|ttl| node(self.at(ttl, flow)?)).collect();
        way.dedup();
        way.split_last().is_some_and(|(last, before)| before.contains(last))
    }

    /// Whether what the flow meets there is still to be found out.
    #[must_use]
    pub fn is_open(&self, wanted: Wanted) -> bool {
        self.open.contains(&wanted)
    }

    /// The probes that are wanted by what is known now, each told once. None, and none that was told is open: all is known.
    ///
    /// For each node of the hop before, so many flows that met it are wanted at a hop as make sure that no other way is missed.
    /// Where too few flows met it, new ones are sent through all hops up to it, in the hope that they do.
    pub fn wanted(&mut self) -> Vec<Wanted> {
        let mut wanted = vec![];
        let farthest = self.last().unwrap_or(self.first.saturating_sub(1));
        for ttl in self.first..=self.last.min(farthest.saturating_add(SILENT_HOPS)) {
            let mut new = 0;
            for flows in self.groups(ttl).into_values() {
                let here = |flow: &u16| self.at(ttl, *flow);
                let is_open = |flow: &u16| self.open.contains(&Wanted { ttl, flow: *flow });
                let known = flows.iter().filter_map(here);
                let asked = known.clone().count() + flows.iter().filter(|flow| is_open(flow)).count();
                // One tells whether it is a circle; many would only meet the limits of those who are in it.
                let goes_round = !flows.is_empty() && flows.iter().all(|flow| self.goes_round(*flow, ttl));
                let needed = if goes_round { 1 } else { enough(nodes(known)) };
                let missing = needed.saturating_sub(asked);
                let unused = flows.iter().copied().filter(|flow| here(flow).is_none() && !is_open(flow)).take(missing);
                let unused: Vec<Wanted> = unused.map(|flow| Wanted { ttl, flow }).collect();
                new = new.max(missing - unused.len());
                self.open.extend(&unused);
                wanted.extend(unused);
            }
            // Flows that are still on their way may be those that are missing.
            if new > 0 && self.open.iter().all(|open| open.ttl >= ttl) {
                let sent = self.new_flows(new, ttl.saturating_sub(1).max(self.first));
                self.open.extend(&sent);
                wanted.extend(sent);
            }
        }
        wanted
    }

    /// The flows that may be asked at `ttl`, by the node that they met before.
    fn groups(&self, ttl: u8) -> BTreeMap<Node, Vec<u16>> {
        let mut groups: BTreeMap<Node, Vec<u16>> = BTreeMap::new();
        for flow in (0..self.flows).filter(|flow| !self.is_over(*flow, ttl.saturating_sub(1))) {
            let before = Wanted { ttl: ttl.saturating_sub(1), flow };
            if ttl == self.first || self.doubtful.contains(&before) {
                groups.entry(None).or_default().push(flow);
            } else if let Some(met) = self.at(before.ttl, flow) {
                groups.entry(node(met)).or_default().push(flow);
            }
        }
        if ttl == self.first {
            groups.entry(None).or_default();
        }
        groups
    }

    /// New flows, through all hops up to `last`. A hop that was silent to all so far is not asked again.
    fn new_flows(&mut self, count: usize, last: u8) -> Vec<Wanted> {
        let count = u16::try_from(count).unwrap_or(u16::MAX).min(MOST_FLOWS - self.flows);
        let new = self.flows..self.flows + count;
        self.flows = new.end;
        let mut wanted = vec![];
        for flow in new {
            for ttl in self.first..=last {
                let is_silent = |hop: &BTreeMap<u16, Met>| hop.len() >= enough(1) && hop.values().all(Option::is_none);
                match self.hops.get_mut(&ttl).filter(|hop| is_silent(hop)) {
                    Some(hop) => drop(hop.insert(flow, None)),
                    None => wanted.push(Wanted { ttl, flow }),
                }
            }
        }
        wanted
    }

    /// Whether all is known of the hops up to `ttl`, as far as flows that were sent so far can tell.
    #[must_use]
    pub fn is_complete(&self, ttl: u8) -> bool {
        self.open.iter().all(|open| open.ttl > ttl)
    }

    /// The nodes at `ttl`, in the order of their addresses; those that do not answer come first.
    #[must_use]
    pub fn nodes(&self, ttl: u8) -> Vec<Seen> {
        let mut seen: BTreeMap<Node, (Seen, BTreeSet<Node>)> = BTreeMap::new();
        for (flow, met) in self.hops.get(&ttl).into_iter().flatten() {
            let node = node(met);
            let new = || (Seen { node, rtt: None, flows: 0, from: vec![], end: None }, BTreeSet::new());
            let (seen, from) = seen.entry(node).or_insert_with(new);
            seen.flows += 1;
            if let Some((answer, rtt)) = met {
                seen.rtt = Some(seen.rtt.map_or(*rtt, |known| known.min(*rtt)));
                seen.end = seen.end.or((answer.says != Says::TimeExceeded).then_some(answer.says));
            }
            let before = ttl.checked_sub(1).filter(|before| *before >= self.first);
            from.extend(before.and_then(|before| self.at(before, *flow)).map(self::node));
        }
        seen.into_values().map(|(seen, from)| Seen { from: from.into_iter().collect(), ..seen }).collect()
    }

    /// The hops of which anything is known.
    pub fn ttls(&self) -> impl Iterator<Item = u8> {
        self.hops.keys().copied()
    }

    /// Whether all flows end at `ttl` or before.
    #[must_use]
    pub fn ends_at(&self, ttl: u8) -> bool {
        self.hops.get(&ttl).is_some_and(|here| here.keys().all(|flow| self.is_over(*flow, ttl)))
    }

    /// The hops at which more than one address answered.
    #[must_use]
    pub fn choices(&self) -> Vec<u8> {
        let answering = |ttl: &u8| self.nodes(*ttl).iter().filter(|seen| seen.node.is_some()).count();
        self.ttls().filter(|ttl| answering(ttl) > 1).collect()
    }

    /// Pairs of neighbouring hops' routers between which no flow went: links that a tracer may draw which makes a flow of each
    /// probe.
    ///
    /// On ways of unequal length one router stands at several hops. So a pair that is linked anywhere is none of these, nor is one
    /// of which too few flows were followed.
    #[must_use]
    pub fn invented(&self) -> Vec<(IpAddr, IpAddr)> {
        let mut linked = BTreeSet::new();
        for ttl in self.ttls() {
            for seen in self.nodes(ttl) {
                linked.extend(seen.from.into_iter().flatten().zip(std::iter::repeat(seen.node)));
            }
        }
        let routers =
            |ttl: u8| self.nodes(ttl).into_iter().filter(|seen| seen.end.is_none()).filter_map(|seen| seen.node);
        let mut invented = vec![];
        for ttl in self.ttls() {
            for here in routers(ttl).filter(|here| self.is_followed(ttl, *here)) {
                let next = routers(ttl.saturating_add(1)).filter(|next| *next != here);
                let unlinked = next.filter(|next| !linked.contains(&(here, Some(*next))));
                invented.extend(
                    unlinked.map(|next| (here, next)).filter(|pair| !invented.contains(pair)).collect::<Vec<_>>(),
                );
            }
        }
        invented
    }

    /// Whether so many flows that met `address` at `ttl` were answered at the next hop that no other way is missed.
    fn is_followed(&self, ttl: u8, address: IpAddr) -> bool {
        let flows = self.hops.get(&ttl).into_iter().flatten();
        let flows = flows.filter(|(_, met)| node(met) == Some(address)).map(|(flow, _)| *flow);
        let next: Vec<&Met> = flows.filter_map(|flow| self.at(ttl.saturating_add(1), flow)).collect();
        next.iter().all(|met| met.is_some()) && next.len() >= enough(nodes(next.into_iter()))
    }

    /// The last hop that any flow was answered from.
    #[must_use]
    pub fn last(&self) -> Option<u8> {
        self.hops.iter().rfind(|(_, hop)| hop.values().any(Option::is_some)).map(|(ttl, _)| *ttl)
    }

    /// Whether a flow got to `target`.
    #[must_use]
    pub fn reached(&self, target: IpAddr) -> bool {
        self.hops.values().flat_map(BTreeMap::values).any(|met| is_end(met) && node(met) == Some(target))
    }

    /// Where a way ends and what is said there: by the target if one gets to it, by this host itself if none can leave.
    #[must_use]
    pub fn end(&self, target: IpAddr) -> Option<(u8, &Answer)> {
        if let Some(own) = &self.own {
            return Some((self.first, own));
        }
        let answers = self.hops.iter().flat_map(|(ttl, hop)| hop.values().flatten().map(|(answer, _)| (*ttl, answer)));
        let ends = answers.filter(|(_, answer)| answer.says != Says::TimeExceeded);
        ends.min_by_key(|(_, answer)| answer.from != target)
    }

    /// Why this host itself could not send, if it could not.
    #[must_use]
    pub fn own(&self) -> Option<&Answer> {
        self.own.as_ref()
    }

    /// The routers of the first circle that a flow went round in.
    #[must_use]
    pub fn circle(&self) -> Option<&[IpAddr]> {
        self.circle.as_deref()
    }

    /// Whether Ctrl-C cut it short.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.interrupted
    }
}

fn node(met: &Met) -> Node {
    met.as_ref().map(|(answer, _)| answer.from)
}

fn is_end(met: &Met) -> bool {
    met.as_ref().is_some_and(|(answer, _)| answer.says != Says::TimeExceeded)
}

fn nodes<'a>(met: impl Iterator<Item = &'a Met>) -> usize {
    met.map(node).collect::<BTreeSet<Node>>().len()
}

/// How many flows are enough to be sure that there are not more than `found` ways.
fn enough(found: usize) -> usize {
    let ways = u32::try_from(found.max(1) + 1).unwrap_or(u32::MAX);
    let missed = |flows: usize| {
        let one = f64::from(ways - 1) / f64::from(ways);
        f64::from(ways) * one.powi(i32::try_from(flows).unwrap_or(i32::MAX))
    };
    (1..usize::from(MOST_FLOWS)).find(|flows| missed(*flows) <= RISK).unwrap_or(usize::from(MOST_FLOWS))
}

/// What happens while all ways are looked for.
#[derive(Debug)]
pub enum Event<'a> {
    /// The sockets are open.
    Start,
    /// All that is at a hop.
    Hop {
        /// How far it is.
        ttl: u8,
        /// Who is there.
        nodes: &'a [Seen],
        /// Whether it was told already, before later flows met more there.
        again: bool,
    },
    /// A hop limits its answers, and so many probes wait for one.
    Slow {
        /// Which.
        ttl: u8,
        /// How many.
        waiting: usize,
    },
    /// Something came that is no answer to us.
    Foreign(Foreign),
    /// A probe left or an answer came, with its bytes.
    Passed(Passed<'a>),
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Event<'_>) -> Result<(), E> + 'a;

#[cfg(test)]
mod tests;
