//! How much may retries cost? A token bucket: a commit deposits, a retry is paid for.

use std::fmt;

/// What all transactions of one shard may spend on retries; a transaction whose retry cannot be paid for gives up.
///
/// While nearly all attempts are committed there is always enough. Where most are aborted, retries come down to
/// deposit/cost for each commit, so that they cannot keep a server busy that has no work to show for it: the retry
/// budgets of Twitter's Finagle and the retry throttling of gRPC (its proposal A6) are of this kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Tokens that the bucket holds at most, and at first.
    pub capacity: f64,
    /// What a retry costs.
    pub cost: f64,
    /// What a committed transaction puts back.
    pub deposit: f64,
}

impl Budget {
    /// The smallest part of a token that is counted.
    pub(super) const LEAST: f64 = 1.0 / PARTS;
    /// Nobody holds more.
    pub(super) const MOST: f64 = 1e9;
}

impl Default for Budget {
    /// A hundred retries at once, and one in ten commits from then on.
    fn default() -> Self {
        Self { capacity: 100.0, cost: 1.0, deposit: 0.1 }
    }
}

/// Tokens are counted in millionths, so that ten deposits of 0.1 are one token.
const PARTS: f64 = 1e6;

/// The bucket of one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    tokens: u64,
    capacity: u64,
    cost: u64,
    deposit: u64,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn new(Budget { capacity, cost, deposit }: Budget) -> Self {
        let [capacity, cost, deposit] = [capacity, cost, deposit].map(parts);
        Self { tokens: capacity, capacity, cost, deposit }
    }

    /// A transaction was committed.
    pub fn deposit(&mut self) {
        self.tokens = self.tokens.saturating_add(self.deposit).min(self.capacity);
    }

    /// Pays for a retry, where there is enough; whether there was.
    pub fn pay(&mut self) -> bool {
        let left = self.tokens.checked_sub(self.cost);
        self.tokens = left.unwrap_or(self.tokens);
        left.is_some()
    }

    /// How many are left.
    #[must_use]
    pub fn tokens(&self) -> f64 {
        self.tokens as f64 / PARTS
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn parts(tokens: f64) -> u64 {
    (tokens * PARTS).round() as u64
}

impl fmt::Display for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { capacity, cost, deposit } = self;
        write!(formatter, "budget:capacity={capacity},cost={cost},deposit={deposit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ten_deposits_of_a_tenth_are_one_token() {
        let mut bucket = Bucket::new(Budget { capacity: 1.0, cost: 1.0, deposit: 0.1 });
        assert!(bucket.pay() && !bucket.pay());
        for _ in 0..9 {
            bucket.deposit();
            assert!(!bucket.pay());
        }
        bucket.deposit();
        assert!(bucket.pay() && !bucket.pay());
    }

    proptest! {
        #[test]
        fn what_is_paid_was_there_at_first_or_was_deposited(
            capacity in 1u32..200, cost in 1u32..5, deposit in 0u32..300, commits: Vec<bool>,
        ) {
            let (cost, deposit) = (f64::from(cost.min(capacity)), f64::from(deposit) / 100.0);
            let mut bucket = Bucket::new(Budget { capacity: f64::from(capacity), cost, deposit });
            let (mut paid, mut deposited) = (0.0, 0.0);
            for commit in commits {
                let before = bucket.tokens();
                if commit {
                    bucket.deposit();
                    deposited += deposit;
                } else {
                    let pays = bucket.pay();
                    prop_assert_eq!(pays, before >= cost, "it pays exactly when it can");
                    paid += if pays { cost } else { 0.0 };
                }
                prop_assert!((0.0..=f64::from(capacity)).contains(&bucket.tokens()));
                prop_assert!(paid <= f64::from(capacity) + deposited + 1e-6);
            }
        }
    }
}
