//! How many transactions at a time? Additive increase after commits, multiplicative decrease after aborts.

use std::fmt;

/// How the number of concurrent transactions of one shard follows their outcomes.
///
/// Of the linear controls that many can follow without talking to each other, this one converges both to using what there
/// is and to equal shares of it: Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance
/// in computer networks", Computer Networks and ISDN Systems 17(1), 1989.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aimd {
    /// What is added to the limit over as many commits as the limit allows at a time.
    pub increase: f64,
    /// What it is multiplied by after an abort, below 1.
    pub decrease: f64,
    /// It never falls below this.
    pub min: u32,
}

impl Default for Aimd {
    fn default() -> Self {
        Self { increase: 1.0, decrease: 0.5, min: 1 }
    }
}

/// The limit of one shard. It begins with all, so that without an abort nothing is held back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConcurrencyLimit {
    aimd: Aimd,
    most: f64,
    limit: f64,
    /// Outcomes until the next decrease.
    ///
    /// When the limit falls, as many transactions are still on their way as the limit was before. They have met each other
    /// under that one, so that their aborts say nothing of the new one, and each would halve it again. Chiu and Jain's model
    /// has one decision in each round for the same reason, TCP one in each round trip.
    settling: u32,
}

impl ConcurrencyLimit {
    /// At first `most` may run at a time, and never more.
    #[must_use]
    pub fn new(aimd: Aimd, most: u32) -> Self {
        let most = f64::from(most.max(1));
        Self { aimd, most, limit: most, settling: 0 }
    }

    /// An attempt has ended without a conflict.
    pub fn committed(&mut self) {
        self.settling = self.settling.saturating_sub(1);
        self.limit = (self.limit + self.aimd.increase / self.limit).min(self.most);
    }

    /// An attempt was aborted.
    pub fn aborted(&mut self) {
        if self.settling > 0 {
            self.settling -= 1;
            return;
        }
        self.settling = self.allowed();
        self.limit = (self.limit * self.aimd.decrease).max(f64::from(self.aimd.min)).min(self.most);
    }

    /// So many may run at a time.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a number of workers")]
    pub fn allowed(&self) -> u32 {
        (self.limit as u32).max(1)
    }
}

impl fmt::Display for Aimd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { increase, decrease, min } = self;
        write!(formatter, "aimd:increase={increase},decrease={decrease},min={min}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A server on which so many transactions do not meet, and of more one is aborted in each round.
    fn rounds(limit: &mut ConcurrencyLimit, capacity: u32, count: usize) -> Vec<u32> {
        let mut allowed = Vec::new();
        for _ in 0..count {
            let running = limit.allowed();
            allowed.push(running);
            if running > capacity {
                limit.aborted();
            }
            for _ in 0..running.min(capacity) {
                limit.committed();
            }
        }
        allowed
    }

    #[test]
    fn without_an_abort_nothing_is_held_back() {
        let mut limit = ConcurrencyLimit::new(Aimd::default(), 16);
        assert_eq!(rounds(&mut limit, 16, 100), [16; 100]);
    }

    #[test]
    fn it_converges_to_what_the_server_can_do_and_comes_back_when_it_can_do_more() {
        let mut limit = ConcurrencyLimit::new(Aimd::default(), 256);
        rounds(&mut limit, 20, 50);
        let settled = rounds(&mut limit, 20, 1000);
        assert!(settled.iter().all(|allowed| (10..=21).contains(allowed)), "{settled:?}");
        let mean = f64::from(settled.iter().sum::<u32>()) / settled.len() as f64;
        assert!((14.0..18.0).contains(&mean), "the teeth of a saw between 10 and 21: {mean}");
        // One more in each round: 236 rounds or so.
        let rising = rounds(&mut limit, u32::MAX, 300);
        assert_eq!(rising.last(), Some(&256));
        assert!(rising[100] < 150, "no faster: {}", rising[100]);
    }

    #[test]
    fn the_aborts_of_those_that_were_on_their_way_are_one() {
        let mut limit = ConcurrencyLimit::new(Aimd::default(), 64);
        for _ in 0..=64 {
            limit.aborted();
        }
        assert_eq!(limit.allowed(), 32, "the first one, and 64 that had begun before it");
        limit.aborted();
        assert_eq!(limit.allowed(), 16);
    }

    proptest! {
        #[test]
        fn it_stays_within_its_bounds(
            increase in 0.001f64..1000.0, decrease in 0.001f64..0.999, min in 1u32..100, most in 1u32..100,
            commits: Vec<bool>,
        ) {
            let mut limit = ConcurrencyLimit::new(Aimd { increase, decrease, min }, most);
            for commit in commits {
                let before = limit.allowed();
                if commit { limit.committed() } else { limit.aborted() }
                let now = limit.allowed();
                let [low, high] = if commit { [before, now] } else { [now, before] };
                prop_assert!((min.min(most)..=most).contains(&now), "{} in {}..{}", now, min, most);
                prop_assert!(low <= high, "{} after {}", now, before);
            }
        }
    }
}
