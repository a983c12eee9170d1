//! Round trip times: the four figures that users of ping know, and percentiles.

use serde::Serialize;
use std::time::Duration;

/// How many of the last times the percentiles are taken from, so that a flood of days does not fill the memory.
const KEPT: usize = 1 << 20;

/// Round trip times as they come in. Exact nanoseconds inside; nothing is rounded before it is printed.
#[derive(Debug, Clone, Default)]
pub struct RoundTrips {
    count: u64,
    min: u64,
    max: u64,
    sum: u128,
    sum_of_squares: u128,
    /// The last [`KEPT`] times, as a ring.
    last: Vec<u64>,
}

impl RoundTrips {
    /// Counts one more.
    pub fn add(&mut self, rtt: Duration) {
        let nanos = u64::try_from(rtt.as_nanos()).unwrap_or(u64::MAX);
        self.min = if self.count == 0 { nanos } else { self.min.min(nanos) };
        self.max = self.max.max(nanos);
        self.sum += u128::from(nanos);
        self.sum_of_squares = self.sum_of_squares.saturating_add(u128::from(nanos).pow(2));
        let next = usize::try_from(self.count).unwrap_or(0) % KEPT;
        match self.last.get_mut(next) {
            Some(oldest) => *oldest = nanos,
            None => self.last.push(nanos),
        }
        self.count += 1;
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The figures; `None` before the first time came.
    #[must_use]
    pub fn summary(&self) -> Option<RttSummary> {
        if self.count == 0 {
            return None;
        }
        let mut sorted = self.last.clone();
        sorted.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
        };
        Some(RttSummary {
            min_ns: self.min,
            avg_ns: u64::try_from(self.sum / u128::from(self.count)).unwrap_or(u64::MAX),
            max_ns: self.max,
            mdev_ns: self.mdev(),
            p50_ns: percentile(50),
            p95_ns: percentile(95),
            p99_ns: percentile(99),
        })
    }

    /// The standard deviation of the whole population, as iputils has it: √(mean of squares − square of mean).
    ///
    /// Written as √(n·Σx² − (Σx)²) / n, so that no division comes before the subtraction and equal times give zero.
    fn mdev(&self) -> u64 {
        let n = u128::from(self.count.max(1));
        let spread = n.saturating_mul(self.sum_of_squares).saturating_sub(self.sum.saturating_mul(self.sum));
        u64::try_from(spread.isqrt() / n).unwrap_or(u64::MAX)
    }
}

/// What is told of round trip times, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RttSummary {
    /// The shortest.
    pub min_ns: u64,
    /// The mean.
    pub avg_ns: u64,
    /// The longest.
    pub max_ns: u64,
    /// The standard deviation of the population.
    pub mdev_ns: u64,
    /// Half were no longer than this (nearest rank, of the last 1,048,576).
    pub p50_ns: u64,
    /// 95 of 100 were no longer than this.
    pub p95_ns: u64,
    /// 99 of 100 were no longer than this.
    pub p99_ns: u64,
}

impl RttSummary {
    /// The line that users of ping know: `rtt min/avg/max/mdev = 0.400/0.500/0.600/0.100 ms`.
    #[must_use]
    pub fn line(&self) -> String {
        let [min, avg, max, mdev] = [self.min_ns, self.avg_ns, self.max_ns, self.mdev_ns].map(shown);
        format!("rtt min/avg/max/mdev = {min}/{avg}/{max}/{mdev} ms")
    }

    /// The percentiles in the same manner: `rtt p50/p95/p99 = 0.500/0.600/0.600 ms`.
    #[must_use]
    pub fn percentiles(&self) -> String {
        let [p50, p95, p99] = [self.p50_ns, self.p95_ns, self.p99_ns].map(shown);
        format!("rtt p50/p95/p99 = {p50}/{p95}/{p99} ms")
    }
}

