//! How likely a guess is right: RFC 5452 section 7.

/// The numbers a guess has to hit, each as likely as the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// How many ports the question may have left from.
    pub ports: u32,
    /// How many ids it may have.
    pub ids: u32,
    /// How many of its letters are large or small at random.
    pub letters: u32,
}

impl Space {
    /// How many different answers there would have to be so that one is surely right.
    #[must_use]
    pub fn size(&self) -> f64 {
        f64::from(self.ports) * f64::from(self.ids) * 2_f64.powi(i32::try_from(self.letters).unwrap_or(i32::MAX))
    }

    /// The chance that one of so many different guesses is right.
    ///
    /// RFC 5452 section 7.2: `P_s = D * F / (N * P * I)`, where there is one question of a kind on its way (D), and one server
    /// that it may have gone to (N). F are the guesses that arrive in time, P the ports, I the ids; letters are new since.
    #[must_use]
    pub fn odds(&self, guesses: u32) -> f64 {
        (f64::from(guesses) / self.size()).min(1.0)
    }
}

/// After how many races one is as likely to have been won as not; `None`: no number holds it, or no race is ever won.
///
/// None of n races is won with a chance of (1 - odds)ⁿ.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is a whole number above zero that fits"
)]
pub fn races_for_even_chance(odds: f64) -> Option<u64> {
    if odds >= 0.5 {
        return Some(1);
    }
    let races = (0.5_f64.ln() / (-odds).ln_1p()).ceil();
    (races.is_finite() && races < 1e18).then_some(races as u64)
}

/// Between which numbers those won of so many races are in 997 of 1000 cases: three standard deviations to each side.
#[must_use]
pub fn expected_range(races: u32, odds: f64) -> (f64, f64) {
    let mean = f64::from(races) * odds;
    let deviation = (mean * (1.0 - odds)).sqrt();
    ((mean - 3.0 * deviation).max(0.0), mean + 3.0 * deviation)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXED: Space = Space { ports: 1, ids: 65_536, letters: 0 };
    const RANDOM: Space = Space { ports: 64_512, ids: 65_536, letters: 0 };

    /// Whether it is that number but for the last digits.
    fn is(number: f64, other: f64) -> bool {
        (number - other).abs() < other * 1e-9
    }

    #[test]
    fn each_thing_to_guess_divides_the_odds() {
        assert!(is(FIXED.odds(64), 1.0 / 1024.0));
        assert!(is(RANDOM.odds(64), 1.0 / (1024.0 * 64_512.0)));
        assert!(is(Space { letters: 11, ..FIXED }.odds(64), 1.0 / (1024.0 * 2048.0)));
        assert!(is(FIXED.odds(100_000), 1.0), "more guesses than there are answers");
    }

    #[test]
    fn even_chance_comes_after_as_many_races_as_the_logarithm_says() {
        assert_eq!(races_for_even_chance(1.0), Some(1));
        assert_eq!(races_for_even_chance(0.25), Some(3), "0.75 to the third is 0.42");
        // RFC 5452 section 8 takes 1 - (1 - P)^n, as here.
        assert_eq!(races_for_even_chance(FIXED.odds(64)), Some(710));
        assert_eq!(races_for_even_chance(RANDOM.odds(64)), Some(45_789_503));
        assert_eq!(races_for_even_chance(0.0), None);
    }

    #[test]
    fn range_is_three_deviations_wide_and_not_below_zero() {
        let (low, high) = expected_range(1000, 0.25);
        assert!((208.0..209.0).contains(&low) && (291.0..292.0).contains(&high), "{low} {high}");
        assert!(is(expected_range(1000, 1.0).0, 1000.0));
        assert!(expected_range(1000, 0.001).0.abs() < 1e-9);
    }
}
