//! Asks and listens as the schedule says, keeps the census, and tells what happens.

use super::census::Census;
use super::events::{Ended, Event, Row, Summary};
use super::place::Place;
use super::schedule::{Agenda, Schedule, Step};
use crate::rules::{self, Asker, Heard, Meaning, Seen};
use crate::words::{Delivery, Frame, nanos};
use cli::Failure;
use host::{Error, Host, Packet, Packets, Time};
use std::net::Ipv4Addr;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Where, from whom, for whom.
    pub place: Place,
    /// When.
    pub schedule: Schedule,
    /// `-f`: the first answer is enough.
    pub first_reply: bool,
    /// Tell of ARP packets that are no answers.
    pub others: bool,
    /// Tell of frames with their bytes.
    pub frames: bool,
}

/// Who is told; its failure (a closed pipe) ends the run.
pub type Tell<'a> = &'a mut dyn FnMut(&Event) -> Result<(), Failure>;

/// Carries out the plan and tells of each thing that happens, the summary last.
///
/// # Errors
/// What the host says of the socket or of a send; what `tell` says. Silence and duplicates are events.
pub fn run(host: &mut dyn Host, plan: &Plan, tell: Tell<'_>) -> Result<Summary, Failure> {
    let link = host.open_link(&plan.place.interface)?;
    let start = host.now();
    let census = Census::new(plan.place.addresses.iter().copied(), &plan.place.own);
    let agenda = Agenda::new(plan.schedule, start);
    let mut run = Run { host, plan, tell, link, start, census, agenda, sent: 0, received: 0, ended: None };
    run.tell_start()?;
    let ended = run.steps()?;
    run.finish(ended)
}

struct Run<'a> {
    host: &'a mut dyn Host,
    plan: &'a Plan,
    tell: Tell<'a>,
    link: Box<dyn Packets>,
    start: Time,
    census: Census,
    agenda: Agenda,
    sent: u64,
    received: u64,
    /// Why it ended, if not because the agenda says so.
    ended: Option<Ended>,
}

