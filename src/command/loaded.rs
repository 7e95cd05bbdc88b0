//! What did a load leave behind? Its shards added up, and judged by what the tables hold after it.

use std::sync::Arc;

use super::drive::Watched;
use super::examine::Recorded;
use super::exit::Stop;
use super::observed::Observed;
use crate::check::{Books, Status, Verdict};
use crate::db::Error;
use crate::history::{Log, Recording, State};
use crate::load::{Load, Outcome, StopCause};
use crate::measure::{Second, Summary};
use crate::plan::{Plan, VerifyMode};

/// A load that has ended.
pub(super) struct Loaded {
    pub(super) summary: Summary,
    /// How it ended; its observers are in the rest.
    pub(super) outcome: Outcome<Observed>,
    pub(super) watched: Watched,
    books: Books,
    logs: Vec<Log>,
    before: State,
    recording: Arc<Recording>,
}

/// What it comes to.
pub(super) struct Judged {
    pub(super) summary: Summary,
    pub(super) seconds: Vec<Second>,
    /// What the state in the end says.
    pub(super) verdict: Verdict,
    pub(super) recorded: Option<Recorded>,
    /// What went wrong with the server.
    pub(super) complaint: Option<String>,
}

impl Loaded {
    /// Adds the shards up. A load in which nothing at all was possible is an error, not a result.
    pub(super) fn of(
        plan: &Plan,
        load: Load<Observed>,
        watched: Watched,
        before: State,
        recording: Arc<Recording>,
    ) -> Result<Self, Stop> {
        let mut outcome = load.finish();
        let mut summary = Summary::new(plan.load.workers);
        let mut books = Books::new(plan.bank.accounts, plan.verify.mode == VerifyMode::Ledger);
        let mut logs = Vec::new();
        for observed in std::mem::take(&mut outcome.observers) {
            books.merge(observed.books);
            logs.extend(observed.log);
            summary.merge(&observed.recorder.finish());
        }
        if let StopCause::Hopeless(failure) = &outcome.cause
            && books.ledger.commits == 0
        {
            return Err(Error::Statement { doing: "run transactions", failure: failure.clone() }.into());
        }
        Ok(Self { summary, outcome, watched, books, logs, before, recording })
    }

    /// Judges the state after the load: none where the lease was lost.
    pub(super) fn judge(self, plan: &Plan, after: Result<Option<State>, Error>, lost: bool) -> Judged {
        let Self { summary, outcome, watched: Watched { seconds, audits, .. }, books, logs, before, recording } = self;
        let mut verdict = Verdict::default();
        let mut complaint = None;
        let after = match after {
            // What another one has changed meanwhile says nothing about this load.
            _ if lost => {
                verdict.add("lease", Status::Inconclusive, "another contend took over these accounts meanwhile");
                None
            }
            Ok(after) => after,
            Err(error) => {
                verdict.add("final-balances", Status::Inconclusive, error.to_string());
                complaint = Some(error.to_string());
                None
            }
        };
        if let Some(after) = &after {
            verdict = books.judge(&plan.mix.shapes(), &before, after, summary.overlap.is_seen());
        }
        if let Some(audits) = audits.filter(|_| !lost) {
            audits.judge(&mut verdict);
        }
        if let StopCause::Hopeless(failure) = outcome.cause {
            complaint.get_or_insert(Error::Statement { doing: "go on", failure }.to_string());
        }
        let (before, after, logs) = (Arc::new(before), after.map(Arc::new), Arc::new(logs));
        let is_recorded = plan.verify.mode.records() && !lost;
        let recorded = is_recorded.then_some(Recorded { before, after, logs, recording });
        Judged { summary, seconds, verdict, recorded, complaint }
    }
}
