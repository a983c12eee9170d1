//! The time that stands before a packet.

use crate::capture::Record;
use crate::stamp::{Seconds, Stamp};
use std::fmt::Write;

/// `--time`: from when times are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Since {
    /// From the first packet of the capture
    #[default]
    First,
    /// From the packet that was shown before
    Previous,
    /// Date and time of the day, UTC
    Utc,
}

/// Knows the packets from which times are counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    since: Since,
    first: Option<Stamp>,
    previous: Option<Stamp>,
}

impl Clock {
    /// A clock that counts so.
    #[must_use]
    pub fn new(since: Since) -> Self {
        Self { since, ..Self::default() }
    }

    /// Takes note of a packet, shown or not.
    pub fn note(&mut self, record: &Record<'_>) {
        self.first = self.first.or(record.packet.at);
    }

    /// Takes note that it is shown.
    pub fn shown(&mut self, record: &Record<'_>) {
        self.previous = record.packet.at.or(self.previous);
    }

    /// Nanoseconds since the first packet.
    #[must_use]
    pub fn since_first(&self, record: &Record<'_>) -> Option<i64> {
        Some(record.packet.at?.since(self.first?))
    }

    /// Writes the packet's time as it stands in a column.
    pub fn write(&self, record: &Record<'_>, text: &mut String) {
        const WIDTH: usize = 9;
        let Some(at) = record.packet.at else {
            text.push_str("        -");
            return;
        };
        let nanoseconds = match self.since {
            Since::First => at.since(self.first.unwrap_or(at)),
            Since::Previous => at.since(self.previous.unwrap_or(at)),
            Since::Utc => {
                let _ = write!(text, "{at}");
                return;
            }
        };
        let start = text.len();
        let _ = write!(text, "{}", Seconds(nanoseconds, 6));
        let missing = WIDTH.saturating_sub(text.len() - start);
        text.insert_str(start, "         ".get(..missing).unwrap_or_default());
    }
}
