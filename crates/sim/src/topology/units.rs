//! Quantities as people write them: `0.5 ms`, `10 Mbit/s`, `2 %`. Whole numbers inside, so that no run depends on rounding.

use std::time::Duration;

/// A time, in `s`, `ms`, `us` or `ns`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let nanoseconds = match unit {
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "µs" => 1_000,
        "ns" => 1,
        _ => return None,
    };
    scaled(number, nanoseconds).map(Duration::from_nanos)
}

/// A rate in bits a second, written in `bit/s`, `kbit/s`, `Mbit/s` or `Gbit/s`; never zero.
pub(crate) fn rate(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let bits = match unit {
        "bit/s" => 1,
        "kbit/s" => 1_000,
        "Mbit/s" => 1_000_000,
        "Gbit/s" => 1_000_000_000,
        _ => return None,
    };
    scaled(number, bits).filter(|&rate| rate > 0)
}

/// A share in parts of a million, written as `2 %` or as a number from 0 to 1.
pub(crate) fn share(text: &str) -> Option<u32> {
    let (number, unit) = split(text)?;
    let whole = match unit {
        "%" => 10_000,
        "" => 1_000_000,
        _ => return None,
    };
    scaled(number, whole).and_then(|ppm| u32::try_from(ppm).ok()).filter(|&ppm| ppm <= 1_000_000)
}

/// Number and unit, with or without a blank between them.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    Some((number, unit.trim_start()))
}

/// A decimal number times `scale`, if that is a whole number that fits.
fn scaled(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || whole.len() > 12 || fraction.len() > 9 {
        return None;
    }
    let mut value = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    let mut place = scale;
    for digit in fraction.chars() {
        if !place.is_multiple_of(10) && digit != '0' {
            return None;
        }
        place /= 10;
        value = value.checked_add(u64::from(digit.to_digit(10)?) * place)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_exact() {
        assert_eq!(duration("0.5 ms"), Some(Duration::from_micros(500)));
        assert_eq!(duration("20ms"), Some(Duration::from_millis(20)));
        assert_eq!(duration("1.000000001 s"), Some(Duration::from_nanos(1_000_000_001)));
        assert_eq!(rate("10 Mbit/s"), Some(10_000_000));
        assert_eq!(share("0.1 %"), Some(1_000));
        assert_eq!(share("0.25"), Some(250_000));
        assert_eq!(share("1"), Some(1_000_000));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "5", "ms", "-1 ms", "1 parsec", "1.5 ns", "99999999999999 s", "1..5 ms"] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_eq!(rate("0 bit/s"), None);
        assert_eq!((share("101 %"), share("1.1"), share("2 ms")), (None, None, None));
    }
}
