//! Which flags are there? What was typed, and the plan it means.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use rand::RngExt;

use super::exit::Stop;
use super::pace::PaceFlags;
use super::values::{duration, on_or_off, positive_duration, run_name, size};
use crate::check::Standard;
use crate::db::sim::Simulation;
use crate::db::{Dialect, Identifier, local};
use crate::load::Launch;
use crate::plan::{
    Amount, Bank, Flight, Isolation, Keys, Load, LockOrder, Mix, Plan, Planner, Protocol, Retry, SchemaName, Session,
    Stop as StopAt, Transfer, Verify, VerifyMode,
};
use crate::retry::{Limits, Policy, Restart};

/// Where the database is.
#[derive(Debug, Args)]
pub(super) struct TargetFlags {
    /// The database: `postgres://user@host:26257/database` (libpq's keywords behind a `?`), or "host=... user=... dbname=...";
    /// several addresses, and several hosts in one, are connected to in turn; or `sim://LEVEL`, a simulation (run only)
    #[arg(value_name = "URL")]
    pub(super) url: Vec<String>,
    /// Print the resolved address, without secrets, and where each part came from
    #[arg(short, long, overrides_with = "verbose")]
    pub(super) verbose: bool,
    /// The schema that holds contend's tables; anything else in it is refused
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) schema: SchemaName,
}

/// `contend ping`.
#[derive(Debug, Args)]
pub(super) struct PingFlags {
    #[command(flatten)]
    pub(super) target: TargetFlags,
    /// How many round trips are measured
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) count: u32,
}

/// `contend setup`.
#[derive(Debug, Args)]
pub(super) struct SetupFlags {
    #[command(flatten)]
    pub(super) target: TargetFlags,
    /// Connect to nothing, and write for cockroach or postgres (default where no database is named: cockroach)
    #[arg(long = "for", value_name = "PRODUCT", conflicts_with = "url")]
    pub(super) dialect: Option<Dialect>,
    /// The user to create
    #[arg(long, value_name = "NAME", default_value = "maxroach")]
    pub(super) user: Identifier,
    /// The database to create
    #[arg(long, value_name = "NAME", default_value = "bank")]
    pub(super) database: Identifier,
}

/// `contend tutorial`.
#[derive(Debug, Args)]
pub(super) struct TutorialFlags {
    #[command(flatten)]
    pub(super) target: TargetFlags,
    /// Test the retry loop too: once as the tutorial does, which gives up, and once so that it commits
    #[arg(long)]
    pub(super) force_retry: bool,
}

/// The accounts.
#[derive(Debug, Args)]
pub(super) struct BankFlags {
    /// How many accounts
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(2..=1_000_000_000))]
    accounts: u64,
    /// What each account holds at first
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(i64).range(0..=1_000_000_000_000))]
    balance: i64,
    /// Build the accounts anew, even when they are right
    #[arg(long)]
    fresh: bool,
}

/// `contend seed`.
#[derive(Debug, Args)]
pub(super) struct SeedFlags {
    #[command(flatten)]
    pub(super) target: TargetFlags,
    #[command(flatten)]
    bank: BankFlags,
    /// No progress bar
    #[arg(long)]
    pub(super) quiet: bool,
}

impl SeedFlags {
    pub(super) fn bank(&self) -> Result<Bank, Stop> {
        self.bank.bank(&self.target.schema)
    }
}

impl BankFlags {
    fn bank(&self, schema: &SchemaName) -> Result<Bank, Stop> {
        let total = i128::from(self.accounts) * i128::from(self.balance);
        if total > i128::from(i64::MAX) {
            return Err(Stop::usage("--accounts times --balance is more money than an INT8 holds; use less of either"));
        }
        Ok(Bank { schema: schema.clone(), accounts: self.accounts, balance: self.balance, fresh: self.fresh })
    }
}

/// `contend run`.
#[derive(Debug, Args)]
pub(super) struct RunFlags {
    #[command(flatten)]
    pub(super) target: TargetFlags,
    #[command(flatten)]
    pub(super) server: ServerFlags,
    #[command(flatten, next_help_heading = "Transactions")]
    bank: BankFlags,
    #[command(flatten, next_help_heading = "Transactions")]
    transfer: TransferFlags,
    #[command(flatten, next_help_heading = "Load")]
    load: LoadFlags,
    #[command(flatten, next_help_heading = "Retry")]
    retry: RetryFlags,
    #[command(flatten, next_help_heading = "Verification")]
    verify: VerifyFlags,
    #[command(flatten, next_help_heading = "Output")]
    pub(super) output: OutputFlags,
}

/// The throw-away server.
#[derive(Debug, Args)]
#[command(next_help_heading = "Throw-away server")]
pub(super) struct ServerFlags {
    /// Start a throw-away server: cockroach or postgres (default without a URL: cockroach when it is found)
    #[arg(long, value_name = "PRODUCT", conflicts_with = "url")]
    pub(super) local: Option<local::Kind>,
    /// The cockroach binary (default: the one on PATH)
    #[arg(long, value_name = "PATH", conflicts_with = "url")]
    cockroach: Option<PathBuf>,
    /// The directory of initdb and postgres (default: PATH, then the usual places, newest first)
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pg_bin: Option<PathBuf>,
    /// Let the throw-away server wait for its disk at every commit
    #[arg(long, conflicts_with = "url")]
    durable: bool,
}

