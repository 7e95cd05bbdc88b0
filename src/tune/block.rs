//! What did one block measure? Plain numbers, as they are saved.

use serde::{Deserialize, Serialize};

/// One block that was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The round, from 0.
    pub round: u32,
    /// The index of the candidate.
    pub candidate: usize,
    /// The index of the setting.
    pub setting: usize,
    /// When it began, in seconds since the experiment did.
    pub started_s: f64,
    /// What it measured.
    pub measured: Measured,
}

/// What a block measured, of transactions that began behind its warm-up. The words are those of `docs/run-json.md`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The measured time.
    pub seconds: f64,
    /// Committed transactions.
    pub committed: u64,
    /// Transactions that ended in whatever way.
    pub transactions: u64,
    /// Transactions that gave up.
    pub exhausted: u64,
    /// Attempts.
    pub attempts: u64,
    /// Committed transactions per second.
    pub goodput_tps: f64,
    /// Response time of committed transactions, retries and backoff included: median, in nanoseconds.
    pub p50_ns: u64,
    /// 99th percentile.
    pub p99_ns: u64,
    /// 99.9th percentile.
    pub p999_ns: u64,
    /// Seconds of all workers within transactions.
    pub busy_s: f64,
    /// Of those: in attempts that were not committed.
    pub wasted_s: f64,
    /// Of those: waiting between attempts.
    pub backoff_s: f64,
    /// Of those: waiting between attempts while the transaction was open on the server, with its locks.
    pub held_s: f64,
    /// Jain's index over the workers' commits: 1 when all got the same.
    pub fairness: f64,
    /// What most retries were for, such as `40001 write-write`; none where there were no retries.
    pub cause: Option<String>,
}

impl Measured {
    /// The share of the workers' time in attempts that were not committed and in backoff.
    #[must_use]
    pub fn wasted_share(&self) -> f64 {
        if self.busy_s > 0.0 { (self.wasted_s + self.backoff_s) / self.busy_s } else { 0.0 }
    }

    /// Attempts for each commit; none without one.
    #[must_use]
    pub fn attempts_per_commit(&self) -> Option<f64> {
        (self.committed > 0).then(|| self.attempts as f64 / self.committed as f64)
    }

    /// The share of transactions that gave up.
    #[must_use]
    pub fn exhausted_share(&self) -> f64 {
        if self.transactions > 0 { self.exhausted as f64 / self.transactions as f64 } else { 0.0 }
    }
}
