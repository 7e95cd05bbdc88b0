//! How long did it take? Latencies, the workers' time and who got how much, saved.

use serde::{Deserialize, Serialize};

use crate::measure::{Distribution, Fairness, Latency, Second, Summary, Worst};

/// The latencies of committed transactions, in nanoseconds; see [`Latency`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Latency")]
pub struct Latencies {
    pub response: Distribution,
    pub service: Distribution,
    pub queue: Distribution,
    pub backoff: Distribution,
    pub attempt: Distribution,
}

/// Seconds of all workers together, within transactions: busy = useful attempts + wasted + backoff.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkerTime {
    /// From having a connection to the end.
    pub busy_s: f64,
    /// In attempts that were not committed.
    pub wasted_s: f64,
    /// Waiting between attempts.
    pub backoff_s: f64,
    /// The part of the waiting in which the transaction was open on the server, and might hold locks.
    #[serde(default)]
    pub held_s: f64,
    /// Transactions being open on the server: all attempts, and what was held.
    #[serde(default)]
    pub open_s: f64,
}

/// [`Fairness`], saved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Fairness")]
pub struct SavedFairness {
    pub least_commits: u64,
    pub median_commits: u64,
    pub most_commits: u64,
    pub jain_index: f64,
}

/// [`Worst`], saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Worst")]
pub struct SavedWorst {
    pub worker: u32,
    pub attempts: u32,
    pub response_ns: u64,
    pub outcome: String,
}

/// [`Second`], saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Second")]
pub struct SavedSecond {
    pub second: u64,
    pub committed: u64,
    pub not_committed: u64,
    pub retries: u64,
    pub in_flight: u32,
    pub p50_ns: u64,
    pub p99_ns: u64,
    pub max_ns: u64,
}

impl From<&Latency> for Latencies {
    fn from(latency: &Latency) -> Self {
        let Latency { response, service, queue, backoff, attempt } = latency;
        Self {
            response: response.into(),
            service: service.into(),
            queue: queue.into(),
            backoff: backoff.into(),
            attempt: attempt.into(),
        }
    }
}

impl From<Fairness> for SavedFairness {
    fn from(Fairness { least, median, most, jain }: Fairness) -> Self {
        Self { least_commits: least, median_commits: median, most_commits: most, jain_index: jain }
    }
}

impl From<Worst> for SavedWorst {
    fn from(Worst { worker, attempts, response, outcome }: Worst) -> Self {
        let outcome = format!("{outcome:?}").to_lowercase();
        Self { worker, attempts, response_ns: response, outcome }
    }
}

impl From<Second> for SavedSecond {
    fn from(second: Second) -> Self {
        let Second { second, committed, not_committed, retries, in_flight, p50, p99, max } = second;
        Self { second, committed, not_committed, retries, in_flight, p50_ns: p50, p99_ns: p99, max_ns: max }
    }
}

/// The workers' time, in seconds.
impl From<&Summary> for WorkerTime {
    fn from(summary: &Summary) -> Self {
        let seconds = |nanoseconds: u128| nanoseconds as f64 / 1e9;
        let Summary { busy, wasted, backoff, held, .. } = *summary;
        Self {
            busy_s: seconds(busy),
            wasted_s: seconds(wasted),
            backoff_s: seconds(backoff),
            held_s: seconds(held),
            open_s: seconds((busy + held).saturating_sub(backoff)),
        }
    }
}
