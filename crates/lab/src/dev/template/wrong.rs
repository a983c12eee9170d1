// Fails `word`: the low half is taken to come first.
//! Lab @number@, solved.

use host::lab::{Lab, LabError};

/// The number that the first two bytes are, the first one being worth more. Malformed is: fewer than two.
pub fn word(bytes: &[u8]) -> Lab<u16> {
    match bytes {
        [high, low, ..] => Ok(u16::from_le_bytes([*high, *low])),
        _ => Err(LabError::Malformed),
    }
}
