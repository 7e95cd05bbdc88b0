//! Is the difference real? Estimates with intervals, and tests that keep their level at few repetitions. Pure.
//!
//! A benchmark is repeated 4 to 30 times, not thousands of times, so that the normal distribution and the bootstrap
//! promise more than they hold; Student's t is made for that. See Georges, Buytaert, Eeckhout, "Statistically Rigorous
//! Java Performance Evaluation", OOPSLA 2007. The measured error rates are in `docs/tune-statistics.md`.

mod correction;
mod estimate;
mod paired;
mod student;

pub use correction::holm;
pub use estimate::Estimate;
pub use paired::Paired;

/// The level of all tests; intervals cover with the rest, 95 %.
pub const LEVEL: f64 = 0.05;
