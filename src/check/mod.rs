//! Was it right? Judgments over the state before and after a run, and over what was acknowledged in between. Pure.

mod end_state;
mod ledger;
mod verdict;

pub use end_state::{Evidence, judge};
pub use ledger::Ledger;
pub use verdict::{Check, Status, Verdict};
