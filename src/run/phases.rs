//! How did it go, and how did it end? Phases, the end, and what contend itself took.

use serde::{Deserialize, Serialize};

/// Why no more transactions were started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// `completed`, `interrupted` or `stopped`.
    pub reason: EndReason,
    /// For `stopped`: the server's words.
    pub detail: Option<String>,
}

/// The ways a load ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndReason {
    /// The time or the number of transactions was reached.
    Completed,
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// Nothing but failures, or the lease was lost.
    Stopped,
}

/// How long each phase took, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Phases {
    /// Making or checking the accounts.
    pub seed_s: f64,
    /// Ramp and warm-up.
    pub warmup_s: f64,
    /// The measured phase: what rates are computed with.
    pub measured_s: f64,
    /// From the last start of a transaction to the last end.
    pub drain_s: f64,
    /// The final snapshot and the checks.
    pub verify_s: f64,
}

/// What contend itself took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// User CPU seconds of the measured phase.
    pub cpu_user_s: f64,
    /// System CPU seconds of the measured phase.
    pub cpu_system_s: f64,
    /// The largest resident memory of the whole process, in bytes.
    pub max_rss_bytes: u64,
}
