//! How much may retries cost? A token bucket: a success deposits, a retry is paid for.

use std::fmt;

/// What all transactions of one shard may spend on retries; a transaction whose retry cannot be paid for gives up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Tokens that the bucket holds at most, and at first.
    pub capacity: f64,
    /// What a retry costs.
    pub cost: f64,
    /// What a committed transaction puts back.
    pub deposit: f64,
}

/// The bucket of one shard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    budget: Budget,
    tokens: f64,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        Self { budget, tokens: budget.capacity }
    }

    /// A transaction was committed.
    pub fn deposit(&mut self) {
        self.tokens = (self.tokens + self.budget.deposit).min(self.budget.capacity);
    }

    /// Pays for a retry, where there is enough; whether there was.
    pub fn pay(&mut self) -> bool {
        let pays = self.tokens >= self.budget.cost;
        if pays {
            self.tokens -= self.budget.cost;
        }
        pays
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { capacity, cost, deposit } = self;
        write!(formatter, "budget:capacity={capacity},cost={cost},deposit={deposit}")
    }
}
