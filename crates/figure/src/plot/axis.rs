//! An axis: from numbers to places, with ticks at round numbers.

/// From numbers to places.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    from: f64,
    to: f64,
    step: f64,
    /// Where the least and the greatest number are.
    places: (f64, f64),
}

impl Axis {
    /// From zero to a round number above all, with about so many ticks.
    pub(crate) fn of(numbers: impl Iterator<Item = f64>, places: (f64, f64), ticks: f64) -> Self {
        let (least, most) = bounds(numbers);
        let (least, most) = (least.min(0.0), most.max(0.0));
        let step = step((most - least) / ticks);
        let round = |number: f64| (number / step - 1e-9).ceil() * step;
        Self { from: -round(-least), to: round(most).max(step), step, places }
    }

    /// From the least to the greatest number.
    pub(crate) fn within(numbers: impl Iterator<Item = f64>, places: (f64, f64), ticks: f64) -> Self {
        let (least, most) = bounds(numbers);
        let most = if most > least { most } else { least + 1.0 };
        Self { from: least, to: most, step: step((most - least) / ticks), places }
    }

    pub(crate) fn at(&self, number: f64) -> f64 {
        let (first, last) = self.places;
        first + (last - first) * (number - self.from) / (self.to - self.from)
    }

    /// Where ticks are, and what stands at them.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let mut count = (self.from / self.step - 1e-9).ceil();
        let mut ticks = vec![];
        while count * self.step <= self.to + self.step * 1e-9 {
            ticks.push((self.at(count * self.step), number(count * self.step)));
            count += 1.0;
        }
        ticks
    }
}

fn bounds(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    let (least, most) =
        numbers.fold((f64::MAX, f64::MIN), |(least, most), number| (least.min(number), most.max(number)));
    if least > most { (0.0, 1.0) } else { (least, most) }
}

/// The least of 1, 2 and 5 times a power of ten that is no less than this.
fn step(least: f64) -> f64 {
    let mut power = 1.0;
    while power < least {
        power *= 10.0;
    }
    while power / 10.0 >= least && power > 1e-9 {
        power /= 10.0;
    }
    [power / 5.0, power / 2.0, power].into_iter().find(|step| *step >= least).unwrap_or(power)
}

/// A number to three digits behind the point at most.
pub(crate) fn number(number: f64) -> String {
    let text = format!("{number:.3}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_string() } else { short.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn axis_begins_at_zero_and_ends_at_a_round_number() {
        let axis = Axis::of([36.0, 72.0].into_iter(), (200.0, 0.0), 6.0);
        assert_eq!(ticks(&axis), ["0", "20", "40", "60", "80"]);
        assert_eq!((axis.at(0.0), axis.at(80.0)), (200.0, 0.0));
        assert_eq!(ticks(&Axis::of([0.4].into_iter(), (200.0, 0.0), 6.0)), ["0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(ticks(&Axis::of([0.0].into_iter(), (200.0, 0.0), 6.0)).first().unwrap(), "0");
    }

    #[test]
    fn axis_within_numbers_has_ticks_between_them() {
        assert_eq!(ticks(&Axis::within([1.0, 5.0].into_iter(), (0.0, 1.0), 5.0)), ["1", "2", "3", "4", "5"]);
        assert_eq!(ticks(&Axis::within([3.0, 3.0].into_iter(), (0.0, 1.0), 5.0)).first().unwrap(), "3");
    }
}
