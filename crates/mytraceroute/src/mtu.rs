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
//! Each probe has a number of its own, so each answer, however late, is to the size that was sent.

use crate::answer::{Answer, Says};
use crate::circle::circle;
use crate::foreign::Foreign;
use crate::hop::REFILL;
use crate::multipath::walk::is_own;
use crate::patience::{Broken, patience};
use crate::sockets::{Heard, Passed, Sending, Sockets};
use crate::tracer::Plan;
use host::{Error, Host, Time};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// RFC 791 section 3.2: "Every internet module must be able to forward a datagram of 68 octets without further fragmentation."
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
    /// This host itself sends nothing longer: its first link is narrow, or it remembers the path MTU of an earlier packet.
    Own {
        /// How long the probe was to be.
        size: u16,
        /// How long probes are from now on.
        most: u16,
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

/// The way as far as it was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Hop after hop.
    pub hops: Vec<Hop>,
    /// Why this host itself could not send, if it could not.
    pub own: Option<Answer>,
    /// Whether Ctrl-C cut it short.
    pub interrupted: bool,
}

impl Way {
    /// The last hop that answered.
    #[must_use]
    pub fn farthest(&self) -> Option<&Hop> {
        self.hops.iter().rfind(|hop| hop.answer.is_some())
    }

    /// The answer that ends the way, if one does.
    #[must_use]
    pub fn end(&self) -> Option<&Answer> {
        let end = self.hops.iter().find(|hop| hop.is_end()).and_then(|hop| hop.answer.as_ref());
        self.own.as_ref().or(end.map(|(answer, _)| answer))
    }

    /// Whether the target answered.
    #[must_use]
    pub fn reached(&self, target: IpAddr) -> bool {
        self.end().is_some_and(|answer| answer.from == target)
    }

    /// The routers that it goes round in a circle, if it does.
    #[must_use]
    pub fn circle(&self) -> Option<Vec<IpAddr>> {
        let from: Vec<Option<IpAddr>> =
            self.hops.iter().map(|hop| hop.answer.as_ref().map(|(answer, _)| answer.from)).collect();
        let round = circle(&from)?;
        Some(from.into_iter().skip(round.first).take(round.length).flatten().collect())
    }
}

/// Follows the way to `plan.target` with packets as long as it takes them.
///
/// # Errors
/// What the host says of the sockets and of a probe that could not leave; what `tell` fails with.
pub fn trace<E: From<Error>>(
    host: &mut dyn Host,
    plan: Plan,
    sending: &Sending,
    tell: &mut Tell<'_, E>,
) -> Result<Way, E> {
    let sockets = Sockets::open(host, sending)?;
    tell(&Event::Start)?;
    let mut walk = Walk {
        host,
        sockets,
        plan,
        sending,
        tell,
        size: sending.size,
        longest: None,
        last_sent: None,
        sent: BTreeMap::new(),
        answers: BTreeMap::new(),
        own: None,
    };
    let mut way = Way { hops: vec![], own: None, interrupted: false };
    let broken = walk.follow(&mut way.hops).err();
    way.own = walk.own;
    match broken {
        None => Ok(way),
        Some(Broken::Off) => Ok(Way { interrupted: true, ..way }),
        Some(Broken::Failed(error)) => Err(error),
    }
}

impl Hop {
    /// Whether the way ends here: with the target, or with somebody who says that there is no way.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.answer.as_ref().is_some_and(|(answer, _)| answer.says != Says::TimeExceeded)
    }
}

struct Walk<'a, 't, E> {
    host: &'a mut dyn Host,
    sockets: Sockets,
    plan: Plan,
    sending: &'a Sending,
    tell: &'a mut Tell<'t, E>,
    /// How long probes are.
    size: u16,
    longest: Option<Duration>,
    last_sent: Option<Time>,
    /// All that left, by number.
    sent: BTreeMap<u16, (Asked, Time)>,
    /// The first answer to each.
    answers: BTreeMap<Asked, (Answer, Duration)>,
    /// Why this host itself could not send.
    own: Option<Answer>,
}

/// How far and how long a probe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    ttl: u8,
    size: u16,
}

type Answered = Option<(Answer, Duration)>;

