//! What time is it? One monotonic clock for all shards, in nanoseconds since the run's epoch, and the run's phases on it.

use std::time::Duration;

use tokio::time::Instant;

use super::timer::Timers;
use crate::db::sim::VirtualTime;
use crate::history::Nanos;
use crate::plan::{Load, Stop};

/// The clock and the phases of a run.
#[derive(Clone, Debug)]
pub struct Clock {
    time: Time,
    /// Transactions that are due from here on are measured.
    pub measure_from: Nanos,
    /// No transaction is due from here on, where the run ends after a time.
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
        let time = simulated.map_or_else(|| Time::Real { epoch: Instant::now(), timers: None }, Time::Virtual);
        Self { time, measure_from, deadline }
    }

    /// The same clock with timers of its own, for the shard on whose runtime this is called: they tick in microseconds.
    pub(super) fn with_timers(mut self) -> Self {
        if let Time::Real { epoch, timers } = &mut self.time {
            // Without any, tokio's are good enough to go on with, and the report says how late they were.
            *timers = Timers::new(*epoch);
        }
        self
    }

    /// Drives those timers, for as long as it is polled.
    pub(super) async fn drive(&self) {
        match &self.time {
            Time::Real { timers: Some(timers), .. } => timers.run().await,
            _ => std::future::pending().await,
        }
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub fn now(&self) -> Nanos {
        match &self.time {
            Time::Real { epoch, .. } => nanos(epoch.elapsed()),
            Time::Virtual(time) => time.now(),
        }
    }

    /// Waits until a time, and is never early. Without timers of its own, real time ticks in milliseconds.
    pub async fn sleep_until(&self, at: Nanos) {
        match &self.time {
            Time::Real { timers: Some(timers), .. } => timers.sleep_until(at).await,
            Time::Real { epoch, timers: None } => {
                tokio::time::sleep_until(*epoch + Duration::from_nanos(at)).await;
            }
            Time::Virtual(time) => time.sleep_until(at).await,
        }
    }

    /// Waits this long.
    pub async fn sleep(&self, duration: Duration) {
        match &self.time {
            Time::Real { timers: None, .. } => tokio::time::sleep(duration).await,
            _ => self.sleep_until(self.now().saturating_add(nanos(duration))).await,
        }
    }

    /// Whether it is that of everybody, which goes on by itself.
    #[must_use]
    pub fn is_real(&self) -> bool {
        matches!(self.time, Time::Real { .. })
    }
}

/// Whose time it is.
#[derive(Clone, Debug)]
enum Time {
    /// Everybody's, since this epoch, with the timers of a shard.
    Real { epoch: Instant, timers: Option<Timers> },
    /// A simulation's, which begins with it.
    Virtual(VirtualTime),
}

/// A duration in nanoseconds; 584 years are the most.
#[must_use]
pub fn nanos(duration: Duration) -> Nanos {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
