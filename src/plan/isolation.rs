//! Which isolation levels are there? Their names, and which is stronger.

use std::fmt;
use std::str::FromStr;

use super::ParseValueError;

/// An isolation level of the SQL standard, from weak to strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Isolation {
    /// READ COMMITTED.
    ReadCommitted,
    /// REPEATABLE READ; on PostgreSQL and its kin that is snapshot isolation.
    RepeatableRead,
    /// SERIALIZABLE.
    #[default]
    Serializable,
}

impl Isolation {
    /// Reads what `SHOW transaction_isolation` answers; other names of other products are none of these levels.
    #[must_use]
    pub fn from_server(answer: &str) -> Option<Self> {
        match answer.trim().to_ascii_lowercase().replace('_', " ").as_str() {
            "read committed" => Some(Self::ReadCommitted),
            // CockroachDB's SHOW says "snapshot" in some versions for what it calls REPEATABLE READ elsewhere.
            "repeatable read" | "snapshot" => Some(Self::RepeatableRead),
            "serializable" => Some(Self::Serializable),
            _ => None,
        }
    }
}

impl FromStr for Isolation {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "serializable" => Ok(Self::Serializable),
            "repeatable-read" => Ok(Self::RepeatableRead),
            "read-committed" => Ok(Self::ReadCommitted),
            _ => Err(ParseValueError::new("serializable, repeatable-read or read-committed is needed")),
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ReadCommitted => "read-committed",
            Self::RepeatableRead => "repeatable-read",
            Self::Serializable => "serializable",
        })
    }
}
