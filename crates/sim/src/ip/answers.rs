//! How answers leave: at once and once, unless the node's file has it otherwise.
//!
//! Answers are what a node sends of itself because something came: errors, echo replies, what its ports send back. Whoever
//! measures a network must be right also where they come late or twice, and must not wait for ever where there are none.
//!
//! ARP is no answer in this sense: a node that answers nothing is still found on its link.

use super::routes::Hop;
use super::{Out, Stack};
use crate::topology::Answers;
use host::Time;
use std::collections::VecDeque;
use wire::ipv4::Ipv4;

/// Answers that are held back, in the order in which they leave.
#[derive(Debug, Default)]
pub(super) struct Late(VecDeque<(Time, Option<Hop>, Vec<u8>)>);

impl Late {
    pub(super) fn next(&self) -> Option<Time> {
        self.0.front().map(|(at, ..)| *at)
    }
}

impl Stack {
    /// Sends an answer in this node's manner: by `hop`, or where its destination leads.
    pub(super) fn respond(&mut self, now: Time, hop: Option<Hop>, packet: Vec<u8>, out: &mut Out) {
        let Answers { never, twice, late } = self.manners.answers;
        if never {
            return;
        }
        let again = twice.then(|| packet.clone());
        for packet in again.into_iter().chain([packet]) {
            if late.is_zero() {
                self.send_answer(now, hop, packet, out);
            } else {
                self.late.0.push_back((now + late, hop, packet));
            }
        }
    }

    /// Sends the answers that are due.
    pub(super) fn answer_late(&mut self, now: Time, out: &mut Out) {
        while let Some((_, hop, packet)) = self.late.0.pop_front_if(|(at, ..)| *at <= now) {
            self.send_answer(now, hop, packet, out);
        }
    }

    fn send_answer(&mut self, now: Time, hop: Option<Hop>, packet: Vec<u8>, out: &mut Out) {
        match (hop, Ipv4::split(&packet)) {
            (Some(hop), Ok((header, ..))) if !self.is_own(header.destination) => {
                let mtu = self.mtu_towards(now, hop, header.destination);
                self.send_within(now, hop, mtu, packet, false, out);
            }
            _ => self.send_packet(now, packet, false, out),
        }
    }
}
