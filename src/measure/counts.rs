//! How often did what happen? Every count is defined here, once, by an equation.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::history::{Attempt, Cause, Outcome, Transaction};

/// The counts of a run, or of any part of it.
///
/// * transactions = committed + declined + exhausted + ambiguous + failed
/// * attempts = transactions + retries
/// * retries = sum of `retries_by`: aborts that were tried again, by what had aborted them
///
/// `attempts` is counted, not computed, so that the second equation can be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Transactions that the server confirmed.
    pub committed: u64,
    /// Transactions that the business rule refused.
    pub declined: u64,
    /// Transactions that gave up.
    pub exhausted: u64,
    /// Transactions whose COMMIT was sent and not answered.
    pub ambiguous: u64,
    /// Transactions that ended with an error which no retry mends.
    pub failed: u64,
    /// Attempts of all transactions.
    pub attempts: u64,
    /// Round trips of all attempts: flights that were sent, ROLLBACK included.
    pub round_trips: u64,
    /// Attempts that were tried again, by cause.
    pub retries_by: BTreeMap<Cause, u64>,
    /// Transactions that were exhausted, ambiguous or failed, by the cause of their last attempt.
    pub ended_by: BTreeMap<(Ended, Cause), u64>,
}

/// The outcomes that have a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// Gave up.
    Exhausted,
    /// COMMIT was sent and not answered.
    Ambiguous,
    /// An error that no retry mends.
    Failed,
}

impl Counts {
    /// All transactions that ended.
    #[must_use]
    pub fn transactions(&self) -> u64 {
        self.committed + self.declined + self.exhausted + self.ambiguous + self.failed
    }

    /// All aborts that were tried again.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.retries_by.values().sum()
    }

    /// Counts one attempt.
    pub fn add_attempt(&mut self, attempt: &Attempt<'_>) {
        self.attempts += 1;
        self.round_trips += u64::from(attempt.round_trips);
        if let Some(cause) = attempt.retry_of {
            *self.retries_by.entry(cause).or_default() += 1;
        }
    }

    /// Counts one transaction.
    pub fn add_transaction(&mut self, transaction: &Transaction) {
        let (count, ended) = match transaction.outcome {
            Outcome::Committed => (&mut self.committed, None),
            Outcome::Declined => (&mut self.declined, None),
            Outcome::Exhausted => (&mut self.exhausted, Some(Ended::Exhausted)),
            Outcome::Ambiguous => (&mut self.ambiguous, Some(Ended::Ambiguous)),
            Outcome::Failed => (&mut self.failed, Some(Ended::Failed)),
        };
        *count += 1;
        self.round_trips += u64::from(transaction.round_trips);
        if let (Some(ended), Some(cause)) = (ended, transaction.cause) {
            *self.ended_by.entry((ended, cause)).or_default() += 1;
        }
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Counts) {
        let Counts { committed, declined, exhausted, ambiguous, failed, attempts, round_trips, retries_by, ended_by } =
            other;
        self.committed += committed;
        self.declined += declined;
        self.exhausted += exhausted;
        self.ambiguous += ambiguous;
        self.failed += failed;
        self.attempts += attempts;
        self.round_trips += round_trips;
        for (cause, count) in retries_by {
            *self.retries_by.entry(*cause).or_default() += count;
        }
        for (key, count) in ended_by {
            *self.ended_by.entry(*key).or_default() += count;
        }
    }
}
