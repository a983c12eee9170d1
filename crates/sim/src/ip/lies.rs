//! A node that lies about who has an address: ARP poisoning, in the three ways in which it is done.

use super::arp::forged_reply;
use super::{Out, Stack};
use crate::topology::{Net, Node, Way};
use host::Time;
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::Mac;
use wire::arp::{Arp, REQUEST};
use wire::ethernet;

/// How much later than the question a racer answers: late enough to speak after the true owner.
const RACE_LAG: Duration = Duration::from_micros(100);

/// The lies a node has still to tell, in the order of their times.
#[derive(Debug, Default)]
pub(super) struct Liar {
    planned: VecDeque<(Time, Forgery)>,
    races: Vec<(Time, Forgery)>,
}

/// Who is told what.
#[derive(Debug, Clone, Copy)]
struct Forgery {
    interface: usize,
    way: Way,
    victim: (Mac, Ipv4Addr),
    claim: Ipv4Addr,
}

impl Liar {
    pub(super) fn new(net: &Net, node: &Node) -> Self {
        let mut liar = Self::default();
        for lie in &node.lies {
            let Some((interface, victim)) = meeting(net, node, &lie.to) else { continue };
            let forgery = Forgery { interface, way: lie.way, victim, claim: lie.claim };
            let at = Time::START + lie.at;
            match lie.way {
                Way::Race => liar.races.push((at, forgery)),
                Way::Reply | Way::Request => liar.planned.push_back((at, forgery)),
            }
        }
        liar.planned.make_contiguous().sort_by_key(|(at, _)| *at);
        liar
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.planned.front().map(|(at, _)| *at)
    }
}

/// The interface on which `node` meets the node named `victim`, and the victim's pair there.
fn meeting(net: &Net, node: &Node, victim: &str) -> Option<(usize, (Mac, Ipv4Addr))> {
    let victim = net.node(victim)?;
    node.interfaces.iter().enumerate().find_map(|(index, own)| {
        let theirs = victim.interfaces.iter().find(|theirs| theirs.link == own.link)?;
        Some((index, (theirs.mac, theirs.address?.0)))
    })
}

impl Stack {
    /// Sends the forgeries that are due.
    pub(super) fn tell_lies(&mut self, now: Time, out: &mut Out) {
        while let Some((_, lie)) = self.liar.planned.pop_front_if(|(at, _)| *at <= now) {
            let Some(own) = self.interfaces.get(lie.interface).map(|own| own.mac) else { continue };
            let forged = match lie.way {
                Way::Request => Arp::request(own, lie.claim, lie.victim.1),
                Way::Reply | Way::Race => forged_reply(own, lie.claim, lie.victim),
            };
            self.frame_out(lie.interface, lie.victim.0, ethernet::ARP, &forged.bytes(), out);
        }
    }

    /// Joins the race for an answer, if this node is in one for what `arp` asks.
    pub(super) fn race(&mut self, now: Time, interface: usize, arp: &Arp) {
        let joins = |(from, lie): &&(Time, Forgery)| {
            now >= *from
                && lie.interface == interface
                && arp.operation == REQUEST
                && arp.target == lie.claim
                && arp.sender == lie.victim.1
        };
        if let Some((_, lie)) = self.liar.races.iter().find(joins) {
            let index = self.liar.planned.partition_point(|(at, _)| *at <= now + RACE_LAG);
            self.liar.planned.insert(index, (now + RACE_LAG, *lie));
        }
    }
}
