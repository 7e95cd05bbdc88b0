//! What is compared, and how often? The design of an experiment in randomized complete blocks.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::retry::{Policy, Restart};

/// One policy that takes part.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What the report calls it: as it was asked for; `a#1`, `a#2` where the same was asked for twice.
    pub name: String,
    /// The policy.
    pub policy: Policy,
    /// What is done with the connection between two attempts.
    pub restart: Restart,
}

/// The experiment, before its first block. Each round runs every candidate with every number of workers once, in random
/// order.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// The candidates, at least one.
    pub candidates: Vec<Candidate>,
    /// The settings: numbers of workers, at least one.
    pub workers: Vec<u32>,
    /// How long a block is measured.
    pub block: Duration,
    /// How long it runs before that.
    pub warmup: Duration,
    /// What a block takes beside: connecting, draining, looking at the state.
    pub overhead: Duration,
    /// Rounds that every candidate is planned for.
    pub rounds: u32,
    /// The whole experiment ends at this time; candidates that are dropped leave their time to the others.
    pub budget: Duration,
    /// What the best candidate is best in.
    pub objective: Objective,
    /// All randomness descends from this: the order of blocks, and the seed of the load, one for each round.
    pub seed: u64,
}

impl Design {
    /// Blocks of one round: every candidate with every setting.
    #[must_use]
    pub fn blocks_per_round(&self) -> usize {
        self.candidates.len() * self.workers.len()
    }

    /// Blocks of all planned rounds.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks_per_round() * self.rounds as usize
    }

    /// What one block takes, warm-up and overhead included.
    #[must_use]
    pub fn block_time(&self) -> Duration {
        self.warmup + self.block + self.overhead
    }

    /// What all planned rounds take.
    #[must_use]
    pub fn planned(&self) -> Duration {
        self.block_time().saturating_mul(u32::try_from(self.blocks()).unwrap_or(u32::MAX))
    }
}

/// The block that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The round, from 0.
    pub round: u32,
    /// The index of the candidate.
    pub candidate: usize,
    /// The index of the setting.
    pub setting: usize,
    /// The seed of the load: the same for all blocks of a round.
    pub seed: u64,
}

/// What the best candidate is best in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Objective {
    /// Committed transactions per second; more is better.
    #[default]
    Goodput,
    /// The 99th percentile of the response time of committed transactions; less is better.
    P99,
    /// The share of the workers' time in attempts that were not committed and in backoff; less is better.
    Wasted,
}

/// Why a text is no objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("goodput, p99 or wasted is needed")]
pub struct ParseObjectiveError;

impl FromStr for Objective {
    type Err = ParseObjectiveError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "goodput" => Ok(Self::Goodput),
            "p99" => Ok(Self::P99),
            "wasted" => Ok(Self::Wasted),
            _ => Err(ParseObjectiveError),
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Goodput => "goodput",
            Self::P99 => "p99",
            Self::Wasted => "wasted",
        })
    }
}
