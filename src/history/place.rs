//! Where is it? The tables of contend's schema, and how a row or a group of rows in them is named.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A table whose rows are read and written by primary key: `id, balance, version, writer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// The bank: transfer, absolute, peek, audit.
    Accounts,
    /// Customers with two accounts each, for skew: customer c has the rows 2c - 1 and 2c.
    Pairs,
    /// One row per till, for batch: the number of its open batch.
    Tills,
    /// Rows that are inserted and then looked for, for fresh. A row that is not there has version 0.
    Fresh,
}

/// A table of rows that belong to groups, read by predicate: `id, grp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collection {
    /// Receipts by till and batch, for batch.
    Receipts,
    /// Members of groups that may have only so many, for cap.
    Members,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Accounts, Self::Pairs, Self::Tills, Self::Fresh];

    /// The table's name in contend's schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Pairs => "pairs",
            Self::Tills => "tills",
            Self::Fresh => "fresh",
        }
    }
}

impl Collection {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Receipts, Self::Members];

    /// The table's name in contend's schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Receipts => "receipts",
            Self::Members => "members",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Its table.
    pub table: Table,
    /// Its primary key.
    pub id: i64,
}

impl Key {
    /// An account.
    #[must_use]
    pub fn account(id: i64) -> Self {
        Self { table: Table::Accounts, id }
    }
}

/// The rows of one group: what a predicate read finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group {
    /// Its table.
    pub collection: Collection,
    /// Its number.
    pub id: i64,
}
