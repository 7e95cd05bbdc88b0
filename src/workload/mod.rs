//! What do transactions do? Requests and transaction bodies, as pure values.
//!
//! A workload makes [`Request`]s and answers, step by step, what a transaction does next. It sends nothing, retries
//! nothing and records nothing, so the engine may send its statements in whatever flights it likes, and a retry runs the
//! same request again.

mod keys;
mod transfer;

pub use keys::KeyChooser;
pub use transfer::{Request, Transfers};

use crate::history::Operation;

/// What a transaction body wants next. The statements themselves are appended to the buffer it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Run the statements and ask again.
    Continue,
    /// Run the statements and commit.
    Commit,
    /// The business rule says no: roll back.
    Decline(Refusal),
}

/// One statement of a transaction body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read one account.
    Read {
        /// The account's id.
        account: i64,
    },
    /// Add to the balance of one account.
    Add {
        /// The account's id.
        account: i64,
        /// What is added, negative for a debit.
        delta: i64,
    },
}

/// Insufficient funds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The account.
    pub account: i64,
    /// What it holds.
    pub have: i64,
    /// What the transfer needs.
    pub need: i64,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { account, have, need } = self;
        write!(formatter, "insufficient funds in account {account}: have {have}, need {need}")
    }
}

/// The balance that a transaction has read of one account.
fn balance_read(account: i64, seen: &[Operation]) -> Option<i64> {
    seen.iter().find_map(|operation| match operation {
        Operation::Read { account: read, row } if *read == account => Some(row.balance),
        _ => None,
    })
}
