//! Numbers on the command line: what is allowed, and the sentence when something else came.
//!
//! ```
//! #[derive(clap::Parser)]
//! struct Call {
//!     /// Stop after this many
//!     #[arg(short, value_parser = cli::whole(1..=u32::MAX))]
//!     count: Option<u32>,
//!     /// Seconds from one to the next
//!     #[arg(short, value_parser = cli::seconds(0, 3600), default_value = "1")]
//!     interval: std::time::Duration,
//! }
//! ```

use std::fmt::{self, Display};
use std::ops::RangeInclusive;
use std::time::Duration;

const NANOS: u32 = 1_000_000_000;

/// A value that is not what an option takes. The name of the option goes before its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotANumber {
    /// What the option takes and what came instead: `takes …, and '0' is not one`.
    pub sentence: String,
    /// What to write, where that is not plain from the sentence.
    pub hint: Option<String>,
}

impl Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for NotANumber {}

/// A parser for whole numbers in `range`, decimal or with `0x` hexadecimal.
///
/// # Errors
/// The parser's: anything else, with the range that is allowed.
pub fn whole<N>(range: RangeInclusive<N>) -> impl Fn(&str) -> Result<N, NotANumber> + Clone + Send + Sync + 'static
where
    N: Copy + Display + PartialOrd + TryFrom<u64> + Send + Sync + 'static,
{
    move |text| {
        let number = match text.strip_prefix("0x") {
            Some(digits) if is_all(digits, |c| c.is_ascii_hexdigit()) => u64::from_str_radix(digits, 16).ok(),
            None if is_all(text, |c| c.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        number.and_then(|number| N::try_from(number).ok()).filter(|number| range.contains(number)).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            let sentence =
                format!("takes a whole number from {least} to {most}, and '{}' is not one", crate::escape(text));
            NotANumber { sentence, hint: None }
        })
    }
}

/// A parser for seconds from `least` to `most`, with up to nine decimals: `1`, `0.2`, `.5`.
///
/// # Errors
/// The parser's: anything else (negative, not a number, with a unit), with the range that is allowed.
pub fn seconds(least: u32, most: u32) -> impl Fn(&str) -> Result<Duration, NotANumber> + Clone + Send + Sync + 'static {
    move |text| {
        let allowed = Duration::from_secs(least.into())..=Duration::from_secs(most.into());
        parse_seconds(text).filter(|duration| allowed.contains(duration)).ok_or_else(|| {
            let sentence =
                format!("takes seconds from {least} to {most}, as in 0.2, and '{}' is not that", crate::escape(text));
            NotANumber { sentence, hint: unit(text) }
        })
    }
}

/// A parser for seconds above zero, `most` at the most.
///
/// # Errors
/// As [`seconds`].
pub fn seconds_above_zero(most: u32) -> impl Fn(&str) -> Result<Duration, NotANumber> + Clone + Send + Sync + 'static {
    let parse = seconds(0, most);
    move |text| match parse(text)? {
        Duration::ZERO => {
            let sentence = format!("takes seconds above 0, as in 0.2, and '{}' is not that", crate::escape(text));
            Err(NotANumber { sentence, hint: None })
        }
        duration => Ok(duration),
    }
}

/// `text` as decimal seconds, exactly: no floating point, so that 0.1 is a tenth.
fn parse_seconds(text: &str) -> Option<Duration> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if (whole.is_empty() && decimals.is_empty()) || !digits(whole) || !digits(decimals) || decimals.len() > 9 {
        return None;
    }
    let seconds = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let nanos: u32 = format!("{decimals:0<9}").parse().ok()?;
    (nanos < NANOS).then(|| Duration::new(seconds, nanos))
}

/// What to write instead of a number with a unit behind it, as in `200ms`.
fn unit(text: &str) -> Option<String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let unit = text.get(number.len()..)?.trim();
    let duration = parse_seconds(number)?;
    let duration = match unit {
        "s" | "sec" | "secs" | "seconds" => duration,
        "ms" => duration / 1_000,
        "us" => duration / 1_000_000,
        "m" | "min" => duration.checked_mul(60)?,
        _ => return None,
    };
    Some(format!("seconds need no unit: write {}", duration.as_secs_f64()))
}

fn is_all(text: &str, wanted: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_number_outside_its_range_is_answered_with_the_range() {
        let count = whole(1..=u32::MAX);
        assert_eq!(count("1"), Ok(1));
        assert_eq!(count("4294967295"), Ok(u32::MAX));
        let error = count("0").unwrap_err();
        assert_eq!(error.sentence, "takes a whole number from 1 to 4294967295, and '0' is not one");
        for wrong in
            ["", "-1", "+1", "1.5", "1e3", "4294967296", "99999999999999999999", "NaN", "0x", "0xg", " 1", "１"]
        {
            assert!(count(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn whole_number_may_be_hexadecimal() {
        assert_eq!(whole(0..=255_u8)("0x2e"), Ok(46));
        assert!(whole(0..=255_u8)("0x100").is_err());
    }

    #[test]
    fn seconds_are_exact_to_the_nanosecond() {
        let interval = seconds(0, 3600);
        for (text, nanos) in
            [("1", 1_000_000_000), ("0.2", 200_000_000), (".5", 500_000_000), ("2.", 2_000_000_000), ("0.000000001", 1)]
        {
            assert_eq!(interval(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
        for wrong in
            ["", ".", "-1", "-0.5", "NaN", "inf", "1e3", "0.0000000001", "3600.1", "1.2.3", "99999999999999999999"]
        {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn seconds_with_a_unit_are_told_how_to_be_written() {
        let error = seconds(0, 3600)("200ms").unwrap_err();
        assert_eq!(error.sentence, "takes seconds from 0 to 3600, as in 0.2, and '200ms' is not that");
        assert_eq!(error.hint.as_deref(), Some("seconds need no unit: write 0.2"));
        assert_eq!(seconds(0, 3600)("soon").unwrap_err().hint, None);
    }

    #[test]
    fn text_from_the_command_line_is_escaped_in_the_sentence() {
        assert!(whole(1..=9_u8)("\u{1b}[2J").unwrap_err().sentence.contains("'\\u{1b}[2J'"));
    }
}
