//! How is it verified? What is recorded and checked, as values.

use std::fmt;
use std::str::FromStr;

use super::ParseValueError;

/// What is asked of the verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verify {
    /// What is recorded.
    pub mode: VerifyMode,
    /// Recording stops when the history would take more memory than this, in bytes.
    pub history_limit: u64,
    /// The whole state is read in snapshots while the load runs.
    pub audit: bool,
}

/// What is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerifyMode {
    /// Nothing: only the state at the end is checked.
    Balance,
    /// Every attempt, and the whole history is checked.
    #[default]
    History,
    /// That, and each transfer also leaves a row in a table, written in its own transaction.
    Ledger,
}

impl VerifyMode {
    /// Whether attempts are recorded.
    #[must_use]
    pub fn records(self) -> bool {
        self != Self::Balance
    }
}

impl FromStr for VerifyMode {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "balance" => Ok(Self::Balance),
            "history" => Ok(Self::History),
            "ledger" => Ok(Self::Ledger),
            _ => Err(ParseValueError::new("balance, history or ledger is needed")),
        }
    }
}

impl fmt::Display for VerifyMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Balance => "balance",
            Self::History => "history",
            Self::Ledger => "ledger",
        })
    }
}
