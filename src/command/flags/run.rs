//! `contend run`: its flags, and the plan they mean.

use clap::Args;

use super::{
    BankFlags, LoadFlags, OutputFlags, RetryFlags, ServerFlags, TargetFlags, TransferFlags, VerifyFlags, possible,
    random_seed,
};
use crate::check::Standard;
use crate::command::exit::Stop;
use crate::db::sim::Simulation;
use crate::plan::Plan;

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

impl RunFlags {
    /// What the run is judged by. It is no part of the plan: it changes nothing that is done.
    pub(in crate::command) fn standard(&self) -> Standard {
        self.verify.level
    }

    /// The plan that the flags mean, with every default filled in.
    pub(in crate::command) fn plan(&self, simulation: Option<&Simulation>) -> Result<Plan, Stop> {
        possible(
            Plan {
                bank: self.bank.bank(&self.target.schema)?,
                mix: self.transfer.mix.clone(),
                transfer: self.transfer.transfer(),
                session: self.transfer.session(simulation, self.retry.retry().restart),
                load: self.load.load(simulation.is_some())?,
                retry: self.retry.retry(),
                verify: self.verify.verify(simulation.is_none()),
                seed: self.load.seed.unwrap_or_else(random_seed),
            },
            simulation,
        )
    }
}
