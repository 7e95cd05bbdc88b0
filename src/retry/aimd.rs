//! How many transactions at a time? Additive increase after commits, multiplicative decrease after aborts.

use std::fmt;

/// How the number of concurrent transactions of one shard follows their outcomes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aimd {
    /// What is added to the limit over as many commits as the limit allows at a time.
    pub increase: f64,
    /// What it is multiplied by after an abort, below 1.
    pub decrease: f64,
    /// It never falls below this.
    pub min: u32,
}

impl fmt::Display for Aimd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { increase, decrease, min } = self;
        write!(formatter, "aimd:increase={increase},decrease={decrease},min={min}")
    }
}
