//! What is finished, in the order of the list.

use super::flights::Finished;
use std::collections::BTreeMap;

/// How far those that are finished may be ahead of one that is not. Beyond it nothing more is asked, so that what is kept has a
/// bound.
const MOST_AHEAD: u64 = 10_000;

/// Holds back what is finished before those that stand before it in the list.
#[derive(Default)]
pub(super) struct Order {
    /// The number that is to be told next.
    next: u64,
    held: BTreeMap<u64, Finished>,
}

impl Order {
    /// Whether the question of this number may be asked already.
    pub(super) fn has_room_for(&self, number: u64) -> bool {
        number.saturating_sub(self.next) < MOST_AHEAD
    }

    /// Takes one that is finished, and gives those whose turn it is.
    pub(super) fn put<E>(
        &mut self,
        finished: Finished,
        mut tell: impl FnMut(Finished) -> Result<(), E>,
    ) -> Result<(), E> {
        if finished.number != self.next {
            self.held.insert(finished.number, finished);
            return Ok(());
        }
        self.next += 1;
        tell(finished)?;
        while let Some(finished) = self.held.remove(&self.next) {
            self.next += 1;
            tell(finished)?;
        }
        Ok(())
    }

    /// Gives all that it holds, at the end of a run that was broken off.
    pub(super) fn release(&mut self) -> impl Iterator<Item = Finished> {
        std::mem::take(&mut self.held).into_values()
    }
}
