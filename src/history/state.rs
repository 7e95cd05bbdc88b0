//! What do all tables of a run hold? The accounts, and those of the shapes that have tables of their own.

use super::{Account, Snapshot};

/// Every table that a run works with, each as a single statement saw it while nothing else wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The accounts.
    pub accounts: Snapshot,
    /// The customers' pairs of accounts; nothing when the mix has no use for the table, or it is too large to be held.
    /// The same goes for the tables below.
    pub pairs: Option<Vec<Account>>,
    /// The tills.
    pub tills: Option<Vec<Account>>,
    /// The rows that were inserted.
    pub fresh: Option<Vec<Account>>,
    /// The receipts.
    pub receipts: Option<Vec<Member>>,
    /// The members of the groups.
    pub members: Option<Vec<Member>>,
    /// The ledger table, where transfers are noted in it.
    pub transfers: Option<Vec<Posted>>,
}

/// A row of a table that is read by predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The number of the attempt that added it.
    pub id: i64,
    /// The group it belongs to.
    pub group: i64,
}

/// A row of the ledger table: one transfer, written by the transaction that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The number of the attempt that wrote it.
    pub writer: i64,
    /// The transaction's run-wide number: the same for all attempts.
    pub ticket: i64,
    /// The account that was debited.
    pub from: i64,
    /// The account that was credited.
    pub to: i64,
    /// How much was moved.
    pub amount: i64,
}
