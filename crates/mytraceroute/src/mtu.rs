//! How long a packet may be to reach each hop uncut: RFC 1191, hop by hop.
//!
//! A packet that must not be cut (DF) and is too long for a router's next link is answered by "fragmentation needed", with the size
//! that the link takes. So probes begin as long as the first link allows, and shrink to what routers say. Each hop is asked with
//! the longest packet that got as far as the hop before: the hop at which it had to shrink is where the narrow link is.
//!
//! Some routers swallow what is too long without a word: a black hole (RFC 2923 section 2.1). It shows by a long probe that stays
//! unanswered where a short one is answered; the longest that passes is then searched for, by halves (RFC 4821 has senders do
//! the like).
//!
//! One probe is on its way at a time, so that each answer is to the size that was sent.

use crate::answer::{Answer, Foreign, Says};
use crate::hop::REFILL;
use crate::patience::{Broken, patience};
use crate::sockets::{Heard, Passed, Sending, Sockets};
use crate::tracer::Plan;
use host::{Error, Host};
use std::net::IpAddr;
use std::time::Duration;

/// RFC 791 section 3.1: "Every internet module must be able to forward a datagram of 68 octets without further fragmentation."
pub const LEAST: u16 = 68;
/// After so many hops from which nothing comes the way is given up.
const SILENT_HOPS: u8 = 3;

/// What happens on the way.
#[derive(Debug)]
pub enum Event<'a> {
    /// The sockets are open.
    Start,
    /// A router says that its next link takes no more than this.
    Told {
        /// Who.
        by: IpAddr,
        /// Bytes; 0: it does not say how many.
        mtu: u16,
        /// How long the probe was.
        size: u16,
        /// How long probes are from now on.
        next: u16,
    },
    /// Longer packets are swallowed without a word before this hop.
    BlackHole {
        /// The hop that only shorter packets reach.
        ttl: u8,
        /// The shortest that was seen to be swallowed, bytes.
        swallowed: u16,
        /// The longest that was seen to pass, bytes.
        passed: u16,
    },
    /// A hop, and the longest packet that reaches it.
    Hop(&'a Hop),
    /// Something came that is no answer to us.
    Foreign(Foreign),
    /// A probe left or an answer came, with its bytes.
    Passed(Passed<'a>),
}

/// A hop and how it was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// How far it is.
    pub ttl: u8,
    /// How long the probe was that reached it, bytes.
    pub size: u16,
    /// What it answered, and in which time; `None`: nothing, to no size.
    pub answer: Option<(Answer, Duration)>,
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Event<'_>) -> Result<(), E> + 'a;

/// Follows the way to `plan.target` with packets as long as it takes them.
///
/// # Errors
/// What the host says of the sockets and of a probe that could not leave; what `tell` fails with.
pub fn trace<E: From<Error>>(
    host: &mut dyn Host,
    plan: Plan,
    sending: &Sending,
    tell: &mut Tell<'_, E>,
) -> Result<Vec<Hop>, E> {
    let sockets = Sockets::open(host, sending)?;
    tell(&Event::Start)?;
    let mut way = Way { host, sockets, plan, sending, tell, size: sending.size, longest: None };
    let mut hops: Vec<Hop> = vec![];
    for ttl in plan.first..=plan.last {
        let hop = match way.hop(ttl) {
            Ok(hop) => hop,
            Err(Broken::Off) => break,
            Err(Broken::Failed(error)) => return Err(error),
        };
        (way.tell)(&Event::Hop(&hop))?;
        hops.push(hop);
        let silent = hops.iter().rev().take_while(|hop| hop.answer.is_none()).count();
        if hops.last().is_some_and(Hop::is_end) || silent >= usize::from(SILENT_HOPS) {
            break;
        }
    }
    Ok(hops)
}

impl Hop {
    /// Whether the way ends here: with the target, or with somebody who says that there is no way.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.answer.as_ref().is_some_and(|(answer, _)| answer.says != Says::TimeExceeded)
    }
}

struct Way<'a, 't, E> {
    host: &'a mut dyn Host,
    sockets: Sockets,
    plan: Plan,
    sending: &'a Sending,
    tell: &'a mut Tell<'t, E>,
    /// How long probes are.
    size: u16,
    longest: Option<Duration>,
}

type Answered = Option<(Answer, Duration)>;

