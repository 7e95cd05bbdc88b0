//! When is a transaction tried again? Flags.

use std::time::Duration;

use clap::Args;

use crate::command::values::positive_duration;
use crate::plan::Retry;
use crate::retry::{Limits, Policy, Restart};

#[derive(Debug, Args)]
pub(super) struct RetryFlags {
    /// When to try again: a form such as constant:5ms, or a preset such as cockroach-go, then /attempts:5 and the like;
    /// `contend policies` lists them
    #[arg(long, value_name = "POLICY", default_value_t)]
    retry: Policy,
    /// Attempts of one transaction (default: what the policy says; else 20, for none 1, for tutorial 3)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_attempts: Option<u32>,
    /// No attempt begins later than this after the transaction's first
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    transaction_deadline: Option<Duration>,
    /// What happens to the connection between two attempts: rollback (ROLLBACK, wait, BEGIN)
    #[arg(long, value_name = "HOW", default_value_t)]
    restart: Restart,
}

impl RetryFlags {
    /// What the flags mean: those about limits take precedence over what the policy says itself.
    pub(super) fn retry(&self) -> Retry {
        let Self { retry: mut policy, max_attempts, transaction_deadline, restart } = *self;
        let Limits { max_attempts: attempts, deadline } = policy.limits;
        policy.limits =
            Limits { max_attempts: max_attempts.unwrap_or(attempts), deadline: transaction_deadline.or(deadline) };
        Retry { policy, restart }
    }
}
