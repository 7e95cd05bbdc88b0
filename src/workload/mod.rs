//! What do transactions do? Requests and transaction bodies, as pure values.
//!
//! A [`Workload`] makes [`Request`]s and answers, step by step, what a transaction does next. It sends nothing, retries
//! nothing and records nothing, so the engine may send its statements in whatever flights it likes, and a retry runs the
//! same request again.

mod audit;
mod batch;
mod cap;
mod fresh;
mod keys;
mod request;
mod skew;
mod transfer;

pub use audit::Audit;
pub use batch::{Batch, batch_group};
pub use cap::Cap;
pub use fresh::Fresh;
pub use keys::KeyChooser;
pub use request::{Request, Workload};
pub use skew::Skew;
pub use transfer::Transfer;

use crate::history::{Key, Operation};

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

/// The balance that a transaction has read of one row.
fn balance_read(key: Key, seen: &[Operation]) -> Option<i64> {
    seen.iter().find_map(|operation| match operation {
        Operation::Read { key: read, row } if *read == key => Some(row.balance),
        _ => None,
    })
}
