//! What did the whole run amount to? The shards' books, added up.

use super::{ByShape, Counts, Latency, OpenLoop, Overlap, Recorder, StepBooks};
use crate::history::{Outcome, Transaction};

/// The measured phase of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How often what happened.
    pub counts: Counts,
    /// The same by shape.
    pub shapes: ByShape,
    /// How long it took.
    pub latency: Latency,
    /// How many transactions took n attempts, at index n; index 0 is always 0.
    pub attempts_per_transaction: Vec<u64>,
    /// Committed transactions of each worker.
    pub committed_by_worker: Vec<u64>,
    /// Nanoseconds of all workers in attempts that were not committed.
    pub wasted: u128,
    /// Nanoseconds of all workers between attempts.
    pub backoff: u128,
    /// Nanoseconds of all workers between attempts in which a transaction was open on the server.
    pub held: u128,
    /// Nanoseconds of all workers in transactions: good attempts, wasted ones and backoff.
    pub busy: u128,
    /// The transaction that took the longest.
    pub worst: Option<Worst>,
    /// Whether transactions overlapped in time, warm-up included.
    pub overlap: Overlap,
    /// What rates are computed from.
    pub window: Window,
    /// Step by step, where the load rises in steps.
    pub steps: Option<StepBooks>,
    /// What became of the scheduled starts, where any were due.
    pub open_loop: Option<OpenLoop>,
}

/// What ended in the measured time, whenever it began.
///
/// Rates are computed from this and not from [`Counts`], which are of transactions that began in the measured time: those
/// may end long after it, and a rate of them would be too high by all that did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Transactions that committed in it.
    pub committed: u64,
    /// Attempts that ended in it.
    pub attempts: u64,
}

/// The transaction that took the longest, however it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worst {
    /// The worker that ran it.
    pub worker: u32,
    /// How often it was tried.
    pub attempts: u32,
    /// From its scheduled start to its end, in nanoseconds.
    pub response: u64,
    /// How it ended.
    pub outcome: Outcome,
}

impl Worst {
    /// The longer one of the worst so far and this transaction.
    #[must_use]
    pub fn of(worst: Option<Self>, transaction: &Transaction) -> Option<Self> {
        let response = transaction.end.saturating_sub(transaction.scheduled);
        if worst.is_some_and(|worst| worst.response >= response) {
            return worst;
        }
        let Transaction { worker, attempts, outcome, .. } = *transaction;
        Some(Self { worker, attempts, response, outcome })
    }
}

/// How evenly the workers got on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fairness {
    /// Commits of the worker with the fewest.
    pub least: u64,
    /// Commits of the worker in the middle.
    pub median: u64,
    /// Commits of the worker with the most.
    pub most: u64,
    /// Jain's index, (sum x)^2 / (n x sum x^2): 1 when all got the same, 1/n when one got everything (Jain, Chiu, Hawe,
    /// "A Quantitative Measure of Fairness", DEC-TR-301, 1984).
    pub jain: f64,
}

impl From<Recorder> for Summary {
    fn from(recorder: Recorder) -> Self {
        let Recorder { counts, shapes, latency, attempts_per_transaction, committed_by_worker, .. } = recorder;
        let Recorder { wasted, backoff, held, busy, worst, overlap, window, steps, open_loop, .. } = recorder;
        Self {
            counts,
            shapes,
            latency,
            attempts_per_transaction,
            committed_by_worker,
            wasted,
            backoff,
            held,
            busy,
            worst,
            overlap,
            window,
            steps,
            open_loop,
        }
    }
}

impl Summary {
    /// Nothing yet, for a run with this many workers.
    #[must_use]
    pub fn new(workers: u32) -> Self {
        Recorder::new(workers).finish()
    }

    /// Adds another shard's summary.
    pub fn merge(&mut self, other: &Self) {
        self.counts += &other.counts;
        self.shapes += &other.shapes;
        self.latency += &other.latency;
        add_each(&mut self.attempts_per_transaction, &other.attempts_per_transaction);
        add_each(&mut self.committed_by_worker, &other.committed_by_worker);
        self.wasted += other.wasted;
        self.backoff += other.backoff;
        self.held += other.held;
        self.busy += other.busy;
        self.worst = match (self.worst, other.worst) {
            (Some(one), Some(two)) => Some(if one.response >= two.response { one } else { two }),
            (one, two) => one.or(two),
        };
        self.overlap.merge(&other.overlap);
        self.window.committed += other.window.committed;
        self.window.attempts += other.window.attempts;
        match (&mut self.steps, &other.steps) {
            (Some(sum), Some(other)) => sum.merge(other),
            (none @ None, other) => none.clone_from(other),
            (Some(_), None) => {}
        }
        if let Some(other) = &other.open_loop {
            *self.open_loop.get_or_insert_default() += other;
        }
    }

