//! What passed between two ends: bytes, in their order, and when.

use crate::Side;
use host::Time;

/// Bytes that one end sent at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flight {
    /// Who.
    pub from: Side,
    /// When they left, or arrived.
    pub at: Time,
    /// What.
    pub bytes: Vec<u8>,
}

/// All that passed, the first first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    /// The pieces in which it passed.
    pub flights: Vec<Flight>,
}

impl Recording {
    /// Adds bytes. Those that follow others of the same end at the same time are one flight with them.
    pub fn add(&mut self, from: Side, at: Time, bytes: &[u8]) {
        match self.flights.last_mut() {
            _ if bytes.is_empty() => {}
            Some(last) if last.from == from && last.at == at => last.bytes.extend_from_slice(bytes),
            _ => self.flights.push(Flight { from, at, bytes: bytes.to_vec() }),
        }
    }

    /// How many bytes an end sent.
    #[must_use]
    pub fn bytes(&self, from: Side) -> usize {
        self.flights.iter().filter(|flight| flight.from == from).map(|flight| flight.bytes.len()).sum()
    }
}
