//! What came out? One run as one value: what is saved, printed and later compared.
//!
//! The fields are described one by one, with their units, in `docs/run-json.md`. Durations end in `_ns` or `_s`.

use serde::{Deserialize, Serialize};

use crate::check::{Status, Verdict};
use crate::measure::{Counts, Distribution, Ended, Fairness, Latency, Second, Summary, Worst};

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
    /// Committed transactions per second of the measured phase.
    pub goodput_tps: f64,
    /// Attempts per second of the measured phase.
    pub throughput_tps: f64,
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
    /// Whether it was right.
    pub verdict: SavedVerdict,
}

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
    /// The key choice.
    pub keys: String,
    /// The retry policy.
    pub retry: String,
    /// The seed of all randomness.
    pub seed: u64,
    /// The measured time that was asked for, where the run was to end after a time.
    pub duration_s: Option<f64>,
}

/// The database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// CockroachDB, PostgreSQL, YugabyteDB, or what it calls itself.
    pub product: String,
    /// Its version.
    pub version: String,
    /// Where it is, without any secret.
    pub address: String,
    /// For a throw-away server: what was started, with which durability.
    pub local: Option<String>,
    /// The isolation level.
    pub isolation: GrantedIsolation,
    /// PostgreSQL, SERIALIZABLE: predicate locks on the whole accounts table were seen.
    pub relation_locks: bool,
    /// Each server that the workers were connected to.
    #[serde(default)]
    pub hosts: Vec<ServerHost>,
}

/// One of the servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHost {
    /// `user@host:port/database`.
    pub address: String,
    /// Connections that were made to it, those after a loss included.
    pub connections: u64,
}

/// The level that was asked for, and what the server said when it was asked back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedIsolation {
    /// As the flag is written.
    pub asked: String,
    /// Every answer of `SHOW transaction_isolation` on any connection, in the server's words.
    pub granted: Vec<String>,
    /// The weakest answer is weaker than what was asked for.
    pub weaker: bool,
}

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

/// [`Counts`], saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the equations are with Counts")]
pub struct SavedCounts {
    pub transactions: u64,
    pub committed: u64,
    pub declined: u64,
    pub exhausted: u64,
    pub ambiguous: u64,
    pub failed: u64,
    pub attempts: u64,
    pub retries: u64,
    pub retries_by: Vec<CauseCount>,
    pub exhausted_by: Vec<CauseCount>,
    pub ambiguous_by: Vec<CauseCount>,
    pub failed_by: Vec<CauseCount>,
}

/// How often one cause was seen. The SQLSTATE is always a string; a lost connection is 08006.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseCount {
    /// The code.
    pub sqlstate: String,
    /// The reason behind it.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// The latencies of committed transactions, in nanoseconds; see [`Latency`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Latency")]
pub struct Latencies {
    pub response: Distribution,
    pub service: Distribution,
    pub queue: Distribution,
    pub backoff: Distribution,
    pub attempt: Distribution,
}

/// So many transactions took so many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the sentence above says it")]
pub struct AttemptsBin {
    pub attempts: u64,
    pub transactions: u64,
}

/// Seconds of all workers together, within transactions: busy = useful attempts + wasted + backoff.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkerTime {
    /// From having a connection to the end.
    pub busy_s: f64,
    /// In attempts that were not committed.
    pub wasted_s: f64,
    /// Waiting between attempts.
    pub backoff_s: f64,
}

/// [`Fairness`], saved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Fairness")]
pub struct SavedFairness {
    pub least_commits: u64,
    pub median_commits: u64,
    pub most_commits: u64,
    pub jain_index: f64,
}

/// [`Worst`], saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Worst")]
pub struct SavedWorst {
    pub worker: u32,
    pub attempts: u32,
    pub response_ns: u64,
    pub outcome: String,
}

/// [`Second`], saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Second")]
pub struct SavedSecond {
    pub second: u64,
    pub committed: u64,
    pub not_committed: u64,
    pub retries: u64,
    pub in_flight: u32,
    pub p50_ns: u64,
    pub p99_ns: u64,
    pub max_ns: u64,
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

/// [`Verdict`], saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedVerdict {
    /// `holds`, `violated` or `inconclusive`: the most severe of the checks.
    pub status: String,
    /// What was checked.
    pub checks: Vec<SavedCheck>,
}

