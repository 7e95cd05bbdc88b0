//! Are there too many conflicts, or too few? Hints about retries, deadlocks and the experiment's dials.

use super::{flag, is_stepped, seen, with_value};
use crate::history::Sqlstate;
use crate::report::units::{counted, share};
use crate::retry::Policy;
use crate::run::Run;

/// Most transactions gave up.
pub(super) fn exhausted(run: &Run) -> Option<String> {
    let counts = &run.counts;
    if counts.exhausted * 2 <= counts.transactions {
        return None;
    }
    let gave_up = format!("{} of all transactions gave up", share(counts.exhausted as f64, counts.transactions as f64));
    let advice = match run.plan.retry.as_str() {
        "none" => "--retry none never tries again: try --retry exponential".to_owned(),
        "tutorial" => "--retry tutorial ends after 3 attempts: try --retry exponential".to_owned(),
        _ => budget(run).unwrap_or_else(|| more_attempts(run)),
    };
    Some(format!("{gave_up}; {advice}"))
}

/// Where retries have a price.
fn budget(run: &Run) -> Option<String> {
    let policy: Policy = run.plan.retry.parse().ok()?;
    let budget = policy.budget?;
    Some(format!(
        "the budget of --retry pays for {} retries a commit: see `contend policies`",
        budget.deposit / budget.cost
    ))
}

/// The flag of that name, in runs saved before the policy's text said it all; else what the policy says.
fn more_attempts(run: &Run) -> String {
    let policy = || run.plan.retry.parse::<Policy>().ok();
    let says = || policy().map(|policy| policy.limits.max_attempts.to_string());
    let now = flag(&run.plan, "max-attempts").map(str::to_owned).or_else(says);
    let now = now.map_or_else(String::new, |now| format!(" (now {now})"));
    format!("try a higher --max-attempts{now}, or another --retry policy")
}

/// PostgreSQL broke deadlocks.
pub(super) fn deadlocks(run: &Run) -> Option<String> {
    let deadlocks = seen(run, |cause| cause.sqlstate == Sqlstate::DEADLOCK.as_str());
    (deadlocks > 0 && run.plan.lock_order == "random").then(|| {
        let them = counted(deadlocks, "deadlock");
        let waited = if run.server.is_simulated() {
            "what its address says (deadlock=10ms by default)"
        } else {
            "deadlock_timeout (1 s by default)"
        };
        format!("{them}, each waits out {waited}: try --lock-order sorted")
    })
}

/// PostgreSQL locked the whole table for one row.
pub(super) fn relation_locks(run: &Run) -> Option<String> {
    run.server.relation_locks.then(|| {
        let remedy = match flag(&run.plan, "planner") {
            Some("default") => "drop --planner default, or take more --accounts",
            _ => "take more --accounts",
        };
        format!("Predicate locks covered the whole accounts table, as sequential scans take them: {remedy}")
    })
}

/// The balances ran dry.
pub(super) fn declined(run: &Run) -> Option<String> {
    let counts = &run.counts;
    (counts.declined * 5 > counts.transactions).then(|| {
        let share = share(counts.declined as f64, counts.transactions as f64);
        let [balance, amount] = ["balance", "amount"].map(|name| with_value(&run.plan, name));
        format!("{share} of all transactions were declined, the accounts run dry: raise {balance} or lower {amount}")
    })
}

/// The run hardly contends.
pub(super) fn few_retries(run: &Run) -> Option<String> {
    let counts = &run.counts;
    let few = counts.committed > 0 && counts.retries * 1_000 < counts.committed;
    (few && !is_stepped(run)).then(|| {
        let accounts = with_value(&run.plan, "accounts");
        format!(
            "Hardly a retry: for more contention try fewer {accounts}, --keys zipf:1.1, more --workers, --think 5ms, or --mix batch"
        )
    })
}
