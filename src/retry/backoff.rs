//! How long until the next attempt? The sequence of delays of one transaction.

use std::time::Duration;

use rand::{Rng, RngExt};

use super::{Delays, Jitter};

/// The delays of one transaction: made anew for each, so that no state leaks from one transaction to the next.
#[derive(Clone, Debug)]
pub struct Backoff {
    delays: Delays,
    failures: u32,
    previous: Duration,
}

impl Backoff {
    /// Before the first attempt.
    #[must_use]
    pub fn new(delays: Delays) -> Self {
        Self { delays, failures: 0, previous: Duration::ZERO }
    }

    /// The delay after one more failed attempt. Randomness comes from the caller's stream.
    pub fn next_delay(&mut self, random: &mut impl Rng) -> Duration {
        self.failures = self.failures.saturating_add(1);
        self.previous = match self.delays {
            Delays::None | Delays::Immediate => Duration::ZERO,
            Delays::Tutorial => {
                let exponent = i32::try_from(self.failures).unwrap_or(i32::MAX).min(20);
                Duration::from_secs_f64(2f64.powi(exponent) * 0.1 * (random.random::<f64>() + 0.5))
            }
            Delays::Constant(delay) => delay,
            Delays::Exponential { base, factor, cap, jitter } => match jitter {
                Jitter::Decorrelated => self.decorrelated(base, cap, random),
                Jitter::None => self.grown(base, factor, cap),
                Jitter::Full => self.grown(base, factor, cap).mul_f64(random.random()),
                Jitter::Equal => self.grown(base, factor, cap).mul_f64(0.5 + random.random::<f64>() / 2.0),
            },
        };
        self.previous
    }

    /// min(cap, base x factor^(n-1)), without overflow for any n.
    fn grown(&self, base: Duration, factor: f64, cap: Duration) -> Duration {
        let exponent = i32::try_from(self.failures - 1).unwrap_or(i32::MAX);
        let seconds = base.as_secs_f64() * factor.powi(exponent);
        if seconds < cap.as_secs_f64() { Duration::try_from_secs_f64(seconds).unwrap_or_default() } else { cap }
    }

    /// min(cap, uniform(base, 3 x previous)), where the first previous is the base.
    fn decorrelated(&self, base: Duration, cap: Duration, random: &mut impl Rng) -> Duration {
        let upper = self.previous.max(base).saturating_mul(3);
        (base + upper.saturating_sub(base).mul_f64(random.random())).min(cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    fn exponential(base_ms: u64, factor: f64, cap_ms: u64, jitter: Jitter) -> Delays {
        Delays::Exponential { base: Duration::from_millis(base_ms), factor, cap: Duration::from_millis(cap_ms), jitter }
    }

    fn drawn(delays: Delays, seed: u64, count: usize) -> Vec<Duration> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut backoff = Backoff::new(delays);
        (0..count).map(|_| backoff.next_delay(&mut random)).collect()
    }

    #[test]
    fn without_jitter_the_delay_doubles_up_to_the_cap() {
        let milliseconds: Vec<u128> =
            drawn(exponential(10, 2.0, 100, Jitter::None), 1, 6).iter().map(Duration::as_millis).collect();
        assert_eq!(milliseconds, [10, 20, 40, 80, 100, 100]);
    }

    #[test]
    fn the_tutorial_waits_about_two_then_four_tenths_of_a_second() {
        for seed in 0..200 {
            let waits = drawn(Delays::Tutorial, seed, 2);
            assert!((0.1..0.3).contains(&waits[0].as_secs_f64()), "{waits:?}");
            assert!((0.2..0.6).contains(&waits[1].as_secs_f64()), "{waits:?}");
        }
    }

    #[test]
    fn full_jitter_is_half_the_delay_on_average() {
        let first: f64 = (0..4000)
            .map(|seed| drawn(exponential(100, 2.0, 1000, Jitter::Full), seed, 1)[0].as_secs_f64())
            .sum::<f64>()
            / 4000.0;
        assert!((0.048..0.052).contains(&first), "mean {first}");
    }

    #[test]
    fn a_new_transaction_starts_from_the_base_again() {
        let policy = exponential(10, 2.0, 10_000, Jitter::Decorrelated);
        let mut random = ChaCha8Rng::seed_from_u64(7);
        for _ in 0..500 {
            let first = Backoff::new(policy).next_delay(&mut random);
            assert!(first <= Duration::from_millis(30), "{first:?}");
        }
    }

    proptest! {
        #[test]
        fn every_delay_is_within_the_published_bounds(
            base in 1u64..1000, growth in 1.0f64..4.0, above in 0u64..10_000, seed: u64, retries in 1usize..80,
        ) {
            let cap = base + above;
            for jitter in [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated] {
                let mut previous = Duration::from_millis(base);
                for (index, delay) in drawn(exponential(base, growth, cap, jitter), seed, retries).into_iter().enumerate() {
                    let grown = (base as f64 * growth.powi(i32::try_from(index).unwrap())).min(cap as f64) / 1e3;
                    let (low, high) = match jitter {
                        Jitter::None => (grown, grown),
                        Jitter::Full => (0.0, grown),
                        Jitter::Equal => (grown / 2.0, grown),
                        Jitter::Decorrelated =>
                            (base as f64 / 1e3, (previous.as_secs_f64() * 3.0).min(cap as f64 / 1e3)),
                    };
                    let seconds = delay.as_secs_f64();
                    prop_assert!(seconds >= low - 1e-8 && seconds <= high + 1e-8, "{jitter} {index}: {seconds} not in {low}..{high}");
                    previous = delay;
                }
            }
        }
    }
}