impl<E: From<Error>> Walk<'_, '_, E> {
    fn follow(&mut self, hops: &mut Vec<Hop>) -> Result<(), Broken<E>> {
        for ttl in self.plan.first..=self.plan.last {
            let hop = self.hop(ttl)?;
            if self.own.is_some() {
                return Ok(());
            }
            let is_silent = hop.answer.is_none();
            self.add(hop, hops)?;
            let way = Way { hops: hops.clone(), own: None, interrupted: false };
            if hops.last().is_some_and(Hop::is_end) || way.circle().is_some() {
                return Ok(());
            }
            // The hops behind were asked meanwhile.
            if is_silent && !self.answers.keys().any(|asked| asked.ttl > ttl) {
                for ttl in ttl.saturating_add(1)..=self.ahead(ttl) {
                    self.add(Hop { ttl, size: self.size, answer: None }, hops)?;
                }
                return Ok(());
            }
        }
        Ok(())
    }

    fn add(&mut self, hop: Hop, hops: &mut Vec<Hop>) -> Result<(), Broken<E>> {
        (self.tell)(&Event::Hop(&hop)).map_err(Broken::Failed)?;
        hops.push(hop);
        Ok(())
    }

    /// The last of the hops that are asked together once the first of them is silent.
    fn ahead(&self, ttl: u8) -> u8 {
        self.plan.last.min(ttl.saturating_add(SILENT_HOPS - 1))
    }

    /// Who is at `ttl`, with the longest packet that gets there.
    fn hop(&mut self, ttl: u8) -> Result<Hop, Broken<E>> {
        loop {
            let size = self.size;
            let answer = self.first_answer(ttl)?;
            if self.size < size {
                continue; // this host itself sends nothing as long
            }
            match answer {
                Some((Answer { from, says: Says::Unreachable { code: 4, mtu }, .. }, _)) if size > LEAST => {
                    let (by, next) = (from, shrunk(size, mtu));
                    self.size = next;
                    (self.tell)(&Event::Told { by, mtu, size, next }).map_err(Broken::Failed)?;
                }
                None if self.answers.contains_key(&Asked { ttl, size: LEAST }) => {
                    // The hop is there, and so is known to be quick enough to say more about long probes.
                    match self.ask(Asked { ttl, size })? {
                        None if self.size == size => return self.around_hole(ttl),
                        _ => {}
                    }
                }
                answer => return Ok(Hop { ttl, size, answer }),
            }
        }
    }

    /// The answer to the longest probe from a hop of which nothing is known: it may take [`Plan::wait`].
    ///
    /// Where it is late, the shortest probe is sent too, which passes all black holes, and where that is late as well, the hops
    /// behind are asked: they may all be silent, and are so together.
    fn first_answer(&mut self, ttl: u8) -> Result<Answered, Broken<E>> {
        let asked = Asked { ttl, size: self.size };
        let short = Asked { ttl, size: LEAST };
        let started = self.host.now();
        let behind =
            (ttl.saturating_add(1)..=self.ahead(ttl)).flat_map(|ttl| [Asked { ttl, ..asked }, Asked { ttl, ..short }]);
        let behind: Vec<Asked> = behind.collect();
        let rounds = [vec![asked], vec![asked, short], behind.clone(), [vec![asked, short], behind].concat()];
        for (number, round) in (0_u32..).zip(rounds) {
            if number == 3 {
                if REFILL >= self.plan.wait {
                    break;
                }
                self.listen_for(asked, short, started + REFILL)?;
            }
            let is_late = self.host.now() >= started + self.plan.wait && number > 1;
            for probe in round.into_iter().filter(|_| !is_late) {
                if self.is_known(asked, short) {
                    break;
                }
                if !self.answers.contains_key(&probe) && !self.send(probe)? {
                    return Ok(None);
                }
            }
            let until = self.host.now() + patience(self.longest, self.plan.wait);
            self.listen_for(asked, short, until)?;
        }
        self.listen_for(asked, short, started + self.plan.wait)?;
        Ok(self.answers.get(&asked).cloned())
    }

    fn is_known(&self, asked: Asked, short: Asked) -> bool {
        self.own.is_some() || self.answers.contains_key(&asked) || self.answers.contains_key(&short)
    }

    fn listen_for(&mut self, asked: Asked, short: Asked, until: Time) -> Result<(), Broken<E>> {
        while !self.is_known(asked, short) && self.listen(until)? {}
        Ok(())
    }

