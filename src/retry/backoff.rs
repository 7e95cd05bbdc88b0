//! How long until the next attempt? The delays of one transaction, one after the other.

use std::time::Duration;

use rand::{Rng, RngExt};

use super::jitter::around;
use super::{Delays, Jitter};

/// The delays of one transaction: made anew for each, so that no state leaks from one transaction to the next.
#[derive(Clone, Debug)]
pub struct Backoff {
    delays: Delays,
    pub(super) failures: u32,
    previous: Duration,
}

impl Backoff {
    /// Before the first attempt.
    #[must_use]
    pub fn new(delays: Delays) -> Self {
        Self { delays, failures: 0, previous: Duration::ZERO }
    }

    /// The delay after one more failed attempt, at this age of the transaction: the time since its first attempt began.
    /// Randomness comes from the caller's stream.
    pub fn next_delay(&mut self, age: Duration, random: &mut impl Rng) -> Duration {
        self.failures = self.failures.saturating_add(1);
        self.previous = match self.delays {
            Delays::None | Delays::Immediate => Duration::ZERO,
            Delays::Tutorial => {
                let doubled = growth(2.0, self.failures.min(20));
                Duration::from_secs_f64(doubled * 0.1 * (random.random::<f64>() + 0.5))
            }
            Delays::Constant(delay) => delay,
            Delays::Uniform { low, high } => low + (high.saturating_sub(low)).mul_f64(random.random()),
            Delays::Linear { base, cap, jitter } => jitter.spread(base.saturating_mul(self.failures).min(cap), random),
            Delays::Exponential { base, cap, jitter: Jitter::Decorrelated, .. } => self.decorrelated(base, cap, random),
            Delays::Exponential { base, factor, cap, jitter: Jitter::Compounded { percent } } => {
                self.compounded(base, factor, cap, percent, random)
            }
            Delays::Exponential { base, factor, cap, jitter } => {
                jitter.spread(multiplied(base, growth(factor, self.failures - 1), cap), random)
            }
            Delays::Age { base, half, jitter } => {
                let halvings = age.as_secs_f64() / half.as_secs_f64();
                jitter.spread(multiplied(base, (-halvings).exp2(), base), random)
            }
        };
        self.previous
    }

    /// All delays of a transaction whose attempts take no time: its age is the sum of the delays before.
    pub fn sequence<R: Rng>(delays: Delays, random: R) -> impl Iterator<Item = Duration> {
        let (mut backoff, mut age, mut random) = (Self::new(delays), Duration::ZERO, random);
        std::iter::repeat_with(move || {
            let delay = backoff.next_delay(age, &mut random);
            age = age.saturating_add(delay);
            delay
        })
    }

    /// min(cap, uniform(base, 3 x previous)), where the first previous is the base.
    fn decorrelated(&self, base: Duration, cap: Duration, random: &mut impl Rng) -> Duration {
        let upper = self.previous.max(base).saturating_mul(3);
        (base + upper.saturating_sub(base).mul_f64(random.random())).min(cap)
    }

    /// min(cap, previous x factor x uniform(1 - percent/100, 1 + percent/100)); the first one is the base itself.
    fn compounded(&self, base: Duration, factor: f64, cap: Duration, percent: f64, random: &mut impl Rng) -> Duration {
        if self.failures == 1 { base } else { multiplied(self.previous, factor * around(percent, random), cap) }
    }
}

fn growth(factor: f64, exponent: u32) -> f64 {
    factor.powi(i32::try_from(exponent).unwrap_or(i32::MAX))
}

/// min(cap, base x factor), without overflow.
fn multiplied(base: Duration, factor: f64, cap: Duration) -> Duration {
    // A factor may grow to infinity, and nothing times that is still nothing.
    let seconds = if base.is_zero() { 0.0 } else { base.as_secs_f64() * factor };
    if seconds < cap.as_secs_f64() { Duration::try_from_secs_f64(seconds).unwrap_or_default() } else { cap }
}
