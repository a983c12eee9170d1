//! What an ARP packet says, and what it means to who asked: pure rules, without host or clock.
//!
//! ```
//! use arping::rules::{Asker, Heard, Meaning};
//! use wire::{Mac, arp::Arp, ethernet::{self, Ethernet}};
//!
//! let (us, them) = (Mac([2, 0, 0, 0, 0, 0xaa]), Mac([2, 0, 0, 0, 0, 0xdd]));
//! let asker = Asker { mac: us, source: [10, 0, 0, 2].into(), target: [10, 0, 0, 5].into() };
//!
//! let reply = Arp::request(us, asker.source, asker.target).reply_from(them);
//! let frame = Ethernet { destination: us, source: them, ethertype: ethernet::ARP }.frame(&reply.bytes());
//! let Heard::Arp(seen) = asker.judge(&frame) else { panic!("an ARP packet") };
//! assert_eq!(seen.meaning, Meaning::Answer);
//! ```

use std::net::Ipv4Addr;
use wire::arp::{Arp, REPLY};
use wire::ethernet::{self, Ethernet};
use wire::{Mac, WireError};

/// Who asks, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// Our own station.
    pub mac: Mac,
    /// The address we ask from; unspecified in a probe (RFC 5227 section 1.1).
    pub source: Ipv4Addr,
    /// The address asked for.
    pub target: Ipv4Addr,
}

/// What a frame is, or what it means to an [`Asker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<T> {
    /// Nothing: it is no ARP, or our own.
    Nothing,
    /// It should be ARP for IPv4 over Ethernet, and is not.
    Malformed {
        /// The station that sent the frame.
        from: Mac,
        /// Which field of it is wrong.
        error: WireError,
    },
    /// An ARP packet of another station.
    Arp(T),
}

/// The ARP packet in `frame`, with the frame's header. Packets whose sender is our station, `mac`, are nothing.
#[must_use]
pub fn arp_in(frame: &[u8], mac: Mac) -> Heard<(Ethernet, Arp)> {
    // A frame without a whole header names no station and no EtherType: nothing can be said about it.
    let Ok((ethernet, payload)) = Ethernet::take(frame) else { return Heard::Nothing };
    if ethernet.ethertype != ethernet::ARP {
        return Heard::Nothing;
    }
    match Arp::parse(payload) {
        Ok((arp, _padding)) if arp.sender_mac == mac => Heard::Nothing,
        Ok((arp, _padding)) => Heard::Arp((ethernet, arp)),
        Err(error) => Heard::Malformed { from: ethernet.source, error },
    }
}

/// An ARP packet of another station, and how it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// What it means to us.
    pub meaning: Meaning,
    /// The packet.
    pub arp: Arp,
    /// The station that sent the frame, which should be the packet's sender.
    pub frame_source: Mac,
    /// Whether the frame was for all on the link.
    pub broadcast: bool,
}

/// What another station's ARP packet means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A reply by the target and for us.
    Answer,
    /// Another packet whose sender says that it has the target's address.
    Claim,
    /// Somebody else's question whether the target's address is free.
    Probe,
    /// About others.
    Other,
}

impl Asker {
    /// "Who has `target`? Tell `source`": to all, or to one `station` alone (RFC 1122 section 2.3.2.1, "unicast poll").
    #[must_use]
    pub fn request(&self, station: Option<Mac>) -> Vec<u8> {
        self.frame(station.unwrap_or(Mac::BROADCAST), &Arp::request(self.mac, self.source, self.target))
    }

    /// "`target` is here", as a request that asks for itself: the announcement of RFC 5227 section 2.3.
    #[must_use]
    pub fn announcement(&self) -> Vec<u8> {
        self.frame(Mac::BROADCAST, &Arp::request(self.mac, self.target, self.target))
    }

    /// "`target` is here", as a reply that nobody asked for.
    ///
    /// RFC 5944 section 4.6: in such a reply the target hardware address is that "to which this cache entry should be updated".
    #[must_use]
    pub fn unasked_reply(&self) -> Vec<u8> {
        let request = Arp::request(self.mac, self.target, self.target);
        self.frame(Mac::BROADCAST, &Arp { operation: REPLY, target_mac: self.mac, ..request })
    }

    fn frame(&self, destination: Mac, arp: &Arp) -> Vec<u8> {
        Ethernet { destination, source: self.mac, ethertype: ethernet::ARP }.frame(&arp.bytes())
    }

    /// What `frame` means to us.
    ///
    /// An answer is a reply *by* the target and *for* us: both its target addresses are ours, and the frame is for our station
    /// or for all. Elders of this program looked at the sender only, and where they heard others' answers (behind a hub, on a
    /// bridge, beside a second arping) they called a target alive that was silent to them.
    #[must_use]
    pub fn judge(&self, frame: &[u8]) -> Heard<Seen> {
        match arp_in(frame, self.mac) {
            Heard::Nothing => Heard::Nothing,
            Heard::Malformed { from, error } => Heard::Malformed { from, error },
            Heard::Arp((ethernet, arp)) => Heard::Arp(self.seen(&ethernet, arp)),
        }
    }

    /// The same of a packet that was taken out of its frame already.
    pub(crate) fn seen(&self, ethernet: &Ethernet, arp: Arp) -> Seen {
        Seen {
            meaning: self.meaning(ethernet, &arp),
            arp,
            frame_source: ethernet.source,
            broadcast: ethernet.destination.is_group(),
        }
    }