/// Milliseconds with three decimals and no unit, as in `72.000`; rounded to the nearest microsecond.
///
/// ```
/// assert_eq!(cli::milliseconds(std::time::Duration::from_nanos(400_499)), "0.400");
/// ```
#[must_use]
pub fn milliseconds(time: Duration) -> String {
    shown(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

/// Milliseconds with three digits that count, from 100 on none after the point, and no unit: as iputils' ping.
///
/// ```
/// assert_eq!(cli::three_digits(std::time::Duration::from_micros(36_000)), "36.0");
/// ```
#[must_use]
pub fn three_digits(time: Duration) -> String {
    let micros = (time.as_nanos() + 500) / 1000;
    let (unit, decimals) = match micros {
        0..1_000 => (1, 3),
        1_000..9_995 => (10, 2),
        9_995..99_950 => (100, 1),
        _ => return ((micros + 500) / 1000).to_string(),
    };
    let rounded = (micros + unit / 2) / unit;
    let thousandth = 1000 / unit;
    format!("{}.{:0decimals$}", rounded / thousandth, rounded % thousandth)
}

/// How many of 100, with up to six digits that count, as C's `%g` writes it.
///
/// ```
/// assert_eq!(cli::percent(1, 3), "33.3333");
/// ```
#[must_use]
pub fn percent(part: u64, of: u64) -> String {
    if part == 0 || of == 0 {
        return "0".into();
    }
    // Ten digits behind the point are enough for one of 4,294,967,295.
    let scaled = u128::from(part) * 100 * SCALE / u128::from(of);
    let digits = scaled.to_string().len();
    let unit = 10_u128.pow(u32::try_from(digits.saturating_sub(6)).unwrap_or(0));
    let rounded = (scaled + unit / 2) / unit * unit;
    let (whole, rest) = (rounded / SCALE, format!("{:010}", rounded % SCALE));
    match rest.trim_end_matches('0') {
        "" => whole.to_string(),
        decimals => format!("{whole}.{decimals}"),
    }
}

const SCALE: u128 = 10_000_000_000;

fn shown(nanos: u64) -> String {
    let micros = nanos / 1_000 + u64::from(nanos % 1_000 >= 500);
    format!("{}.{:03}", micros / 1_000, micros % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(nanos: &[u64]) -> RttSummary {
        let mut times = RoundTrips::default();
        nanos.iter().for_each(|&nanos| times.add(Duration::from_nanos(nanos)));
        times.summary().unwrap()
    }

    #[test]
    fn deviation_is_that_of_the_population() {
        // The example of the textbook: mean 5, deviation 2.
        let summary = of(&[2, 4, 4, 4, 5, 5, 7, 9].map(|ms| ms * 1_000_000));
        assert_eq!(summary.line(), "rtt min/avg/max/mdev = 2.000/5.000/9.000/2.000 ms");
    }

    #[test]
    fn equal_times_do_not_deviate_however_long_they_are() {
        assert_eq!(of(&[72_000_001; 3]).mdev_ns, 0);
        assert_eq!(of(&[u64::MAX; 2]).mdev_ns, 0);
        assert_eq!(of(&[72_000_000, 72_000_000, 72_000_001]).mdev_ns, 0);
    }

    #[test]
    fn percentile_is_a_time_that_was_measured() {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        let summary = of(&hundred);
        assert_eq!((summary.p50_ns, summary.p95_ns, summary.p99_ns), (50, 95, 99));
        let one = of(&[7_000]);
        assert_eq!(one.percentiles(), "rtt p50/p95/p99 = 0.007/0.007/0.007 ms");
    }

    #[test]
    fn no_answer_gives_no_figures() {
        assert_eq!(RoundTrips::default().summary(), None);
    }

    #[test]
    fn milliseconds_are_rounded_to_the_nearest_microsecond() {
        for (nanos, text) in [(0, "0.000"), (499, "0.000"), (500, "0.001"), (999_500, "1.000"), (72_000_000, "72.000")]
        {
            assert_eq!(milliseconds(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn time_has_the_digits_that_iputils_gives_it() {
        for (micros, shown) in [
            (0, "0.000"),
            (43, "0.043"),
            (999, "0.999"),
            (1_000, "1.00"),
            (1_234, "1.23"),
            (1_235, "1.24"),
            (9_994, "9.99"),
            (9_995, "10.0"),
            (36_000, "36.0"),
            (72_049, "72.0"),
            (99_949, "99.9"),
            (99_950, "100"),
            (1_234_567, "1235"),
        ] {
            assert_eq!(three_digits(Duration::from_micros(micros)), shown);
        }
    }

    #[test]
    fn percentage_is_written_as_c_writes_it() {
        for (part, of, shown) in [
            (0, 3, "0"),
            (0, 0, "0"),
            (3, 3, "100"),
            (1, 3, "33.3333"),
            (2, 3, "66.6667"),
            (1, 4, "25"),
            (1, 50_000, "0.002"),
            (1, 70_000, "0.00142857"),
            (999_999, 1_000_000, "99.9999"),
            (9_999_999, 10_000_000, "100"),
        ] {
            assert_eq!(percent(part, of), shown);
        }
    }

    #[test]
    fn memory_of_a_long_flood_is_bounded_and_the_mean_is_of_all() {
        let mut times = RoundTrips::default();
        (0..KEPT + 10).for_each(|_| times.add(Duration::from_nanos(1)));
        (0..KEPT).for_each(|_| times.add(Duration::from_nanos(3)));
        let summary = times.summary().unwrap();
        assert_eq!((times.last.len(), summary.min_ns, summary.p50_ns), (KEPT, 1, 3));
        assert_eq!(times.count(), 2 * KEPT as u64 + 10);
    }
}
