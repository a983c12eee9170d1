//! Which sessions are over: a wheel with a place for each second, around which the time walks.
//!
//! A session stands at the second in which it would end. It is not moved when a packet refreshes it, which happens all
//! the time; when its second comes, it is looked at, and goes to a later place if it has been refreshed. So a packet
//! costs nothing here, and an ending one step. (G. Varghese, A. Lauck, "Hashed and Hierarchical Timing Wheels", 1987.)

use host::Time;

/// How many seconds the wheel has: more than the longest timer of the RFCs, 7440 seconds. What ends later is looked at
/// once a round.
const SECONDS: u64 = 8192;
const SECOND: u64 = 1_000_000_000;

/// Nobody: the end of a list.
pub(crate) const NONE: u32 = u32::MAX;

/// Where a session stands: its neighbours at the same second, and which second that is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spoke {
    pub(crate) next: u32,
    pub(crate) previous: u32,
    place: u32,
}

impl Spoke {
    pub(crate) const NOWHERE: Self = Self { next: NONE, previous: NONE, place: NONE };
}

/// The first session at each second.
#[derive(Debug)]
pub(crate) struct Wheel {
    first: Vec<u32>,
    /// All seconds before this one are over.
    second: u64,
}

/// Where the wheel finds the spokes of sessions.
pub(crate) trait Spokes {
    fn spoke(&mut self, number: u32) -> Option<&mut Spoke>;
}

impl Wheel {
    pub(crate) fn new() -> Self {
        Self { first: vec![NONE; usize::try_from(SECONDS).unwrap_or(0)], second: 0 }
    }

    /// Whether a second has passed since sessions were looked at last.
    #[inline]
    pub(crate) fn is_due(&self, now: Time) -> bool {
        now.0 / SECOND > self.second
    }

    /// The next second that is over at `now`, if there is one; the wheel moves on to the one behind it.
    pub(crate) fn turn(&mut self, now: Time) -> Option<u32> {
        let present = now.0 / SECOND;
        if self.second >= present {
            return None;
        }
        // Who has not looked for more than a round sees each place once.
        self.second = self.second.max(present.saturating_sub(SECONDS));
        let first = self.first_at(self.second);
        self.second += 1;
        Some(first)
    }

    /// The sessions at the present second begin with this one.
    pub(crate) fn present(&self) -> u32 {
        self.first_at(self.second)
    }

    fn first_at(&self, second: u64) -> u32 {
        let place = usize::try_from(second % SECONDS).unwrap_or(0);
        self.first.get(place).copied().unwrap_or(NONE)
    }

    /// The first second that has sessions: when it is over, and the first of them.
    pub(crate) fn soonest(&self) -> Option<(Time, u32)> {
        let seconds = (self.second..self.second + SECONDS).map(|second| (second, self.first_at(second)));
        let (second, first) = seconds.into_iter().find(|(_, first)| *first != NONE)?;
        Some((Time((second + 1).saturating_mul(SECOND)), first))
    }

    /// Puts a session to the second of `until`.
    pub(crate) fn insert(&mut self, spokes: &mut impl Spokes, number: u32, until: Time) {
        let second = (until.0 / SECOND).clamp(self.second, self.second + SECONDS - 1);
        let place = u32::try_from(second % SECONDS).unwrap_or(0);
        let Some(first) = self.first.get_mut(place as usize) else { return };
        let next = std::mem::replace(first, number);
        if let Some(next) = spokes.spoke(next) {
            next.previous = number;
        }
        if let Some(own) = spokes.spoke(number) {
            *own = Spoke { next, previous: NONE, place };
        }
    }

    /// Takes a session off the wheel.
    pub(crate) fn remove(&mut self, spokes: &mut impl Spokes, number: u32) {
        let Some(own) = spokes.spoke(number) else { return };
        let Spoke { next, previous, place } = std::mem::replace(own, Spoke::NOWHERE);
        if let Some(next) = spokes.spoke(next) {
            next.previous = previous;
        }
        match spokes.spoke(previous) {
            Some(previous) => previous.next = next,
            None => {
                if let Some(first) = self.first.get_mut(place as usize) {
                    *first = next;
                }
            }
        }
    }

    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.first.capacity() * size_of::<u32>()
    }
}
