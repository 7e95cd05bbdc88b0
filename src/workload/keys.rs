//! Which account comes next? Key choice by distribution.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Zipf};

use crate::plan::Keys;

/// Draws account ids from 1 to n.
#[derive(Clone, Debug)]
pub struct KeyChooser {
    accounts: u64,
    distribution: Chooser,
}

#[derive(Clone, Debug)]
enum Chooser {
    Uniform,
    Zipf(Zipf<f64>),
    Hotspot { hot: u64, probability: f64 },
}

impl KeyChooser {
    /// For the accounts 1 to `accounts`; a pair needs at least 2 of them.
    #[must_use]
    pub fn new(keys: Keys, accounts: u64) -> Self {
        let distribution = match keys {
            Keys::Uniform => Chooser::Uniform,
            // Out of its domain (no accounts, negative exponent) only for values that the plan never holds.
            Keys::Zipf { exponent } => Zipf::new(accounts as f64, exponent).map_or(Chooser::Uniform, Chooser::Zipf),
            Keys::Hotspot { keys_percent, choices_percent } => {
                Chooser::Hotspot { hot: share(accounts, keys_percent), probability: choices_percent / 100.0 }
            }
        };
        Self { accounts, distribution }
    }

    /// Two different accounts.
    pub fn pair(&self, random: &mut impl Rng) -> (i64, i64) {
        let first = self.draw(random);
        // A very skewed distribution draws the same account for a long time; its neighbor will do then.
        let second = (0..64).map(|_| self.draw(random)).find(|second| *second != first);
        (as_id(first), as_id(second.unwrap_or(first % self.accounts + 1)))
    }

    /// One account.
    pub fn one(&self, random: &mut impl Rng) -> i64 {
        as_id(self.draw(random))
    }

    fn draw(&self, random: &mut impl Rng) -> u64 {
        match &self.distribution {
            Chooser::Uniform => random.random_range(1..=self.accounts),
            Chooser::Zipf(zipf) => rank(zipf.sample(random), self.accounts),
            Chooser::Hotspot { hot, .. } if *hot == self.accounts => random.random_range(1..=self.accounts),
            Chooser::Hotspot { hot, probability } => {
                if random.random_bool(*probability) {
                    random.random_range(1..=*hot)
                } else {
                    random.random_range(*hot + 1..=self.accounts)
                }
            }
        }
    }
}

/// A percentage of the accounts, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count is a count")]
fn share(accounts: u64, percent: f64) -> u64 {
    ((accounts as f64 * percent / 100.0).round() as u64).clamp(1, accounts)
}

/// The rank that a sample of the Zipf distribution stands for.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "samples are whole numbers from 1")]
fn rank(sample: f64, accounts: u64) -> u64 {
    (sample as u64).clamp(1, accounts)
}

fn as_id(key: u64) -> i64 {
    i64::try_from(key).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    fn share_of_first(keys: &str, accounts: u64, first: i64) -> f64 {
        let chooser = KeyChooser::new(keys.parse().unwrap(), accounts);
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let draws = 20_000;
        let hits = (0..draws).filter(|_| chooser.one(&mut random) <= first).count();
        hits as f64 / f64::from(draws)
    }

    #[test]
    fn each_distribution_has_its_shape() {
        assert!((0.09..0.11).contains(&share_of_first("uniform", 100, 10)));
        assert!((0.89..0.91).contains(&share_of_first("hotspot:10%/90%", 100, 10)));
        // 1/H(100) with s = 1, where H(100) = 5.187
        assert!((0.183..0.203).contains(&share_of_first("zipf:1", 100, 1)));
    }

    #[test]
    fn a_pair_is_two_different_accounts_even_in_the_narrowest_bank() {
        for keys in ["uniform", "zipf:10", "hotspot:50%/100%", "hotspot:100%/100%"] {
            let chooser = KeyChooser::new(keys.parse().unwrap(), 2);
            let mut random = ChaCha8Rng::seed_from_u64(2);
            for _ in 0..1000 {
                let (from, to) = chooser.pair(&mut random);
                assert!(from != to && (1..=2).contains(&from) && (1..=2).contains(&to), "{keys}: {from} {to}");
            }
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_pairs() {
        let chooser = KeyChooser::new(Keys::Uniform, 1000);
        let draw = || {
            let mut random = ChaCha8Rng::seed_from_u64(3);
            (0..100).map(|_| chooser.pair(&mut random)).collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
    }
}
