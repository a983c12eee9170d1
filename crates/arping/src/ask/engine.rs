//! Sends by the schedule, listens in between, and tells what happens.

use super::events::{Answer, Ended, Entry, Event, Purpose, Summary, When};
use super::place::Place;
use super::schedule::Schedule;
use crate::rules::{Heard, Meaning, Seen};
use crate::words::{Delivery, Frame, nanos};
use cli::{Failure, RoundTrips};
use host::{Error, Host, Neighbour, Packet, Packets, Time};
use std::net::IpAddr;
use std::time::Duration;
use wire::Mac;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// To which end.
    pub purpose: Purpose,
    /// Where, from whom, for whom.
    pub place: Place,
    /// When.
    pub schedule: Schedule,
    /// `-f`: the first answer is enough.
    pub first_reply: bool,
    /// `-b`: ask all on the link each time.
    pub broadcast: bool,
    /// `--table`: tell of this host's ARP table.
    pub table: bool,
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
/// What the host says of the socket or of its table, and what `tell` says. A host that can send or receive no more ends the run with
/// what is known, and its error comes after the summary. Silence and conflicts are events.
pub fn run(host: &mut dyn Host, plan: &Plan, tell: Tell<'_>) -> Result<Summary, Failure> {
    let link = host.open_link(&plan.place.interface)?;
    let deadline = plan.schedule.deadline.map_or(Time::NEVER, |deadline| host.now() + deadline);
    let mut run = Run {
        host,
        plan,
        tell,
        link,
        deadline,
        table: vec![],
        sent: 0,
        sent_broadcast: 0,
        received: 0,
        received_broadcast: 0,
        answered: 0,
        last: None,
        macs: vec![],
        conflict: false,
        rtts: RoundTrips::default(),
        failed: None,
    };
    run.start()?;
    let ended = run.steps()?;
    run.finish(ended)
}

struct Run<'a> {
    host: &'a mut dyn Host,
    plan: &'a Plan,
    tell: Tell<'a>,
    link: Box<dyn Packets>,
    deadline: Time,
    /// The ARP table as it was told last.
    table: Vec<Entry>,
    sent: u64,
    sent_broadcast: u64,
    received: u64,
    received_broadcast: u64,
    answered: u64,
    last: Option<Last>,
    /// All stations that said they have the target's address.
    macs: Vec<Mac>,
    conflict: bool,
    rtts: RoundTrips,
    /// What the host said, where that ended the run.
    failed: Option<Error>,
}

/// The last packet of ours.
struct Last {
    at: Time,
    unicast: bool,
    answered: bool,
}