impl Run<'_> {
    fn tell_start(&mut self) -> Result<(), Failure> {
        let Place { interface, mac, source, prefix, addresses, .. } = &self.plan.place;
        (self.tell)(&Event::Start {
            at_ns: self.start.0,
            prefix: *prefix,
            addresses: addresses.len(),
            source: *source,
            source_mac: *mac,
            interface: interface.clone(),
        })
    }

    /// Does what the agenda says, until it says that this is all, or something else ends it.
    fn steps(&mut self) -> Result<Ended, Failure> {
        loop {
            match self.agenda.next(self.host.now(), &self.census) {
                Step::Round(requests) => {
                    let (at_ns, number) = (self.host.now().0, self.agenda.round());
                    (self.tell)(&Event::Round { at_ns, number, requests })?;
                }
                Step::Ask(addresses) => {
                    addresses.into_iter().try_for_each(|address| self.ask(address))?;
                    // However fast requests are to follow each other: a kernel keeps only so many answers for us.
                    while self.ended.is_none() && self.listen(self.host.now())? {}
                }
                Step::Listen(until) => {
                    self.listen(until)?;
                }
                Step::End(ended) => return Ok(ended),
            }
            if let Some(ended) = self.ended {
                return Ok(ended);
            }
        }
    }

    /// Hears a frame, if one comes before `until`; the answer is whether one did.
    fn listen(&mut self, until: Time) -> Result<bool, Failure> {
        match self.link.recv(until) {
            Ok(Some(packet)) => {
                if self.hear(&packet)? && self.plan.first_reply {
                    self.ended = Some(Ended::FirstReply);
                }
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(Error::Interrupted) => {
                self.ended = Some(Ended::Interrupted);
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Who asks for `address`.
    ///
    /// For an address of our own we ask as if it were not: RFC 5227 section 2.1.1, a probe has no sender, so that nobody
    /// learns anything from it.
    fn asker(&self, address: Ipv4Addr) -> Asker {
        let Place { mac, source, .. } = self.plan.place;
        let source = if self.census.is_ours(address) { Ipv4Addr::UNSPECIFIED } else { source };
        Asker { mac, source, target: address }
    }

    fn ask(&mut self, address: Ipv4Addr) -> Result<(), Failure> {
        let request = self.asker(address).request(None);
        let at = self.host.now();
        self.census.asked(address, at);
        self.link.send(None, &request)?;
        self.sent += 1;
        self.show(Frame { at, leaves: true, bytes: request, meaning: None })
    }

    /// What a frame means to this run; the answer is whether it is an answer.
    fn hear(&mut self, packet: &Packet) -> Result<bool, Failure> {
        let at_ns = packet.at.0;
        let (ethernet, arp) = match rules::arp_in(&packet.bytes, self.plan.place.mac) {
            Heard::Nothing => return Ok(false),
            Heard::Malformed { from, error } => {
                (self.tell)(&Event::Malformed { at_ns, from, problem: error })?;
                return Ok(false);
            }
            Heard::Arp(parts) => parts,
        };
        let seen = self.asker(arp.sender).seen(&ethernet, arp);
        if seen.meaning == Meaning::Answer || self.plan.others {
            let bytes = packet.bytes.clone();
            self.show(Frame { at: packet.at, leaves: false, bytes, meaning: Some(seen.meaning) })?;
        }
        let answer = match seen.meaning {
            Meaning::Answer => self.census.answer(packet.at, arp.sender, arp.sender_mac),
            _ => None,
        };
        let is_answer = answer.is_some();
        if let Some(rtt) = answer.as_ref().and_then(|noted| noted.rtt) {
            self.received += 1;
            (self.tell)(&Event::Reply {
                at_ns,
                round: self.agenda.round(),
                delivery: Delivery::of(seen.broadcast),
                from: arp.sender,
                mac: arp.sender_mac,
                frame_source: seen.frame_source,
                rtt_ns: nanos(rtt),
            })?;
        } else {
            self.other(packet.at, &seen)?;
        }
        let noted = answer.or_else(|| self.census.claim(arp.sender, arp.sender_mac));
        if let Some(macs) = noted.and_then(|noted| noted.duplicate) {
            (self.tell)(&Event::Duplicate { at_ns, address: arp.sender, macs })?;
        }
        Ok(is_answer)
    }

    fn show(&mut self, frame: Frame) -> Result<(), Failure> {
        if self.plan.frames { (self.tell)(&Event::Frame(frame)) } else { Ok(()) }
    }

    fn other(&mut self, at: Time, seen: &Seen) -> Result<(), Failure> {
        if !self.plan.others {
            return Ok(());
        }
        (self.tell)(&Event::Heard {
            at_ns: at.0,
            operation: seen.arp.operation.into(),
            delivery: Delivery::of(seen.broadcast),
            from: seen.arp.sender,
            mac: seen.arp.sender_mac,
            target: seen.arp.target,
        })
    }

    fn finish(self, ended: Ended) -> Result<Summary, Failure> {
        let at = self.host.now();
        let row = |station: super::census::Station| Row {
            address: station.address,
            mac: station.mac,
            ours: station.ours,
            duplicate: station.duplicate,
            rtt_ns: station.rtt.map(nanos),
        };
        let summary = Summary {
            at_ns: at.0,
            ended,
            prefix: self.plan.place.prefix,
            addresses: self.plan.place.addresses.len(),
            counts: self.census.counts(),
            sent: self.sent,
            received: self.received,
            span_ns: nanos(at - self.start),
            stations: self.census.stations().map(row).collect(),
            rtt: self.census.rtt(),
        };
        (self.tell)(&Event::Summary(summary.clone()))?;
        Ok(summary)
    }
}

#[cfg(test)]
mod tests;
