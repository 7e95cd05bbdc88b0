//! Was the schedule kept? What an open loop offered and what came of it, saved.

use serde::{Deserialize, Serialize};

use crate::measure::{Distribution, OpenLoop};
use crate::plan::Open;

/// [`OpenLoop`], saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedOpenLoop {
    /// The rate that was asked for; with steps of a rate, see there.
    pub rate_tps: f64,
    /// `poisson` or `uniform`.
    pub arrivals: String,
    /// So many could wait for a worker; none for any number.
    pub max_queue: Option<u64>,
    /// Scheduled starts of the measured time: started + skipped.
    pub offered: u64,
    /// Those whose transactions began.
    pub started: u64,
    /// Those that came to nothing.
    pub skipped: u64,
    /// Of the started ones: those that found all workers busy.
    pub waited: u64,
    /// Scheduled starts per second, as they were drawn.
    pub offered_tps: f64,
    /// Transactions that ended in the measured time, in whatever way, per second.
    pub achieved_tps: f64,
    /// How late those were for which a worker was waiting: the error of contend's own pacing.
    pub lag_ns: Distribution,
}

impl SavedOpenLoop {
    /// What came of a schedule in the measured seconds.
    #[must_use]
    pub fn of(open: Open, measured: &OpenLoop, seconds: f64) -> Self {
        let per_second = |count: u64| if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
        let OpenLoop { started, skipped, ended, ref lag } = *measured;
        Self {
            rate_tps: open.rate.get(),
            arrivals: open.arrivals.to_string(),
            max_queue: open.max_queue,
            offered: measured.offered(),
            started,
            skipped,
            waited: measured.waited(),
            offered_tps: per_second(measured.offered()),
            achieved_tps: per_second(ended),
            lag_ns: lag.into(),
        }
    }
}
