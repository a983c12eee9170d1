//! Why bytes are not what they should be: one error for all parsing, which points at a byte.

use std::fmt;

/// Why bytes are not the header they should be: enough to point at a byte in a hexdump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireError {
    /// The header, as its table calls it.
    pub header: &'static str,
    /// The field that is wrong, or the empty string where the header as a whole is cut short.
    pub field: &'static str,
    /// The byte, counted from the start of this header.
    pub byte: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// So many bytes are needed, and so many are there.
    TooShort {
        /// Bytes that the header or its length field asks for.
        need: usize,
        /// Bytes that there are.
        have: usize,
    },
    /// A length field counts fewer bytes than the header has.
    TooSmall {
        /// Bytes by the length field.
        value: usize,
        /// The least that is possible.
        least: usize,
    },
    /// A field counts more bytes than there can be.
    TooLarge {
        /// Bytes by the field.
        value: usize,
        /// The most that is possible.
        most: usize,
    },
    /// A field that can have one value only has another.
    Unexpected {
        /// What stands there.
        value: u64,
        /// What must stand there.
        expected: u64,
    },
    /// A field ends behind the bytes that there are.
    Missing {
        /// Bytes that the field needs.
        need: usize,
        /// Bytes that there are.
        have: usize,
    },
    /// A value that is kept for later, and that nobody may send yet.
    Reserved {
        /// What stands there.
        value: u64,
    },
    /// A pointer to what does not stand before it.
    NotBefore {
        /// The byte that it points to.
        to: usize,
        /// The byte that it must point before.
        before: usize,
    },
    /// A pointer to what does not end before it.
    RunsOn {
        /// The byte that it points to.
        to: usize,
        /// The byte before which it must end.
        before: usize,
    },
    /// More of something than there can be.
    TooMany {
        /// The most that there can be.
        most: usize,
    },
    /// Numbers that must ascend, and do not.
    Order {
        /// The number that stands there.
        value: u64,
        /// The one before it.
        after: u64,
    },
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { header, field, byte, problem } = self;
        write!(f, "{header}, byte {byte}: ")?;
        match problem {
            Problem::TooShort { need, have } if field.is_empty() => {
                write!(f, "{need} bytes are needed, {have} are there")
            }
            Problem::TooShort { need, have } => write!(f, "{field} says {need} bytes, {have} are there"),
            Problem::TooSmall { value, least } => write!(f, "{field} says {value} bytes, {least} is the least"),
            Problem::TooLarge { value, most } => write!(f, "{field} says {value} bytes, {most} is the most"),
            Problem::Unexpected { value, expected } => write!(f, "{field} is {value}, and must be {expected}"),
            Problem::Missing { need, have } => write!(f, "{field} needs {need} bytes, {have} are there"),
            Problem::Reserved { value } => write!(f, "{field} is {value}, which is reserved"),
            Problem::NotBefore { to, before } => {
                write!(f, "{field} is to byte {to}, and must be to one before {before}")
            }
            Problem::RunsOn { to, before } => {
                write!(f, "{field} is to byte {to}, and what stands there does not end before byte {before}")
            }
            Problem::TooMany { most } => write!(f, "{field}: one more than {most}, which are the most"),
            Problem::Order { value, after } => write!(f, "{field} is {value}, and comes after {after}"),
        }
    }
}

impl std::error::Error for WireError {}

#[cfg(test)]
mod tests {
    use crate::ipv4::Ipv4;

    #[test]
    fn error_is_a_sentence_that_points_at_a_byte() {
        let cut = Ipv4::take(&[0x45; 11]).unwrap_err();
        assert_eq!(cut.to_string(), "IPv4, byte 11: 20 bytes are needed, 11 are there");
    }
}
