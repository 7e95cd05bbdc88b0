//! Is the difference real? Estimates with intervals, and tests that keep their level at few repetitions. Pure.

mod estimate;

pub use estimate::Estimate;
