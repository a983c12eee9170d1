//! The ladder: a line down for each party, time running downwards to scale, and an arrow for each packet from where and when it was
//! sent to where and when it came.
//!
//! It is made of what the parties saw. A packet that one sent and another received is the same bytes on the same wire; one that came
//! in and went out again with another time to live is the same packet one hop further, and one line through all of them. What was sent
//! and came nowhere is lost.
//!
//! The order to read in: this file (what a ladder is), `ladder/flights.rs` and `ladder/one_side.rs` (how it is made of captures),
//! `ladder/says.rs` (what stands at an arrow), `ladder/time.rs` and
//! `ladder/heads.rs` (the axis and the lanes), `ladder/lives.rs` (the states of both ends), `ladder/draw.rs`.

mod draw;
mod flights;
mod heads;
mod lives;
mod one_side;
mod says;
mod time;

use crate::{Caption, Captured, Refusal, Role};
use lives::Life;
use std::collections::BTreeSet;
use std::time::Duration;

/// More lanes than these are too narrow for what would stand in them.
const MOST_PARTIES: usize = 7;

/// Who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// What it is called.
    pub name: String,
    /// Its address, or nothing; it is shown where there is room.
    pub address: String,
}

/// Parties and what flew between them.
#[derive(Debug, Clone)]
pub struct Ladder {
    parties: Vec<Party>,
    flights: Vec<Flight>,
    /// The states of the ends of a connection, which are told beside their lanes.
    lives: Vec<Life>,
    /// Whether it was seen at one place only, so that times at the other ends are guesses.
    guessed: bool,
}

/// A packet on its way: from its sender over each party that passed it on.
#[derive(Debug, Clone)]
struct Flight {
    legs: Vec<Leg>,
    /// What stands at it, the longest text first.
    labels: Vec<String>,
    /// The packet in one line.
    summary: String,
    role: Role,
    /// Whether its sender had sent the same before.
    again: bool,
    /// Which other packet of the same sender says the same: what is equal in both; none of a packet that is always new.
    same_if: Option<Vec<u8>>,
    /// When the one place saw it, where the times of its legs are guesses.
    seen: Option<Duration>,
}

impl Flight {
    /// Makes one leg of two where the first ends and the second begins at `between`.
    fn pass_by(&mut self, between: usize) {
        let mut legs: Vec<Leg> = vec![];
        for leg in self.legs.drain(..) {
            let waiting = legs.iter().rposition(|before| {
                leg.from == between && before.to == between && !before.lost && before.arrives <= leg.sent
            });
            match waiting.and_then(|number| legs.get_mut(number)) {
                Some(before) => *before = Leg { from: before.from, sent: before.sent, ..leg },
                None => legs.push(leg),
            }
        }
        self.legs = legs;
    }

    /// Whether what was sent once came more than once to the same party.
    fn is_doubled(&self) -> bool {
        let way = |leg: &Leg| (leg.from, leg.to, leg.sent);
        self.legs
            .iter()
            .enumerate()
            .any(|(number, leg)| self.legs.iter().take(number).any(|other| way(other) == way(leg)))
    }
}

/// From one party to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leg {
    from: usize,
    to: usize,
    sent: Duration,
    /// When it came, or, where it got lost, would have come.
    arrives: Duration,
    lost: bool,
}

impl Ladder {
    /// More packets are not drawn; how many follow is said.
    pub const MOST_PACKETS: usize = 40;

    /// The ladder of what several parties saw, in the order of their lanes. The clocks of all are one.
    #[must_use]
    pub fn of(seen: &[(Party, Vec<Captured>)]) -> Self {
        let parties = seen.iter().map(|(party, _)| party.clone()).collect();
        let packets: Vec<&[Captured]> = seen.iter().map(|(_, packets)| packets.as_slice()).collect();
        Self { parties, flights: flights::flights(&packets), lives: vec![], guessed: false }
    }

