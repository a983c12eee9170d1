//! Fragments: only the first one has ports, and it need not come first. RFC 4787 section 11.
//!
//! Nothing is put together here. What the first fragment gets, the others of its packet get as well, as far as they have
//! it: addresses, and an identification of the NAT's own, since two hosts inside may have drawn the same one. Who comes
//! before its first one waits.
//!
//! RFC 4787 section 11, REQ-14a: whoever sends nothing but fragments must not keep others' packets from passing. So there
//! is room for a number of packets and for a number of bytes, and whole packets never come here.

use crate::packet::Look;
use crate::rewrite::{Bytes, CHECKSUM_AT, IDENTIFICATION_AT};
use crate::{Limits, Protocol, Reason, Side, Verdict};
use host::Time;
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::time::Duration;

/// How long fragments are remembered, and wait. RFC 791 section 3.2 takes 15 seconds for putting a packet together, and
/// Linux 30.
const LIFETIME: Duration = Duration::from_secs(30);

/// All fragments of one packet: RFC 791 section 2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    side: Side,
    source: Ipv4Addr,
    destination: Ipv4Addr,
    protocol: Protocol,
    identification: u16,
}

/// What the first fragment got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Train {
    pub(crate) verdict: Verdict,
    pub(crate) source: Ipv4Addr,
    pub(crate) destination: Ipv4Addr,
    pub(crate) identification: u16,
}

#[derive(Debug)]
enum Known {
    Train(Train),
    /// The first has not come; these have.
    Waiting(Vec<Vec<u8>>),
}

/// What is known of a fragment that is not the first.
pub(crate) enum Later {
    Known(Train),
    Held,
}

#[derive(Debug)]
pub(crate) struct Fragments {
    most: usize,
    most_held: usize,
    held: usize,
    packets: BTreeMap<Key, (Known, u64)>,
    /// In the order in which they are forgotten: until when, what, and the how manieth it was.
    ends: VecDeque<(Time, Key, u64)>,
    released: VecDeque<(Vec<u8>, Side, Train)>,
    counted: u64,
    identification: u16,
}

impl Fragments {
    pub(crate) fn new(limits: &Limits, secret: u64) -> Self {
        Self {
            most: limits.fragmented,
            most_held: limits.held_bytes,
            held: 0,
            packets: BTreeMap::new(),
            ends: VecDeque::new(),
            released: VecDeque::new(),
            counted: 0,
            #[expect(clippy::cast_possible_truncation, reason = "any 16 bits of it will do")]
            identification: crate::index::hash(secret, 1, 1) as u16,
        }
    }

    /// A first fragment, translated in place by now, unless the verdict is another.
    pub(crate) fn first(
        &mut self,
        packet: &mut [u8],
        look: &Look,
        side: Side,
        now: Time,
        verdict: Result<Verdict, Reason>,
    ) {
        self.forget(now);
        let mut bytes = Bytes(packet);
        let mut train = Train {
            verdict: verdict.unwrap_or_else(Verdict::Drop),
            source: address(bytes.0, 12).unwrap_or(*look.source.ip()),
            destination: address(bytes.0, 16).unwrap_or(*look.destination.ip()),
            identification: look.identification,
        };
        // RFC 6864 section 5.3.1: who rewrites sources sees to it that identifications do not repeat.
        if side == Side::Inside && matches!(train.verdict, Verdict::Pass | Verdict::Hairpin) {
            self.identification = self.identification.wrapping_add(1);
            train.identification = self.identification;
            let delta = bytes.change(IDENTIFICATION_AT, train.identification);
            bytes.mend(CHECKSUM_AT, delta);
        }
        let key = key(look, side);
        let waited = match self.packets.remove(&key) {
            Some((Known::Waiting(waited), _)) => waited,
            _ => vec![],
        };
        for fragment in waited {
            self.held -= fragment.len();
            self.released.push_back((fragment, side, train));
        }
        if self.packets.len() < self.most {
            self.remember(key, Known::Train(train), now);
        }
    }

    /// A fragment that is not the first.
    pub(crate) fn later(&mut self, packet: &[u8], look: &Look, side: Side, now: Time) -> Result<Later, Reason> {
        self.forget(now);
        let key = key(look, side);
        let has_room = self.held + look.len <= self.most_held;
        let is_full = self.packets.len() >= self.most;
        let copy = || packet.get(..look.len).unwrap_or(packet).to_vec();
        match self.packets.get_mut(&key) {
            Some((Known::Train(train), _)) => return Ok(Later::Known(*train)),
            Some((Known::Waiting(waiting), _)) if has_room => waiting.push(copy()),
            None if has_room && !is_full => {
                self.remember(key, Known::Waiting(vec![copy()]), now);
            }
            _ => return Err(Reason::Fragments),
        }
        self.held += look.len;
        Ok(Later::Held)
    }

    pub(crate) fn released(&mut self) -> Option<(Vec<u8>, Side, Train)> {
        self.released.pop_front()
    }

    fn remember(&mut self, key: Key, known: Known, now: Time) {
        self.counted += 1;
        self.packets.insert(key, (known, self.counted));
        self.ends.push_back((now + LIFETIME, key, self.counted));
    }

    fn forget(&mut self, now: Time) {
        while let Some((_, key, number)) = self.ends.pop_front_if(|(until, ..)| *until <= now) {
            // The same addresses may have used the same identification again.
            if self.packets.get(&key).is_some_and(|(_, own)| *own == number)
                && let Some((Known::Waiting(waiting), _)) = self.packets.remove(&key)
            {
                self.held -= waiting.iter().map(Vec::len).sum::<usize>();
            }
        }
    }
}

fn key(look: &Look, side: Side) -> Key {
    Key {
        side,
        source: *look.source.ip(),
        destination: *look.destination.ip(),
        protocol: look.protocol(),
        identification: look.identification,
    }
}

fn address(packet: &[u8], at: usize) -> Option<Ipv4Addr> {
    packet.get(at..)?.first_chunk::<4>().map(|octets| Ipv4Addr::from(*octets))
}
