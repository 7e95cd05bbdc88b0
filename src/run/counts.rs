//! How often did what happen? Counts, saved; the equations are with [`Counts`].

use serde::{Deserialize, Serialize};

use crate::measure::{Counts, Ended, Summary};

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
    #[serde(default)]
    pub round_trips: u64,
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

/// So many transactions took so many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the sentence above says it")]
pub struct AttemptsBin {
    pub attempts: u64,
    pub transactions: u64,
}

impl From<&Counts> for SavedCounts {
    fn from(counts: &Counts) -> Self {
        let Counts { committed, declined, exhausted, ambiguous, failed, attempts, round_trips, retries_by, ended_by } =
            counts;
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
            round_trips: *round_trips,
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

/// How many transactions took n attempts, without the empty bins.
#[must_use]
pub fn attempts_bins(summary: &Summary) -> Vec<AttemptsBin> {
    let bins = summary.attempts_per_transaction.iter().zip(0..);
    bins.filter(|(count, _)| **count > 0)
        .map(|(count, attempts)| AttemptsBin { attempts, transactions: *count })
        .collect()
}
