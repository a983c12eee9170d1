//! Why there is no picture of something.

use std::fmt;
use tcp::State;
use wire::dissect::Protocol;

/// Why a figure cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// This layer has no header.
    NoHeader(Protocol),
    /// Nobody of this name takes part; those who do.
    NoParty(String, Vec<String>),
    /// The picture of states has no line from one to the other.
    NoPlace(State, State),
    /// There is nothing that comes of something.
    NothingComes,
    /// There is no packet between two parties.
    NothingFlew,
    /// No name of this message ends in a pointer.
    NoPointers,
    /// A plot without points, or with one that is no number.
    NoPoints,
    /// More connections than there are lines that can be told apart; the most that there are.
    TooManyCourses(usize, usize),
    /// More parties than there is room for; the most that there is room for.
    TooManyParties(Vec<String>, usize),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHeader(protocol) => write!(f, "no grid of {protocol}: it has no header"),
            Self::NoParty(name, known) => {
                write!(f, "nobody is called '{name}'; those who take part are {}", known.join(", "))
            }
            Self::NoPlace(from, to) => write!(f, "the picture of states has no line from {from} to {to}"),
            Self::NothingComes => f.write_str("nothing comes of anything"),
            Self::NothingFlew => f.write_str("no packet flew from one party to another"),
            Self::NoPointers => f.write_str("no picture of pointers: no name of this message ends in one"),
            Self::NoPoints => f.write_str("no plot: there are no points, or one is no number"),
            Self::TooManyCourses(have, most) => {
                write!(f, "a plot has lines for {most} connections, and here are {have}")
            }
            Self::TooManyParties(names, most) => {
                write!(f, "a ladder has room for {most} parties, and here are {}: {}", names.len(), names.join(", "))
            }
        }
    }
}

impl std::error::Error for Refusal {}