    /// How evenly the workers got on, unless nobody committed anything.
    #[must_use]
    pub fn fairness(&self) -> Option<Fairness> {
        let mut commits = self.committed_by_worker.clone();
        commits.sort_unstable();
        let sum: f64 = commits.iter().map(|count| *count as f64).sum();
        let squares: f64 = commits.iter().map(|count| (*count as f64).powi(2)).sum();
        let (least, most) = (*commits.first()?, *commits.last()?);
        let median = commits[commits.len() / 2];
        (sum > 0.0).then(|| Fairness { least, median, most, jain: sum * sum / (commits.len() as f64 * squares) })
    }
}

fn add_each(to: &mut Vec<u64>, from: &[u64]) {
    if to.len() < from.len() {
        to.resize(from.len(), 0);
    }
    for (sum, count) in to.iter_mut().zip(from) {
        *sum += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Attempt, AttemptOutcome, Cause, Phase, Shape, Sqlstate};
    use crate::measure::ShapeCounts;

    const ABORT: Cause = Cause { sqlstate: Sqlstate::SERIALIZATION_FAILURE, reason: "pivot" };

    /// The second worker runs another shape.
    fn shape(worker: u32) -> Shape {
        if worker == 0 { Shape::Transfer } else { Shape::Cap }
    }

    fn attempt(worker: u32, number: u32, outcome: AttemptOutcome, measured: bool) -> Attempt<'static> {
        Attempt {
            ticket: 0,
            worker,
            number,
            shape: shape(worker),
            writer: 1,
            node: 0,
            start: u64::from(number) * 1_000_000,
            end: u64::from(number) * 1_000_000 + 500_000,
            outcome,
            phase: Phase::Commit,
            cause: None,
            retry_of: (number > 1).then_some(ABORT),
            measured,
            in_window: measured,
            round_trips: 5,
            operations: &[],
        }
    }

    fn transaction(worker: u32, attempts: u32, outcome: Outcome, measured: bool) -> Transaction {
        Transaction {
            ticket: 0,
            worker,
            shape: shape(worker),
            scheduled: 0,
            start: 1_000_000,
            end: u64::from(attempts) * 1_000_000 + 500_000,
            attempts,
            backoff: 0,
            held: 0,
            round_trips: 0,
            wasted: 0,
            outcome,
            cause: None,
            measured,
            in_window: measured,
        }
    }

    fn run(recorder: &mut Recorder, worker: u32, attempts: u32, outcome: Outcome, measured: bool) {
        for number in 1..=attempts {
            let last = if outcome == Outcome::Committed { AttemptOutcome::Committed } else { AttemptOutcome::Failed };
            let outcome = if number < attempts { AttemptOutcome::Aborted } else { last };
            recorder.add_attempt(&attempt(worker, number, outcome, measured));
        }
        recorder.add_transaction(&transaction(worker, attempts, outcome, measured));
    }

    #[test]
    fn the_equations_hold_over_two_shards_and_the_warm_up_is_left_out() {
        let (mut one, mut two) = (Recorder::new(2), Recorder::new(2));
        run(&mut one, 0, 3, Outcome::Committed, true);
        run(&mut one, 0, 1, Outcome::Declined, true);
        run(&mut one, 0, 9, Outcome::Committed, false);
        run(&mut two, 1, 5, Outcome::Exhausted, true);
        run(&mut two, 1, 1, Outcome::Failed, true);
        let mut sum = one.finish();
        sum.merge(&two.finish());
        assert_eq!(sum.counts.transactions(), 4);
        assert_eq!(sum.counts.attempts, 10);
        assert_eq!(sum.counts.attempts, sum.counts.transactions() + sum.counts.retries());
        assert_eq!(sum.attempts_per_transaction, [0, 2, 0, 1, 0, 1]);
        assert_eq!(sum.window, Window { committed: 1, attempts: 10 });
        assert_eq!(sum.committed_by_worker, [1, 0]);
        assert_eq!(sum.latency.response.len(), 1, "only the committed one has a latency");
        assert_eq!(sum.worst.map(|worst| worst.attempts), Some(5));
        let transfer = ShapeCounts { committed: 1, declined: 1, other: 0, attempts: 4, retries: 2 };
        let cap = ShapeCounts { committed: 0, declined: 0, other: 2, attempts: 6, retries: 4 };
        assert_eq!((sum.shapes.of(Shape::Transfer), sum.shapes.of(Shape::Cap)), (&transfer, &cap));
        assert_eq!(sum.shapes.of(Shape::Peek), &ShapeCounts::default());
        assert_eq!(sum.shapes.committed(), [Shape::Transfer]);
    }

    #[test]
    fn fairness_is_one_when_all_got_the_same() {
        let even = Summary { committed_by_worker: vec![5, 5, 5, 5], ..Summary::default() };
        assert_eq!(even.fairness().map(|fairness| fairness.jain), Some(1.0));
        let starved = Summary { committed_by_worker: vec![20, 0, 0, 0], ..Summary::default() };
        assert_eq!(starved.fairness().map(|fairness| (fairness.least, fairness.jain)), Some((0, 0.25)));
        assert_eq!(Summary::default().fairness(), None);
    }
}
