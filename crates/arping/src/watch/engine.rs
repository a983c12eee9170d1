//! Listens, keeps the table, and tells what is new.

use super::events::{By, Ended, Event, Known, Row, Summary};
use super::place::Place;
use super::table::{Kind, News, Sighting, Station, Table};
use crate::rules::{self, Heard};
use crate::words::{Delivery, Frame, nanos};
use cli::Failure;
use host::{Error, Host, Neighbour, Packet, Packets, Time};
use std::net::IpAddr;
use std::time::Duration;
use wire::arp::Arp;
use wire::ethernet::Ethernet;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Where.
    pub place: Place,
    /// `-c`: after so many events.
    pub count: Option<u64>,
    /// `-w`.
    pub deadline: Option<Duration>,
    /// Tell of each packet, also of one that says nothing new.
    pub all: bool,
    /// Tell of frames with their bytes.
    pub frames: bool,
}

/// Who is told; its failure (a closed pipe) ends the run.
pub type Tell<'a> = &'a mut dyn FnMut(&Event) -> Result<(), Failure>;

/// Carries out the plan and tells of each thing that happens, the summary last.
///
/// # Errors
/// What the host says of the socket or of its table; what `tell` says. Moves and conflicts are events.
pub fn run(host: &mut dyn Host, plan: &Plan, tell: Tell<'_>) -> Result<Summary, Failure> {
    let link = host.open_link(&plan.place.interface)?;
    let known = known(host, &plan.place)?;
    let start = host.now();
    let pairs: Vec<_> = known.iter().map(|known| (known.address, known.mac)).collect();
    let table = Table::new(plan.place.mac, plan.place.own.clone(), &pairs);
    let mut run = Run { host, plan, tell, link, start, table, told: 0, packets: 0, moves: 0, conflicts: 0 };
    run.tell_start(known)?;
    let ended = run.listen()?;
    run.finish(ended)
}

/// What this host's ARP table knows on the interface, of the addresses that are of interest.
fn known(host: &mut dyn Host, place: &Place) -> Result<Vec<Known>, Failure> {
    let neighbours = match host.neighbours() {
        Ok(neighbours) => neighbours,
        // Then there is nothing to know beforehand.
        Err(Error::Unsupported { .. }) => vec![],
        Err(error) => return Err(error.into()),
    };
    let entry = |of: Neighbour| match (of.address, of.mac) {
        (IpAddr::V4(address), Some(mac)) => Some(Known { address, mac }),
        _ => None,
    };
    let here = neighbours.into_iter().filter(|neighbour| neighbour.interface == place.interface);
    let wanted = |known: &Known| place.only.is_none_or(|only| only.contains(known.address));
    Ok(here.filter_map(entry).filter(wanted).collect())
}

struct Run<'a> {
    host: &'a mut dyn Host,
    plan: &'a Plan,
    tell: Tell<'a>,
    link: Box<dyn Packets>,
    start: Time,
    table: Table,
    told: u64,
    packets: u64,
    moves: u64,
    conflicts: u64,
}

impl Run<'_> {
    fn tell_start(&mut self, known: Vec<Known>) -> Result<(), Failure> {
        let Place { interface, mac, own, only } = self.plan.place.clone();
        (self.tell)(&Event::Start { at_ns: self.start.0, interface, mac, own, only, known })
    }

    fn listen(&mut self) -> Result<Ended, Failure> {
        let deadline = self.plan.deadline.map_or(Time::NEVER, |deadline| self.start + deadline);
        loop {
            match self.link.recv(deadline) {
                Ok(Some(packet)) => self.hear(&packet)?,
                Ok(None) => return Ok(Ended::Deadline),
                Err(Error::Interrupted) => return Ok(Ended::Interrupted),
                Err(Error::Idle) => return Ok(Ended::Idle),
                Err(error) => return Err(error.into()),
            }
            if self.plan.count.is_some_and(|count| self.told >= count) {
                return Ok(Ended::Count);
            }
        }
    }

    fn hear(&mut self, packet: &Packet) -> Result<(), Failure> {
        let (ethernet, arp) = match rules::arp_in(&packet.bytes, self.plan.place.mac) {
            Heard::Nothing => return Ok(()),
            Heard::Malformed { from, error } => {
                return (self.tell)(&Event::Malformed { at_ns: packet.at.0, from, problem: error });
            }
            Heard::Arp(parts) => parts,
        };
        let about = if arp.is_probe() { arp.target } else { arp.sender };
        if self.plan.place.only.is_some_and(|only| !only.contains(about)) {
            return Ok(());
        }
        self.packets += 1;
        let Some(sighting) = self.table.hear(packet.at, &ethernet, &arp) else { return Ok(()) };
        if sighting.is_new {
            self.moves += u64::from(matches!(sighting.news, News::Moved { .. }));
            self.conflicts += u64::from(is_conflict(&sighting.news));
        }
        if sighting.is_new || self.plan.all {
            self.told += 1;
            if self.plan.frames {
                let (at, bytes) = (packet.at, packet.bytes.clone());
                (self.tell)(&Event::Frame(Frame { at, leaves: false, bytes, meaning: None }))?;
            }
            (self.tell)(&event(packet.at, &ethernet, &arp, &sighting))?;
        }
        Ok(())
    }

    fn finish(self, ended: Ended) -> Result<Summary, Failure> {
        let at = self.host.now();
        let row = |station: Station| Row {
            address: station.address,
            mac: station.mac,
            ours: station.ours,
            duplicate: station.duplicate,
            packets: station.packets,
            last_ns: station.last.map(|last| last.0),
        };
        let summary = Summary {
            at_ns: at.0,
            ended,
            packets: self.packets,
            not_kept: self.table.not_kept(),
            addresses: self.table.addresses(),
            moves: self.moves,
            conflicts: self.conflicts,
            span_ns: nanos(at - self.start),
            stations: self.table.stations().map(row).collect(),
        };
        (self.tell)(&Event::Summary(summary.clone()))?;
        Ok(summary)
    }
}

/// Whether two want one address.
fn is_conflict(news: &News) -> bool {
    match news {
        News::Conflict => true,
        News::Probe { held_by, sought_by } => held_by.is_some() || sought_by.is_some(),
        News::At { .. } | News::Moved { .. } => false,
    }
}

/// What was seen, as it is told.
fn event(at: Time, ethernet: &Ethernet, arp: &Arp, sighting: &Sighting) -> Event {
    let (at_ns, address, mac) = (at.0, sighting.address, arp.sender_mac);
    let by = By {
        packet: Kind::of(arp),
        delivery: Delivery::of(ethernet.destination.is_group()),
        target: arp.target,
        frame_source: ethernet.source,
        table: sighting.effect,
    };
    match sighting.news {
        News::At { first } => Event::Binding { at_ns, address, mac, first, by },
        News::Moved { from, moves, flapping } => Event::Moved { at_ns, address, mac, was: from, moves, flapping, by },
        News::Conflict => Event::Conflict { at_ns, address, mac, by },
        News::Probe { held_by, sought_by } => {
            Event::Probe { at_ns, address, mac, delivery: by.delivery, held_by, sought_by }
        }
    }
}

#[cfg(test)]
mod tests;
