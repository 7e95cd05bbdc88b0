//! What listens to a shard? Its books and its ledger, and a line to the live progress.

use tokio::sync::mpsc;

use crate::check::Books;
use crate::history::Event;
use crate::load::Observer;
use crate::measure::{Interval, Recorder};
use crate::plan::Plan;

/// The observer of one shard.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) recorder: Recorder,
    pub(super) books: Books,
    intervals: mpsc::UnboundedSender<Interval>,
}

impl Observed {
    pub(super) fn new(plan: &Plan, intervals: mpsc::UnboundedSender<Interval>) -> Self {
        Self { recorder: Recorder::new(plan.load.workers), books: Books::new(plan), intervals }
    }
}

impl Observer for Observed {
    fn observe(&mut self, event: Event<'_>) {
        match event {
            Event::Attempt(attempt) => {
                self.recorder.add_attempt(attempt);
                self.books.add(attempt);
            }
            Event::Transaction(transaction) => self.recorder.add_transaction(transaction),
            Event::Tick { second, in_flight, last } => {
                // Nobody listens any more once the run has been given up.
                let _ = self.intervals.send(self.recorder.cut(second, in_flight, last));
            }
        }
    }
}
