//! Which flags are there? What was typed, and the plan it means.

mod candidates;
mod load;
mod possible;
mod retry;
mod run;
mod transactions;
mod tune;
mod verify;

use std::path::PathBuf;

use clap::Args;
use rand::RngExt;

use super::exit::Stop;
use super::values::run_name;
use crate::db::{Dialect, Identifier, local};
use crate::plan::{Bank, SchemaName};

use load::{CrewFlags, LoadFlags};
use possible::possible;
use retry::{LimitFlags, RetryFlags};
pub(super) use run::RunFlags;
use transactions::TransferFlags;
pub(super) use tune::TuneFlags;
use verify::VerifyFlags;

/// Where the database is.
#[derive(Debug, Args)]
pub(super) struct TargetFlags {
    /// The database: `postgres://user@host:26257/database` (libpq's keywords behind a `?`), or "host=... user=... dbname=...";
    /// several addresses, and several hosts in one, are connected to in turn; or `sim://LEVEL`, a simulation (run and tune)
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
    pub(super) accounts: u64,
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

/// Short enough to be typed.
fn random_seed() -> u64 {
    rand::rng().random_range(0..1_000_000_000)
}
