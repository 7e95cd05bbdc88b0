//! What time is it? One monotonic clock for all shards, in nanoseconds since the run's epoch, and the run's phases on it.

use std::time::Duration;

use tokio::time::Instant;

use crate::db::sim::VirtualTime;
use crate::history::Nanos;
use crate::plan::{Load, Stop};

/// The clock and the phases of a run.
#[derive(Clone, Debug)]
pub struct Clock {
    time: Time,
    /// Transactions that begin from here on are measured.
    pub measure_from: Nanos,
    /// No transaction begins from here on, where the run ends after a time.
    pub deadline: Option<Nanos>,
}

impl Clock {
    /// Starts the run now: in real time, or in a simulation's.
    #[must_use]
    pub fn start(load: &Load, simulated: Option<VirtualTime>) -> Self {
        let measure_from = nanos(load.ramp + load.warmup);
        let deadline = match load.stop {
            Stop::After(time) => Some(measure_from.saturating_add(nanos(time))),
            Stop::Transactions(_) => None,
        };
        let time = simulated.map_or_else(|| Time::Real(Instant::now()), Time::Virtual);
        Self { time, measure_from, deadline }
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub fn now(&self) -> Nanos {
        match &self.time {
            Time::Real(epoch) => nanos(epoch.elapsed()),
            Time::Virtual(time) => time.now(),
        }
    }

    /// Waits until a time, and is never early. Timers of real time tick in milliseconds.
    pub async fn sleep_until(&self, at: Nanos) {
        match &self.time {
            Time::Real(epoch) => tokio::time::sleep_until(*epoch + Duration::from_nanos(at)).await,
            Time::Virtual(time) => time.sleep_until(at).await,
        }
    }

    /// Waits this long.
    pub async fn sleep(&self, duration: Duration) {
        match &self.time {
            Time::Real(_) => tokio::time::sleep(duration).await,
            Time::Virtual(time) => time.sleep(duration).await,
        }
    }

    /// Whether it is that of everybody, which goes on by itself.
    #[must_use]
    pub fn is_real(&self) -> bool {
        matches!(self.time, Time::Real(_))
    }
}

/// Whose time it is.
#[derive(Clone, Debug)]
enum Time {
    /// Everybody's, since this epoch.
    Real(Instant),
    /// A simulation's, which begins with it.
    Virtual(VirtualTime),
}

/// A duration in nanoseconds; 584 years are the most.
#[must_use]
pub fn nanos(duration: Duration) -> Nanos {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
