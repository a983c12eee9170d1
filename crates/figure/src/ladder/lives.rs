//! The states of both ends of a connection, beside their lanes: each where it begins.

use super::Party;
use super::time::{Axis, told};
use crate::canvas::{Anchor, Canvas, Num, Text};
use crate::room::Taken;
use std::time::Duration;

/// From a lane to the words beside it.
const TICK: f64 = 5.0;
const BESIDE: f64 = 8.0;
/// From one state to the next, if they begin at the same time.
const ROW: f64 = 12.0;

/// The states that a party was in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Life {
    party: String,
    states: Vec<(Duration, String)>,
}

impl Life {
    /// A state that is the same as the one before is none of its own.
    pub(super) fn of(party: &str, states: &[(Duration, String)]) -> Self {
        let mut states = states.to_vec();
        states.dedup_by(|next, before| next.1 == before.1);
        Self { party: party.to_string(), states }
    }

    /// Tells times since `from`; of what was before, only the state that it was then.
    pub(super) fn begin_at(&mut self, from: Duration) {
        self.states = self.since(from).states;
        self.states.iter_mut().for_each(|(at, _)| *at = at.saturating_sub(from));
    }

    /// Without the states that were over at `from`.
    pub(super) fn since(&self, from: Duration) -> Self {
        let over = self.states.iter().take_while(|(at, _)| *at <= from).count().saturating_sub(1);
        Self { party: self.party.clone(), states: self.states.iter().skip(over).cloned().collect() }
    }

    /// The states up to a time.
    fn until(&self, end: Duration) -> impl Iterator<Item = &(Duration, String)> {
        self.states.iter().take_while(move |(at, _)| *at <= end)
    }

    /// `a: SYN-SENT at 0 ms, ESTABLISHED at 20 ms.`
    pub(super) fn told(&self, end: Duration) -> String {
        let states: Vec<String> = self.until(end).map(|(at, state)| format!("{state} at {}", told(*at))).collect();
        format!("{}: {}.", self.party, states.join(", "))
    }
}

/// How much room they need beside a lane; none, if there are none.
pub(super) fn room(lives: &[Life], end: Duration) -> f64 {
    let widths =
        lives.iter().flat_map(|life| life.until(end)).map(|(_, state)| Text::Plain.width(state) + BESIDE + 2.0);
    widths.fold(0.0, f64::max)
}

/// Draws them, at the left of the first lane and at the right of the last.
pub(super) fn draw(
    canvas: &mut Canvas,
    lives: &[Life],
    (parties, lanes): (&[Party], &[f64]),
    (axis, end): (&Axis, Duration),
    taken: &mut Taken,
) {
    for life in lives {
        let Some(lane) = parties.iter().position(|party| party.name == life.party) else { continue };
        let x = lanes.get(lane).copied().unwrap_or_default();
        let (aside, anchor) = if lane == 0 { (-1.0, Anchor::End) } else { (1.0, Anchor::Start) };
        let mut free = f64::MIN;
        for (at, state) in life.until(end) {
            let y = axis.y(*at);
            let base = (y + 4.0).max(free);
            free = base + ROW;
            canvas.path("w s-ink", format!("M{} {}H{}", Num(x), Num(y), Num(x + aside * TICK)));
            canvas.text((x + aside * BESIDE, base), Text::Plain, anchor, state);
            let width = Text::Plain.width(state);
            let left = if lane == 0 { x - BESIDE - width } else { x + BESIDE };
            taken.take((left, base), (1.0, 0.0), width);
        }
    }
}
