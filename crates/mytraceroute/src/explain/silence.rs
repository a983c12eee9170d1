//! Why a trace ends in silence, and what silent hops are.

use super::Explained;
use crate::answer::{Answer, Says};
use crate::flags::Call;
use crate::hop::{Hop, Silence};
use crate::probe::Method;
use crate::trace::Trace;
use crate::{mtu, multipath};
use cli::explain::silence::{self, Arp, Evidence, Verdict};
use host::{Host, IcmpError};
use std::net::IpAddr;

impl Explained {
    /// Why hops are silent, and why the target is.
    pub(crate) fn silences(&self, host: &mut dyn Host, call: &Call, target: &str, trace: &Trace) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> = trace.hops.iter().filter_map(|hop| of_hop(call, hop, &trace.hops)).collect();
        let end = trace.hops.iter().find_map(Hop::end);
        let farthest = trace.hops.iter().rev().find_map(|hop| Some((hop.ttl, *hop.addresses().first()?)));
        if trace.circle.is_none() && !trace.interrupted {
            verdicts.extend(self.of_target(host, call, target, end, farthest));
        }
        verdicts
    }

    /// The same, where all ways were looked for.
    pub(crate) fn silence_of_ways(
        &self,
        host: &mut dyn Host,
        call: &Call,
        target: &str,
        ways: &multipath::Ways,
    ) -> Option<Verdict> {
        let node = |ttl: u8| ways.nodes(ttl).iter().find_map(|seen| seen.node);
        let farthest = ways.last().and_then(|ttl| Some((ttl, node(ttl)?)));
        let is_silent = !ways.reached(call.plan.target) && !ways.last().is_some_and(|last| ways.ends_at(last));
        is_silent.then(|| self.of_target(host, call, target, None, farthest)).flatten()
    }

    /// The same, where the longest packet was looked for. `lengths`: the longest that passed and the shortest that vanished.
    pub(crate) fn silence_of_mtu(
        &self,
        host: &mut dyn Host,
        call: &Call,
        target: &str,
        hops: &[mtu::Hop],
        lengths: Option<(usize, usize)>,
    ) -> Option<Verdict> {
        let end = hops.iter().filter(|hop| hop.is_end()).find_map(|hop| Some(&hop.answer.as_ref()?.0));
        let farthest = hops.iter().rev().find_map(|hop| Some((hop.ttl, hop.answer.as_ref()?.0.from)));
        if lengths.is_none() {
            return self.of_target(host, call, target, end, farthest);
        }
        let sent = self.probes.len() as u64;
        Some(silence::judge(&Evidence { lengths, answered: sent, ..Evidence::new(call.plan.target, what(call), sent) }))
    }

    fn of_target(
        &self,
        host: &mut dyn Host,
        call: &Call,
        target: &str,
        end: Option<&Answer>,
        farthest: Option<(u8, IpAddr)>,
    ) -> Option<Verdict> {
        if end.is_some_and(|end| end.from == call.plan.target) {
            return None;
        }
        let behind = farthest.map_or(0, |(ttl, _)| ttl);
        let sent = self.probes.values().filter(|(_, _, ttl)| *ttl > behind).count() as u64;
        let errors: Vec<IcmpError> = end.and_then(error).into_iter().collect();
        let seen = Evidence::new(call.plan.target, what(call), sent).seen_from(host);
        let further = match (seen.next_hop, seen.arp) {
            _ if !errors.is_empty() => vec![],
            (Some(next_hop), Some(Arp::Nothing | Arp::Asked)) => vec![("ARP by hand", format!("arping {next_hop}"))],
            _ => further(call, target),
        };
        Some(silence::judge(&Evidence { further, errors, farthest, ..seen }))
    }
}

/// Why a hop on the way is silent, or at times.
fn of_hop(call: &Call, hop: &Hop, hops: &[Hop]) -> Option<Verdict> {
    let later = hops.iter().filter(|later| later.ttl > hop.ttl);
    let behind = later.clone().find_map(|later| Some((later.ttl, *later.addresses().first()?)));
    let once_a_second = match hop.silence() {
        Silence::Complete if behind.is_some() => false,
        Silence::RateLimit => true,
        _ => return None,
    };
    Some(silence::judge(&Evidence {
        hop: Some(hop.ttl),
        answered: hop.answered() as u64,
        once_a_second,
        behind,
        ..Evidence::new(call.plan.target, what(call), hop.attempts.len() as u64)
    }))
}

fn what(call: &Call) -> &'static str {
    match call.sending.shape.method {
        Method::Udp => "UDP probes",
        Method::Icmp => "echo requests",
        Method::Tcp => "SYNs",
    }
}

/// The ICMP error that an answer is.
fn error(answer: &Answer) -> Option<IcmpError> {
    let (kind, code, mtu) = match answer.says {
        Says::Unreachable { code, mtu } => (wire::icmp::UNREACHABLE, code, mtu),
        Says::ParameterProblem => (wire::icmp::PARAMETER_PROBLEM, 0, 0),
        Says::TimeExceeded | Says::EchoReply | Says::Open | Says::Closed | Says::Datagram => return None,
    };
    Some(IcmpError { by: answer.from, kind, code, mtu })
}

/// Which commands would tell more.
fn further(call: &Call, target: &str) -> Vec<(&'static str, String)> {
    let others = match call.sending.shape.method {
        Method::Udp => "-I",
        Method::Icmp | Method::Tcp => "-P udp",
    };
    let mut further = vec![
        ("whether a filter lets other probes pass", format!("mytraceroute {others} {target}")),
        ("whether a router asks by ARP in vain, which it says after 3 s", format!("mytraceroute -w 5 {target}")),
    ];
    if call.sending.dont_fragment {
        further.insert(0, ("whether shorter packets pass", format!("mytraceroute --mtu {target}")));
    }
    further
}
