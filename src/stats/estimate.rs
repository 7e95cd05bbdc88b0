//! How large is it, and how sure is that? A mean over repetitions, with its interval.

use serde::{Deserialize, Serialize};

/// A mean over n repetitions with its 95 % interval. Without two repetitions there is no interval: both ends are none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The lower end of the interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Repetitions.
    pub n: u32,
}
