//! How large are the tables that the shapes have of their own, and what are their rules? Derived from the bank, so that
//! `--accounts` scales all contention.

use super::Bank;

/// What each account of a customer's pair is seeded with, and what skew takes from one or gives to it.
pub const PORTION: i64 = 100;
/// The most members of a group, for cap.
pub const CAP: usize = 3;
/// The number of a till's first batch.
pub const FIRST_BATCH: i64 = 1;

/// One till for so many accounts.
const ACCOUNTS_PER_TILL: u64 = 50;

impl Bank {
    /// Customers with two accounts each: as many accounts as the bank has, up to a million.
    #[must_use]
    pub fn customers(&self) -> u64 {
        (self.accounts / 2).clamp(1, 500_000)
    }

    /// Tills, each with one open batch.
    #[must_use]
    pub fn tills(&self) -> u64 {
        (self.accounts / ACCOUNTS_PER_TILL).clamp(1, 1_000_000)
    }
}
