//! How fast, how often? Counts, latencies, intervals: pure bookkeeping over the events of a run.
//!
//! Each shard has a [`Recorder`] of its own; [`Summary::merge`] adds them up when the run is over, and the [`Interval`]s
//! that they cut every second are added up by [`Series`] while it goes on.

mod counts;
mod distribution;
mod interval;
mod knee;
#[cfg(test)]
mod knee_tests;
mod latency;
mod open_loop;
mod overlap;
mod recorder;
mod shapes;
mod steps;
mod summary;

pub use counts::{Counts, Ended};
pub use distribution::{Distribution, EncodedHistogram};
pub use interval::{Interval, Second, Series};
pub use knee::{Analysis, Knee, Point, Ratios, Recovery};
pub use latency::{Latency, new_histogram};
pub use open_loop::OpenLoop;
pub use overlap::Overlap;
pub use recorder::Recorder;
pub use shapes::{ByShape, ShapeCounts};
pub use steps::{Step, StepBooks, TENTHS};
pub use summary::{Fairness, Summary, Window, Worst};
