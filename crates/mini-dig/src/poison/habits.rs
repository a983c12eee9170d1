//! What a resolver's questions have in common, seen by somebody whom it asks; and guesses at the next one.

use super::odds::Space;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use wire::dns::Name;

/// The first port that is expected: those below belong to services.
const FIRST_PORT: u16 = 1024;

/// A question as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// From this port.
    pub port: u16,
    /// With this number.
    pub id: u16,
    /// For this name, with its letters as they came.
    pub name: Name,
}

/// What the next question will be like, as far as those seen tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits {
    ports: RangeInclusive<u16>,
    ids: Ids,
    mixes_case: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ids {
    /// Each was this much more than the one before; the last one seen.
    Counted {
        step: u16,
        last: u16,
    },
    Random(RangeInclusive<u16>),
}

/// An answer's guess at what the question had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Its port.
    pub port: u16,
    /// Its number.
    pub id: u16,
    /// Its letters.
    pub name: Name,
}

/// Where chance comes from: 64 bits of it.
pub type Draw<'a> = dyn FnMut() -> u64 + 'a;

impl Habits {
    /// What these questions have in common; `None` of fewer than three, which show no habit.
    #[must_use]
    pub fn of(seen: &[Sighting]) -> Option<Self> {
        let [first, second, .., last] = seen else { return None };
        let step = second.id.wrapping_sub(first.id);
        let is_counted = seen.windows(2).all(|pair| match pair {
            [one, next] => next.id.wrapping_sub(one.id) == step,
            _ => false,
        });
        let ids = match is_counted {
            true => Ids::Counted { step, last: last.id },
            false => Ids::Random(range(seen.iter().map(|seen| seen.id))),
        };
        let ports = range(seen.iter().map(|seen| seen.port));
        let ports = if ports.start() == ports.end() { ports } else { FIRST_PORT.max(*ports.start())..=*ports.end() };
        // A name of many letters is all small by chance as seldom as a coin falls on one side so often.
        let mixes_case = seen.iter().any(|seen| seen.name.wire().iter().any(u8::is_ascii_uppercase));
        Some(Self { ports, ids, mixes_case })
    }

    /// One more question was seen.
    pub fn hear(&mut self, seen: &Sighting) {
        if let Ids::Counted { last, .. } = &mut self.ids {
            *last = seen.id;
        }
    }

    /// What is left to guess for a question about `name`.
    #[must_use]
    pub fn space(&self, name: &Name) -> Space {
        let ids = match &self.ids {
            Ids::Counted { .. } => 1,
            Ids::Random(ids) => count(ids),
        };
        let letters = name.wire().iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        let letters = if self.mixes_case { u32::try_from(letters).unwrap_or(u32::MAX) } else { 0 };
        Space { ports: count(&self.ports), ids, letters }
    }

    /// So many guesses at a question for `name`, each different; fewer where there are no more. With it, that question has
    /// been asked, and counts.
    #[expect(clippy::cast_precision_loss, reason = "no more guesses are made than a u32 counts")]
    pub fn guesses(&mut self, name: &Name, most: u32, draw: &mut Draw<'_>) -> Vec<Guess> {
        let size = self.space(name).size();
        // Two spellings are one name, and two guesses: so their bytes are compared.
        let (mut guesses, mut known) = (vec![], BTreeSet::new());
        let mut number = 0;
        while guesses.len() < most as usize && ((guesses.len() as f64) < size || self.is_counted()) {
            let id = match &self.ids {
                // The first is right where nobody else asked meanwhile; those behind it make up for who did.
                Ids::Counted { step, last } => last.wrapping_add(*step).wrapping_add(number),
                Ids::Random(ids) => one_of(ids, draw),
            };
            let name = if self.mixes_case { spelled(name, draw) } else { name.clone() };
            let port = one_of(&self.ports, draw);
            if known.insert((port, id, name.wire().to_vec())) {
                guesses.push(Guess { port, id, name });
            }
            number = number.wrapping_add(1);
        }
        if let Ids::Counted { step, last } = &mut self.ids {
            *last = last.wrapping_add(*step);
        }
        guesses
    }

    /// Whether each number follows from the last.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        matches!(self.ids, Ids::Counted { .. })
    }
}

/// All numbers that have the bits in which those seen never differed, up to the highest in which they did. Of sixteen seen
/// that differ at random, all have that bit alike in one case of 32,768.
fn range(seen: impl Iterator<Item = u16>) -> RangeInclusive<u16> {
    let (and, or) = seen.fold((u16::MAX, 0), |(and, or), number| (and & number, or | number));
    let below = match (and ^ or).checked_ilog2() {
        None => 0,
        Some(highest) => u16::MAX >> (15 - highest),
    };
    and & !below..=or | below
}

