//! Where is it? The tables of contend's schema, and how a row or a group of rows in them is named.

use std::fmt;
use std::str::FromStr;

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

impl fmt::Display for Key {
    /// `accounts/6`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.table, self.id)
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

impl fmt::Display for Group {
    /// `members/5`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.collection, self.id)
    }
}

/// A text that names no row or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a table and a number are needed, such as accounts/6 or members/5")]
pub struct NoPlace;

fn split(text: &str) -> Result<(&str, i64), NoPlace> {
    let (table, id) = text.split_once('/').ok_or(NoPlace)?;
    Ok((table, id.parse().map_err(|_| NoPlace)?))
}

impl FromStr for Key {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (name, id) = split(text)?;
        let table = Table::ALL.into_iter().find(|table| table.name() == name).ok_or(NoPlace)?;
        Ok(Self { table, id })
    }
}

impl FromStr for Group {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (name, id) = split(text)?;
        let collection = Collection::ALL.into_iter().find(|collection| collection.name() == name).ok_or(NoPlace)?;
        Ok(Self { collection, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_a_text() {
        for table in Table::ALL {
            let key = Key { table, id: i64::MIN };
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for collection in Collection::ALL {
            let group = Group { collection, id: 5 };
            assert_eq!(group.to_string().parse(), Ok(group));
        }
        assert_eq!(Key::account(6).to_string(), "accounts/6");
        for wrong in ["", "accounts", "accounts/", "accounts/x", "accounts/1/2", "members/1", "/1"] {
            assert_eq!(wrong.parse::<Key>(), Err(NoPlace), "{wrong}");
        }
        assert_eq!("accounts/1".parse::<Group>(), Err(NoPlace));
    }
}
