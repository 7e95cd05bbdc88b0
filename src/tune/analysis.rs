//! What do the blocks say? Estimates for each candidate, and which differences are real.

use serde::{Deserialize, Serialize};

use crate::stats::Estimate;

/// What the blocks of one setting say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The index of the setting.
    pub setting: usize,
    /// The candidates by the objective, best first.
    pub ranked: Vec<Ranked>,
    /// Indices of the candidates that none other beats in both goodput and p99: by goodput, highest first.
    pub front: Vec<usize>,
    /// The candidate to use: of those that are not significantly worse than the best, the one that is best in the
    /// second place (see the recommendation's rule).
    pub recommended: usize,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Its index.
    pub candidate: usize,
    /// Its means.
    pub estimates: Estimates,
    /// How it compares with the best in the objective; none for the best itself, and where there are too few rounds.
    pub against_best: Option<Comparison>,
    /// It was dropped after so many rounds, since it was clearly worse.
    pub dropped_after: Option<u32>,
    /// Why it is not the recommended one, in a few words; none for that.
    pub reason: Option<String>,
}

/// Means over rounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Measured")]
pub struct Estimates {
    pub goodput_tps: Estimate,
    pub p50_ns: Estimate,
    pub p99_ns: Estimate,
    pub p999_ns: Estimate,
    pub attempts_per_commit: Estimate,
    pub wasted_share: Estimate,
    pub exhausted_share: Estimate,
    pub fairness: Estimate,
}

/// A paired comparison over the rounds that both were run in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The objective of this candidate divided by that of the best (geometric mean of the rounds' ratios).
    pub ratio: Estimate,
    /// The p-value of this comparison alone.
    pub p: f64,
    /// Corrected for the number of comparisons.
    pub p_corrected: f64,
    /// Whether the difference is significant at 5 %.
    pub significant: bool,
}
