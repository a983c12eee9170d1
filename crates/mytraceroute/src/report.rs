//! What a run shows: hops on standard output, the reasons as notes on standard error.

use crate::answer::Answer;
use crate::circle::comes_again;
use crate::explain::Explained;
use crate::flags::{Call, Question};
use crate::foreign::Foreign;
use crate::hop::{Hop, Silence};
use crate::multipath::{self, Ways};
use crate::probe::Method;
use crate::sockets::Passed;
use crate::trace::{Event, Flows, Trace};
use crate::{json, mtu, text, words};
use cli::explain::silence::Verdict;
use cli::{Failure, Output};
use host::{Host, Time};
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
        if let Some((router, first, again)) = returning(&trace.hops) {
            return format!(
                "{router} answered for hop {first} and again for hop {again}: packets may go in a circle whose routers have used \
                 up their limit of errors; some seconds later it can be seen, if it is one"
            );
        }
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
                } else if self.limited.is_empty() {
                    other
                } else {
                    "; or limited too, as the hops before: some seconds later it may answer"
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
                "rate-limited, as it seems, {hops} {}: so many probes were answered and then none for a while, as routers do that limit \
                 their errors (RFC 1812 section 4.3.2.8; Linux sends a host six at once, then one a second); what they pass on \
                 is not limited",
                limited.join(", ")
            ));
        }
    }

    /// Notes of bytes that lie, and with `-v` of what is somebody else's.
    fn foreign(&mut self, foreign: &Foreign) {
        // Bytes that lie are told, and the run goes on; what is only somebody else's is for who asks.
        if self.out.verbose()
            || matches!(foreign, Foreign::Malformed(_) | Foreign::Damaged(_) | Foreign::QuotesTooLittle(..))
        {
            self.note(&foreign.to_string());
        }
    }

    /// Hops that several addresses answered for, though all probes are one flow.
    fn explain_changes(&mut self, trace: &Trace) {
        let several: Vec<&Hop> = trace.hops.iter().filter(|hop| turns(hop).len() > 1).collect();
        // A way that changes does so at each hop between the same two moments.
        let moments: Vec<(Time, Time)> = several.iter().filter_map(|hop| change(hop)).collect();
        let after = moments.iter().map(|(after, _)| *after).max();
        let before = moments.iter().map(|(_, before)| *before).min();
        let at_once = moments.len() == several.len() && after < before;
        for hop in &several {
            match turns(hop)[..] {
                [before, after] if at_once && several.len() > 1 => {
                    self.note(&format!("hop {}: first {before}, then {after}: the way changed during the run", hop.ttl));
                }
                [before, after] if at_once => self.note(&format!(
                    "hop {}: first {before}, then {after}: the way changed during the run, or somebody on the way sends packets \
                     of one flow by several ways",
                    hop.ttl
                )),
                _ => {
                    let hops: Vec<String> = several.iter().map(|hop| hop.ttl.to_string()).collect();
                    return self.note(&format!(
                        "several routers answered in turn (hop {}): somebody on the way sends packets of one flow by several ways",
                        hops.join(", ")
                    ));
                }
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
                "hop {} answers as {router_address}, an address beside {target}, so that it may be the router's far side. A router \
                 answers from an address of the interface that the answer leaves by (RFC 1812 section 4.3.2.4), which is the \
                 near side; if that one has no address of its own, the router-id stands in",
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
            multipath::Event::Hop { ttl, nodes, .. } if self.out.is_json() => self.out.json(&json::ways(*ttl, nodes)),
            multipath::Event::Hop { ttl, nodes, again } => {
                if *again {
                    self.out.line(&format!("      hop {ttl} once more, for later flows met more there:"))?;
                }
                self.out.line(&text::ways(*ttl, nodes))
            }
            multipath::Event::Slow { ttl, waiting } => {
                self.note(&format!(
                    "hop {ttl} limits its answers: {waiting} probes wait for one, which takes about a second each where it \
                     is as usual (-I may be quicker at the target)"
                ));
                Ok(())
            }
            multipath::Event::Passed(passed) => self.passed(passed),
            multipath::Event::Foreign(foreign) => {
                self.foreign(foreign);
                Ok(())
            }
        }
    }

    /// Prints what comes last of all ways, and says whether one got to the target.
    pub(crate) fn finish_ways(mut self, host: &mut dyn Host, ways: &Ways) -> Result<bool, Failure> {
        let target = self.call.plan.target;
        let reached = ways.reached(target);
        if self.out.is_json() {
            self.out.json(&json::end_of_ways(ways, target))?;
        }
        if ways.circle().is_none() && !ways.interrupted() {
            let drawn = self.drawn.as_ref();
            self.verdicts(drawn.and_then(|drawn| drawn.silence_of_ways(host, self.call, &self.target, ways)))?;
        }
        let ended = ways.end(target).map(|(_, answer)| answer);
        self.explain_end(ended, ways.circle());
        let is_over = ended.is_some() || ways.circle().is_some() || ways.interrupted();
        if !is_over {
            self.explain_silent_end(ways.last());
        }
        if !ways.interrupted() {
            self.explain_choices(ways);
        }
        Ok(reached)
    }

    /// Which links a tracer would invent that makes a flow of each probe.
    fn explain_choices(&mut self, ways: &Ways) {
        let (choices, invented) = (ways.choices(), ways.invented());
        if !invented.is_empty() {
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
        } else if !choices.is_empty() {
            let hops = if choices.len() == 1 { "hop" } else { "hops" };
            let choices: Vec<String> = choices.iter().map(ToString::to_string).collect();
            self.note(&format!(
                "flows part ({hops} {}), and no link was seen to be missing between neighbouring hops; one more way is missed \
                 with a chance of 5 % a hop",
                choices.join(", ")
            ));
        } else if ways.reached(self.call.plan.target) {
            self.note("no router on the way was seen to choose; with more than one way, one is missed with a chance of 5 % a hop");
        }
    }

    /// Why the way ends, if somebody says so or it goes round.
    fn explain_end(&mut self, end: Option<&Answer>, circle: Option<&[IpAddr]>) {
        let (target, sending) = (self.call.plan.target, &self.call.sending);
        if let (None, Some([first, others @ ..])) = (end, circle) {
            let others: Vec<String> = others.iter().map(ToString::to_string).collect();
            self.note(&format!(
                "packets to {target} go in a circle, {first}, {} and from there to {first} again: each pass takes one from the \
                 time to live, and only that ends it (RFC 1812 section 5.3.1)",
                others.join(", ")
            ));
        }
        let reason = match end {
            Some(answer) if multipath::walk::is_own(answer, sending) => Some(format!(
                "this host itself asked by ARP who has {target} or the first router, and nobody answered: no probe left"
            )),
            Some(answer) => words::end(answer, target, sending.shape.method, sending.flow.destination_port),
            None => None,
        };
        reason.into_iter().for_each(|reason| self.note(&reason));
    }

    /// That the way ends in silence, or is longer than was asked. `last`: the hop that was heard of last.
    fn explain_silent_end(&mut self, last: Option<u8>) {
        let wait = self.call.plan.wait.as_secs_f64();
        match last {
            None => self.note(&format!("nobody answered within {wait} s, not even the first router")),
            Some(last) if last == self.call.plan.last => {
                self.note(&format!("{last} hops were asked (-m {last}), and the target is farther away"));
            }
            Some(last) => {
                self.note(&format!("behind hop {last} nobody answered within {wait} s: filtered, dead or away"));
            }
        }
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
    pub(crate) fn finish_mtu(mut self, host: &mut dyn Host, way: &mtu::Way) -> Result<bool, Failure> {
        let target = self.call.plan.target;
        let reached = way.reached(target);
        if self.out.is_json() {
            self.out.json(&json::end_of_mtu(way, target))?;
        }
        let circle = way.circle();
        if circle.is_none() && !way.interrupted {
            let drawn = self.drawn.as_ref();
            let verdict =
                drawn.and_then(|drawn| drawn.silence_of_mtu(host, self.call, &self.target, &way.hops, self.lengths));
            self.verdicts(verdict)?;
        }
        match way.farthest() {
            Some(hop) if reached => self.note(&format!(
                "path MTU {}: packets of up to so many bytes, IP header included, get to {target} uncut",
                hop.size
            )),
            Some(hop) => self.note(&format!("packets of up to {} bytes get as far as hop {} uncut", hop.size, hop.ttl)),
            None if way.end().is_some() || way.interrupted => {}
            None => self.note("nobody answered, not even the first router"),
        }
        self.explain_end(way.end(), circle.as_deref());
        Ok(reached)
    }
}

/// Who answered at a hop, one after the other.
fn turns(hop: &Hop) -> Vec<IpAddr> {
    let mut turns: Vec<IpAddr> = hop.answers().map(|(answer, _)| answer.from).collect();
    turns.dedup();
    turns
}

/// When the last probe left that the first of two answered, and when the first left that the second did; `None`: they took turns.
fn change(hop: &Hop) -> Option<(Time, Time)> {
    let [before, after] = turns(hop)[..] else { return None };
    let sent = |by: IpAddr| {
        let of_it = hop
            .attempts
            .iter()
            .filter(move |attempt| attempt.answer.as_ref().is_some_and(|(answer, _)| answer.from == by));
        of_it.map(|attempt| attempt.sent)
    };
    Some((sent(before).max()?, sent(after).min()?))
}

/// How many invented links are told.
const LINKS: usize = 4;

/// Who answered for two hops and let somebody else answer between them, and for which.
fn returning(hops: &[Hop]) -> Option<(IpAddr, u8, u8)> {
    let way: Vec<Option<IpAddr>> = hops.iter().map(|hop| hop.addresses().first().copied()).collect();
    let (first, again) = comes_again(&way)?;
    Some((way.get(first).copied().flatten()?, hops.get(first)?.ttl, hops.get(again)?.ttl))
}
