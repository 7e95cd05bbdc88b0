//! Is one faster than the other? A test of pairs that were measured under the same circumstances.

use serde::{Deserialize, Serialize};

use super::Estimate;
use super::estimate::finite;
use super::student::Sample;

/// Pairs compared by the t test on the logarithms of their quotients: what both of a pair share, such as a slow minute
/// of the machine or the drift of an hour, is the same factor for both and falls out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// The first divided by the second: the geometric mean of the quotients, with its 95 % interval.
    pub ratio: Estimate,
    /// The two-sided p-value of "there is no difference". It is 0 only where the quotients do not vary at all.
    pub p: f64,
}

impl Paired {
    /// Of at least two pairs of positive numbers; other pairs are left out.
    #[must_use]
    pub fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let both = pairs.iter().filter(|(first, second)| positive(*first) && positive(*second));
        let sample = Sample::of(both.map(|(first, second)| first.ln() - second.ln()));
        let p = sample.p_of_zero()?;
        Some(Self { ratio: Estimate::from_sample(sample, |value| finite(value.exp())), p })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours of sleep that two drugs added for ten patients: Student, 1908, section IX.
    const SLEEP: [(f64, f64); 10] = [
        (1.9, 0.7),
        (0.8, -1.6),
        (1.1, -0.2),
        (0.1, -1.2),
        (-0.1, -0.1),
        (4.4, 3.4),
        (5.5, 3.7),
        (1.6, 0.8),
        (4.6, 0.0),
        (3.4, 2.0),
    ];

    #[test]
    fn student_s_own_example_has_its_p_value() {
        // t = 4.0621 with 9 degrees of freedom; R's t.test(paired = TRUE) says p = 0.002833 and 0.7001 to 2.4599.
        let paired = Paired::of(&SLEEP.map(|(first, second)| (first.exp(), second.exp()))).unwrap();
        assert!((paired.p - 0.002_833).abs() < 5e-7, "{}", paired.p);
        assert!((paired.ratio.mean.ln() - 1.58).abs() < 1e-9);
        assert!((paired.ratio.low.unwrap().ln() - 0.7001).abs() < 5e-5);
        assert!((paired.ratio.high.unwrap().ln() - 2.4599).abs() < 5e-5);
    }

    #[test]
    fn what_a_pair_shares_does_not_matter() {
        let alone = [(1.1, 1.0), (1.2, 1.0), (1.05, 1.0)];
        let shared = [(11.0, 10.0), (0.12, 0.1), (525.0, 500.0)];
        let (alone, shared) = (Paired::of(&alone).unwrap(), Paired::of(&shared).unwrap());
        assert!((alone.p - shared.p).abs() < 1e-9 && (alone.ratio.mean - shared.ratio.mean).abs() < 1e-9);
    }

    #[test]
    fn degenerate_pairs_have_an_answer() {
        assert_eq!(Paired::of(&[]), None);
        assert_eq!(Paired::of(&[(1.0, 2.0)]), None);
        assert_eq!(Paired::of(&[(0.0, 2.0), (1.0, 2.0), (f64::INFINITY, 1.0)]), None);
        let same = Paired::of(&[(3.0, 3.0), (5.0, 5.0)]).unwrap();
        assert_eq!((same.p, same.ratio.mean, same.ratio.low), (1.0, 1.0, Some(1.0)));
        let constant = Paired::of(&[(6.0, 3.0), (10.0, 5.0)]).unwrap();
        assert!(constant.p <= 0.0 && (constant.ratio.mean - 2.0).abs() < 1e-12);
    }
}
