//! What came out of comparing policies? The experiment as one value: what is saved as tune.json and printed.

use serde::{Deserialize, Serialize};

use super::{End, SavedPlan, Server};
use crate::tune::{Analysis, Block, Objective};

/// One experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tune {
    /// [`Tune::FORMAT`].
    pub format: u32,
    /// The version of contend.
    pub contend: String,
    /// `<UTC time>-<name>`: also the name of the folder it is saved in.
    pub id: String,
    /// When it began, RFC 3339, UTC.
    pub started: String,
    /// The command that does the same again, from `contend` on, without the address.
    pub command: Vec<String>,
    /// What all blocks have in common; its policy and its workers are those of one of them.
    pub plan: SavedPlan,
    /// Against what; a simulation is headed as such.
    pub server: Server,
    /// For a simulation that was fitted to a run: to which one, and how well.
    #[serde(default)]
    pub calibrated: Option<Calibration>,
    /// The candidates, by their indices.
    pub candidates: Vec<SavedCandidate>,
    /// The settings, by their indices: numbers of workers.
    pub workers: Vec<u32>,
    /// What was planned.
    pub design: SavedDesign,
    /// How it ended.
    pub end: End,
    /// What was wrong with the state after a block; the experiment ends with it.
    pub violation: Option<String>,
    /// Every block, in the order in which they were run.
    pub blocks: Vec<Block>,
    /// What they say, for each setting with at least one whole round.
    pub analyses: Vec<Analysis>,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedCandidate {
    /// As the report calls it.
    pub name: String,
    /// The policy's text.
    pub policy: String,
    /// What is done with the connection between two attempts.
    pub restart: String,
}

/// The design, saved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedDesign {
    /// The measured time of a block, in seconds.
    pub block_s: f64,
    /// Its warm-up.
    pub warmup_s: f64,
    /// Rounds that were planned.
    pub rounds: u32,
    /// The time that was given, in seconds.
    pub budget_s: f64,
    /// What the best is best in.
    pub objective: Objective,
    /// The seed of all randomness.
    pub seed: u64,
}

/// How a simulation was made to behave like a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The run it was fitted to.
    pub run: String,
    /// The simulation's address.
    pub address: String,
    /// What was fitted, of the run and of its simulation.
    pub fits: Vec<Fit>,
}

/// One number of a run, and of its simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Which number, with its unit.
    pub name: String,
    /// As measured.
    pub measured: f64,
    /// As simulated.
    pub simulated: f64,
}

impl Tune {
    /// The version of the saved format. It grows when a field changes its meaning or goes away.
    pub const FORMAT: u32 = 1;
}