    /// The hop behind a black hole, with the longest packet that passes it.
    fn around_hole(&mut self, ttl: u8) -> Result<Hop, Broken<E>> {
        let (mut passed, mut swallowed) = (LEAST, self.size);
        while passed + 1 < swallowed {
            let size = passed.midpoint(swallowed);
            match self.ask(Asked { ttl, size })? {
                // A router behind the hole that does speak.
                Some((Answer { says: Says::Unreachable { code: 4, .. }, .. }, _)) | None => swallowed = size,
                Some(_) => passed = size,
            }
            // One that was thought to be swallowed may have been late.
            let late = self.answers.iter().filter(|(asked, (answer, _))| {
                asked.ttl == ttl && !matches!(answer.says, Says::Unreachable { code: 4, .. })
            });
            passed = late.map(|(asked, _)| asked.size).max().unwrap_or(passed).max(passed);
            swallowed = swallowed.max(passed.saturating_add(1));
        }
        self.size = passed;
        (self.tell)(&Event::BlackHole { ttl, swallowed, passed }).map_err(Broken::Failed)?;
        Ok(Hop { ttl, size: passed, answer: self.answers.get(&Asked { ttl, size: passed }).cloned() })
    }

    /// The answer of a hop that is known; the probe is sent again at once, and once more when a limit must have passed.
    fn ask(&mut self, asked: Asked) -> Result<Answered, Broken<E>> {
        let started = self.host.now();
        for at in [started, started, started + REFILL] {
            while self.host.now() < at && !self.answers.contains_key(&asked) && self.listen(at)? {}
            if self.answers.contains_key(&asked) || !self.send(asked)? {
                break;
            }
            let until = self.host.now() + patience(self.longest, self.plan.wait);
            while !self.answers.contains_key(&asked) && self.listen(until)? {}
        }
        Ok(self.answers.get(&asked).cloned())
    }

    /// Sends a probe. `false`: this host sends nothing as long, and probes are shorter from now on.
    fn send(&mut self, asked: Asked) -> Result<bool, Broken<E>> {
        let now = self.host.now();
        if let Some(at) = self.last_sent.map(|last| last + self.plan.pause).filter(|at| *at > now) {
            while self.listen(at)? {}
        }
        self.sockets.resize(asked.size);
        let probe = match self.sockets.send(self.host, self.sending.flow, asked.ttl) {
            Err(Error::TooLong { have, most }) if asked.size > LEAST => {
                // The sizes are of what this socket is given: for some, that has no headers.
                let headers = usize::from(asked.size).saturating_sub(have);
                let most = shrunk(asked.size, u16::try_from(most + headers).unwrap_or(u16::MAX));
                self.size = self.size.min(most);
                (self.tell)(&Event::Own { size: asked.size, most }).map_err(Broken::Failed)?;
                return Ok(false);
            }
            sent => sent?,
        };
        self.sent.insert(probe.number, (asked, probe.at));
        self.last_sent = Some(probe.at);
        (self.tell)(&Event::Passed(Passed::Left(&probe))).map_err(Broken::Failed)?;
        Ok(true)
    }

    /// Hears one packet. `false`: none came until then.
    fn listen(&mut self, until: Time) -> Result<bool, Broken<E>> {
        let heard = match self.sockets.recv(self.host, until) {
            // In a network where nothing will happen any more, time passes all the same.
            Err(Error::Idle) => return Ok(self.host.sleep(until).map(|()| false)?),
            heard => heard?,
        };
        match heard {
            Some(Heard::Answer(answer, packet)) => {
                let came = Passed::Came { answer: &answer, packet: &packet };
                (self.tell)(&Event::Passed(came)).map_err(Broken::Failed)?;
                if is_own(&answer, self.sending) && !matches!(answer.says, Says::Unreachable { code: 4, .. }) {
                    self.own = Some(answer);
                } else if let Some((asked, left)) = self.sent.get(&answer.number).copied() {
                    let rtt = packet.at - left;
                    self.longest = self.longest.max(Some(rtt));
                    self.answers.entry(asked).or_insert((answer, rtt));
                }
                Ok(true)
            }
            Some(Heard::Foreign(foreign)) => {
                (self.tell)(&Event::Foreign(foreign)).map_err(Broken::Failed)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

/// How long probes are after one of `size` bytes was too long for a link of `mtu` bytes.
///
/// RFC 1191 section 3: an estimate is never raised by such a message, nor lowered below 68. Routers older than that RFC say 0, and
/// some lie: then the next of its section 7's plateaus is tried.
fn shrunk(size: u16, mtu: u16) -> u16 {
    if (LEAST..size).contains(&mtu) {
        return mtu;
    }
    PLATEAUS.into_iter().find(|plateau| *plateau < size).unwrap_or(LEAST)
}

/// RFC 1191 section 7, table 7-1: the MTUs that links have.
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
