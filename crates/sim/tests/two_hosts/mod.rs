//! Two hosts on a cable, and what TCP says on it.
#![allow(dead_code, reason = "each test target uses its own part")]

use crate::asking::{World, ms};
use host::Time;
use sim::Net;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use tcp::Segment;
use wire::ethernet::{self, Ethernet};
use wire::ipv4::{self, Ipv4};

pub(crate) const A: [u8; 4] = [10, 0, 0, 1];
pub(crate) const B: [u8; 4] = [10, 0, 0, 2];

/// Two hosts and a cable of 10 ms, bent.
pub(crate) fn pair(bends: &[&str], faults: &[&str], seed: u64) -> World {
    let mut net = Net::load("transport").unwrap();
    bends.iter().for_each(|bend| net.set(bend).unwrap());
    faults.iter().for_each(|fault| net.fault(fault).unwrap());
    World::new(&net, seed)
}

pub(crate) fn after(milliseconds: f64) -> Time {
    Time::START + ms(milliseconds)
}

/// Bytes that are nowhere the same for long.
pub(crate) fn text(len: usize) -> Vec<u8> {
    (0..len as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// A segment.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) at: Time,
    /// The last octet of its source.
    pub(crate) by: u8,
    pub(crate) ip: Ipv4,
    pub(crate) ports: (u16, u16),
    pub(crate) segment: Segment,
    /// Bytes of data.
    pub(crate) len: usize,
}

/// `10ms 1> S`, `20.5ms 2> . 500`: when, who, flags as `tcpdump` has them, bytes of data.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Segment { syn, fin, rst, ack, .. } = self.segment;
        let all = [(syn, 'S'), (fin, 'F'), (rst, 'R'), (ack.is_some(), '.')];
        let flags: String = all.iter().filter(|(set, _)| *set).map(|(_, flag)| *flag).collect();
        let len = if self.len > 0 { format!(" {}", self.len) } else { String::new() };
        write!(f, "{}ms {}> {flags}{len}", self.at.0 as f64 / 1e6, self.by)
    }
}

/// What is said on `cable` from now on.
pub(crate) fn tap(world: &World, cable: &str) -> Rc<RefCell<Vec<Said>>> {
    let seen = Rc::new(RefCell::new(vec![]));
    let list = Rc::clone(&seen);
    world.watch(cable, move |now, frame| list.borrow_mut().extend(said(now, frame)));
    seen
}

pub(crate) fn said(at: Time, frame: &[u8]) -> Option<Said> {
    let (header, packet) = Ethernet::take(frame).ok()?;
    let (ip, _, payload, _) = Ipv4::parse(packet).ok().filter(|_| header.ethertype == ethernet::IPV4)?;
    if ip.protocol != ipv4::TCP {
        return None;
    }
    let (tcp, segment) = Segment::parse(payload).unwrap();
    let [.., by] = ip.source.octets();
    Some(Said { at, by, ip, ports: (tcp.source_port, tcp.destination_port), len: segment.data.len(), segment })
}

/// All that was said, a line each.
pub(crate) fn lines(seen: &Rc<RefCell<Vec<Said>>>) -> Vec<String> {
    seen.borrow().iter().map(ToString::to_string).collect()
}
