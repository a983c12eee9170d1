//! What happens next: events in the order of their times, and at the same time in the order in which they were caused.

use host::Time;
use std::cmp::Ordering;

/// Something that will happen.
pub(crate) struct Event {
    pub(crate) at: Time,
    /// How many were caused before it.
    pub(crate) order: u64,
    pub(crate) what: What,
}

pub(crate) enum What {
    /// A frame gets to the end of its wire.
    Arrive { wire: usize, frame: Vec<u8> },
    /// A node asked to be woken.
    Wake { node: usize },
    /// Routes are to change.
    Change,
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}
