//! How a program ended.

use std::fmt;
use std::time::Duration;

/// How a program ended. A cause comes before its symptom: a program that crashed has closed its line too, and is told to have
/// crashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It took its leave and ended with this exit code.
    Left(i32),
    /// It said nothing for so long, after so many requests: it hangs, or computes for ever.
    Silent(Duration, u64),
    /// It used up a budget.
    TooMuch(Limit),
    /// It said what no program says.
    Nonsense(String),
    /// It asks and does not take the answers.
    Deaf,
    /// It panicked; standard error says where.
    Panicked,
    /// The system had no more memory for it.
    OutOfMemory,
    /// It called itself too deep.
    StackOverflow,
    /// A signal ended it.
    Signal(i32),
    /// It ended with this exit code without taking its leave.
    NoLeave(i32),
    /// It gave its host up and ran on.
    RanOn,
}

/// A budget that was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The time of the machine.
    WallClock(Duration),
    /// The time of the network.
    VirtualTime(Duration),
    /// How much it may ask.
    Requests(u64),
    /// How many packets it may send.
    Packets(u64),
    /// How many bytes it may say.
    Bytes(u64),
    /// How many bytes it may print.
    Output(u64),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left(0) => f.write_str("ended as it should"),
            Self::Left(code) => write!(f, "ended with exit code {code}"),
            Self::Silent(time, 0) => write!(f, "said nothing for {time:?}"),
            Self::Silent(time, requests) => write!(f, "said nothing for {time:?} after request {requests}"),
            Self::TooMuch(limit) => limit.fmt(f),
            Self::Nonsense(what) => write!(f, "sent nonsense to its host: {what}"),
            Self::Deaf => f.write_str("asks its host and does not take the answers"),
            Self::Panicked => f.write_str("panicked"),
            Self::OutOfMemory => f.write_str("ran out of memory"),
            Self::StackOverflow => f.write_str("called itself too deep: its stack overflowed"),
            Self::Signal(signal) => write!(f, "was ended by signal {signal}"),
            Self::NoLeave(code) => write!(f, "ended with exit code {code} without taking leave of its host"),
            Self::RanOn => f.write_str("gave its host up and ran on"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WallClock(time) => write!(f, "took more than {time:?} of this machine's time"),
            Self::VirtualTime(time) => write!(f, "would wait beyond {time:?} of the network's time"),
            Self::Requests(most) => write!(f, "asked its host more than {most} things"),
            Self::Packets(most) => write!(f, "sent more than {most} packets"),
            Self::Bytes(most) => write!(f, "said more than {most} bytes to its host"),
            Self::Output(most) => write!(f, "printed more than {most} bytes"),
        }
    }
}
