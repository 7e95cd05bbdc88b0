//! What happened in each step of a rising load? Counts and response times step by step.

use std::ops::AddAssign;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::{latency, new_histogram};
use crate::history::{Attempt, Nanos, Outcome, Transaction};
use crate::plan::{Load, Steps};

/// One step, or a part of it.
///
/// What a transaction went through belongs to the step in which it was due, however much later it ended; what the server
/// got done belongs to the step in which it ended, however much earlier it was due.
#[derive(Clone, Debug)]
pub struct Step {
    /// Measured transactions that were due in it.
    pub transactions: u64,
    /// Of those: committed, whenever that was.
    pub committed: u64,
    /// Retries of those.
    pub retries: u64,
    /// Transactions that were due in it and never begun, since too many waited.
    pub skipped: u64,
    /// Response times of those that committed, in nanoseconds: 2 significant digits, 36 KiB.
    pub response: Histogram<u64>,
    /// Commits within it: goodput, times its length.
    pub commits: u64,
    /// Declined transactions that ended within it.
    pub declines: u64,
    /// Attempts that ended within it.
    pub attempts: u64,
    /// Commits and declines within each tenth of it: how they vary says how sure their sum is.
    pub tenths: [u64; TENTHS],
}

/// The parts of a step.
pub const TENTHS: usize = 10;

impl Default for Step {
    fn default() -> Self {
        Self {
            transactions: 0,
            committed: 0,
            retries: 0,
            skipped: 0,
            response: new_histogram(2),
            commits: 0,
            declines: 0,
            attempts: 0,
            tenths: [0; TENTHS],
        }
    }
}

impl AddAssign<&Step> for Step {
    fn add_assign(&mut self, other: &Step) {
        let Step { transactions, committed, retries, skipped, response, commits, declines, attempts, tenths } = other;
        self.transactions += transactions;
        self.committed += committed;
        self.retries += retries;
        self.skipped += skipped;
        latency::add(&mut self.response, response);
        self.commits += commits;
        self.declines += declines;
        self.attempts += attempts;
        for (sum, tenth) in self.tenths.iter_mut().zip(tenths) {
            *sum += tenth;
        }
    }
}

/// The books of all steps. At most 102 histograms: 3.6 MiB for each shard, of which the operating system gives only the
/// pages that times fall into.
#[derive(Clone, Debug)]
pub struct StepBooks {
    steps: Steps,
    /// When the first step begins.
    from: Nanos,
    /// One for each step, and one more: the last step has two halves.
    books: Vec<Step>,
}

impl StepBooks {
    /// Empty ones, where the load rises in steps.
    #[must_use]
    pub fn new(load: &Load) -> Option<Self> {
        let from = u64::try_from((load.ramp + load.warmup).as_nanos()).unwrap_or(u64::MAX);
        load.steps.map(|steps| Self { steps, from, books: vec![Step::default(); steps.count() as usize + 1] })
    }

    /// What rises, and how.
    #[must_use]
    pub fn plan(&self) -> Steps {
        self.steps
    }

    /// Takes one attempt.
    pub fn add_attempt(&mut self, attempt: &Attempt<'_>) {
        if attempt.in_window {
            self.at(attempt.end).attempts += 1;
        }
    }

    /// Takes one transaction.
    pub fn add_transaction(&mut self, transaction: &Transaction) {
        let Transaction { scheduled, end, outcome, attempts, measured, in_window, .. } = *transaction;
        let committed = u64::from(outcome == Outcome::Committed);
        if in_window {
            let declined = u64::from(outcome == Outcome::Declined);
            let tenth = self.tenth(end);
            let step = self.at(end);
            step.commits += committed;
            step.declines += declined;
            step.tenths[tenth] += committed + declined;
        }
        if measured {
            let step = self.at(scheduled);
            step.transactions += 1;
            step.committed += committed;
            step.retries += u64::from(attempts.saturating_sub(1));
            if outcome == Outcome::Committed {
                step.response.saturating_record(end.saturating_sub(scheduled));
            }
        }
    }

    /// Takes one measured transaction that was due at this time, and skipped.
    pub fn add_skipped(&mut self, scheduled: Nanos) {
        self.at(scheduled).skipped += 1;
    }

    /// Adds another shard's books of the same steps.
    pub fn merge(&mut self, other: &Self) {
        for (sum, step) in self.books.iter_mut().zip(&other.books) {
            *sum += step;
        }
    }

