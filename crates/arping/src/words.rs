//! Words that the events of all modes share: how a packet came, what it asks, how addresses are written.

use crate::rules::Meaning;
use host::Time;
use serde::{Serialize, Serializer};
use std::fmt::{self, Display};
use std::time::Duration;

/// Whether a frame was for all on the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Delivery {
    Unicast,
    Broadcast,
}

/// An ARP packet's operation; in JSON `"request"`, `"reply"` or the number as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A question.
    Request,
    /// An answer.
    Reply,
    /// Neither; RFC 826 has one learn from it all the same.
    Unknown(u16),
}

/// A frame that left or came, for who explains frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// When.
    pub at: Time,
    /// Whether it is ours.
    pub leaves: bool,
    /// All its bytes.
    pub bytes: Vec<u8>,
    /// What it means to who asks; none of our own ones, and none where nobody asks.
    pub meaning: Option<Meaning>,
}

impl Delivery {
    /// Of a frame that is `broadcast`, or not.
    #[must_use]
    pub fn of(broadcast: bool) -> Self {
        if broadcast { Self::Broadcast } else { Self::Unicast }
    }
}

impl From<u16> for Operation {
    fn from(operation: u16) -> Self {
        match operation {
            wire::arp::REQUEST => Self::Request,
            wire::arp::REPLY => Self::Reply,
            other => Self::Unknown(other),
        }
    }
}

impl Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => f.write_str("request"),
            Self::Reply => f.write_str("reply"),
            Self::Unknown(number) => number.fmt(f),
        }
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// In JSON as its text.
pub(crate) fn text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// In JSON as its text, or null.
pub(crate) fn maybe_text<S: Serializer>(value: &Option<impl Display>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

/// In JSON as a list of their texts.
pub(crate) fn texts<S: Serializer>(values: &[impl Display], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(ToString::to_string))
}

/// Whole nanoseconds, as events have them.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Milliseconds with three decimals, without the unit.
pub(crate) fn ms(nanos: u64) -> String {
    cli::milliseconds(Duration::from_nanos(nanos))
}

/// Seconds with so many decimals, nine at most, and what is behind them cut off; without the unit.
pub(crate) fn seconds(nanos: u64, decimals: usize) -> String {
    let (whole, part) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    format!("{whole}.{}", format!("{part:09}").get(..decimals).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_cut_and_not_rounded() {
        assert_eq!(seconds(2_500_200_999, 6), "2.500200");
        assert_eq!((seconds(999_999_999, 3), seconds(0, 3)), ("0.999".into(), "0.000".into()));
    }
}
