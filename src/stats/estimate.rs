//! How large is it, and how sure is that? A mean over repetitions, with its interval.

use serde::{Deserialize, Serialize};

use super::student::Sample;

/// A mean over n repetitions with its 95 % interval. Without two repetitions there is no interval: both ends are none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The lower end of the interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Repetitions.
    pub n: u32,
}

impl Estimate {
    /// The arithmetic mean, with Student's t interval. Values that are not finite are left out.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        Self::from_sample(Sample::of(values.iter().copied()), finite)
    }

    /// The geometric mean, with Student's t interval on the logarithms: for rates and times, whose noise is a factor.
    /// The quotient of two such means is the mean of the quotients, so that a table and its comparisons agree.
    /// Where a value is 0 it is the arithmetic mean, and no end is below 0.
    #[must_use]
    pub fn geometric(values: &[f64]) -> Self {
        if values.iter().any(|value| *value <= 0.0) {
            return Self::from_sample(Sample::of(values.iter().copied()), |value| finite(value).max(0.0));
        }
        Self::from_sample(Sample::of(values.iter().map(|value| value.ln())), |value| finite(value.exp()))
    }

    /// The arithmetic mean of shares; no end is outside of 0 to 1.
    #[must_use]
    pub fn share(values: &[f64]) -> Self {
        Self::from_sample(Sample::of(values.iter().copied()), |value| value.clamp(0.0, 1.0))
    }

    /// On the scale that `to` leads to.
    pub(super) fn from_sample(sample: Sample, to: impl Fn(f64) -> f64) -> Self {
        let margin = sample.margin();
        let end = |sign: f64| margin.map(|margin| to(sample.mean + sign * margin));
        let mean = if sample.n == 0 { 0.0 } else { to(sample.mean) };
        Self { mean, low: end(-1.0), high: end(1.0), n: sample.n }
    }
}

/// JSON has no infinity.
pub(super) fn finite(value: f64) -> f64 {
    value.clamp(f64::MIN, f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(estimate: Estimate, expected: (f64, f64, f64)) {
        let (mean, low, high) = expected;
        let found = (estimate.mean, estimate.low.unwrap(), estimate.high.unwrap());
        for (found, expected) in [(found.0, mean), (found.1, low), (found.2, high)] {
            assert!((found - expected).abs() < 5e-4, "{found} instead of {expected}");
        }
    }

    #[test]
    fn the_interval_of_a_mean_is_student_s() {
        // The differences of Student's own example (1908, section IX, Cushny and Peebles); R's t.test gives these ends.
        let sleep = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        close(Estimate::of(&sleep), (1.58, 0.7001, 2.4599));
        // By hand: mean 2, deviation 1, error 1 / sqrt 3, times 4.3027.
        close(Estimate::of(&[1.0, 2.0, 3.0]), (2.0, -0.4841, 4.4841));
    }

    #[test]
    fn rates_are_averaged_as_factors() {
        // By hand, on decimal logarithms: 1, 2 and 3, as above.
        let estimate = Estimate::geometric(&[10.0, 100.0, 1000.0]);
        assert!((estimate.mean - 100.0).abs() < 1e-9);
        assert!((estimate.low.unwrap().log10() + 0.4841).abs() < 1e-4);
        assert!((estimate.high.unwrap().log10() - 4.4841).abs() < 1e-4);
    }

    #[test]
    fn few_values_zeros_and_shares_have_their_ends() {
        assert_eq!(Estimate::of(&[]), Estimate { mean: 0.0, low: None, high: None, n: 0 });
        assert_eq!(Estimate::geometric(&[]), Estimate::of(&[]));
        assert_eq!(Estimate::share(&[0.5]), Estimate { mean: 0.5, low: None, high: None, n: 1 });
        let zero = Estimate::geometric(&[0.0, 4.0]);
        assert_eq!((zero.mean, zero.low), (2.0, Some(0.0)));
        let share = Estimate::share(&[0.0, 1.0, 0.9]);
        assert_eq!((share.low, share.high), (Some(0.0), Some(1.0)));
        let wide = Estimate::geometric(&[f64::MIN_POSITIVE, f64::MAX]);
        assert!(wide.high.unwrap().is_finite() && wide.low.unwrap() >= 0.0);
        assert_eq!(Estimate::of(&[1.0, f64::NAN, 1.0]).n, 2);
    }
}
