//! How far off is a mean of few values? Student's t distribution.
//!
//! Student (W. S. Gosset), "The Probable Error of a Mean", Biometrika 6, 1908.

use std::sync::OnceLock;

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::LEVEL;

/// What is to be known of a sample: its mean, the standard error of that, and how many values there were.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub mean: f64,
    error: f64,
    pub n: u32,
}

impl Sample {
    /// Of finite values; others are left out. The mean of none is 0.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        let n = values.len() as f64;
        // Divided first, so that no sum overflows.
        let mean: f64 = values.iter().map(|value| value / n).sum();
        let size = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        let error = if values.len() < 2 || size == 0.0 {
            0.0
        } else {
            let squares: f64 = values.iter().map(|value| ((value - mean) / size).powi(2)).sum();
            size * (squares / (n - 1.0) / n).sqrt()
        };
        // What is left of equal values when they have been rounded is no variation.
        let error = if error <= size * 1e-12 { 0.0 } else { error };
        Self { mean, error, n: u32::try_from(values.len()).unwrap_or(u32::MAX) }
    }

    /// Half the width of the 95 % interval of the mean; none without two values.
    pub fn margin(&self) -> Option<f64> {
        (self.n >= 2).then(|| self.error * critical(self.n - 1))
    }

    /// The two-sided p-value of "the mean is 0"; none without two values. Without any variation it is 1 or 0.
    pub fn p_of_zero(&self) -> Option<f64> {
        if self.n < 2 {
            return None;
        }
        if self.error == 0.0 {
            return Some(if self.mean.abs() < 1e-12 { 1.0 } else { 0.0 });
        }
        let beyond = distribution(self.n - 1).map_or(0.5, |t| t.sf((self.mean / self.error).abs()));
        Some((2.0 * beyond).clamp(0.0, 1.0))
    }
}

fn distribution(freedom: u32) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, f64::from(freedom)).ok()
}

/// What |t| exceeds in 5 % of all cases.
fn critical(freedom: u32) -> f64 {
    // Finding one takes a search, and all candidates of an experiment ask for the same ones.
    const KEPT: usize = 64;
    static TABLE: [OnceLock<f64>; KEPT] = [const { OnceLock::new() }; KEPT];
    let find = || distribution(freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(1.0 - LEVEL / 2.0));
    TABLE.get(freedom as usize).map_or_else(find, |cell| *cell.get_or_init(find))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_critical_values_are_those_of_the_table() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, column 0.975.
        let table =
            [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (7, 2.365), (9, 2.262), (19, 2.093), (100, 1.984)];
        for (freedom, value) in table {
            assert!((critical(freedom) - value).abs() < 5e-4, "{freedom}: {}", critical(freedom));
        }
    }

    #[test]
    fn the_far_tail_is_not_lost() {
        // With 2 degrees of freedom P(|T| > t) = 1 - t / sqrt(2 + t^2), which is 1 / t^2 for large t.
        let sample = Sample { mean: 1e4, error: 1.0, n: 3 };
        let p = sample.p_of_zero().unwrap();
        assert!((p * 1e8 - 1.0).abs() < 1e-3, "{p}");
    }

    #[test]
    fn equal_values_do_not_vary() {
        let sample = Sample::of([0.1 + 0.2, 0.3, 0.3].into_iter());
        assert_eq!((sample.margin(), sample.p_of_zero()), (Some(0.0), Some(0.0)));
        assert_eq!(Sample::of([0.0; 3].into_iter()).p_of_zero(), Some(1.0));
        assert_eq!(Sample::of([1.0].into_iter()).p_of_zero(), None);
    }
}