impl<E: From<Error>> Way<'_, '_, E> {
    /// Who is at `ttl`, with the longest packet that gets there.
    fn hop(&mut self, ttl: u8) -> Result<Hop, Broken<E>> {
        loop {
            match self.ask(ttl, self.size)? {
                Some((Answer { from, says: Says::Unreachable { code: 4, mtu }, .. }, _)) if self.size > LEAST => {
                    let (by, size, next) = (from, self.size, shrunk(self.size, mtu));
                    self.size = next;
                    (self.tell)(&Event::Told { by, mtu, size, next }).map_err(Broken::Failed)?;
                }
                None if self.size > LEAST && self.ask(ttl, LEAST)?.is_some() => return self.around_hole(ttl),
                answer => return Ok(Hop { ttl, size: self.size, answer }),
            }
        }
    }

    /// The hop behind a black hole, with the longest packet that passes it.
    fn around_hole(&mut self, ttl: u8) -> Result<Hop, Broken<E>> {
        let (mut passed, mut swallowed, mut found) = (LEAST, self.size, None);
        while passed + 1 < swallowed {
            let size = passed.midpoint(swallowed);
            match self.ask(ttl, size)? {
                // A router behind the hole that does speak.
                Some((Answer { says: Says::Unreachable { code: 4, .. }, .. }, _)) | None => swallowed = size,
                answer => (passed, found) = (size, answer),
            }
        }
        self.size = passed;
        (self.tell)(&Event::BlackHole { ttl, swallowed, passed }).map_err(Broken::Failed)?;
        let answer = if found.is_some() { found } else { self.ask(ttl, passed)? };
        Ok(Hop { ttl, size: passed, answer })
    }

    /// The answer to a probe of `size` bytes; it is sent again at once, and once more when a limit must have passed.
    fn ask(&mut self, ttl: u8, size: u16) -> Result<Answered, Broken<E>> {
        let started = self.host.now();
        for at in [started, started, started + REFILL] {
            if self.host.now() < at {
                self.host.sleep(at)?;
            }
            if let Some(answer) = self.ask_once(ttl, size)? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn ask_once(&mut self, ttl: u8, size: u16) -> Result<Answered, Broken<E>> {
        self.sockets.resize(size);
        let probe = match self.sockets.send(self.host, self.sending.flow, ttl) {
            // The first link itself is narrower than its MTU says, or a memory of this host is.
            Err(Error::TooLong { .. }) if size > LEAST => return Ok(None),
            sent => sent?,
        };
        (self.tell)(&Event::Passed(Passed::Left(&probe))).map_err(Broken::Failed)?;
        let until = probe.at + patience(self.longest, self.plan.wait);
        loop {
            match self.sockets.recv(self.host, until)? {
                Some(Heard::Answer(answer, packet)) => {
                    let came = Passed::Came { answer: &answer, packet: &packet };
                    (self.tell)(&Event::Passed(came)).map_err(Broken::Failed)?;
                    // Another one is late: its size was given up already.
                    if answer.number == probe.number {
                        let rtt = packet.at - probe.at;
                        self.longest = self.longest.max(Some(rtt));
                        return Ok(Some((answer, rtt)));
                    }
                }
                Some(Heard::Foreign(foreign)) => (self.tell)(&Event::Foreign(foreign)).map_err(Broken::Failed)?,
                None => return Ok(None),
            }
        }
    }
}

/// How long probes are after one of `size` bytes was too long for a link of `mtu` bytes.
///
/// RFC 1191 section 3: an estimate is never raised by such a message, nor lowered below 68. Routers older than that RFC say 0, and
/// some lie: then the next of its section 7.1's plateaus is tried.
fn shrunk(size: u16, mtu: u16) -> u16 {
    if (LEAST..size).contains(&mtu) {
        return mtu;
    }
    PLATEAUS.into_iter().find(|plateau| *plateau < size).unwrap_or(LEAST)
}

/// RFC 1191 section 7.1, table 7-1: the MTUs that links have.
const PLATEAUS: [u16; 11] = [65_535, 32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006, 508, 296, LEAST];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn router_is_believed_only_where_it_makes_packets_shorter() {
        assert_eq!(shrunk(1500, 1400), 1400);
        assert_eq!(shrunk(1500, 68), 68);
        for lie in [0, 67, 1500, 9000] {
            assert_eq!(shrunk(1500, lie), 1492, "{lie}");
        }
        assert_eq!(shrunk(69, 0), 68);
    }
}
