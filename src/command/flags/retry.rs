//! When is a transaction tried again? Flags.

use std::time::Duration;

use clap::Args;

use crate::command::values::positive_duration;
use crate::history::Shape;
use crate::plan::{Flight, Plan, Protocol, Retry, Session, VerifyMode};
use crate::retry::{Limits, Policy, Restart};

#[derive(Debug, Args)]
pub(super) struct RetryFlags {
    /// When to try again: a form such as constant:5ms, or a preset such as cockroach-go, then /attempts:5 and the like;
    /// `contend policies` lists them
    #[arg(long, value_name = "POLICY", default_value_t)]
    retry: Policy,
    #[command(flatten)]
    limits: LimitFlags,
}

/// What goes with a policy, whichever it is.
#[derive(Debug, Args)]
pub(super) struct LimitFlags {
    /// Attempts of one transaction (default: what the policy says; else 20, for none 1, for tutorial 3)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_attempts: Option<u32>,
    /// No attempt begins later than this after the transaction's first
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    pub(super) transaction_deadline: Option<Duration>,
    /// What happens between two attempts: rollback (ROLLBACK, wait, BEGIN), savepoint (CockroachDB only: ROLLBACK TO SAVEPOINT
    /// `cockroach_restart`, wait, go on, with all locks), reconnect (close the connection, wait, connect, BEGIN) or single
    /// (no BEGIN: each transfer is one statement by itself)
    #[arg(long, value_name = "HOW", default_value_t)]
    pub(super) restart: Restart,
}

impl RetryFlags {
    pub(super) fn retry(&self) -> Retry {
        Retry { policy: self.limits.limit(self.retry), restart: self.limits.restart }
    }
}

impl LimitFlags {
    /// Whether they change anything.
    pub(super) fn are_given(&self) -> bool {
        self.max_attempts.is_some() || self.transaction_deadline.is_some() || self.restart != Restart::default()
    }

    /// The policy within these limits, which take precedence over what it says itself.
    pub(super) fn limit(&self, mut policy: Policy) -> Policy {
        let Limits { max_attempts, deadline } = policy.limits;
        policy.limits = Limits {
            max_attempts: self.max_attempts.unwrap_or(max_attempts),
            deadline: self.transaction_deadline.or(deadline),
        };
        policy
    }
}

/// Which flights a way to restart means, where nobody asks for any.
pub(super) fn usual_flight(restart: Restart) -> Flight {
    if restart == Restart::Single { Flight::Single } else { Flight::default() }
}

/// What cannot be done where each transaction is one statement outside of BEGIN and COMMIT, in words.
pub(super) fn not_single(plan: &Plan) -> Option<&'static str> {
    if plan.retry.restart != Restart::Single {
        return None;
    }
    let Session { flight, protocol, .. } = plan.session;
    if plan.mix.shapes() != [Shape::Transfer] {
        return Some("--restart single: only transfers are one statement each; say --mix transfer");
    }
    if flight != Flight::Single {
        return Some("--restart single: what is one statement travels in one flight; leave --flight out");
    }
    if !plan.transfer.think.is_zero() {
        return Some(
            "--think waits between reads and writes, and --restart single has nothing in between: leave one of them out",
        );
    }
    if plan.verify.mode == VerifyMode::Ledger {
        return Some("--restart single: --verify ledger writes a row more, by another statement; use --verify history");
    }
    // Behind a pooler of transactions a setting of the session would reach others, and not reach all statements.
    (protocol == Protocol::Simple).then_some(
        "--restart single has no BEGIN to say its isolation level, so that the session has to have it, and --protocol \
         simple leaves nothing on a session: leave one of them out",
    )
}
