//! How often did what happen, shape by shape? A small array, so that counting one more attempt is one addition.

use std::ops::AddAssign;

use crate::history::{Attempt, Outcome, Shape, Transaction};

/// What came of the transactions of one shape.
///
/// * transactions = committed + declined + other
/// * attempts = transactions + retries
///
/// Over all shapes they add up to [`super::Counts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShapeCounts {
    /// Transactions that the server confirmed.
    pub committed: u64,
    /// Transactions that the business rule refused.
    pub declined: u64,
    /// Transactions that were exhausted, ambiguous or failed.
    pub other: u64,
    /// Attempts of all transactions, counted and not computed.
    pub attempts: u64,
    /// Aborts that were tried again.
    pub retries: u64,
}

/// The counts of every shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByShape([ShapeCounts; Shape::ALL.len()]);

impl ByShape {
    /// The counts of one shape.
    #[must_use]
    pub fn of(&self, shape: Shape) -> &ShapeCounts {
        &self.0[shape as usize]
    }

    /// The shapes of which at least one transaction was committed: those that can have shown anything.
    #[must_use]
    pub fn committed(&self) -> Vec<Shape> {
        Shape::ALL.into_iter().filter(|shape| self.of(*shape).committed > 0).collect()
    }

    /// Counts one attempt.
    pub fn add_attempt(&mut self, attempt: &Attempt<'_>) {
        let counts = &mut self.0[attempt.shape as usize];
        counts.attempts += 1;
        counts.retries += u64::from(attempt.retry_of.is_some());
    }

    /// Counts one transaction.
    pub fn add_transaction(&mut self, transaction: &Transaction) {
        let counts = &mut self.0[transaction.shape as usize];
        *match transaction.outcome {
            Outcome::Committed => &mut counts.committed,
            Outcome::Declined => &mut counts.declined,
            Outcome::Exhausted | Outcome::Ambiguous | Outcome::Failed => &mut counts.other,
        } += 1;
    }
}

impl AddAssign<&ByShape> for ByShape {
    fn add_assign(&mut self, other: &ByShape) {
        for (sum, counts) in self.0.iter_mut().zip(other.0) {
            let ShapeCounts { committed, declined, other, attempts, retries } = counts;
            sum.committed += committed;
            sum.declined += declined;
            sum.other += other;
            sum.attempts += attempts;
            sum.retries += retries;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_a_place_of_its_own() {
        for (index, shape) in Shape::ALL.into_iter().enumerate() {
            assert_eq!(shape as usize, index);
        }
    }
}
