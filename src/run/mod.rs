//! What came out? One run as one value: what is saved, printed and later compared.
//!
//! The fields are described one by one, with their units, in `docs/run-json.md`. Durations end in `_ns` or `_s`.

mod counts;
mod history;
mod judgement;
mod measured;
mod open_loop;
mod phases;
mod plan;
mod server;
mod shapes;
mod steps;
mod times;
mod tune;
mod verdict;

pub use counts::{AttemptsBin, CauseCount, SavedCounts, attempts_bins};
pub use history::SavedHistory;
pub use judgement::{SavedAnomaly, SavedJudgement};
pub use measured::measured;
pub use open_loop::SavedOpenLoop;
pub use phases::{Client, End, EndReason, Phases};
pub use plan::SavedPlan;
pub use server::{GrantedIsolation, Server, ServerHost};
pub use shapes::SavedShape;
pub use steps::{SavedStep, analysis};
pub use times::{Latencies, SavedFairness, SavedSecond, SavedWorst, WorkerTime};
pub use tune::{Calibration, Fit, SavedCandidate, SavedDesign, Tune};
pub use verdict::{SavedCheck, SavedVerdict};

use serde::{Deserialize, Serialize};

use crate::measure::Analysis;

/// The version of the saved format. It grows when a field changes its meaning or goes away.
pub const FORMAT: u32 = 1;

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of contend.
    pub contend: String,
    /// `<UTC time>-<name>`: also the name of the folder it is saved in.
    pub id: String,
    /// When it began, RFC 3339, UTC.
    pub started: String,
    /// What was to be done.
    pub plan: SavedPlan,
    /// Against what.
    pub server: Server,
    /// How the load ended.
    pub end: End,
    /// How long each phase took.
    pub phases: Phases,
    /// How often what happened in the measured phase.
    pub counts: SavedCounts,
    /// The same by shape, for the shapes of the mix, in its order.
    #[serde(default)]
    pub shapes: Vec<SavedShape>,
    /// The same step by step, where the load rose in steps.
    #[serde(default)]
    pub steps: Vec<SavedStep>,
    /// What those say, where they say anything.
    #[serde(default)]
    pub steps_analysis: Option<Analysis>,
    /// Committed transactions per second of the measured phase.
    pub goodput_tps: f64,
    /// Attempts per second of the measured phase.
    pub throughput_tps: f64,
    /// What became of the schedule of an open loop; none for a closed one.
    #[serde(default)]
    pub open_loop: Option<SavedOpenLoop>,
    /// How long transactions took.
    pub latency_ns: Latencies,
    /// How many transactions took n attempts.
    pub attempts_per_transaction: Vec<AttemptsBin>,
    /// Where the workers' time went.
    pub time: WorkerTime,
    /// How evenly the workers got on.
    pub fairness: Option<SavedFairness>,
    /// The transaction that took the longest.
    pub worst: Option<SavedWorst>,
    /// Second by second, warm-up included, by the time at which transactions ended.
    pub intervals: Vec<SavedSecond>,
    /// What contend itself took.
    pub client: Client,
    /// What was recorded of it, where it was.
    #[serde(default)]
    pub history: Option<SavedHistory>,
    /// What the history says.
    #[serde(default)]
    pub judgement: Option<SavedJudgement>,
    /// Whether it was right.
    pub verdict: SavedVerdict,
}
