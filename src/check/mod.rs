//! Was it right? Judgments over the state before and after a run, over what was acknowledged in between, and over the order
//! of the transactions. Pure.
//!
//! [`history`] is what happened, transaction by transaction, as [`isolation`] reads it.

mod audits;
mod books;
mod discerned;
mod end_state;
mod exactly_once;
pub mod history;
mod invariants;
pub mod isolation;
mod ledger;
mod permit;
mod promise;
pub mod recorded;
mod serializability;
mod shape_ledger;
mod standard;
mod verdict;

pub use audits::{Audit, Audits};
pub use books::Books;
pub use discerned::{caveat, indistinct};
pub use end_state::{Evidence, judge};
pub use exactly_once::{Transfers, judge_ledger};
pub use invariants::judge_shapes;
pub use ledger::Ledger;
pub use permit::permit;
pub use promise::Promise;
pub use serializability::{HistoryEvidence, Partial, judge_history, label};
pub use shape_ledger::{Report, ShapeLedger, Writes};
pub use standard::{Standard, UnknownStandard};
pub use verdict::{Check, Status, Verdict};
