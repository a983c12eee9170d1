//! All ways to a target, where routers on the way choose among several by flow.
//!
//! One flow sees one way. So this sends many flows, and follows each: what a flow met at one hop and at the next is a link, and
//! nothing else is. How many flows are enough is a question of chance: of k equal ways one is missed by n flows with a probability
//! of at most k · ((k − 1)/k)ⁿ, and n is chosen so that this is below 5 %: 6 flows for one way more than one, 11 for more than two,
//! 16 for more than three. (The idea is that of Veitch, Augustin, Teixeira and Friedman: "Failure control in multipath route
//! tracing", 2009.)
//!
//! [`Ways`] has the rules, without socket and clock; [`trace`] is the loop.

use crate::answer::{Answer, Foreign, Says};
use crate::hop::REFILL;
use crate::patience::{Broken, patience};
use crate::probe::{Flow, Method};
use crate::sockets::{Heard, Passed, Sending, Sockets};
use crate::tracer::Plan;
use host::{Error, Host, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

/// How many flows are followed at the most.
const MOST_FLOWS: u16 = 256;
/// How likely it may be, for each router, that a way is missed.
const RISK: f64 = 0.05;
/// After so many hops from which nothing comes the way is given up.
const SILENT_HOPS: u8 = 3;

/// Who is at a hop: a router, the target, or nobody that answers.
pub type Node = Option<IpAddr>;

/// What one flow met at one hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met {
    /// Who.
    pub node: Node,
    /// In which time.
    pub rtt: Duration,
    /// Whether the way ends there.
    pub is_end: bool,
}

/// What the flows met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ways {
    first: u8,
    /// For each hop, what each flow met there.
    hops: Vec<BTreeMap<u16, Met>>,
    flows: u16,
}

/// A probe to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Which flow.
    pub flow: u16,
    /// With which time to live.
    pub ttl: u8,
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
}

impl Ways {
    /// Nothing is known yet; the first hop is that of this time to live.
    #[must_use]
    pub fn new(first: u8) -> Self {
        Self { first, hops: vec![], flows: 0 }
    }

    /// What `flow` met at `ttl`.
    pub fn met(&mut self, wanted: Wanted, met: Met) {
        let index = usize::from(wanted.ttl.saturating_sub(self.first));
        while self.hops.len() <= index {
            self.hops.push(BTreeMap::new());
        }
        if let Some(hop) = self.hops.get_mut(index) {
            hop.insert(wanted.flow, met);
        }
    }

    fn at(&self, ttl: u8) -> Option<&BTreeMap<u16, Met>> {
        self.hops.get(usize::from(ttl.checked_sub(self.first)?))
    }

    /// The probes that are still wanted to know who is at `ttl`; none: it is known.
    ///
    /// For each node of the hop before, so many flows that met it are wanted here as make sure that no other way is missed. Where
    /// too few flows met it, new ones are sent to the hop before, in the hope that they do.
    #[must_use]
    pub fn wanted(&mut self, ttl: u8) -> Vec<Wanted> {
        let Some(before) = ttl.checked_sub(1).filter(|before| *before >= self.first).and_then(|ttl| self.at(ttl))
        else {
            let here = self.at(ttl).cloned().unwrap_or_default();
            let missing = enough(nodes(here.values())).saturating_sub(here.len());
            return self.new_flows(missing, ttl);
        };
        let here = self.at(ttl).cloned().unwrap_or_default();
        let mut by_node: BTreeMap<Node, Vec<u16>> = BTreeMap::new();
        for (flow, met) in before.iter().filter(|(_, met)| !met.is_end) {
            by_node.entry(met.node).or_default().push(*flow);
        }
        let (mut wanted, mut more) = (vec![], 0);
        for flows in by_node.values() {
            let known = flows.iter().filter_map(|flow| here.get(flow));
            let missing = enough(nodes(known.clone())).saturating_sub(known.count());
            let unused: Vec<u16> =
                flows.iter().copied().filter(|flow| !here.contains_key(flow)).take(missing).collect();
            more = more.max(missing - unused.len());
            wanted.extend(unused.into_iter().map(|flow| Wanted { flow, ttl }));
        }
        if wanted.is_empty() { self.new_flows(more, ttl - 1) } else { wanted }
    }

    fn new_flows(&mut self, count: usize, ttl: u8) -> Vec<Wanted> {
        let count = u16::try_from(count).unwrap_or(u16::MAX).min(MOST_FLOWS - self.flows);
        let new = self.flows..self.flows + count;
        self.flows = new.end;
        new.map(|flow| Wanted { flow, ttl }).collect()
    }

