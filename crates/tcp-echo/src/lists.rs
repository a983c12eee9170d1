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

/// `100:50000`: a request so long, and an answer so long; `1000`: both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) request: usize,
    pub(crate) answer: usize,
}

impl Sizes {
    /// # Errors
    /// What is no size or two, with what would be.
    pub(crate) fn parse(text: &str) -> Result<Self, NotANumber> {
        let (request, answer) = text.split_once(':').unwrap_or((text, text));
        let sizes = size(request).zip(size(answer)).map(|(request, answer)| Self { request, answer });
        sizes.ok_or_else(|| NotANumber {
            sentence: format!(
                "takes a size from 1 to {LONGEST} bytes, or two as in 100:50000, and '{}' is not that",
                escape(text)
            ),
            hint: None,
        })
    }
}

/// A size in bytes.
fn size(text: &str) -> Option<usize> {
    let digits = text.chars().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|size| digits && (1..=LONGEST).contains(size))
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

    #[test]
    fn request_and_answer_may_be_of_two_sizes() {
        assert_eq!(Sizes::parse("100:50000"), Ok(Sizes { request: 100, answer: 50_000 }));
        assert_eq!(Sizes::parse("100"), Ok(Sizes { request: 100, answer: 100 }));
        for wrong in ["", ":", "1:", ":1", "0", "1:0", "1:2:3", "+1", "10000001"] {
            assert!(Sizes::parse(wrong).is_err(), "{wrong}");
        }
    }
}
