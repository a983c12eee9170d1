//! Two ways to do the same work, timed side by side.
//!
//! Other work on the machine slows both ways of a pair, so the ratio within a pair is far steadier than either time: batch A,
//! batch B, batch A, batch B …, the ratio of each pair, and of these the median.

use std::hint::black_box;
use std::time::Duration;

/// How many pairs are timed.
const PAIRS: usize = 101;
/// How long a batch takes at least: long by the clock's own steps, and short enough that the system seldom breaks in on it.
const BATCH: Duration = Duration::from_micros(500);

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    /// One run of ours, the median, in nanoseconds.
    pub(crate) ours: f64,
    /// One run of theirs, the median, in nanoseconds.
    pub(crate) theirs: f64,
    /// Our time by theirs, within a pair.
    pub(crate) ratio: Ratio,
}

/// The ratios of all pairs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Ratio {
    /// Of the two figures of each round.
    pub(crate) fn of_rounds(ours: &[f64], theirs: &[f64]) -> Self {
        let ratios = sorted(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs));
        let at = |place: Option<&f64>| place.copied().unwrap_or(f64::NAN);
        Self { median: median(&ratios), least: at(ratios.first()), most: at(ratios.last()) }
    }

    /// The ratio of speeds, where this is one of times.
    pub(crate) fn inverse(self) -> Self {
        Self { median: 1.0 / self.median, least: 1.0 / self.most, most: 1.0 / self.least }
    }
}

/// Times `ours` and `theirs`. Whoever calls this has made sure before that both do the same.
pub(crate) fn pair<A, B>(mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) -> Pair {
    let mut runs = 1;
    while time(runs, &mut ours).min(time(runs, &mut theirs)) < BATCH {
        runs *= 2;
    }
    batches(PAIRS, runs, ours, theirs)
}

/// Times `pairs` pairs of batches of `runs` runs: what [`pair`] does where a run is short, and enough where it is long.
pub(crate) fn batches<A, B>(
    pairs: usize,
    runs: u32,
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) -> Pair {
    let times: Vec<(f64, f64)> =
        (0..pairs).map(|_| (time(runs, &mut ours).as_secs_f64(), time(runs, &mut theirs).as_secs_f64())).collect();
    let nanoseconds = 1e9 / f64::from(runs);
    let ratios = sorted(times.iter().map(|(ours, theirs)| ours / theirs));
    Pair {
        ours: median(&sorted(times.iter().map(|(ours, _)| ours * nanoseconds))),
        theirs: median(&sorted(times.iter().map(|(_, theirs)| theirs * nanoseconds))),
        ratio: Ratio {
            median: median(&ratios),
            least: ratios.first().copied().unwrap_or(f64::NAN),
            most: ratios.last().copied().unwrap_or(f64::NAN),
        },
    }
}

/// The median time of one run of `work`, over `runs` runs: for what has no peer.
pub(crate) fn alone<T>(runs: u32, mut work: impl FnMut() -> T) -> Duration {
    let times = sorted((0..runs).map(|_| time(1, &mut work).as_secs_f64()));
    Duration::from_secs_f64(median(&times))
}

/// How long `runs` runs take.
#[expect(clippy::disallowed_methods, reason = "real time is what a bench measures")]
fn time<T>(runs: u32, work: &mut impl FnMut() -> T) -> Duration {
    let start = std::time::Instant::now();
    for _ in 0..runs {
        black_box(work());
    }
    start.elapsed()
}

pub(crate) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

pub(crate) fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
