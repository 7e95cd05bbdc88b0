//! What does the recorded history say? It is saved by a thread of its own and checked beside that, when the database is
//! not needed any more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::exit::Stop;
use super::findings::Findings;
use crate::check::history::History;
use crate::check::isolation::{Judgement, check};
use crate::check::recorded::{RecordedError, Setting, Sizes, recorded_history};
use crate::check::{HistoryEvidence, Partial, Promise, Standard, Status, Verdict, judge_history};
use crate::history::{Log, Nanos, Recording, Shape, State, merged};
use crate::plan::Plan;
use crate::report::{Picture, Progress};
use crate::retry::Restart;
use crate::run::{SavedHistory, SavedJudgement};
use crate::store::{HistoryHeader, HistoryParts, HistoryWriter, Store, StoreError};

/// So many take long enough to be told about.
const MANY: u64 = 100_000;

/// What was recorded, and what the tables held before and after it.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) before: Arc<State>,
    pub(super) after: Option<Arc<State>>,
    pub(super) logs: Arc<Vec<Log>>,
    pub(super) recording: Arc<Recording>,
}

/// What came of the check.
struct Checked {
    found: Result<(History, Judgement), RecordedError>,
    took: Duration,
}

/// What the history is judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Examination<'a> {
    pub(super) plan: &'a Plan,
    pub(super) standard: Standard,
    /// Of which at least one transaction was committed.
    pub(super) shapes: &'a [Shape],
}

impl Examination<'_> {
    /// Saves and checks the history, and adds what it says to the verdict. A history that cannot be saved is judged all the
    /// same; the error is for the end.
    pub(super) async fn examine(
        &self,
        recorded: Recorded,
        store: &Store,
        progress: &Progress,
        findings: &mut Findings<'_>,
        verdict: &mut Verdict,
    ) -> Result<(), Stop> {
        let mut saved = recorded.saved(self.plan);
        if saved.attempts > MANY {
            progress.note(&format!("checking and saving {} attempts", saved.attempts));
        }
        let header = findings.history_header(recorded.recording.stopped_at());
        let writer = store.write_history(recorded.parts(header));
        let (sizes, restart) = (recorded.sizes(self.plan), self.plan.retry.restart);
        let checked = blocking(move || recorded.check(sizes, restart)).await?;
        saved.check_s = checked.took.as_secs_f64();
        let written = blocking(move || writer.and_then(|writer| writer.map(HistoryWriter::join).transpose())).await?;
        if let Ok(Some(written)) = written {
            (saved.file, saved.save_s) = (Some(Store::HISTORY.to_owned()), written.took.as_secs_f64());
        }
        let drawn = self.judge(&checked.found, &saved, store, findings, verdict);
        findings.history = Some(saved);
        written?;
        Ok(drawn?)
    }

    /// Checks a history that is not kept, and adds what it says to the verdict.
    pub(super) async fn judge_alone(
        &self,
        recorded: Recorded,
        promise: &Promise,
        verdict: &mut Verdict,
    ) -> Result<(), Stop> {
        let (sizes, covered_until) = (recorded.sizes(self.plan), recorded.recording.stopped_at());
        let restart = self.plan.retry.restart;
        let Checked { found, .. } = blocking(move || recorded.check(sizes, restart)).await?;
        match found {
            Err(error) => verdict.add("history", Status::Inconclusive, error.to_string()),
            Ok((history, judgement)) => {
                let evidence = self.evidence(&history, &judgement, promise, covered_until);
                verdict.checks.push(judge_history(&evidence));
            }
        }
        Ok(())
    }

    fn evidence<'e>(
        &'e self,
        history: &'e History,
        judgement: &'e Judgement,
        promise: &'e Promise,
        covered_until: Option<Nanos>,
    ) -> HistoryEvidence<'e> {
        HistoryEvidence {
            history,
            judgement,
            asked: self.standard,
            promise: Some(promise),
            shapes: Some(self.shapes),
            flight: self.plan.session.flight,
            partial: Partial::of(history, covered_until, Some(self.plan.verify.history_limit)),
        }
    }

    /// The error is that of the pictures.
    fn judge(
        &self,
        found: &Result<(History, Judgement), RecordedError>,
        saved: &SavedHistory,
        store: &Store,
        findings: &mut Findings<'_>,
        verdict: &mut Verdict,
    ) -> Result<(), StoreError> {
        let promise = findings.server().promise();
        match found {
            Err(error) => {
                verdict.add("history", Status::Inconclusive, error.to_string());
                Ok(())
            }
            Ok((history, judgement)) => {
                let evidence = self.evidence(history, judgement, &promise, saved.covered_until_ns);
                verdict.checks.push(judge_history(&evidence));
                let mut judgement = SavedJudgement::from(&evidence);
                let drawn = draw(&evidence, &mut judgement, store);
                findings.judgement = Some(judgement);
                drawn
            }
        }
    }
}

