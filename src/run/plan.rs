//! What was to be done? The plan, saved.

use serde::{Deserialize, Serialize};

/// The plan as flags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The flags that make the same plan again; the address is not among them.
    pub flags: Vec<String>,
    /// Workers.
    pub workers: u32,
    /// Connections.
    pub connections: u32,
    /// Shards.
    pub threads: u32,
    /// Accounts.
    pub accounts: u64,
    /// The order in which transfers write: `random` or `sorted`.
    pub lock_order: String,
    /// The mix of shapes; empty in runs that were saved before there was one.
    #[serde(default)]
    pub mix: String,
    /// What was recorded: `balance`, `history` or `ledger`.
    #[serde(default)]
    pub verify: String,
    /// What the exit code judged by: a level, or `promised`.
    #[serde(default)]
    pub level: String,
    /// The key choice.
    pub keys: String,
    /// The retry policy.
    pub retry: String,
    /// What was done between two attempts: `rollback`, `savepoint`, `reconnect` or `single`; empty in runs saved before
    /// there was a choice, which rolled back.
    #[serde(default)]
    pub restart: String,
    /// Which statements travelled together: `sequential`, `pipelined` or `single`; empty in runs saved before there was
    /// a choice, which were sequential.
    #[serde(default)]
    pub flight: String,
    /// Whether they were prepared: `prepared` or `simple`.
    #[serde(default)]
    pub protocol: String,
    /// The rate of an open loop, in transactions per second; none for a closed one.
    #[serde(default)]
    pub rate_tps: Option<f64>,
    /// How an open loop's scheduled starts lie in time: `poisson` or `uniform`.
    #[serde(default)]
    pub arrivals: Option<String>,
    /// The steps, such as `1000..20000/s x10`, where there are any.
    #[serde(default)]
    pub steps: Option<String>,
    /// The seed of all randomness.
    pub seed: u64,
    /// The measured time that was asked for, where the run was to end after a time.
    pub duration_s: Option<f64>,
}
