//! What is worth trying next? What the numbers of a run suggest, each with the flag that does it.

mod capacity;
mod conflict;
mod pacing;
mod trust;

#[cfg(test)]
mod tests;

pub(super) use pacing::gravely_late;

use crate::run::{CauseCount, Run, SavedPlan};

/// More advice than this is noise.
const MOST: usize = 4;

/// At most four hints, the most important first; none when nothing calls for one.
#[must_use]
pub fn hints(run: &Run) -> Vec<String> {
    let rules: [fn(&Run) -> Option<String>; 16] = [
        // First what the numbers mean,
        trust::weaker_isolation,
        trust::ambiguous,
        trust::lost_connections,
        trust::cut_off,
        trust::hardly_measured,
        pacing::client,
        // then what holds them down,
        conflict::exhausted,
        conflict::relation_locks,
        conflict::deadlocks,
        pacing::behind,
        capacity::queue,
        capacity::client_cpu,
        capacity::backoff,
        // then what makes the run say less than it could.
        trust::indistinct,
        conflict::declined,
        conflict::few_retries,
    ];
    rules.iter().filter_map(|rule| rule(run)).take(MOST).collect()
}

/// The load rose in steps, so that a mean over all of them says nothing about any one, and too much load is no mistake.
fn is_stepped(run: &Run) -> bool {
    run.plan.steps.is_some()
}

/// The value of a flag of the plan, such as `max-attempts`.
fn flag<'a>(plan: &'a SavedPlan, name: &str) -> Option<&'a str> {
    let is_it = |word: &String| word.strip_prefix("--") == Some(name);
    let index = plan.flags.iter().position(is_it)?;
    plan.flags.get(index + 1).map(String::as_str)
}

/// A flag with what it is now, where that is known: `--max-attempts (now 10)`.
fn with_value(plan: &SavedPlan, name: &str) -> String {
    flag(plan, name).map_or_else(|| format!("--{name}"), |value| format!("--{name} (now {value})"))
}

/// How often these causes were seen: as a retry, or as the end of a transaction.
fn seen(run: &Run, wanted: impl Fn(&CauseCount) -> bool) -> u64 {
    let counts = &run.counts;
    let all = [&counts.retries_by, &counts.exhausted_by, &counts.ambiguous_by, &counts.failed_by];
    all.into_iter().flatten().filter(|cause| wanted(cause)).map(|cause| cause.count).sum()
}
