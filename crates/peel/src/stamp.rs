//! When a packet was captured.

use std::fmt;

const SECOND: u64 = 1_000_000_000;

/// A time as captures keep it: nanoseconds since the first of January 1970, UTC, no leap seconds counted.
///
/// Times beyond those that fit (the years 1677 to 2262) are the first or the last that do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub i64);

impl Stamp {
    /// By its number of units since 1970, of which so many are a second, and the seconds that its file adds to all times.
    #[must_use]
    pub fn new(units: u64, per_second: u128, offset_seconds: i64) -> Self {
        let nanoseconds = match per_second {
            1_000_000_000 => u128::from(units),
            1_000_000 => u128::from(units) * 1000,
            per_second => u128::from(units) * u128::from(SECOND) / per_second.max(1),
        };
        let offset = i128::from(offset_seconds) * i128::from(SECOND);
        let sum = i128::try_from(nanoseconds).unwrap_or(i128::MAX).saturating_add(offset);
        Self(i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX }))
    }

    /// How many nanoseconds after `other` it is; less than zero: before.
    #[must_use]
    pub fn since(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }

    /// Its date, the time of the day and the nanoseconds within the second.
    fn civil(self) -> Civil {
        let seconds = self.0.div_euclid(SECOND.cast_signed());
        let nanoseconds = self.0.rem_euclid(SECOND.cast_signed()).unsigned_abs();
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Counted from the first of March of the year 0, so that the day of a leap year is the last of its year.
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted + 2) / 5 + 1,
            second,
            nanoseconds,
        }
    }

    /// `2026-01-31T12:00:00.000000001Z`, as RFC 3339 writes it.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let Civil { year, month, day, second, nanoseconds } = self.civil();
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanoseconds:09}Z")
    }
}

struct Civil {
    year: i64,
    month: i64,
    day: i64,
    /// Of the day.
    second: i64,
    nanoseconds: u64,
}

/// `2026-01-31 12:00:00.123456`: UTC, to the microsecond.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, second, nanoseconds } = self.civil();
        let (hour, minute, second, micros) = (second / 3600, second / 60 % 60, second % 60, nanoseconds / 1000);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}")
    }
}

/// Nanoseconds as seconds with so many decimals, the rest cut off: `0.001000`, `-2.5`.
#[derive(Debug, Clone, Copy)]
pub struct Seconds(pub i64, pub usize);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(nanoseconds, decimals) = *self;
        let decimals = decimals.min(9);
        let (whole, rest) = (nanoseconds.unsigned_abs() / SECOND, nanoseconds.unsigned_abs() % SECOND);
        let shown = rest / 10_u64.pow(9 - u32::try_from(decimals).unwrap_or(0));
        let sign = if nanoseconds < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}.{shown:0decimals$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_a_date_of_the_calendar() {
        for (seconds, date) in [
            (0, "1970-01-01 00:00:00.000000"),
            (951_827_696, "2000-02-29 12:34:56.000000"),
            (951_868_800, "2000-03-01 00:00:00.000000"),
            (1_785_542_399, "2026-07-31 23:59:59.000000"),
            (4_107_542_400, "2100-03-01 00:00:00.000000"),
            (-1, "1969-12-31 23:59:59.000000"),
        ] {
            assert_eq!(Stamp(seconds * 1_000_000_000).to_string(), date);
        }
        assert_eq!(Stamp(1_340_954_905_298_858_001).rfc3339(), "2012-06-29T07:28:25.298858001Z");
        assert_eq!(Stamp(i64::MIN).to_string(), "1677-09-21 00:12:43.145224");
        assert_eq!(Stamp(i64::MAX).to_string(), "2262-04-11 23:47:16.854775");
    }

    #[test]
    fn units_of_a_file_become_nanoseconds() {
        let resolution = |per_second| Stamp::new(3_000_000_003, per_second, 0).0;
        assert_eq!(resolution(1_000_000_000), 3_000_000_003);
        assert_eq!(resolution(1_000_000), 3_000_000_003_000);
        assert_eq!(resolution(1), 3_000_000_003_000_000_000);
        assert_eq!(resolution(1 << 30), 2_793_967_726, "a binary resolution");
        assert_eq!(resolution(10_u128.pow(12)), 3_000_000, "picoseconds");
        assert_eq!(Stamp::new(5, 1, -7).0, -2_000_000_000);
        assert_eq!(Stamp::new(u64::MAX, 1, 0), Stamp(i64::MAX));
        assert_eq!(Stamp::new(0, 1, i64::MIN), Stamp(i64::MIN));
        assert_eq!(Stamp::new(1, 0, 0), Stamp(1_000_000_000), "no division by nothing");
    }

    #[test]
    fn seconds_are_cut_and_not_rounded_so_that_no_packet_comes_before_its_time() {
        assert_eq!(Seconds(1_999_999_999, 6).to_string(), "1.999999");
        assert_eq!(Seconds(1_999_999_999, 9).to_string(), "1.999999999");
        assert_eq!(Seconds(-1_500_000_000, 1).to_string(), "-1.5");
        assert_eq!(Seconds(i64::MIN, 3).to_string(), "-9223372036.854");
    }
}
