//! What does the accounts table hold? One consistent snapshot of it.

use super::Row;

/// One account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The primary key, from 1.
    pub id: i64,
    /// Balance, version and writer.
    pub row: Row,
}

/// The table at one instant: what a single statement saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Number of rows.
    pub count: u64,
    /// Sum of all balances.
    pub total: i128,
    /// Sum of all versions: how many writes the table has seen since it was seeded.
    pub versions: i128,
    /// The smallest balance, 0 for an empty table.
    pub lowest: i64,
    /// The largest balance, 0 for an empty table.
    pub highest: i64,
    /// Every account in the order of the ids, or nothing when the table is too large to be held.
    pub accounts: Option<Vec<Account>>,
}

impl Snapshot {
    /// Adds up the accounts it is given.
    #[must_use]
    pub fn of(mut accounts: Vec<Account>) -> Self {
        accounts.sort_unstable_by_key(|account| account.id);
        Self {
            count: accounts.len() as u64,
            total: accounts.iter().map(|account| i128::from(account.row.balance)).sum(),
            versions: accounts.iter().map(|account| i128::from(account.row.version)).sum(),
            lowest: accounts.iter().map(|account| account.row.balance).min().unwrap_or(0),
            highest: accounts.iter().map(|account| account.row.balance).max().unwrap_or(0),
            accounts: Some(accounts),
        }
    }
}