    /// Every step, the last one back down included.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = self.books.clone();
        if let Some(second_half) = steps.pop()
            && let Some(last) = steps.last_mut()
        {
            *last += &second_half;
        }
        steps
    }

    /// The second half of the last step: by then whatever the overload has left behind had time to go away.
    #[must_use]
    pub fn second_half_of_last(&self) -> Step {
        self.books.last().cloned().unwrap_or_default()
    }

    fn at(&mut self, at: Nanos) -> &mut Step {
        let since = Duration::from_nanos(at.saturating_sub(self.from));
        let half = self.steps.begin(self.steps.levels.count) + self.steps.each / 2;
        let index = self.steps.at(since) as usize + usize::from(since >= half);
        &mut self.books[index]
    }

    /// Which tenth of its step a time is in.
    fn tenth(&self, at: Nanos) -> usize {
        let each = self.steps.each.as_nanos().max(1);
        let tenth = u128::from(at.saturating_sub(self.from)) % each * TENTHS as u128 / each;
        usize::try_from(tenth).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{AttemptOutcome, Phase, Shape};
    use crate::plan::{Pace, Stop};

    /// Steps of 100 ns after a warm-up of 1000.
    fn books() -> StepBooks {
        let steps = Steps { levels: "1..2 x2".parse().unwrap(), each: Duration::from_nanos(100) };
        let load = Load {
            workers: 2,
            connections: 2,
            threads: 1,
            ramp: Duration::from_nanos(400),
            warmup: Duration::from_nanos(600),
            pace: Pace::Closed,
            steps: Some(steps),
            stop: Stop::After(steps.total()),
            drain_timeout: Duration::ZERO,
        };
        assert!(StepBooks::new(&Load { steps: None, ..load }).is_none());
        StepBooks::new(&load).unwrap()
    }

    fn run(books: &mut StepBooks, scheduled: Nanos, end: Nanos, outcome: Outcome) {
        let (measured, in_window) = (scheduled >= 1_000, (1_000..1_300).contains(&end));
        let (shape, attempts) = (Shape::Transfer, 3);
        for number in 1..=attempts {
            let outcome = AttemptOutcome::Aborted;
            books.add_attempt(&Attempt {
                ticket: 0,
                worker: 0,
                number,
                shape,
                writer: 1,
                node: 0,
                start: scheduled,
                end,
                outcome,
                phase: Phase::Commit,
                cause: None,
                retry_of: None,
                measured,
                in_window,
                round_trips: 5,
                operations: &[],
            });
        }
        books.add_transaction(&Transaction {
            ticket: 0,
            worker: 0,
            shape,
            scheduled,
            start: scheduled,
            end,
            attempts,
            backoff: 0,
            held: 0,
            round_trips: 0,
            wasted: 0,
            outcome,
            cause: None,
            measured,
            in_window,
        });
    }

    #[test]
    fn what_was_due_and_what_was_done_are_counted_each_in_its_own_step() {
        let (mut one, mut two) = (books(), books());
        run(&mut one, 990, 1_010, Outcome::Committed); // of the warm-up, done in the first step
        run(&mut one, 1_000, 1_099, Outcome::Committed);
        run(&mut one, 1_050, 1_150, Outcome::Committed);
        run(&mut one, 1_099, 1_260, Outcome::Declined);
        run(&mut two, 1_199, 1_310, Outcome::Committed); // after the end
        run(&mut two, 1_249, 1_251, Outcome::Committed);
        run(&mut two, 1_250, 1_299, Outcome::Exhausted);
        two.add_skipped(1_150);
        one.merge(&two);
        let steps = one.steps();
        let due: Vec<_> =
            steps.iter().map(|step| (step.transactions, step.committed, step.retries, step.skipped)).collect();
        assert_eq!(due, [(3, 2, 6, 0), (1, 1, 2, 1), (2, 1, 4, 0)]);
        let done: Vec<_> = steps.iter().map(|step| (step.commits, step.declines, step.attempts)).collect();
        assert_eq!(done, [(2, 0, 6), (1, 0, 3), (1, 1, 9)]);
        let responses: Vec<u64> = steps.iter().map(|step| step.response.max()).collect();
        assert_eq!(responses, [100, 111, 2]);
        assert_eq!(steps[0].tenths, [0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(steps[2].tenths, [0, 0, 0, 0, 0, 1, 1, 0, 0, 0]);
        let half = one.second_half_of_last();
        assert_eq!((half.transactions, half.committed, half.commits, half.declines), (1, 0, 1, 1));
    }
}
