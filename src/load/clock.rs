//! What time is it? One monotonic clock for all shards, in nanoseconds since the run's epoch, and the run's phases on it.

use std::time::Duration;

use tokio::time::Instant;

use crate::history::Nanos;
use crate::plan::{Load, Stop};

/// The clock and the phases of a run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: Instant,
    /// Transactions that begin from here on are measured.
    pub measure_from: Nanos,
    /// No transaction begins from here on, where the run ends after a time.
    pub deadline: Option<Nanos>,
}

impl Clock {
    /// Starts the run now.
    #[must_use]
    pub fn start(load: &Load) -> Self {
        let measure_from = nanos(load.ramp + load.warmup);
        let deadline = match load.stop {
            Stop::After(time) => Some(measure_from.saturating_add(nanos(time))),
            Stop::Transactions(_) => None,
        };
        Self { epoch: Instant::now(), measure_from, deadline }
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub fn now(&self) -> Nanos {
        nanos(self.epoch.elapsed())
    }

    /// Waits until a time; the timer ticks in milliseconds and is never early.
    pub async fn sleep_until(&self, time: Nanos) {
        tokio::time::sleep_until(self.epoch + Duration::from_nanos(time)).await;
    }
}

/// A duration in nanoseconds; 584 years are the most.
#[must_use]
pub fn nanos(duration: Duration) -> Nanos {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
