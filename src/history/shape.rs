//! What kind of transaction was it? The shapes of a mix.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// The tutorial's: check the source's balance, debit it, credit the target.
    #[default]
    Transfer,
    /// Reads both accounts and writes both balances as absolute values.
    Absolute,
    /// A transfer that also reads an account which it does not write.
    Peek,
    /// Two accounts of one customer may go below zero singly, but not together.
    Skew,
    /// Reads accounts and writes none.
    Audit,
    /// Receipts, the closing of their batch, and a report on the closed one.
    Batch,
    /// At most so many members in a group.
    Cap,
    /// Insert mine, read yours.
    Fresh,
}

impl Shape {
    /// All shapes, in the order in which they are shown.
    pub const ALL: [Self; 8] =
        [Self::Transfer, Self::Absolute, Self::Peek, Self::Skew, Self::Audit, Self::Batch, Self::Cap, Self::Fresh];

    /// The name in flags, reports and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Absolute => "absolute",
            Self::Peek => "peek",
            Self::Skew => "skew",
            Self::Audit => "audit",
            Self::Batch => "batch",
            Self::Cap => "cap",
            Self::Fresh => "fresh",
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
