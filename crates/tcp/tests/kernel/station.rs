//! The engine's place on the cable: frames, ARP, and a bad way for all segments.

use crate::dice::{Dice, Faults};
use crate::part::{ENGINE, KERNEL, PATIENCE};
use host::{Host, Packets, Time};
use live::{Live, Stop};
use std::collections::BTreeMap;
use std::collections::btree_map::OccupiedEntry;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tcp::Segment;
use wire::arp::{self, Arp};
use wire::ethernet::{self, Ethernet};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::{Mac, WireError};

const ENGINE_MAC: Mac = Mac([2, 0, 0, 0, 1, 0x77]);
/// As [`needs::Net`] gives it to the right end of the first cable.
const KERNEL_MAC: Mac = Mac([2, 0, 0, 0, 1, 2]);

/// A packet that is late comes less than so many microseconds late.
const LATEST: u64 = 3000;

/// Packets that are under way, by the time at which they arrive, and then by their order.
type Way = BTreeMap<(Time, u64), Vec<u8>>;

/// What became of the packets.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    /// A doubled one counts twice.
    pub(crate) copies: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) late: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} packets, {} lost, {} doubled, {} late", self.copies, self.lost, self.doubled, self.late)
    }
}

pub(crate) struct Station {
    host: Live,
    link: Box<dyn Packets>,
    dice: Dice,
    /// `None`: nothing happens on the way.
    faults: Option<Faults>,
    coming: Way,
    going: Way,
    pub(crate) counts: Counts,
}

impl Station {
    pub(crate) fn new(dice: Dice, faults: Option<Faults>) -> Self {
        let mut host = Live::new(Stop::never());
        let link = host.open_link("net1").unwrap();
        let (coming, going) = (Way::new(), Way::new());
        Self { host, link, dice, faults, coming, going, counts: Counts::default() }
    }

    pub(crate) fn now(&self) -> Time {
        self.host.now()
    }

    /// From now on nothing happens on the way.
    pub(crate) fn calm(&mut self) {
        self.faults = None;
    }

    pub(crate) fn send(&mut self, segment: &Segment, to: SocketAddr) {
        let packet = Ipv4::new(v4(ENGINE), v4(to), ipv4::TCP).packet(&segment.bytes(ENGINE, to));
        let fate = self.fate();
        self.going.extend(fate.into_iter().map(|key| (key, packet.clone())));
        self.put_what_is_due();
    }

    /// The next segment, with its header for the ports; `None`: there was none until `until`, or patience is at its end.
    pub(crate) fn receive(&mut self, until: Time) -> Option<(Tcp, Segment)> {
        let until = until.min(Time::START + PATIENCE);
        loop {
            self.put_what_is_due();
            let now = self.now();
            if let Some(packet) = due(&mut self.coming, now) {
                return Some(segment(&packet));
            }
            let next = [&self.coming, &self.going].map(|way| way.keys().next().map_or(Time::NEVER, |(at, _)| *at));
            let wake = next.into_iter().fold(until, Time::min);
            match self.link.recv(wake).unwrap() {
                Some(frame) => self.take(&frame.bytes).unwrap(),
                None if self.now() >= until => return None,
                None => {}
            }
        }
    }

    fn put_what_is_due(&mut self) {
        let now = self.now();
        while let Some(packet) = due(&mut self.going, now) {
            self.put(ethernet::IPV4, &packet);
        }
    }

    /// A frame has come, for this station, for the other one of this namespace, or for all.
    fn take(&mut self, frame: &[u8]) -> Result<(), WireError> {
        let (header, payload) = Ethernet::take(frame)?;
        match header.ethertype {
            ethernet::ARP => {
                let (question, _) = Arp::parse(payload)?;
                if question.operation == arp::REQUEST && question.target == v4(ENGINE) {
                    self.put(ethernet::ARP, &question.reply_from(ENGINE_MAC).bytes());
                }
            }
            ethernet::IPV4 if header.destination == ENGINE_MAC => {
                let fate = self.fate();
                self.coming.extend(fate.into_iter().map(|key| (key, payload.to_vec())));
            }
            _ => {}
        }
        Ok(())
    }

    fn put(&mut self, ethertype: u16, payload: &[u8]) {
        let header = Ethernet { destination: KERNEL_MAC, source: ENGINE_MAC, ethertype };
        self.link.send(None, &header.frame(payload)).unwrap();
    }

    /// When a packet arrives that leaves now: never, once or twice, and maybe behind later ones.
    fn fate(&mut self) -> Vec<(Time, u64)> {
        let now = self.now();
        let faults = self.faults.unwrap_or(Faults { lost: 0, doubled: 0, late: 0 });
        let doubled = self.dice.happens(faults.doubled);
        self.counts.doubled += u64::from(doubled);
        let copies = if doubled { 2 } else { 1 };
        let arrival = |_| {
            self.counts.copies += 1;
            if self.dice.happens(faults.lost) {
                self.counts.lost += 1;
                return None;
            }
            let late = if self.dice.happens(faults.late) { self.dice.below(LATEST) } else { 0 };
            self.counts.late += u64::from(late > 0);
            Some((now + Duration::from_micros(late), self.counts.copies))
        };
        (0..copies).filter_map(arrival).collect()
    }
}

/// The first packet of a way, if it has arrived by now.
fn due(way: &mut Way, now: Time) -> Option<Vec<u8>> {
    way.first_entry().filter(|first| first.key().0 <= now).map(OccupiedEntry::remove)
}

/// The segment in a packet of the kernel's, which leaves nothing undone in its header.
fn segment(packet: &[u8]) -> (Tcp, Segment) {
    assert!(Ipv4::is_intact(packet));
    let (header, _, payload, _) = Ipv4::parse(packet).unwrap();
    let ends = (header.source, header.destination, header.protocol);
    assert_eq!(ends, (v4(KERNEL), v4(ENGINE), ipv4::TCP));
    assert!(Tcp::is_intact(header.source.into(), header.destination.into(), payload), "a wrong checksum");
    Segment::parse(payload).unwrap()
}

fn v4(end: SocketAddr) -> Ipv4Addr {
    let IpAddr::V4(address) = end.ip() else { panic!("IPv4 only") };
    address
}
