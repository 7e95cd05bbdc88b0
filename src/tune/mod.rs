//! Which policy? The experiment that compares retry policies: its design, what its blocks measured, and what that says.
//!
//! ```text
//! Design -> Schedule -> Slot -> (somebody runs the block) -> Block -> Schedule ... -> blocks -> Analysis
//! ```
//!
//! Pure: whoever runs the blocks, on a server or a simulation, asks the schedule for the next one.

mod analysis;
#[cfg(test)]
mod analysis_tests;
mod block;
mod calibration;
mod compare;
mod design;
mod fit;
#[cfg(test)]
mod fit_tests;
mod front;
mod race;
#[cfg(test)]
mod race_tests;
mod reason;
mod recommend;
#[cfg(test)]
mod samples;
mod schedule;
#[cfg(test)]
mod schedule_tests;
mod score;
mod words;

pub use analysis::{Analysis, Comparison, Estimates, Ranked, analyze};
pub use block::{Block, Measured};
pub use calibration::{Behavior, Costs, calibrate};
pub use design::{Candidate, Design, Objective, ParseObjectiveError, Slot};
pub use fit::{TooShort, Wish};
pub use front::front;
pub use race::{Dropped, drops};
pub use reason::{Reason, Totals};
pub use recommend::{Recommendation, Than};
pub use schedule::Schedule;
