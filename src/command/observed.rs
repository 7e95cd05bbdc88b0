//! What listens to a shard? Its books and its ledger, and a line to the live progress.

use tokio::sync::mpsc;

use crate::check::{Ledger, ShapeLedger};
use crate::history::Event;
use crate::load::Observer;
use crate::measure::{Interval, Recorder};

/// The observer of one shard.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) recorder: Recorder,
    pub(super) ledger: Ledger,
    pub(super) shapes: ShapeLedger,
    intervals: mpsc::UnboundedSender<Interval>,
}

impl Observed {
    pub(super) fn new(workers: u32, accounts: u64, intervals: mpsc::UnboundedSender<Interval>) -> Self {
        Self {
            recorder: Recorder::new(workers),
            ledger: Ledger::new(accounts),
            shapes: ShapeLedger::default(),
            intervals,
        }
    }
}

impl Observer for Observed {
    fn observe(&mut self, event: Event<'_>) {
        match event {
            Event::Attempt(attempt) => {
                self.recorder.add_attempt(attempt);
                self.ledger.add(attempt);
                self.shapes.add(attempt);
            }
            Event::Transaction(transaction) => self.recorder.add_transaction(transaction),
            Event::Tick { second, in_flight, last } => {
                // Nobody listens any more once the run has been given up.
                let _ = self.intervals.send(self.recorder.cut(second, in_flight, last));
            }
        }
    }
}