/// Puts a picture of each anomaly that is kept into the folder of the run: `anomaly-1.svg`, `anomaly-1.dot` and so on.
fn draw(evidence: &HistoryEvidence<'_>, judgement: &mut SavedJudgement, store: &Store) -> Result<(), StoreError> {
    for (number, anomaly) in (1..).zip(SavedJudgement::told(evidence)) {
        let (picture, name) = (Picture::new(evidence.history, anomaly), format!("anomaly-{number}"));
        let svg = format!("{name}.svg");
        if !(store.add(&svg, &picture.svg())? && store.add(&format!("{name}.dot"), &picture.dot())?) {
            // Nothing is saved, so none of the others has to be drawn.
            break;
        }
        if let Some(saved) = judgement.anomalies.get_mut(number - 1) {
            saved.picture = Some(svg);
        }
    }
    Ok(())
}

impl Recorded {
    fn parts(&self, header: HistoryHeader) -> HistoryParts {
        let Self { before, after, logs, .. } = self;
        HistoryParts { header, before: Arc::clone(before), after: after.clone(), logs: Arc::clone(logs) }
    }

    fn sizes(&self, plan: &Plan) -> Sizes {
        let rows = |table: &Option<Vec<_>>| table.as_ref().map_or(0, |rows| rows.len() as u64);
        Sizes {
            accounts: plan.bank.accounts,
            pairs: rows(&self.before.pairs),
            tills: rows(&self.before.tills),
            workers: plan.load.workers,
            attempts: self.logs.iter().map(Log::len).sum(),
            operations: self.logs.iter().map(Log::operations).sum(),
        }
    }

    fn check(self, sizes: Sizes, restart: Restart) -> Checked {
        let begun = Instant::now();
        let setting = Setting {
            sizes,
            before: &self.before,
            after: self.after.as_deref(),
            stopped_at: self.recording.stopped_at(),
            restart,
        };
        let found = recorded_history(setting, merged(&self.logs)).map(|history| {
            let judgement = check(&history);
            (history, judgement)
        });
        Checked { found, took: begun.elapsed() }
    }

    fn saved(&self, plan: &Plan) -> SavedHistory {
        SavedHistory {
            mode: plan.verify.mode.to_string(),
            attempts: self.logs.iter().map(|log| log.len() as u64).sum(),
            operations: self.logs.iter().map(|log| log.operations() as u64).sum(),
            bytes: self.logs.iter().map(|log| log.bytes() as u64).sum(),
            file: None,
            covered_until_ns: self.recording.stopped_at(),
            limit_bytes: plan.verify.history_limit,
            save_s: 0.0,
            check_s: 0.0,
        }
    }
}

/// Works on a thread of its own, so that Ctrl-C is heard meanwhile.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Stop> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(Stop::looking(format!("the history was not checked: {error}"))),
        },
    }
}
