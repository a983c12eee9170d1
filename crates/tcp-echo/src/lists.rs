//! The sizes of writes on the command line.

use cli::{NotANumber, escape};

/// More writes than this are no pattern that somebody wanted.
const MOST_WRITES: usize = 1_000;
/// The longest write, bytes.
const LONGEST: usize = 10_000_000;

/// `500,960`: a request is these writes, one right after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Writes(pub(crate) Vec<usize>);

impl Writes {
    /// # Errors
    /// What is no list of sizes, with what would be.
    pub(crate) fn parse(text: &str) -> Result<Self, NotANumber> {
        let size = |part: &str| {
            let digits = part.chars().all(|c| c.is_ascii_digit());
            part.parse().ok().filter(|size| digits && (1..=LONGEST).contains(size))
        };
        let sizes: Option<Vec<usize>> = text.split(',').map(size).collect();
        sizes.filter(|sizes| sizes.len() <= MOST_WRITES).map(Self).ok_or_else(|| NotANumber {
            sentence: format!(
                "takes sizes from 1 to {LONGEST} bytes, {MOST_WRITES} of them at the most, as in 500,960, and '{}' is not that",
                escape(text)
            ),
            hint: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_is_sizes_of_writes_in_their_order() {
        assert_eq!(Writes::parse("500,960"), Ok(Writes(vec![500, 960])));
        for wrong in ["", "0", "500,", ",", "-1", "+1", "5 ", "10000001", "4x3", "1-3", "99999999999999999999"] {
            assert!(Writes::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Writes::parse(&vec!["1"; 1001].join(",")).is_err());
    }
}