    /// The ladder of one capture. Parties are called by their addresses, and when a packet was at the other end is a guess: that
    /// each way takes half of the shortest round trip. A host that asks for an address is called by the one that it uses afterwards.
    #[must_use]
    pub fn of_one_side(packets: &[Captured]) -> Self {
        let (parties, flights) = one_side::parties_and_flights(packets);
        Self { parties, flights, lives: vec![], guessed: true }
    }

    /// With the lanes of these parties only, in this order.
    ///
    /// # Errors
    /// When one of them does not take part.
    pub fn only(self, names: &[&str]) -> Result<Self, Refusal> {
        let number = |name: &&str| {
            let known = || self.parties.iter().map(|party| party.name.clone()).collect();
            let found = self.parties.iter().position(|party| party.name == *name);
            found.ok_or_else(|| Refusal::NoParty((*name).to_string(), known()))
        };
        let kept: Vec<usize> = names.iter().map(number).collect::<Result<_, _>>()?;
        let lane = |old: usize| kept.iter().position(|number| *number == old);
        let leg = |leg: &Leg| Some(Leg { from: lane(leg.from)?, to: lane(leg.to)?, ..*leg });
        let mut flights = vec![];
        for flight in &self.flights {
            let legs: Vec<Leg> = flight.legs.iter().filter_map(leg).collect();
            if !legs.is_empty() {
                flights.push(Flight { legs, ..flight.clone() });
            }
        }
        let parties = kept.iter().filter_map(|number| self.parties.get(*number).cloned()).collect();
        Ok(Self { parties, flights, ..self })
    }

    /// With what these parties pass on as one line from who sent it to who got it: routers, where the way is not the matter.
    ///
    /// # Errors
    /// When one of them does not take part.
    pub fn through(mut self, names: &[&str]) -> Result<Self, Refusal> {
        for name in names {
            let known = || self.parties.iter().map(|party| party.name.clone()).collect();
            let found = self.parties.iter().position(|party| party.name == *name);
            let between = found.ok_or_else(|| Refusal::NoParty((*name).to_string(), known()))?;
            for flight in &mut self.flights {
                flight.pass_by(between);
            }
        }
        Ok(self)
    }

    /// With the states that a party was in, and since when, beside its lane. There is room for them beside two lanes.
    #[must_use]
    pub fn living(mut self, party: &str, states: &[(Duration, String)]) -> Self {
        self.lives.push(Life::of(party, states));
        self
    }

    /// Without the packets of which `keep` says no when it is told their line.
    #[must_use]
    pub fn keeping(mut self, mut keep: impl FnMut(&str) -> bool) -> Self {
        self.flights.retain(|flight| keep(&flight.summary));
        self
    }

    /// Only what was sent from one time on and before another; times are told since the former, and what was sent before that is
    /// not sent again.
    #[must_use]
    pub fn between(mut self, from: Duration, until: Duration) -> Self {
        self.flights.retain(|flight| flight.legs.first().is_some_and(|leg| (from..until).contains(&leg.sent)));
        let mut said = BTreeSet::new();
        for flight in &mut self.flights {
            if let Some(same) = &flight.same_if {
                let is_new = said.insert((flight.legs.first().map(|leg| leg.from), same.clone()));
                flight.again &= !is_new;
            }
            for leg in &mut flight.legs {
                (leg.sent, leg.arrives) = (leg.sent - from, leg.arrives - from);
            }
            flight.seen = flight.seen.map(|seen| seen.saturating_sub(from));
        }
        self.lives.iter_mut().for_each(|life| life.begin_at(from));
        self
    }

    /// Draws it.
    ///
    /// # Errors
    /// When nothing flew, or between too many.
    pub fn draw(&self, caption: &Caption) -> Result<String, Refusal> {
        if self.flights.is_empty() {
            return Err(Refusal::NothingFlew);
        }
        if self.parties.len() > MOST_PARTIES {
            let names = self.parties.iter().map(|party| party.name.clone()).collect();
            return Err(Refusal::TooManyParties(names, MOST_PARTIES));
        }
        Ok(draw::draw(self, caption))
    }
}
