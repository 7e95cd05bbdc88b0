//! What came out of each step of a rising load?

use serde::{Deserialize, Serialize};

use crate::measure::{Analysis, Point, Step, StepBooks, TENTHS};

/// One step, saved; the counts are described with [`Step`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedStep {
    /// Its load: transactions per second or workers.
    pub level: u32,
    /// It is the last one, back down at the first one's load.
    pub back_down: bool,
    /// How long it was: less than the others where the run ended in it.
    pub measured_s: f64,
    /// Transactions that were due in it.
    pub transactions: u64,
    /// Of those: committed.
    pub committed: u64,
    /// Retries of those.
    pub retries: u64,
    /// Transactions that were due in it and never begun.
    pub skipped: u64,
    /// Commits within it, per second.
    pub goodput_tps: f64,
    /// Attempts that ended within it, per second.
    pub throughput_tps: f64,
    /// The median response time of those that were due in it and committed.
    pub p50_ns: u64,
    /// The 99th percentile.
    pub p99_ns: u64,
    /// The mean.
    pub mean_ns: f64,
}

impl SavedStep {
    /// The steps that began before the measured time was over.
    #[must_use]
    pub fn of(books: &StepBooks, measured_s: f64) -> Vec<Self> {
        let plan = books.plan();
        let steps = (0..plan.count()).zip(books.steps());
        let lengths = steps.map(|(number, step)| (number, length(books, number, measured_s), step));
        let begun = lengths.filter(|(_, seconds, _)| *seconds > 0.0);
        begun
            .map(|(number, seconds, step)| Self {
                level: plan.level(number),
                back_down: number == plan.levels.count,
                measured_s: seconds,
                transactions: step.transactions,
                committed: step.committed,
                retries: step.retries,
                skipped: step.skipped,
                goodput_tps: step.commits as f64 / seconds,
                throughput_tps: step.attempts as f64 / seconds,
                p50_ns: step.response.value_at_quantile(0.50),
                p99_ns: step.response.value_at_quantile(0.99),
                mean_ns: step.response.mean(),
            })
            .collect()
    }
}

/// What the steps that ran to their end say.
#[must_use]
pub fn analysis(books: &StepBooks, measured_s: f64) -> Option<Analysis> {
    let plan = books.plan();
    let each = plan.each.as_secs_f64();
    // The end of the measured time is that of the last step, but for the rounding of seconds.
    let is_whole = |number: &u32| length(books, *number, measured_s) > each * 0.999;
    let top = plan.levels.count;
    let up = (0..top).zip(books.steps()).take_while(|(number, _)| is_whole(number));
    let up: Vec<Point> = up.map(|(number, step)| point(plan.level(number), each, &step, 0)).collect();
    let half = || point(plan.level(top), each / 2.0, &books.second_half_of_last(), TENTHS / 2);
    let last = is_whole(&top).then(half);
    Analysis::of(plan.levels.of, &up, last.as_ref())
}

fn length(books: &StepBooks, number: u32, measured_s: f64) -> f64 {
    let plan = books.plan();
    (measured_s - plan.begin(number).as_secs_f64()).clamp(0.0, plan.each.as_secs_f64())
}