    /// The nodes at `ttl`, in the order of their addresses; those that do not answer come first.
    #[must_use]
    pub fn nodes(&self, ttl: u8) -> Vec<Seen> {
        let Some(here) = self.at(ttl) else { return vec![] };
        let before = ttl.checked_sub(1).filter(|before| *before >= self.first).and_then(|ttl| self.at(ttl));
        let mut seen: BTreeMap<Node, (usize, Option<Duration>, BTreeSet<Node>)> = BTreeMap::new();
        for (flow, met) in here {
            let (flows, rtt, from) = seen.entry(met.node).or_default();
            *flows += 1;
            if met.node.is_some() {
                *rtt = Some(rtt.map_or(met.rtt, |rtt| rtt.min(met.rtt)));
            }
            from.extend(before.and_then(|before| before.get(flow)).map(|met| met.node));
        }
        seen.into_iter()
            .map(|(node, (flows, rtt, from))| Seen { node, rtt, flows, from: from.into_iter().collect() })
            .collect()
    }

    /// Whether all flows end at `ttl` or before.
    #[must_use]
    pub fn ends_at(&self, ttl: u8) -> bool {
        self.at(ttl).is_some_and(|here| here.values().all(|met| met.is_end))
    }

    /// Pairs of neighbouring hops' nodes between which no flow went: links that a tracer may draw which makes a flow of each probe.
    #[must_use]
    pub fn invented(&self) -> Vec<(IpAddr, IpAddr)> {
        let last = self.first.saturating_add(u8::try_from(self.hops.len()).unwrap_or(u8::MAX));
        let mut invented = vec![];
        for ttl in self.first..last {
            let next = self.nodes(ttl + 1);
            for here in self.nodes(ttl).iter().filter_map(|seen| seen.node) {
                let unlinked = next.iter().filter(|seen| !seen.from.contains(&Some(here)));
                invented.extend(unlinked.filter_map(|seen| Some((here, seen.node?))));
            }
        }
        invented
    }

    /// The last hop that any flow was answered from.
    #[must_use]
    pub fn last(&self) -> Option<u8> {
        let index = self.hops.iter().rposition(|hop| hop.values().any(|met| met.node.is_some()))?;
        self.first.checked_add(u8::try_from(index).ok()?)
    }

    /// Whether a flow got to `target`.
    #[must_use]
    pub fn reached(&self, target: IpAddr) -> bool {
        self.hops.iter().flat_map(BTreeMap::values).any(|met| met.is_end && met.node == Some(target))
    }
}

fn nodes<'a>(met: impl Iterator<Item = &'a Met>) -> usize {
    met.map(|met| met.node).collect::<BTreeSet<Node>>().len()
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
    },
    /// Something came that is no answer to us.
    Foreign(Foreign),
    /// A probe left or an answer came, with its bytes.
    Passed(Passed<'a>),
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Event<'_>) -> Result<(), E> + 'a;

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
    let mut ways = Ways::new(plan.first);
    let mut round = Round { sockets, host, plan, sending, longest: None };
    let mut silent = 0;
    for ttl in plan.first..=plan.last {
        loop {
            let wanted = ways.wanted(ttl);
            if wanted.is_empty() {
                break;
            }
            match round.send_all(&wanted, tell) {
                Ok(met) => wanted.into_iter().zip(met).for_each(|(wanted, met)| ways.met(wanted, met)),
                Err(Broken::Off) => return Ok(ways),
                Err(Broken::Failed(error)) => return Err(error),
            }
        }
        let nodes = ways.nodes(ttl);
        if nodes.is_empty() {
            break;
        }
        silent = if nodes.iter().all(|seen| seen.node.is_none()) { silent + 1 } else { 0 };
        tell(&Event::Hop { ttl, nodes: &nodes })?;
        if ways.ends_at(ttl) || silent == SILENT_HOPS {
            break;
        }
    }
    Ok(ways)
}

/// Sends many probes and hears their answers.
struct Round<'a> {
    sockets: Sockets,
    host: &'a mut dyn Host,
    plan: Plan,
    sending: &'a Sending,
    longest: Option<Duration>,
}

