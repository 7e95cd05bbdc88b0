//! Was it right? Judgments over the state before and after a run, and over what was acknowledged in between. Pure.

mod end_state;
mod invariants;
mod ledger;
mod shape_ledger;
mod verdict;

pub use end_state::{Evidence, judge};
pub use invariants::judge_shapes;
pub use ledger::Ledger;
pub use shape_ledger::{Report, ShapeLedger, Writes};
pub use verdict::{Check, Status, Verdict};