/// What a step got done, of which the first tenths may be missing.
fn point(level: u32, seconds: f64, step: &Step, first_tenth: usize) -> Point {
    let Step { commits, declines, committed, response, tenths, .. } = step;
    Point {
        level,
        seconds,
        answered: commits + declines,
        error: Point::error_of(&tenths[first_tenth..], seconds),
        committed: *committed,
        mean: response.mean(),
        p50: response.value_at_quantile(0.50),
        p99: response.value_at_quantile(0.99),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::history::{Nanos, Outcome, Shape, Transaction};
    use crate::measure::{Knee, Recovery};
    use crate::plan::{Load, Open, Pace, Rate, Steps, Stop};

    const SECOND: Nanos = 1_000_000_000;

    /// 100, 400, 700, 1000 and again 100 transactions a second, each for ten seconds.
    fn load() -> Load {
        let steps = Steps { levels: "100..1000/s x4".parse().unwrap(), each: Duration::from_secs(10) };
        let open =
            Open { rate: Rate::per_second(100.0).unwrap(), arrivals: "uniform".parse().unwrap(), max_queue: None };
        Load {
            workers: 1,
            connections: 1,
            threads: 1,
            ramp: Duration::ZERO,
            warmup: Duration::from_secs(1),
            pace: Pace::Open(open),
            steps: Some(steps),
            stop: Stop::After(steps.total()),
            drain_timeout: Duration::ZERO,
        }
    }

    /// An open loop on a server that does one transaction after the other, each in a time that follows from how long it had
    /// waited; none where it is skipped.
    fn serve(service: impl Fn(Nanos) -> Option<Nanos>) -> StepBooks {
        let load = load();
        let (steps, mut books) = (load.steps.unwrap(), StepBooks::new(&load).unwrap());
        let (mut free, mut due, end) = (0, SECOND, 51 * SECOND);
        while due < end {
            let start = due.max(free);
            match service(start - due) {
                None => books.add_skipped(due),
                Some(service) => {
                    free = start + service;
                    books.add_transaction(&transaction(due, start, free, free < end));
                }
            }
            due += SECOND / u64::from(steps.level(steps.at(Duration::from_nanos(due - SECOND))));
        }
        books
    }

    fn transaction(scheduled: Nanos, start: Nanos, end: Nanos, in_window: bool) -> Transaction {
        Transaction {
            ticket: 0,
            worker: 0,
            shape: Shape::Transfer,
            scheduled,
            start,
            end,
            attempts: 1,
            backoff: 0,
            held: 0,
            round_trips: 0,
            wasted: 0,
            outcome: Outcome::Committed,
            cause: None,
            measured: true,
            in_window,
        }
    }

    #[test]
    fn a_queue_that_grows_is_saturation_and_one_that_is_worked_off_is_no_metastability() {
        let books = serve(|_| Some(2_000_000));
        let steps = SavedStep::of(&books, 50.0);
        let goodput: Vec<f64> = steps.iter().map(|step| step.goodput_tps.round()).collect();
        assert_eq!(goodput, [100.0, 400.0, 500.0, 500.0, 500.0]);
        assert_eq!((steps[3].transactions.div_ceil(10), steps[3].skipped, steps[4].back_down), (1_000, 0, true));
        let analysis = analysis(&books, 50.0).unwrap();
        assert_eq!((analysis.knee, analysis.saturated, analysis.collapsed), (Knee::Found { step: 1 }, Some(2), None));
        assert!(matches!(analysis.recovery, Recovery::Draining(ratios) if ratios.goodput > 4.0), "{analysis:?}");
    }

    #[test]
    fn what_is_skipped_is_counted_where_it_was_due_and_the_server_is_well_at_once() {
        let books = serve(|waited| (waited < SECOND / 10).then_some(2_000_000));
        let skipped: Vec<u64> = SavedStep::of(&books, 50.0).iter().map(|step| step.skipped.div_ceil(100)).collect();
        assert_eq!(skipped, [0, 0, 20, 50, 0], "in hundreds, a few less: 50 wait");
        let analysis = analysis(&books, 50.0).unwrap();
        assert!(matches!(analysis.recovery, Recovery::Recovered(_)), "{analysis:?}");
    }

    #[test]
    fn work_that_grows_with_the_wait_is_a_collapse_and_stays_one() {
        // Who has waited for a second has given up and asks ten times.
        let books = serve(|waited| Some(if waited < SECOND { 2_000_000 } else { 20_000_000 }));
        let analysis = analysis(&books, 50.0).unwrap();
        // It falls in the middle of the third step, which is too uneven to be called collapsed as a whole.
        assert_eq!((analysis.saturated, analysis.collapsed), (Some(2), Some(3)));
        assert!(matches!(analysis.recovery, Recovery::NotRecovered(ratios) if ratios.goodput < 0.51), "{analysis:?}");
    }

    #[test]
    fn a_run_that_ends_early_is_judged_by_its_whole_steps() {
        let books = serve(|_| Some(2_000_000));
        let steps = SavedStep::of(&books, 23.5);
        let lengths: Vec<f64> = steps.iter().map(|step| step.measured_s).collect();
        assert_eq!(lengths, [10.0, 10.0, 3.5]);
        let early = analysis(&books, 23.5).unwrap();
        assert_eq!((early.saturated, early.recovery), (None, Recovery::NotSeen));
        assert_eq!((analysis(&books, 19.9), SavedStep::of(&books, 0.0)), (None, Vec::new()));
    }
}
