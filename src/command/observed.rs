//! What listens to a shard? Its measurements, its books and its log, and a line to the live progress.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::check::Books;
use crate::history::{Event, Log, Recording};
use crate::load::Observer;
use crate::measure::{Interval, Recorder, StepBooks};
use crate::plan::{Plan, VerifyMode};

/// The observer of one shard.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) recorder: Recorder,
    pub(super) books: Books,
    /// Nothing when attempts are not recorded.
    pub(super) log: Option<Log>,
    intervals: mpsc::UnboundedSender<Interval>,
}

impl Observed {
    /// One for each shard.
    pub(super) fn of_shards(
        plan: &Plan,
        recording: &Arc<Recording>,
        intervals: &mpsc::UnboundedSender<Interval>,
    ) -> Vec<Self> {
        let log = || plan.verify.mode.records().then(|| Log::new(Arc::clone(recording)));
        (0..plan.load.threads).map(|_| Self::new(plan, log(), intervals.clone())).collect()
    }

    fn new(plan: &Plan, log: Option<Log>, intervals: mpsc::UnboundedSender<Interval>) -> Self {
        Self {
            recorder: Recorder::new(plan.load.workers).with_steps(StepBooks::new(&plan.load)),
            books: Books::new(plan.bank.accounts, plan.verify.mode == VerifyMode::Ledger),
            log,
            intervals,
        }
    }
}

impl Observer for Observed {
    fn observe(&mut self, event: Event<'_>) {
        match event {
            Event::Attempt(attempt) => {
                self.recorder.add_attempt(attempt);
                self.books.add(attempt);
                if let Some(log) = &mut self.log {
                    log.add(attempt);
                }
            }
            Event::Transaction(transaction) => self.recorder.add_transaction(transaction),
            Event::Due(due) => self.recorder.add_due(&due),
            Event::Tick { second, in_flight, last } => {
                // Nobody listens any more once the run has been given up.
                let _ = self.intervals.send(self.recorder.cut(second, in_flight, last));
            }
        }
    }
}