impl ServerFlags {
    /// Whether the flags ask for a throw-away server, whatever the environment says.
    pub(super) fn wanted(&self) -> bool {
        self.local.is_some() || self.cockroach.is_some() || self.pg_bin.is_some() || self.durable
    }

    pub(super) fn options(&self, connections: u32) -> local::Options {
        // A path to one product's binaries says which product is meant.
        let implied = match (&self.cockroach, &self.pg_bin) {
            (Some(_), None) => Some(local::Kind::Cockroach),
            (None, Some(_)) => Some(local::Kind::Postgres),
            _ => None,
        };
        local::Options {
            kind: self.local.or(implied),
            cockroach: self.cockroach.clone(),
            pg_bin: self.pg_bin.clone(),
            durable: self.durable,
            connections,
            port: None,
        }
    }
}

#[derive(Debug, Args)]
struct TransferFlags {
    /// Which kinds of transactions, with their weights: transfer, absolute, peek, skew, audit, batch, cap, fresh
    #[arg(long, value_name = "SHAPE=N,...", default_value_t)]
    mix: Mix,
    /// How much a transfer moves, drawn anew for each
    #[arg(long, value_name = "RANGE", default_value_t)]
    amount: Amount,
    /// How accounts are chosen: uniform, zipf:S (S from 0 to 10) or hotspot:10%/90%
    #[arg(long, value_name = "CHOICE", default_value_t)]
    keys: Keys,
    /// Which account is written first: random (source first; can deadlock) or sorted (smaller id first)
    #[arg(long, value_name = "ORDER", default_value_t)]
    lock_order: LockOrder,
    /// Wait inside the transaction, between its reads and its writes; widens the window for conflicts
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    think: Duration,
    /// serializable, repeatable-read or read-committed; asked back on every connection (default: serializable; a
    /// simulation has the one that its address says)
    #[arg(long, value_name = "LEVEL")]
    isolation: Option<Isolation>,
    /// PostgreSQL only: primary-key (no sequential scans in contend's sessions, whose predicate locks cover the whole
    /// table) or default
    #[arg(long, value_name = "WHICH", default_value_t)]
    planner: Planner,
    /// Which statements travel together: sequential (one per round trip), pipelined (BEGIN and reads, then writes and
    /// COMMIT) or single (everything, where the shape allows it)
    #[arg(long, value_name = "HOW", default_value_t)]
    flight: Flight,
    /// prepared (once per connection) or simple (plain text: behind a pooler of transactions)
    #[arg(long, value_name = "WHICH", default_value_t)]
    protocol: Protocol,
    /// Give up a statement, and its connection, after this time without an answer
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = positive_duration)]
    statement_timeout: Duration,
}

#[derive(Debug, Args)]
struct LoadFlags {
    /// Concurrent workers, each with one transaction at a time (default: 16, and 64 with a rate)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(Launch::MAX_WORKERS)))]
    workers: Option<u32>,
    /// Connections that the workers share (default: one for each worker); two or three more are for contend itself
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    connections: Option<u32>,
    /// Shards, each a thread with its own workers and connections (default: one per core)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    #[command(flatten)]
    pace: PaceFlags,
    /// Start the workers one after another over this time; with --rate, let the rate rise over it
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    ramp: Duration,
    /// Run this long before measuring; these transactions are verified too
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    warmup: Duration,
    /// Measure this long, with --steps each of them; transactions that have begun may end
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = positive_duration)]
    duration: Duration,
    /// Measure this many transactions instead
    #[arg(long, value_name = "N", conflicts_with = "duration", value_parser = clap::value_parser!(u64).range(1..))]
    transactions: Option<u64>,
    /// How long transactions that have begun may take to end; what is left then is failed, exhausted or ambiguous
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    drain_timeout: Duration,
    /// The seed of all randomness (default: a random one, printed)
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
struct RetryFlags {
    /// none, immediate, tutorial, constant:5ms or exponential:base=2ms,factor=2,cap=250ms,jitter=full (jitter: none,
    /// full, equal, decorrelated)
    #[arg(long, value_name = "POLICY", default_value_t)]
    retry: Policy,
    /// Attempts of one transaction (default: 20; for none 1, for tutorial 3)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_attempts: Option<u32>,
    /// No attempt begins later than this after the transaction's first
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    transaction_deadline: Option<Duration>,
    /// What happens to the connection between two attempts: rollback (ROLLBACK, wait, BEGIN)
    #[arg(long, value_name = "HOW", default_value_t)]
    restart: Restart,
}

