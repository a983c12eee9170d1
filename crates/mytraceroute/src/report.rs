//! What a run shows: hops on standard output, the reasons as notes on standard error.

use crate::answer::Foreign;
use crate::explain::Explained;
use crate::flags::{Call, Question};
use crate::hop::{Hop, Silence};
use crate::multipath::{self, Ways};
use crate::probe::Method;
use crate::sockets::Passed;
use crate::trace::{Event, Flows, Trace};
use crate::{json, mtu, text, words};
use cli::explain::silence::Verdict;
use cli::{Failure, Output};
use host::Host;
use std::net::IpAddr;

/// The run's report, as it goes on.
pub(crate) struct Report<'a> {
    pub(crate) out: &'a mut Output,
    pub(crate) target: String,
    pub(crate) call: &'a Call,
    /// Hops that limit their answers.
    limited: Vec<u8>,
    /// What was drawn so far, if packets are drawn.
    drawn: Option<Explained>,
    /// The longest packet that passed a black hole and the shortest that did not, bytes.
    lengths: Option<(usize, usize)>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(out: &'a mut Output, target: String, call: &'a Call) -> Self {
        let drawn = out.explains().then(Explained::new);
        Report { out, target, call, limited: vec![], drawn, lengths: None }
    }

    /// Prints what comes first.
    pub(crate) fn start(&mut self) -> Result<(), Failure> {
        match self.out.is_json() {
            true => self.out.json(&json::start(&self.target, self.call)),
            false => self.out.line(&text::start(&self.target, self.call)),
        }
    }

    /// Takes note of an event and shows it.
    pub(crate) fn hear(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Start { one_flow } => {
                self.start()?;
                if !one_flow {
                    self.note(
                        "without permission for raw sockets each UDP probe has a port of its own: on balanced ways, lines \
                         may be of several ways; -I keeps to one",
                    );
                }
                Ok(())
            }
            Event::Hop { hop, lossy } => self.hop(hop, *lossy),
            Event::Foreign(foreign) => {
                self.foreign(foreign);
                Ok(())
            }
            Event::Passed(passed) => self.passed(passed),
            Event::Extra(answer) => {
                self.note(&format!("{} answered a probe more than once", answer.from));
                Ok(())
            }
        }
    }

    /// Draws a packet, if packets are drawn.
    fn passed(&mut self, passed: &Passed<'_>) -> Result<(), Failure> {
        match &mut self.drawn {
            Some(drawn) => drawn.show(self.out, self.call, passed),
            None => Ok(()),
        }
    }

    fn hop(&mut self, hop: &Hop, lossy: bool) -> Result<(), Failure> {
        let limited = hop.silence() == Silence::RateLimit && !lossy;
        match self.out.is_json() {
            true => self.out.json(&json::hop(hop, limited))?,
            false => self.out.line(&text::hop(hop, limited))?,
        }
        if self.out.verbose() {
            self.explain(hop)?;
        }
        if limited {
            self.limited.push(hop.ttl);
        }
        Ok(())
    }

    /// What `-v` tells of a hop.
    fn explain(&mut self, hop: &Hop) -> Result<(), Failure> {
        let mut ttls: Vec<u8> = hop.answers().filter_map(|(answer, _)| answer.ttl).collect();
        ttls.dedup();
        for ttl in ttls {
            self.detail(&words::back(ttl, hop.ttl.saturating_sub(1)))?;
        }
        if hop.silence() == Silence::Loss {
            self.detail("probes or answers were lost: the next ones were answered at once, so it is no limit")?;
        }
        Ok(())
    }

    /// A line below a hop's own; JSON has it in fields.
    fn detail(&mut self, text: &str) -> Result<(), Failure> {
        if self.out.is_json() { Ok(()) } else { self.out.line(&format!("      {text}")) }
    }

    /// Prints what comes last, and says whether the target answered.
    pub(crate) fn finish(mut self, host: &mut dyn Host, trace: &Trace) -> Result<bool, Failure> {
        if let Some((first, last)) = trace.silent.filter(|_| !self.out.is_json()) {
            self.out.line(&text::silent(first, last))?;
        }
        let end = trace.hops.iter().find_map(|hop| Some((hop, hop.end()?)));
        let target = self.call.plan.target;
        let reached = end.is_some_and(|(_, answer)| answer.from == target);
        if self.out.is_json() {
            self.out.json(&json::end(trace, reached, end.map(|(hop, answer)| (hop.ttl, answer))))?;
        }
        let verdicts = match &self.drawn {
            Some(drawn) => drawn.silences(host, self.call, &self.target, trace),
            None => vec![],
        };
        self.verdicts(verdicts)?;
        self.explain_limits();
        match self.call.question {
            Question::Way(Flows::Classic) => self.explain_classic(trace),
            _ => self.explain_changes(trace),
        }
        if self.out.verbose() {
            self.explain_far_side(&trace.hops, target);
        }
        let sending = &self.call.sending;
        let reason =
            end.and_then(|(_, answer)| words::end(answer, target, sending.shape.method, sending.flow.destination_port));
        if let Some(reason) = reason {
            self.note(&reason);
        }
        if let Some(circle) = trace.circle {
            let members: Vec<String> = trace
                .hops
                .iter()
                .skip_while(|hop| hop.ttl < circle.first)
                .take(circle.length)
                .filter_map(|hop| hop.addresses().first().map(ToString::to_string))
                .collect();
            self.note(&format!(
                "packets to {target} go in a circle, {} and from there to {} again: each pass takes one from the time to live, \
                 and only that ends it (RFC 1812 section 5.3.1)",
                members.join(", "),
                members.first().map_or("the first", String::as_str)
            ));
        } else if end.is_none() && !trace.interrupted {
            self.note(&self.silence(trace));
        }
        Ok(reached)
    }

    /// Why nobody told the end of the way, as far as that can be known.
    fn silence(&self, trace: &Trace) -> String {
        let plan = &self.call.plan;
        let wait = plan.wait.as_secs_f64();
        match (trace.hops.last(), trace.silent) {
            (Some(hop), Some(_)) => {
                let by = hop.addresses().first().map_or("nobody".into(), ToString::to_string);
                let other = match self.call.sending.shape.method {
                    Method::Udp => "; a filter that drops UDP may let -I or -T pass",
                    Method::Icmp => "; a filter that drops echoes may let -T or UDP pass",
                    Method::Tcp => "; a filter that drops this port may let another or -I pass",
                };
                let other = if self.call.sending.dont_fragment {
                    "; or the packet is too long for a link, and a router that must not cut it does not say so: --mtu tells"
                } else {
                    other
                };
                format!(
                    "behind {by} nobody answered within {wait} s: filtered, dead or away{other}; a router that asks in vain by \
                     ARP says so after 3 s, which -w 5 awaits"
                )
            }
            (None, _) => format!("nobody answered within {wait} s, not even the first router"),
            (Some(hop), None) => {
                format!("{} hops were asked (-m {}), and the target is farther away", hop.ttl, plan.last)
            }
        }
    }

    fn verdicts(&mut self, verdicts: impl IntoIterator<Item = Verdict>) -> Result<(), Failure> {
        verdicts.into_iter().try_for_each(|verdict| self.out.verdict("mytraceroute", &verdict))
    }

    fn explain_limits(&mut self) {
        let limited: Vec<String> = self.limited.iter().map(ToString::to_string).collect();
        if !limited.is_empty() {
            let hops = if limited.len() == 1 { "hop" } else { "hops" };
            self.note(&format!(
                "rate-limited, {hops} {}: so many probes were answered and then none for a while, as routers do that limit \
                 their errors (RFC 1812 section 4.3.2.8; Linux sends a host six at once, then one a second); what they pass on \
                 is not limited",
                limited.join(", ")
            ));
        }
    }

    /// Notes of bytes that lie, and with `-v` of what is somebody else's.
    fn foreign(&mut self, foreign: &Foreign) {
        // Bytes that lie are told, and the run goes on; what is only somebody else's is for who asks.
        if self.out.verbose() || matches!(foreign, Foreign::Malformed(_) | Foreign::Damaged(_)) {
            self.note(&foreign.to_string());
        }
    }

    /// Hops that several addresses answered for, though all probes are one flow.
    fn explain_changes(&mut self, trace: &Trace) {
        let several: Vec<(u8, Vec<IpAddr>)> =
            trace.hops.iter().map(|hop| (hop.ttl, turns(hop))).filter(|(_, turns)| turns.len() > 1).collect();
        if several.iter().any(|(_, turns)| turns.len() > 2) {
            let hops: Vec<String> = several.iter().map(|(ttl, _)| ttl.to_string()).collect();
            self.note(&format!(
                "several routers answered in turn (hop {}): somebody on the way sends packets of one flow by several ways",
                hops.join(", ")
            ));
            return;
        }
        for (ttl, turns) in several {
            if let [before, after] = turns[..] {
                self.note(&format!("hop {ttl}: first {before}, then {after}: the way changed during the run"));
            }
        }
    }

    /// Hops that several addresses answered for, each for flows of its own.
    fn explain_classic(&mut self, trace: &Trace) {
        let several = trace.hops.iter().filter(|hop| hop.addresses().len() > 1);
        let several: Vec<String> = several.map(|hop| hop.ttl.to_string()).collect();
        if !several.is_empty() {
            self.note(&format!(
                "several routers answered (hop {}): each probe has a port of its own and may take a way of its own, so two \
                 lines in a row need not be neighbours; --multipath follows each flow",
                several.join(", ")
            ));
        }
    }

    /// Why the last router may answer as an address on its far side.
    fn explain_far_side(&mut self, hops: &[Hop], target: IpAddr) {
        let [.., router, end] = hops else { return };
        let reached = end.end().is_some_and(|answer| answer.from == target);
        let (Some(IpAddr::V4(router_address)), IpAddr::V4(target)) = (router.addresses().first().copied(), target)
        else {
            return;
        };
        let same_network = u32::from(router_address) >> 8 == u32::from(target) >> 8;
        if reached && same_network && router.end().is_none() {
            self.note(&format!(
                "hop {} answers as {router_address}, which lies beside {target} and so on the router's far side. A router answers \
                 from an address of the interface that the answer leaves by (RFC 1812 section 4.3.2.4), which is the near side; \
                 if that one has no address of its own, the router-id stands in",
                router.ttl
            ));
        }
    }

    fn note(&mut self, text: &str) {
        self.out.note(text);
    }

    /// Takes note of what happens while all ways are looked for.
    pub(crate) fn hear_ways(&mut self, event: &multipath::Event<'_>) -> Result<(), Failure> {
        match event {
            multipath::Event::Start => self.start(),
            multipath::Event::Hop { ttl, nodes } if self.out.is_json() => self.out.json(&json::ways(*ttl, nodes)),
            multipath::Event::Hop { ttl, nodes } => self.out.line(&text::ways(*ttl, nodes)),
            multipath::Event::Passed(passed) => self.passed(passed),
            multipath::Event::Foreign(foreign) => {
                self.foreign(foreign);
                Ok(())
            }
        }
    }

    /// Prints what comes last of all ways, and says whether one got to the target.
    pub(crate) fn finish_ways(mut self, host: &mut dyn Host, ways: &Ways) -> Result<bool, Failure> {
        let reached = ways.reached(self.call.plan.target);
        let invented = ways.invented();
        if self.out.is_json() {
            self.out.json(&json::end_of_ways(reached, &invented))?;
        }
        let drawn = self.drawn.as_ref();
        self.verdicts(drawn.and_then(|drawn| drawn.silence_of_ways(host, self.call, &self.target, ways)))?;
        if invented.is_empty() {
            self.note("no router on the way was seen to choose; with more than one way, one is missed with a chance of 5 % a hop");
        } else {
            let links: Vec<String> = invented.iter().take(LINKS).map(|(a, b)| format!("{a} to {b}")).collect();
            let more = match invented.len().saturating_sub(LINKS) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            self.note(&format!(
                "no flow goes from {}{more}: a traceroute that changes the port with each probe (--classic) may show these as \
                 neighbours",
                links.join(" or ")
            ));
        }
        Ok(reached)
    }

    /// Takes note of what happens while the longest packet is looked for.
    pub(crate) fn hear_mtu(&mut self, event: &mtu::Event<'_>) -> Result<(), Failure> {
        match event {
            mtu::Event::Start => self.start(),
            mtu::Event::BlackHole { swallowed, passed, .. } if self.drawn.is_some() => {
                self.lengths = Some(((*passed).into(), (*swallowed).into()));
                text::mtu(event).map_or(Ok(()), |line| self.out.line(&line))
            }
            mtu::Event::Passed(passed) => self.passed(passed),
            mtu::Event::Foreign(foreign) => {
                self.foreign(foreign);
                Ok(())
            }
            event if self.out.is_json() => json::mtu(event).map_or(Ok(()), |line| self.out.json(&line)),
            event => text::mtu(event).map_or(Ok(()), |line| self.out.line(&line)),
        }
    }

    /// Prints what comes last of the longest packet, and says whether it got to the target.
    pub(crate) fn finish_mtu(mut self, host: &mut dyn Host, hops: &[mtu::Hop]) -> Result<bool, Failure> {
        let target = self.call.plan.target;
        let end = hops.iter().find(|hop| hop.is_end());
        let reached = end.and_then(|hop| hop.answer.as_ref()).is_some_and(|(answer, _)| answer.from == target);
        let farthest = hops.iter().rfind(|hop| hop.answer.is_some());
        if self.out.is_json() {
            self.out.json(&json::end_of_mtu(reached, farthest))?;
        }
        let drawn = self.drawn.as_ref();
        self.verdicts(drawn.and_then(|drawn| drawn.silence_of_mtu(host, self.call, &self.target, hops, self.lengths)))?;
        let sending = &self.call.sending;
        let reason = end
            .and_then(|hop| hop.answer.as_ref())
            .and_then(|(answer, _)| words::end(answer, target, sending.shape.method, sending.flow.destination_port));
        match farthest {
            Some(hop) if reached => self.note(&format!(
                "path MTU {}: packets of up to so many bytes, IP header included, get to {target} uncut",
                hop.size
            )),
            Some(hop) => self.note(&format!("packets of up to {} bytes get as far as hop {} uncut", hop.size, hop.ttl)),
            None => self.note("nobody answered, not even the first router"),
        }
        if let Some(reason) = reason {
            self.note(&reason);
        }
        Ok(reached)
    }
}

/// Who answered at a hop, one after the other.
fn turns(hop: &Hop) -> Vec<IpAddr> {
    let mut turns: Vec<IpAddr> = hop.answers().map(|(answer, _)| answer.from).collect();
    turns.dedup();
    turns
}

/// How many invented links are told.
const LINKS: usize = 4;
