//! What was recorded? The size of the history, where it is, and what it took.

use serde::{Deserialize, Serialize};

/// A history, as far as a reader of the run needs to know it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedHistory {
    /// `history` or `ledger`.
    pub mode: String,
    /// Attempts that were recorded.
    pub attempts: u64,
    /// Their operations.
    pub operations: u64,
    /// The memory that they took, in bytes.
    pub bytes: u64,
    /// The file beside `run.json`; none when nothing was saved.
    pub file: Option<String>,
    /// Where recording stopped before the run did: nothing that ended later is in it. Nanoseconds from the beginning.
    pub covered_until_ns: Option<u64>,
    /// What was allowed, in bytes.
    pub limit_bytes: u64,
    /// What saving took, beside the load.
    pub save_s: f64,
    /// What checking took, after the load.
    pub check_s: f64,
}