#[derive(Debug, Args)]
struct VerifyFlags {
    /// balance (records nothing), history (records and checks every attempt) or ledger (that, and a row per transfer)
    #[arg(long, value_name = "WHAT", default_value_t)]
    verify: VerifyMode,
    /// Stop recording, and go on, when the history would take more memory than this
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = size)]
    history_limit: u64,
    /// on or off: read the whole state in snapshots while the load runs (default: on, and off in a simulation)
    #[arg(long, value_name = "WHETHER", action = clap::ArgAction::Set, value_parser = on_or_off)]
    audit: Option<bool>,
    /// What the exit code judges the history by: read-uncommitted, read-committed, repeatable-read, snapshot,
    /// serializable, strong-session-serializable, strict-serializable, or promised for what the server promises
    #[arg(long, value_name = "LEVEL", default_value_t)]
    level: Standard,
}

/// Where the results go.
#[derive(Debug, Args)]
pub(super) struct OutputFlags {
    /// Print the run as JSON instead of the report
    #[arg(long)]
    pub(super) json: bool,
    /// No progress and no notes; the report stays
    #[arg(long)]
    pub(super) quiet: bool,
    /// The folder in which runs are saved, each in a folder of its own
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) out: PathBuf,
    /// The run's name, a part of its folder's name
    #[arg(long, default_value = "run", value_parser = run_name)]
    pub(super) name: String,
    /// Save nothing
    #[arg(long)]
    pub(super) no_save: bool,
}

impl RunFlags {
    /// What the run is judged by. It is no part of the plan: it changes nothing that is done.
    pub(super) fn standard(&self) -> Standard {
        self.verify.level
    }

    /// The plan that the flags mean, with every default filled in.
    pub(super) fn plan(&self, simulation: Option<&Simulation>) -> Result<Plan, Stop> {
        let TransferFlags {
            mix,
            amount,
            keys,
            lock_order,
            think,
            isolation,
            planner,
            flight,
            protocol,
            statement_timeout,
        } = &self.transfer;
        let (amount, keys, lock_order, think) = (*amount, *keys, *lock_order, *think);
        let isolation = isolation.unwrap_or(simulation.map_or(Isolation::default(), Simulation::isolation));
        let (planner, flight, protocol, statement_timeout) = (*planner, *flight, *protocol, *statement_timeout);
        let session = Session { isolation, planner, flight, protocol, statement_timeout };
        let VerifyFlags { verify: mode, history_limit, audit, level: _ } = self.verify;
        let audit = audit.unwrap_or(simulation.is_none());
        let plan = Plan {
            bank: self.bank.bank(&self.target.schema)?,
            mix: mix.clone(),
            transfer: Transfer { keys, amount, lock_order, think },
            session,
            load: self.load.load(simulation.is_some())?,
            retry: self.retry.retry(),
            verify: Verify { mode, history_limit, audit },
            seed: self.load.seed.unwrap_or_else(|| rand::rng().random_range(0..1_000_000_000)),
        };
        if plan.session.flight == Flight::Single && !plan.transfer.think.is_zero() {
            return Err(Stop::usage(
                "--think waits between reads and writes, and --flight single has nothing in between: leave one of them out",
            ));
        }
        match simulation.and_then(|simulation| Some((simulation, not_simulated(&plan, simulation)?))) {
            None => Ok(plan),
            Some((simulation, reason)) => Err(Stop::usage(format!("{simulation} is a simulation: {reason}"))),
        }
    }
}

/// What a plan asks for that a simulation does not do, in words.
fn not_simulated(plan: &Plan, simulation: &Simulation) -> Option<String> {
    let level = simulation.isolation();
    if plan.session.isolation != level {
        return Some(format!("its address says its level, which --isolation calls {level}; leave --isolation out"));
    }
    if plan.load.threads > 1 {
        return Some("it runs on one thread, so that it is the same each time; leave --threads out".to_owned());
    }
    if plan.verify.audit {
        return Some("nobody audits it while it runs; leave --audit out".to_owned());
    }
    None
}

impl LoadFlags {
    fn load(&self, simulated: bool) -> Result<Load, Stop> {
        let Self { ramp, warmup, duration, transactions, drain_timeout, .. } = *self;
        let (workers, pace) = (self.pace.workers(self.workers)?, self.pace.pace()?);
        let steps = self.pace.steps(duration);
        let connections = self.connections.unwrap_or(workers);
        let most = workers.min(connections);
        let cores = if simulated { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) };
        let threads = match self.threads {
            Some(threads) if threads > most => {
                return Err(Stop::usage(format!(
                    "--threads {threads}: every thread needs a worker and a connection of its own, so {most} is the most here"
                )));
            }
            Some(threads) => threads,
            None => u32::try_from(cores).unwrap_or(1).min(most),
        };
        let time = steps.map_or(duration, |steps| steps.total());
        let stop = transactions.map_or(StopAt::After(time), StopAt::Transactions);
        Ok(Load { workers, connections, threads, ramp, warmup, pace, steps, stop, drain_timeout })
    }
}

impl RetryFlags {
    fn retry(&self) -> Retry {
        let Self { retry: policy, max_attempts, transaction_deadline: deadline, restart } = *self;
        let max_attempts = max_attempts.unwrap_or(policy.max_attempts());
        Retry { policy, restart, limits: Limits { max_attempts, deadline } }
    }
}