impl Run<'_> {
    fn start(&mut self) -> Result<(), Failure> {
        let Place { interface, asker, .. } = &self.plan.place;
        let start = Event::Start {
            at_ns: self.host.now().0,
            purpose: self.plan.purpose,
            target: asker.target,
            source: asker.source,
            source_mac: asker.mac,
            interface: interface.clone(),
        };
        // The table first: a world that shows none says so before anything else is said.
        let entries = if self.plan.table { self.entries()? } else { vec![] };
        (self.tell)(&start)?;
        if self.plan.table {
            self.tell_table(When::Start, entries)?;
        }
        Ok(())
    }

    /// Sends by the schedule and listens in between.
    fn steps(&mut self) -> Result<Ended, Failure> {
        let schedule = self.plan.schedule;
        let first = self.host.now() + schedule.first(self.host);
        if let Some(ended) = self.listen(first)? {
            return Ok(ended);
        }
        loop {
            if self.host.now() >= self.deadline {
                return Ok(Ended::Deadline);
            }
            let Some(sent) = self.send()? else { return Ok(Ended::Failed) };
            let last = schedule.is_last(self.sent);
            let gap = if last { schedule.after } else { schedule.next(self.host) };
            if let Some(ended) = self.listen(sent + gap)? {
                return Ok(ended);
            }
            let silent = self.last.as_ref().is_some_and(|last| !last.answered);
            if silent && self.plan.purpose == Purpose::Ask {
                (self.tell)(&Event::Silence { at_ns: self.host.now().0, number: self.sent })?;
            }
            if last {
                return Ok(Ended::Count);
            }
        }
    }

    /// Sends what this run sends, and says when; nothing where the host cannot.
    fn send(&mut self) -> Result<Option<Time>, Failure> {
        let asker = self.plan.place.asker;
        let station = match self.plan.purpose {
            // A group of stations is no station, whatever a reply says.
            Purpose::Ask if !self.plan.broadcast => self.macs.first().copied().filter(|mac| !mac.is_group()),
            _ => None,
        };
        let frame = match self.plan.purpose {
            Purpose::Ask | Purpose::Detect => asker.request(station),
            Purpose::AnnounceByReply => asker.unasked_reply(),
            Purpose::AnnounceByRequest => asker.announcement(),
        };
        let at = self.host.now();
        if let Err(error) = self.link.send(None, &frame) {
            self.failed = Some(error);
            return Ok(None);
        }
        self.sent += 1;
        self.sent_broadcast += u64::from(station.is_none());
        self.last = Some(Last { at, unicast: station.is_some(), answered: false });
        self.show(Frame { at, leaves: true, bytes: frame, meaning: None })?;
        (self.tell)(&Event::Sent {
            at_ns: at.0,
            number: self.sent,
            delivery: Delivery::of(station.is_none()),
            to: station.unwrap_or(Mac::BROADCAST),
        })?;
        Ok(Some(at))
    }

    /// Listens until `until`, or until something ends the run.
    fn listen(&mut self, until: Time) -> Result<Option<Ended>, Failure> {
        let until_or_deadline = until.min(self.deadline);
        loop {
            let packet = match self.link.recv(until_or_deadline) {
                Ok(Some(packet)) => packet,
                Ok(None) => break,
                Err(Error::Interrupted) => return Ok(Some(Ended::Interrupted)),
                Err(error) => {
                    self.failed = Some(error);
                    return Ok(Some(Ended::Failed));
                }
            };
            let ended = self.hear(&packet)?;
            self.look_at_table()?;
            if ended.is_some() {
                return Ok(ended);
            }
            if self.has_heard_enough() {
                return Ok(None);
            }
        }
        self.look_at_table()?;
        Ok((self.deadline <= until).then_some(Ended::Deadline))
    }

    /// Whether nothing more is to be heard of the last request: one station was asked and answered, or the next request only
    /// waits for an answer. A second owner of the address can be heard while all are asked, so there it is worth the time.
    fn has_heard_enough(&self) -> bool {
        let Some(last) = self.last.as_ref().filter(|last| last.answered) else { return false };
        let schedule = self.plan.schedule;
        if schedule.is_last(self.sent) { last.unicast } else { schedule.when_answered }
    }

    /// What a frame means to this run.
    fn hear(&mut self, packet: &Packet) -> Result<Option<Ended>, Failure> {
        let at_ns = packet.at.0;
        let seen = match self.plan.place.asker.judge(&packet.bytes) {
            Heard::Nothing => return Ok(None),
            Heard::Malformed { from, error } => {
                (self.tell)(&Event::Malformed { at_ns, from, problem: error })?;
                return Ok(None);
            }
            Heard::Arp(seen) => seen,
        };
        if seen.meaning != Meaning::Other || self.plan.others {
            let (at, bytes) = (packet.at, packet.bytes.clone());
            self.show(Frame { at, leaves: false, bytes, meaning: Some(seen.meaning) })?;
        }
        match (self.plan.purpose, seen.meaning) {
            (Purpose::Ask, Meaning::Answer) => self.answer(packet.at, &seen),
            (Purpose::Ask, Meaning::Claim) => {
                self.other(packet.at, &seen)?;
                self.claim(packet.at, seen.arp.sender_mac)?;
                Ok(None)
            }
            (Purpose::Detect, Meaning::Answer | Meaning::Claim | Meaning::Probe) => {
                self.conflict(packet.at, &seen)?;
                Ok(Some(Ended::Conflict))
            }
            (Purpose::AnnounceByReply | Purpose::AnnounceByRequest, Meaning::Answer | Meaning::Claim) => {
                self.conflict(packet.at, &seen)?;
                Ok(None)
            }
            _ => {
                self.other(packet.at, &seen)?;
                Ok(None)
            }
        }
    }

    fn answer(&mut self, at: Time, seen: &Seen) -> Result<Option<Ended>, Failure> {
        let rtt = self.since_last(at).unwrap_or_default();
        self.received += 1;
        self.received_broadcast += u64::from(seen.broadcast);
        if let Some(last) = &mut self.last
            && !last.answered
        {
            last.answered = true;
            self.answered += 1;
            self.rtts.add(rtt);
        }
        (self.tell)(&Event::Reply {
            at_ns: at.0,
            number: self.sent,
            delivery: Delivery::of(seen.broadcast),
            from: seen.arp.sender,
            mac: seen.arp.sender_mac,
            frame_source: seen.frame_source,
            rtt_ns: nanos(rtt),
        })?;
        self.claim(at, seen.arp.sender_mac)?;
        Ok(self.plan.first_reply.then_some(Ended::FirstReply))
    }

    /// The station `mac` says that it has the target's address. More than one is too many.
    fn claim(&mut self, at: Time, mac: Mac) -> Result<(), Failure> {
        if self.macs.contains(&mac) {
            return Ok(());
        }
        self.macs.push(mac);
        if self.macs.len() < 2 {
            return Ok(());
        }
        let address = self.plan.place.asker.target;
        (self.tell)(&Event::Duplicate { at_ns: at.0, address, macs: self.macs.clone() })
    }

    /// Somebody else uses, or wants, the address that we probe or announce.
    fn conflict(&mut self, at: Time, seen: &Seen) -> Result<(), Failure> {
        self.conflict = true;
        self.received += 1;
        self.received_broadcast += u64::from(seen.broadcast);
        if !self.macs.contains(&seen.arp.sender_mac) {
            self.macs.push(seen.arp.sender_mac);
        }
        let rtt_ns = self.since_last(at).map(nanos);
        (self.tell)(&Event::Conflict {
            at_ns: at.0,
            address: self.plan.place.asker.target,
            operation: seen.arp.operation.into(),
            delivery: Delivery::of(seen.broadcast),
            from: seen.arp.sender,
            mac: seen.arp.sender_mac,
            rtt_ns,
        })
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

    fn show(&mut self, frame: Frame) -> Result<(), Failure> {
        if self.plan.frames { (self.tell)(&Event::Frame(frame)) } else { Ok(()) }
    }

    fn since_last(&self, at: Time) -> Option<Duration> {
        self.last.as_ref().map(|last| at - last.at)
    }

    fn entries(&mut self) -> Result<Vec<Entry>, Failure> {
        let neighbours = self.host.neighbours()?.into_iter();
        // How old an entry is changes all the time, and says nothing of what a packet did to it.
        let entry = |of: Neighbour| match of.address {
            IpAddr::V4(address) => Some(Entry { interface: of.interface, address, mac: of.mac }),
            IpAddr::V6(_) => None, // learnt by Neighbor Discovery, and not by ARP
        };
        Ok(neighbours.filter_map(entry).collect())
    }

    fn look_at_table(&mut self) -> Result<(), Failure> {
        if !self.plan.table {
            return Ok(());
        }
        let entries = self.entries()?;
        if entries == self.table { Ok(()) } else { self.tell_table(When::Change, entries) }
    }

    fn tell_table(&mut self, when: When, entries: Vec<Entry>) -> Result<(), Failure> {
        self.table.clone_from(&entries);
        (self.tell)(&Event::Table { at_ns: self.host.now().0, when, entries })
    }

    fn finish(mut self, ended: Ended) -> Result<Summary, Failure> {
        let failed = self.failed.take();
        if let Some(error) = failed.clone().filter(|_| self.sent == 0) {
            return Err(error.into());
        }
        if self.plan.table {
            let entries = self.entries()?;
            self.tell_table(When::End, entries)?;
        }
        let verdict = match (self.plan.purpose, self.conflict) {
            (Purpose::Ask, _) if self.received > 0 => Answer::Answered,
            (Purpose::Ask, _) => Answer::Silent,
            (Purpose::Detect, true) => Answer::Taken,
            (Purpose::Detect, false) if self.sent == 0 => Answer::Unknown,
            (Purpose::Detect, false) => Answer::Free,
            (Purpose::AnnounceByReply | Purpose::AnnounceByRequest, true) => Answer::Contested,
            (Purpose::AnnounceByReply | Purpose::AnnounceByRequest, false) => Answer::Announced,
        };
        let summary = Summary {
            at_ns: self.host.now().0,
            ended,
            verdict,
            target: self.plan.place.asker.target,
            sent: self.sent,
            sent_broadcast: self.sent_broadcast,
            received: self.received,
            received_broadcast: self.received_broadcast,
            answered: self.answered,
            macs: self.macs,
            rtt: self.rtts.summary(),
        };
        (self.tell)(&Event::Summary(summary.clone()))?;
        failed.map_or(Ok(summary), |error| Err(error.into()))
    }
}

#[cfg(test)]
mod tests;
