//! The axis of time: to scale, but for pauses in which nothing is under way. These are cut short, and the cut says how long they are.

use super::Flight;
use std::time::Duration;

/// How high the drawing is for each flight, and at least, and at most.
const PER_FLIGHT: f64 = 24.0;
const LEAST: f64 = 120.0;
const MOST: f64 = 560.0;
/// How far departures by one way should be from each other, so that each has room for a label.
const APART: f64 = 15.0;
/// How high a cut is.
pub(super) const CUT: f64 = 30.0;
/// A pause is cut where it is longer than this share of the time in which something is under way.
const LONG: f64 = 0.6;
/// Ticks are no closer than this.
const TICKS: f64 = 26.0;

/// A stretch of time and where it is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    from: f64,
    to: f64,
    top: f64,
    bottom: f64,
}

/// From times to places.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    stretches: Vec<Stretch>,
    scale: f64,
}

impl Axis {
    pub(super) fn of(flights: &[Flight], top: f64) -> Self {
        let busy = busy(flights);
        let under_way: f64 = busy.iter().map(|(from, to)| to - from).sum();
        let cut = (under_way * LONG).max(1.0);
        // Pauses that are not cut are part of a stretch.
        let mut stretches: Vec<(f64, f64)> = vec![];
        for (from, to) in busy {
            match stretches.last_mut() {
                Some(last) if from - last.1 <= cut => last.1 = to,
                _ => stretches.push((from, to)),
            }
        }
        let total: f64 = stretches.iter().map(|(from, to)| to - from).sum();
        let height = (PER_FLIGHT * count(flights.len())).clamp(LEAST, MOST);
        // Higher, if that parts all that is sent on one way.
        let parted = closest(flights).map_or(0.0, |closest| APART / closest * total);
        let height = if parted <= MOST { height.max(parted) } else { height };
        let scale = height / total.max(1.0);
        let mut y = top;
        let placed = stretches.into_iter().map(|(from, to)| {
            let stretch = Stretch { from, to, top: y, bottom: y + (to - from) * scale };
            y = stretch.bottom + CUT;
            stretch
        });
        Self { stretches: placed.collect(), scale }
    }

    /// Where a time is drawn; one before the first moment is drawn there.
    pub(super) fn y(&self, time: Duration) -> f64 {
        let time = nanoseconds(time);
        let mut y = self.stretches.first().map_or(0.0, |first| first.top);
        for stretch in &self.stretches {
            if time < stretch.from {
                break;
            }
            y = stretch.top + (time.min(stretch.to) - stretch.from) * self.scale;
        }
        y
    }

    /// Where the drawing ends.
    pub(super) fn bottom(&self) -> f64 {
        self.stretches.last().map_or(0.0, |stretch| stretch.bottom)
    }

    /// The cuts: where each begins and ends, and how long it is.
    pub(super) fn cuts(&self) -> Vec<(f64, f64, Duration)> {
        let pairs = self.stretches.windows(2);
        pairs
            .filter_map(|pair| match pair {
                [one, next] => Some((one.bottom, next.top, from_nanoseconds(next.from - one.to))),
                _ => None,
            })
            .collect()
    }

    /// Ticks at round times: where, and the time in the axis' unit.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let step = self.step();
        let unit = self.unit();
        let mut ticks = vec![];
        for stretch in &self.stretches {
            let mut number = (stretch.from / step).ceil();
            while number * step <= stretch.to + step / 1e6 {
                let y = stretch.top + (number * step - stretch.from) * self.scale;
                ticks.push((y, unit.number(from_nanoseconds(number * step))));
                number += 1.0;
            }
        }
        ticks
    }

    pub(super) fn unit(&self) -> Unit {
        Unit::for_span(from_nanoseconds(self.stretches.last().map_or(0.0, |stretch| stretch.to)))
    }

    /// 1, 2 or 5 of a power of ten, in nanoseconds.
    fn step(&self) -> f64 {
        let mut power = 1.0;
        loop {
            for digit in [1.0, 2.0, 5.0] {
                if digit * power * self.scale >= TICKS {
                    return digit * power;
                }
            }
            power *= 10.0;
        }
    }
}

