//! `contend run`: its flags, and the plan they mean.

use clap::Args;
use rand::RngExt;

use super::retry::{not_single, usual_flight};
use super::{BankFlags, LoadFlags, OutputFlags, RetryFlags, ServerFlags, TargetFlags, TransferFlags};
use crate::check::Standard;
use crate::command::exit::Stop;
use crate::command::values::{on_or_off, size};
use crate::db::sim::Simulation;
use crate::plan::{Flight, Isolation, Plan, Session, Transfer, Verify, VerifyMode};

/// `contend run`.
#[derive(Debug, Args)]
pub(in crate::command) struct RunFlags {
    #[command(flatten)]
    pub(in crate::command) target: TargetFlags,
    #[command(flatten)]
    pub(in crate::command) server: ServerFlags,
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
    pub(in crate::command) output: OutputFlags,
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

impl RunFlags {
    /// What the run is judged by. It is no part of the plan: it changes nothing that is done.
    pub(in crate::command) fn standard(&self) -> Standard {
        self.verify.level
    }

    /// The plan that the flags mean, with every default filled in.
    pub(in crate::command) fn plan(&self, simulation: Option<&Simulation>) -> Result<Plan, Stop> {
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
        let retry = self.retry.retry();
        let flight = flight.unwrap_or(usual_flight(retry.restart));
        let session = Session { isolation, planner, flight, protocol, statement_timeout };
        let VerifyFlags { verify: mode, history_limit, audit, level: _ } = self.verify;
        let audit = audit.unwrap_or(simulation.is_none());
        let plan = Plan {
            bank: self.bank.bank(&self.target.schema)?,
            mix: mix.clone(),
            transfer: Transfer { keys, amount, lock_order, think },
            session,
            load: self.load.load(simulation.is_some())?,
            retry,
            verify: Verify { mode, history_limit, audit },
            seed: self.load.seed.unwrap_or_else(|| rand::rng().random_range(0..1_000_000_000)),
        };
        if let Some(reason) = not_single(&plan) {
            return Err(Stop::usage(reason));
        }
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
