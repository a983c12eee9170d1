//! Sequence numbers: a circle of 2^32, on which "before" means "less than half a turn before".
//!
//! Obeys RFC 9293 section 3.4: "all arithmetic dealing with sequence numbers must be performed modulo 2^32".

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A place on the circle: the number of one byte of the stream, or of a SYN or a FIN, which count like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seq(pub u32);

impl Seq {
    /// How many numbers from `start` up to this one, `start` included and this one not: going forward only, round the
    /// circle.
    #[must_use]
    pub fn since(self, start: Seq) -> u32 {
        self.0.wrapping_sub(start.0)
    }

    /// RFC 9293's "<", modulo 2^32.
    #[must_use]
    pub fn is_before(self, other: Seq) -> bool {
        self != other && self.is_at_or_before(other)
    }

    /// RFC 9293's "=<", modulo 2^32.
    #[must_use]
    pub fn is_at_or_before(self, other: Seq) -> bool {
        other.since(self) < 1 << 31
    }

    /// The later of the two.
    #[must_use]
    pub fn later(self, other: Seq) -> Seq {
        if self.is_before(other) { other } else { self }
    }
}

impl Add<u32> for Seq {
    type Output = Seq;

    fn add(self, numbers: u32) -> Seq {
        Seq(self.0.wrapping_add(numbers))
    }
}

impl AddAssign<u32> for Seq {
    fn add_assign(&mut self, numbers: u32) {
        *self = *self + numbers;
    }
}

impl Sub<u32> for Seq {
    type Output = Seq;

    fn sub(self, numbers: u32) -> Seq {
        Seq(self.0.wrapping_sub(numbers))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_behind_the_highest_begin_at_zero_again_and_are_later() {
        let last = Seq(u32::MAX);
        assert_eq!(last + 2, Seq(1));
        assert_eq!(Seq(1) - 2, last);
        assert_eq!(Seq(1).since(last), 2);
        assert!(last.is_before(Seq(1)) && !Seq(1).is_before(last));
        assert!(last.is_at_or_before(last) && !last.is_before(last));
        assert_eq!(last.later(Seq(1)), Seq(1));
    }

    #[test]
    fn half_a_turn_is_the_limit_of_before() {
        assert!(Seq(0).is_before(Seq((1 << 31) - 1)));
        assert!(!Seq(0).is_before(Seq(1 << 31)));
    }
}