/// One check, saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Check")]
pub struct SavedCheck {
    pub name: String,
    pub status: String,
    pub detail: String,
}

impl From<&Verdict> for SavedVerdict {
    fn from(verdict: &Verdict) -> Self {
        let saved = |check: &crate::check::Check| SavedCheck {
            name: check.name.to_owned(),
            status: check.status.to_string(),
            detail: check.detail.clone(),
        };
        Self { status: verdict.status().to_string(), checks: verdict.checks.iter().map(saved).collect() }
    }
}

impl SavedVerdict {
    /// The status as a value; a word that is none of the three counts as inconclusive.
    #[must_use]
    pub fn exit_status(&self) -> Status {
        let all = [Status::Holds, Status::Violated, Status::Inconclusive];
        all.into_iter().find(|status| self.is(*status)).unwrap_or(Status::Inconclusive)
    }

    /// Whether the status is this one.
    #[must_use]
    pub fn is(&self, status: Status) -> bool {
        self.status == status.to_string()
    }
}

impl From<&Counts> for SavedCounts {
    fn from(counts: &Counts) -> Self {
        let Counts { committed, declined, exhausted, ambiguous, failed, attempts, retries_by, ended_by } = counts;
        let by = |wanted: Ended| {
            most_first(ended_by.iter().filter(|((ended, _), _)| *ended == wanted).map(|((_, cause), n)| (cause, n)))
        };
        Self {
            transactions: counts.transactions(),
            committed: *committed,
            declined: *declined,
            exhausted: *exhausted,
            ambiguous: *ambiguous,
            failed: *failed,
            attempts: *attempts,
            retries: counts.retries(),
            retries_by: most_first(retries_by.iter()),
            exhausted_by: by(Ended::Exhausted),
            ambiguous_by: by(Ended::Ambiguous),
            failed_by: by(Ended::Failed),
        }
    }
}

fn most_first<'a>(causes: impl Iterator<Item = (&'a crate::history::Cause, &'a u64)>) -> Vec<CauseCount> {
    let mut list: Vec<CauseCount> = causes
        .map(|(cause, count)| CauseCount {
            sqlstate: cause.sqlstate.to_string(),
            reason: cause.reason.to_owned(),
            count: *count,
        })
        .collect();
    list.sort_by_key(|cause| std::cmp::Reverse(cause.count));
    list
}

impl From<&Latency> for Latencies {
    fn from(latency: &Latency) -> Self {
        let Latency { response, service, queue, backoff, attempt } = latency;
        Self {
            response: response.into(),
            service: service.into(),
            queue: queue.into(),
            backoff: backoff.into(),
            attempt: attempt.into(),
        }
    }
}

impl From<Fairness> for SavedFairness {
    fn from(Fairness { least, median, most, jain }: Fairness) -> Self {
        Self { least_commits: least, median_commits: median, most_commits: most, jain_index: jain }
    }
}

impl From<Worst> for SavedWorst {
    fn from(Worst { worker, attempts, response, outcome }: Worst) -> Self {
        let outcome = format!("{outcome:?}").to_lowercase();
        Self { worker, attempts, response_ns: response, outcome }
    }
}

impl From<Second> for SavedSecond {
    fn from(second: Second) -> Self {
        let Second { second, committed, not_committed, retries, in_flight, p50, p99, max } = second;
        Self { second, committed, not_committed, retries, in_flight, p50_ns: p50, p99_ns: p99, max_ns: max }
    }
}

/// How many transactions took n attempts, without the empty bins.
#[must_use]
pub fn attempts_bins(summary: &Summary) -> Vec<AttemptsBin> {
    let bins = summary.attempts_per_transaction.iter().zip(0..);
    bins.filter(|(count, _)| **count > 0)
        .map(|(count, attempts)| AttemptsBin { attempts, transactions: *count })
        .collect()
}

/// The workers' time, in seconds.
impl From<&Summary> for WorkerTime {
    fn from(summary: &Summary) -> Self {
        let seconds = |nanoseconds: u128| nanoseconds as f64 / 1e9;
        Self { busy_s: seconds(summary.busy), wasted_s: seconds(summary.wasted), backoff_s: seconds(summary.backoff) }
    }
}