/// The shortest time between two departures by one way that are not at the same time, in nanoseconds.
fn closest(flights: &[Flight]) -> Option<f64> {
    let mut departures: Vec<_> =
        flights.iter().flat_map(|flight| &flight.legs).map(|leg| (leg.from, leg.to, leg.sent)).collect();
    departures.sort_unstable();
    let gaps = departures.windows(2).filter_map(|pair| match pair {
        [(from, to, sent), (from_next, to_next, next)] if (from, to) == (from_next, to_next) => Some(*next - *sent),
        _ => None,
    });
    gaps.filter(|gap| !gap.is_zero()).min().map(nanoseconds)
}

/// When something is under way, in nanoseconds: from the first begin on, without overlaps.
fn busy(flights: &[Flight]) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = flights
        .iter()
        .flat_map(|flight| &flight.legs)
        .map(|leg| (nanoseconds(leg.sent), nanoseconds(leg.arrives)))
        .collect();
    spans.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut busy: Vec<(f64, f64)> = vec![];
    for (from, to) in spans {
        match busy.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => busy.push((from, to)),
        }
    }
    busy
}

/// What times are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Microseconds,
    Milliseconds,
    Seconds,
}

impl Unit {
    fn for_span(span: Duration) -> Self {
        match span.as_micros() {
            0..100 => Self::Microseconds,
            100..10_000_000 => Self::Milliseconds,
            _ => Self::Seconds,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Microseconds => "µs",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
        }
    }

    /// A time without its unit, as short as it is exact: `0.5`, `72`.
    pub(super) fn number(self, time: Duration) -> String {
        let in_one: u128 = match self {
            Self::Microseconds => 1_000,
            Self::Milliseconds => 1_000_000,
            Self::Seconds => 1_000_000_000,
        };
        let (whole, rest) = (time.as_nanos() / in_one, time.as_nanos() % in_one);
        let digits = in_one.ilog10() as usize;
        let text = format!("{whole}.{rest:0digits$}");
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    }
}

/// A time with the unit that suits it, to three digits behind the point at most.
pub(super) fn told(time: Duration) -> String {
    let rounded = Duration::from_micros(u64::try_from(time.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX));
    let time = if time < Duration::from_micros(100) { time } else { rounded };
    let unit = Unit::for_span(time);
    format!("{} {}", unit.number(time), unit.name())
}

/// Of figures that people look at, times are below a hundred days, which `f64` counts to the nanosecond.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
fn nanoseconds(time: Duration) -> f64 {
    time.as_nanos() as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time that was a Duration")]
fn from_nanoseconds(time: f64) -> Duration {
    Duration::from_nanos(time.round() as u64)
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::ladder::Leg;

    const MS: Duration = Duration::from_millis(1);

    fn axis(spans: &[(u32, u32)]) -> Axis {
        let flight = |(sent, arrives): &(u32, u32)| Flight {
            legs: vec![Leg { from: 0, to: 1, sent: MS * *sent, arrives: MS * *arrives, lost: false }],
            labels: vec![],
            summary: String::new(),
            role: Role::Data,
            again: false,
            same_if: None,
            seen: None,
        };
        Axis::of(&spans.iter().map(flight).collect::<Vec<_>>(), 100.0)
    }

    #[test]
    fn time_is_to_scale_and_a_long_pause_is_cut() {
        let axis = axis(&[(0, 20), (30, 50), (1000, 1040)]);
        let y = |ms: u32| axis.y(MS * ms);
        let tenths = |from: u32, to: u32| ((y(to) - y(from)) * 10.0).round();
        assert_eq!((y(0), tenths(0, 20), tenths(20, 30)), (100.0, 267.0, 133.0));
        assert_eq!((tenths(30, 50), tenths(1000, 1040)), (267.0, 533.0));
        let [(from, to, pause)] = axis.cuts()[..] else { panic!("{:?}", axis.cuts()) };
        assert_eq!((from, to, pause), (y(50), y(1000), MS * 950));
        assert!((to - from - CUT).abs() < 1e-9);
        assert_eq!(axis.bottom(), y(1040));
    }

    #[test]
    fn ticks_are_at_round_times_and_not_in_a_cut() {
        let axis = axis(&[(0, 50), (1000, 1040)]);
        let ticks: Vec<String> = axis.ticks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(ticks, ["0", "20", "40", "1000", "1020", "1040"]);
        assert_eq!(axis.unit().name(), "ms");
    }

    #[test]
    fn time_is_told_in_the_unit_that_suits_it() {
        let told: Vec<String> = [50, 150_500, 72_000_000, 12_000_000_000].map(Duration::from_nanos).map(told).into();
        assert_eq!(told, ["0.05 µs", "0.151 ms", "72 ms", "12 s"]);
    }
}