    fn meaning(&self, ethernet: &Ethernet, arp: &Arp) -> Meaning {
        let for_us = arp.target == self.source && arp.target_mac == self.mac;
        let to_us = ethernet.destination == self.mac || ethernet.destination == Mac::BROADCAST;
        if arp.sender == self.target {
            if arp.operation == REPLY && for_us && to_us { Meaning::Answer } else { Meaning::Claim }
        } else if arp.is_probe() && arp.target == self.target {
            Meaning::Probe
        } else {
            Meaning::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);
    const THEM: Mac = Mac([2, 0, 0, 0, 0, 0xdd]);
    const STRANGER: Mac = Mac([2, 0, 0, 0, 0, 0xcc]);

    fn asker() -> Asker {
        Asker { mac: US, source: Ipv4Addr::new(10, 0, 0, 2), target: Ipv4Addr::new(10, 0, 0, 5) }
    }

    /// The answer to our request, after `change`.
    fn answer(change: impl FnOnce(&mut Ethernet, &mut Arp)) -> Vec<u8> {
        let mut ethernet = Ethernet { destination: US, source: THEM, ethertype: ethernet::ARP };
        let mut arp = Arp::request(US, asker().source, asker().target).reply_from(THEM);
        change(&mut ethernet, &mut arp);
        ethernet.frame(&arp.bytes())
    }

    fn meaning(change: impl FnOnce(&mut Ethernet, &mut Arp)) -> Meaning {
        match asker().judge(&answer(change)) {
            Heard::Arp(seen) => seen.meaning,
            heard => panic!("{heard:?}"),
        }
    }

    #[test]
    fn request_is_broadcast_and_leaves_the_target_station_open() {
        let frame = asker().request(None);
        assert_eq!(frame.len(), 60);
        let (ethernet, payload) = Ethernet::take(&frame).unwrap();
        assert_eq!((ethernet.destination, ethernet.source), (Mac::BROADCAST, US));
        assert_eq!(Arp::parse(payload).unwrap().0.target_mac, Mac::ZERO);
        let (ethernet, _) = Ethernet::take(&asker().request(Some(THEM))).map(|(e, p)| (e, p.len())).unwrap();
        assert_eq!(ethernet.destination, THEM);
    }

    #[test]
    fn announcement_names_its_own_address_twice_in_both_forms() {
        for frame in [asker().announcement(), asker().unasked_reply()] {
            let (_, payload) = Ethernet::take(&frame).unwrap();
            assert!(Arp::parse(payload).unwrap().0.is_announcement());
        }
        let frame = asker().unasked_reply();
        let (arp, _) = Arp::parse(&frame[14..]).unwrap();
        assert_eq!((arp.operation, arp.target_mac), (REPLY, US));
    }

    #[test]
    fn reply_by_the_target_and_for_us_is_an_answer() {
        assert_eq!(meaning(|_, _| ()), Meaning::Answer);
        assert_eq!(meaning(|ethernet, _| ethernet.destination = Mac::BROADCAST), Meaning::Answer);
    }

    #[test]
    fn reply_for_another_target_is_not_counted() {
        assert_eq!(meaning(|_, arp| arp.sender = Ipv4Addr::new(10, 0, 0, 3)), Meaning::Other);
    }

    #[test]
    fn reply_for_somebody_else_is_not_counted() {
        assert_eq!(meaning(|_, arp| arp.target_mac = STRANGER), Meaning::Claim);
        assert_eq!(meaning(|_, arp| arp.target = Ipv4Addr::new(10, 0, 0, 3)), Meaning::Claim);
        assert_eq!(meaning(|ethernet, _| ethernet.destination = STRANGER), Meaning::Claim);
    }

    #[test]
    fn request_by_the_target_is_a_claim_and_no_answer() {
        assert_eq!(meaning(|_, arp| arp.operation = wire::arp::REQUEST), Meaning::Claim);
    }

    #[test]
    fn frame_of_another_station_than_the_sender_is_seen() {
        let frame = answer(|ethernet, _| ethernet.source = STRANGER);
        let Heard::Arp(seen) = asker().judge(&frame) else { panic!("an ARP packet") };
        assert_eq!((seen.meaning, seen.frame_source, seen.arp.sender_mac), (Meaning::Answer, STRANGER, THEM));
    }

    #[test]
    fn own_packets_and_other_protocols_are_nothing() {
        assert_eq!(asker().judge(&asker().request(None)), Heard::Nothing);
        assert_eq!(asker().judge(&answer(|ethernet, _| ethernet.ethertype = ethernet::IPV4)), Heard::Nothing);
    }

    #[test]
    fn probe_of_somebody_else_is_told_apart_from_our_own() {
        let probe = |mac| Asker { mac, source: Ipv4Addr::UNSPECIFIED, ..asker() };
        let Heard::Arp(seen) = probe(US).judge(&probe(THEM).request(None)) else { panic!("an ARP packet") };
        assert_eq!(seen.meaning, Meaning::Probe);
        assert_eq!(probe(US).judge(&probe(US).request(None)), Heard::Nothing);
    }

    #[test]
    fn frame_cut_short_anywhere_is_malformed_or_nothing_and_never_a_panic() {
        let whole = answer(|_, _| ());
        for len in 0..whole.len() {
            match asker().judge(&whole[..len]) {
                Heard::Nothing => assert!(len < 14, "{len}"),
                Heard::Malformed { from, .. } => assert!((14..42).contains(&len) && from == THEM, "{len}"),
                Heard::Arp(_) => assert!(len >= 42, "{len}"),
            }
        }
    }
}
