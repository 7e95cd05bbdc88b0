//! How long are the waits of a policy? Of each one the shortest, the mean and the longest.

use std::convert::Infallible;
use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng, TryRng};
use serde::Serialize;

use super::{Backoff, Policy};

/// So many transactions are drawn, each together with its mirror image: what is drawn high in one is drawn low in the other,
/// so that means are nearly exact (antithetic variates: Hammersley and Morton, 1956). From seeds that are always the same.
const PAIRS: u32 = 500;

/// The wait before an attempt, in seconds, of transactions whose attempts take no time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Wait {
    /// Which attempt, from 2.
    pub attempt: u32,
    /// The shortest.
    pub min_s: f64,
    /// The mean.
    pub mean_s: f64,
    /// The longest.
    pub max_s: f64,
}

impl Policy {
    /// The waits before the second attempt and those behind it, up to the given one or the last that the policy has.
    #[must_use]
    pub fn waits(&self, last: u32) -> Vec<Wait> {
        let retries = last.min(self.limits.max_attempts).saturating_sub(1) as usize;
        let drawn = |source| Backoff::sequence(self.delays, source).take(retries);
        let (mut low, mut total): (Vec<Duration>, _) = (drawn(Source::Lowest).collect(), vec![Duration::ZERO; retries]);
        let mut high = low.clone();
        let mut widen = |retry: usize, delay: Duration| {
            (low[retry], high[retry]) = (low[retry].min(delay), high[retry].max(delay));
        };
        drawn(Source::Highest).enumerate().for_each(|(retry, delay)| widen(retry, delay));
        // Where a longer wait leaves a shorter one to come those were no ends, and what is drawn comes close to them.
        for seed in 0..PAIRS {
            for source in [Source::Drawn, Source::Mirrored] {
                for (retry, delay) in drawn(source(ChaCha8Rng::seed_from_u64(seed.into()))).enumerate() {
                    total[retry] += delay;
                    widen(retry, delay);
                }
            }
        }
        let wait = |(retry, attempt): (usize, u32)| Wait {
            attempt,
            min_s: low[retry].as_secs_f64(),
            mean_s: (total[retry] / (2 * PAIRS)).as_secs_f64(),
            max_s: high[retry].as_secs_f64(),
        };
        (0..retries).zip(2..).map(wait).collect()
    }
}

/// Where numbers come from: drawn, the mirror image of that, or always one end of what can be drawn.
enum Source {
    Drawn(ChaCha8Rng),
    Mirrored(ChaCha8Rng),
    Lowest,
    Highest,
}

impl TryRng for Source {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        // Its upper half, as good as any.
        Ok(u32::try_from(self.next_u64() >> 32).unwrap_or(u32::MAX))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(match self {
            Self::Drawn(random) => random.next_u64(),
            Self::Mirrored(random) => !random.next_u64(),
            Self::Lowest => 0,
            Self::Highest => u64::MAX,
        })
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(seconds: f64) -> u128 {
        Duration::from_secs_f64(seconds + 0.0005).as_millis()
    }

    fn of(policy: &str) -> Vec<[u128; 3]> {
        let waits = policy.parse::<Policy>().unwrap().waits(8);
        waits.iter().map(|wait| [wait.min_s, wait.mean_s, wait.max_s].map(milliseconds)).collect()
    }

    #[test]
    fn the_ends_are_those_of_the_formula() {
        assert_eq!(of("none"), [[0; 3]; 0]);
        assert_eq!(of("constant:5ms/attempts:3"), [[5; 3]; 2]);
        assert_eq!(of("uniform:10ms..30ms/attempts:2"), [[10, 20, 30]]);
        assert_eq!(of("tutorial"), [[100, 200, 300], [200, 400, 600]]);
        let jepsen = of("exponential:base=20ms,factor=4,cap=1h,jitter=factor+-6.25%/attempts:4");
        assert_eq!(jepsen, [[20, 20, 20], [75, 80, 85], [281, 320, 361]]);
        let decorrelated = of("exponential:base=5ms,cap=2s,jitter=decorrelated/attempts:4");
        assert_eq!((decorrelated[2][0], decorrelated[2][2]), (5, 135), "{decorrelated:?}");
    }

    #[test]
    fn those_of_older_transactions_are_shorter() {
        let waits = of("age:base=40ms,half=40ms,jitter=none");
        assert_eq!(waits[..3], [[40; 3], [20; 3], [14; 3]], "at ages 0, 40 and 60 ms");
    }
}