impl Round<'_> {
    /// What each of the probes met. Who is silent is asked again: at once, and then once a second as long as that helps anybody.
    fn send_all<E: From<Error>>(&mut self, wanted: &[Wanted], tell: &mut Tell<'_, E>) -> Result<Vec<Met>, Broken<E>> {
        let mut met: Vec<Option<Met>> = vec![None; wanted.len()];
        let started = self.host.now();
        for round in 0.. {
            let before = met.iter().flatten().count();
            let missing: Vec<(usize, Wanted)> =
                wanted.iter().copied().enumerate().filter(|(index, _)| matches!(met.get(*index), Some(None))).collect();
            if missing.is_empty() {
                break;
            }
            if round >= 2 {
                let at = started + REFILL.saturating_mul(round - 1);
                self.host.sleep(at.max(self.host.now()))?;
            }
            for some in missing.chunks(self.plan.in_flight.max(1)) {
                self.send_some(some, &mut met, tell)?;
            }
            if round >= 2 && met.iter().flatten().count() == before {
                break;
            }
        }
        let silent = Met { node: None, rtt: Duration::ZERO, is_end: false };
        Ok(met.into_iter().map(|met| met.unwrap_or(silent)).collect())
    }

    fn send_some<E: From<Error>>(
        &mut self,
        probes: &[(usize, Wanted)],
        met: &mut [Option<Met>],
        tell: &mut Tell<'_, E>,
    ) -> Result<(), Broken<E>> {
        let mut sent: BTreeMap<u16, (usize, Time)> = BTreeMap::new();
        for (index, wanted) in probes {
            let probe = self.sockets.send(self.host, flow(self.sending, wanted.flow), wanted.ttl)?;
            tell(&Event::Passed(Passed::Left(&probe))).map_err(Broken::Failed)?;
            sent.insert(probe.number, (*index, probe.at));
        }
        let until = self.host.now() + patience(self.longest, self.plan.wait);
        while !sent.is_empty() {
            match self.sockets.recv(self.host, until)? {
                Some(Heard::Answer(answer, packet)) => {
                    let came = Passed::Came { answer: &answer, packet: &packet };
                    tell(&Event::Passed(came)).map_err(Broken::Failed)?;
                    let Some((index, left)) = sent.remove(&answer.number) else { continue };
                    let rtt = packet.at - left;
                    self.longest = self.longest.max(Some(rtt));
                    if let Some(met) = met.get_mut(index) {
                        *met = Some(meeting(&answer, rtt));
                    }
                }
                Some(Heard::Foreign(foreign)) => tell(&Event::Foreign(foreign)).map_err(Broken::Failed)?,
                None => break,
            }
        }
        Ok(())
    }
}

fn meeting(answer: &Answer, rtt: Duration) -> Met {
    Met { node: Some(answer.from), rtt, is_end: answer.says != Says::TimeExceeded }
}

/// Flow number `flow`: ports count up from the first; ICMP has its checksum to vary.
fn flow(sending: &Sending, flow: u16) -> Flow {
    let first = sending.flow;
    match sending.shape.method {
        Method::Udp | Method::Tcp => Flow { source_port: first.source_port.wrapping_add(flow) | 0xc000, ..first },
        Method::Icmp => Flow { destination_port: flow, ..first },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(last: u8) -> Node {
        Some(IpAddr::from([10, 0, 0, last]))
    }

    /// Asks for hop after hop, as `network` has it, and says how many probes it took.
    fn explore(network: impl Fn(Wanted) -> Met) -> (Ways, usize) {
        let (mut ways, mut probes) = (Ways::new(1), 0);
        for ttl in 1..=10 {
            loop {
                let wanted = ways.wanted(ttl);
                if wanted.is_empty() {
                    break;
                }
                probes += wanted.len();
                wanted.into_iter().for_each(|wanted| ways.met(wanted, network(wanted)));
            }
            if ways.ends_at(ttl) {
                break;
            }
        }
        (ways, probes)
    }

    fn met(node: Node, is_end: bool) -> Met {
        Met { node, rtt: Duration::from_millis(1), is_end }
    }

    #[test]
    fn so_many_flows_are_enough_as_the_authors_computed() {
        assert_eq!([1, 2, 3, 4, 5, 6].map(enough), [6, 11, 16, 21, 27, 33]);
    }

    #[test]
    fn way_without_branches_takes_six_flows_a_hop() {
        let (ways, probes) = explore(|wanted| met(node(wanted.ttl), wanted.ttl == 4));
        assert_eq!(probes, 4 * 6);
        assert!(ways.reached(node(4).unwrap()) && ways.invented().is_empty());
        assert_eq!(
            ways.nodes(2),
            [Seen { node: node(2), rtt: Some(Duration::from_millis(1)), flows: 6, from: vec![node(1)] }]
        );
    }

    #[test]
    fn diamond_has_two_ways_and_two_links_that_only_a_classic_tracer_draws() {
        // 1, then 2 and 4 or 3 and 5 by the parity of the flow, then 6.
        let (ways, _) = explore(|wanted| match (wanted.ttl, wanted.flow % 2) {
            (1, _) => met(node(1), false),
            (2, parity) => met(node(if parity == 0 { 2 } else { 3 }), false),
            (3, parity) => met(node(if parity == 0 { 4 } else { 5 }), false),
            _ => met(node(6), true),
        });
        let hop = |ttl| ways.nodes(ttl).into_iter().map(|seen| (seen.node, seen.from)).collect::<Vec<_>>();
        assert_eq!(hop(2), [(node(2), vec![node(1)]), (node(3), vec![node(1)])]);
        assert_eq!(hop(3), [(node(4), vec![node(2)]), (node(5), vec![node(3)])]);
        assert_eq!(hop(4), [(node(6), vec![node(4), node(5)])]);
        let ip = |last| node(last).unwrap();
        assert_eq!(ways.invented(), [(ip(2), ip(5)), (ip(3), ip(4))]);
    }

    #[test]
    fn sixteen_ways_are_all_found() {
        let (ways, _) = explore(|wanted| match wanted.ttl {
            1 => met(node(1), false),
            2 => met(node(10 + u8::try_from(wanted.flow * 7 % 16).unwrap()), false),
            _ => met(node(6), true),
        });
        assert_eq!(ways.nodes(2).len(), 16);
    }
}
