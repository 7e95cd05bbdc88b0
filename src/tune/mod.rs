//! Which policy? The experiment that compares retry policies: its design, what its blocks measured, and what that says.
//!
//! ```text
//! Design -> Schedule -> Slot -> (somebody runs the block) -> Block -> Schedule ... -> blocks -> Analysis
//! ```
//!
//! Pure: whoever runs the blocks, on a server or a simulation, asks the schedule for the next one.

mod analysis;
mod block;
mod design;

pub use analysis::{Analysis, Comparison, Estimates, Ranked};
pub use block::{Block, Measured};
pub use design::{Candidate, Design, Objective, ParseObjectiveError, Slot};
