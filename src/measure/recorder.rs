//! What does one shard remember? Everything a summary needs, in memory that does not grow with the run.

use super::{ByShape, Counts, Interval, Latency, OpenLoop, Overlap, StepBooks, Summary, Window, Worst};
use crate::history::{Attempt, Due, Fate, Outcome, Phase, Transaction};

/// One shard's books. Not shared, so nothing in it is locked.
#[derive(Debug)]
pub struct Recorder {
    pub(super) counts: Counts,
    pub(super) shapes: ByShape,
    pub(super) latency: Latency,
    pub(super) attempts_per_transaction: Vec<u64>,
    pub(super) committed_by_worker: Vec<u64>,
    pub(super) wasted: u128,
    pub(super) backoff: u128,
    pub(super) held: u128,
    pub(super) busy: u128,
    pub(super) worst: Option<Worst>,
    pub(super) overlap: Overlap,
    pub(super) window: Window,
    pub(super) steps: Option<StepBooks>,
    pub(super) open_loop: Option<OpenLoop>,
    interval: Interval,
}

impl Recorder {
    /// Empty books for a run with this many workers on all shards together.
    #[must_use]
    pub fn new(workers: u32) -> Self {
        Self {
            counts: Counts::default(),
            shapes: ByShape::default(),
            latency: Latency::default(),
            attempts_per_transaction: Vec::new(),
            committed_by_worker: vec![0; workers as usize],
            wasted: 0,
            backoff: 0,
            held: 0,
            busy: 0,
            worst: None,
            overlap: Overlap::default(),
            window: Window::default(),
            steps: None,
            open_loop: None,
            interval: Interval::default(),
        }
    }

    /// The same for a load that rises in steps, each with books of its own.
    #[must_use]
    pub fn with_steps(self, steps: Option<StepBooks>) -> Self {
        Self { steps, ..self }
    }

    /// Takes one attempt.
    pub fn add_attempt(&mut self, attempt: &Attempt<'_>) {
        self.interval.add_attempt(attempt);
        self.window.attempts += u64::from(attempt.in_window);
        if let Some(steps) = &mut self.steps {
            steps.add_attempt(attempt);
        }
        if attempt.phase >= Phase::Body {
            self.overlap.add(attempt.start, attempt.end);
        }
        if attempt.measured {
            self.counts.add_attempt(attempt);
            self.shapes.add_attempt(attempt);
            self.latency.add_attempt(attempt);
        }
    }

    /// Takes one scheduled start of an open loop.
    pub fn add_due(&mut self, due: &Due) {
        self.open_loop.get_or_insert_default().add_due(due);
        if let Some(steps) = &mut self.steps
            && due.measured
            && due.fate == Fate::Skipped
        {
            steps.add_skipped(due.scheduled);
        }
    }

    /// Takes one transaction, after its attempts.
    pub fn add_transaction(&mut self, transaction: &Transaction) {
        self.interval.add_transaction(transaction);
        self.window.committed += u64::from(transaction.in_window && transaction.outcome == Outcome::Committed);
        if let Some(steps) = &mut self.steps {
            steps.add_transaction(transaction);
        }
        if let Some(open_loop) = &mut self.open_loop {
            open_loop.ended += u64::from(transaction.in_window);
        }
        if !transaction.measured {
            return;
        }
        self.counts.add_transaction(transaction);
        self.shapes.add_transaction(transaction);
        self.latency.add_transaction(transaction);
        self.wasted += u128::from(transaction.wasted);
        self.backoff += u128::from(transaction.backoff);
        self.held += u128::from(transaction.held);
        self.busy += u128::from(transaction.end.saturating_sub(transaction.start));
        self.worst = Worst::of(self.worst, transaction);
        let attempts = transaction.attempts as usize;
        if self.attempts_per_transaction.len() <= attempts {
            self.attempts_per_transaction.resize(attempts + 1, 0);
        }
        self.attempts_per_transaction[attempts] += 1;
        if transaction.outcome == Outcome::Committed
            && let Some(count) = self.committed_by_worker.get_mut(transaction.worker as usize)
        {
            *count += 1;
        }
    }

    /// Ends the current interval and begins the next one.
    pub fn cut(&mut self, second: u64, in_flight: u32, last: bool) -> Interval {
        let interval = std::mem::take(&mut self.interval);
        Interval { second, in_flight, last, ..interval }
    }

    /// Closes the books.
    #[must_use]
    pub fn finish(self) -> Summary {
        Summary::from(self)
    }
}