fn count(range: &RangeInclusive<u16>) -> u32 {
    u32::from(*range.end()).saturating_sub((*range.start()).into()) + 1
}

fn one_of(range: &RangeInclusive<u16>, draw: &mut Draw<'_>) -> u16 {
    range.start().saturating_add(u16::try_from(draw() % u64::from(count(range))).unwrap_or(0))
}

/// The name with each letter large or small at random.
fn spelled(name: &Name, draw: &mut Draw<'_>) -> Name {
    let mut labels: Vec<Vec<u8>> = name.labels().map(<[u8]>::to_vec).collect();
    for byte in labels.iter_mut().flatten().filter(|byte| byte.is_ascii_alphabetic()) {
        *byte = if draw() & 1 == 0 { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
    }
    labels.iter().rev().fold(Name::root(), |name, label| name.child(label).unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poison::odds::expected_range;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// Numbers that look like chance, the same each time: those of Knuth's MMIX, the high bits of which are good.
    fn chance() -> impl FnMut() -> u64 {
        let mut state = 1_u64;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        }
    }

    /// Sixteen questions whose ports and ids come from these.
    fn seen(port: impl Fn(u64) -> u16, id: impl Fn(u16, u64) -> u16, text: &str) -> Vec<Sighting> {
        let mut draw = chance();
        let one = |number| Sighting { port: port(draw()), id: id(number, draw()), name: name(text) };
        (0..16).map(one).collect()
    }

    fn habits(port: impl Fn(u64) -> u16, id: impl Fn(u16, u64) -> u16, text: &str) -> Habits {
        Habits::of(&seen(port, id, text)).unwrap()
    }

    fn low(draw: u64) -> u16 {
        u16::try_from(draw & 0xffff).unwrap()
    }

    #[test]
    fn what_never_differs_need_not_be_guessed() {
        let target = name("r1.example.com");
        let space = |habits: &Habits| {
            let Space { ports, ids, letters } = habits.space(&target);
            (ports, ids, letters)
        };
        assert_eq!(space(&habits(|_| 53_000, |number, _| 65_530_u16.wrapping_add(number * 3), "a")), (1, 1, 0));
        assert_eq!(space(&habits(|_| 53_000, |_, draw| low(draw) & 0xff, "a")), (1, 256, 0));
        assert_eq!(space(&habits(|draw| 53_008 + low(draw) % 8, |_, draw| low(draw), "a")), (8, 65_536, 0));
        assert_eq!(space(&habits(|draw| low(draw).max(1024), |_, draw| low(draw), "a")), (64_512, 65_536, 0));
        assert_eq!(space(&habits(|_| 53_000, |_, draw| low(draw), "aBc")), (1, 65_536, 11), "r, example, com");
        assert_eq!(Habits::of(&seen(|_| 1, |_, _| 1, "a")[..2]), None);
    }

    #[test]
    fn counted_id_is_the_first_guess_and_goes_on_with_each_race() {
        let mut habits = habits(|_| 53_000, |number, _| number * 3, "a");
        let first = |guesses: Vec<Guess>| guesses[0].id;
        assert_eq!(first(habits.guesses(&name("x"), 4, &mut || 0)), 48, "the last one seen was 45");
        assert_eq!(first(habits.guesses(&name("x"), 4, &mut || 0)), 51);
    }

    #[test]
    fn guesses_differ_and_are_no_more_than_there_are() {
        let mut habits = habits(|draw| 53_000 + low(draw) % 8, |_, draw| low(draw) & 3, "aB");
        let mut draw = chance();
        assert_eq!(habits.space(&name("x.y")), Space { ports: 8, ids: 4, letters: 2 });
        assert_eq!(habits.guesses(&name("x.y"), 5, &mut draw).len(), 5);
        assert_eq!(habits.guesses(&name("x.y"), 1000, &mut draw).len(), 8 * 4 * 4);
    }

    #[test]
    fn guesses_hit_as_often_as_the_odds_say() {
        let target = name("r1.example.com");
        for (bits, letters, guesses) in [(0xff, "a", 16), (0x3f, "a", 3), (0x1, "A", 40)] {
            let mut habits = habits(|_| 53_000, |_, draw| low(draw) & bits, letters);
            let odds = habits.space(&target).odds(guesses);
            let mut draw = chance();
            let races = 2000;
            let hit = |_: &u32| {
                let id = low(draw()) & bits;
                let asked = if letters == "A" { spelled(&target, &mut draw) } else { target.clone() };
                let right = |guess: &Guess| guess.id == id && guess.name.is_spelled_like(&asked);
                habits.guesses(&target, guesses, &mut draw).iter().any(right)
            };
            let hits = (0..races).filter(hit).count() as f64;
            let (low, high) = expected_range(races, odds);
            assert!((low..=high).contains(&hits), "{hits} of {races}, and {low} to {high} are expected");
        }
    }
}
