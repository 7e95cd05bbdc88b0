//! What does one worker do? One transaction after the other, until it is told to stop.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::Observer;
use super::attempt::{AttemptEnd, AttemptRun, Buffers};
use super::clock::nanos;
use super::record::Record;
use super::restart::abandon;
use super::retry_loop::{Attempted, Ended, retry_loop};
use super::shard::Shard;
use super::turn::Turn;
use super::worker_steps::{Part, WorkerSteps};
use crate::db::{Database, Failure};
use crate::history::{AttemptOutcome, Outcome, Writer};
use crate::plan::Pace;
use crate::workload::Request;

/// So many workers fit.
pub(super) const MAX_WORKERS: u32 = 1 << Writer::WORKER_BITS;
/// So many runs fit before the accounts have to be made anew.
pub(super) const MAX_EPOCH: i64 = (1 << Writer::EPOCH_BITS) - 1;
/// So many attempts of one worker fit.
const MAX_ATTEMPTS: u32 = 1 << Writer::ATTEMPT_BITS;

/// One worker.
pub(super) struct Worker<D, O> {
    shard: Rc<Shard<D, O>>,
    number: u32,
    record: Rc<RefCell<Record>>,
    buffers: Buffers,
    attempts: u32,
    /// When it takes part, where their number rises in steps.
    steps: Option<WorkerSteps>,
    /// Requests and delays have streams of their own: how often a transaction is retried never changes the requests.
    requests: ChaCha8Rng,
    delays: ChaCha8Rng,
}

impl<D: Database, O: Observer> Worker<D, O> {
    pub(super) fn new(shard: Rc<Shard<D, O>>, number: u32, record: Rc<RefCell<Record>>) -> Self {
        let stream = |index: u64| {
            let mut random = ChaCha8Rng::seed_from_u64(shard.plan.seed);
            random.set_stream(2 * u64::from(number) + index);
            random
        };
        let (requests, delays) = (stream(0), stream(1));
        let steps = WorkerSteps::new(&shard.plan.load, shard.clock.measure_from);
        Self { shard, number, record, buffers: Buffers::default(), attempts: 0, steps, requests, delays }
    }

    /// Runs transactions until the shard gives out no more tickets.
    pub(super) async fn run(mut self) {
        let shard = Rc::clone(&self.shard);
        let load = shard.plan.load;
        // In an open loop it is the rate that rises.
        if load.pace == Pace::Closed {
            let part = f64::from(self.number) / f64::from(load.workers);
            shard.clock.sleep_until(nanos(load.ramp.mul_f64(part))).await;
        }
        while self.attempts < MAX_ATTEMPTS && self.takes_part().await {
            let Some(turn) = shard.turn().await else { break };
            let request = shard.workload.next(turn.ticket.number, &mut self.requests);
            if self.transaction(turn, &request).await.is_none() {
                break;
            }
        }
    }

    /// Waits for the step in which it takes part; whether there is one.
    async fn takes_part(&self) -> bool {
        let Some(steps) = self.steps else { return true };
        match steps.of(self.number, self.shard.clock.now()) {
            Part::Now => true,
            Part::At(begin) => self.shard.goes_on_until(begin).await,
            Part::Over => false,
        }
    }

    /// Runs one transaction to its end. None when there was no connection before the run ended.
    async fn transaction(&mut self, turn: Turn<'_, D, O>, request: &Request) -> Option<()> {
        let Self { shard, number, record, buffers, attempts, delays, .. } = self;
        let (clock, plan, record, tally) = (&shard.clock, &shard.plan, &*record, shard.tally());
        let admitted = shard.restraint.admit().await?;
        let waiting = shard.in_flight();
        let mut session = shard.database.checkout().await?;
        let start = clock.now();
        let (ticket, scheduled) = turn.begin();
        record.borrow_mut().begin(ticket, request.shape(), scheduled, start);

        let wait = |_: &AttemptEnd, delay: Duration| async move {
            if delay.is_zero() {
                return;
            }
            record.borrow_mut().waits(clock.now());
            clock.sleep(delay).await;
            record.borrow_mut().waited(clock.now());
        };
        let elapsed = || Duration::from_nanos(clock.now() - start);
        let state = (&mut session, buffers, attempts);
        let ended = retry_loop(
            (plan.retry.policy.delays, plan.retry.policy.limits),
            delays,
            elapsed,
            || shard.restraint.pays(),
            wait,
            state,
            async |(session, buffers, attempts)| {
                *attempts += 1;
                let writer = Writer { epoch: shard.epoch, worker: *number, attempt: *attempts - 1 }.number();
                record.borrow_mut().begin_attempt(clock.now(), writer);
                let end = {
                    let (session, buffers) = (&mut *session, &mut *buffers);
                    let (flight, restart, think) = (plan.session.flight, plan.retry.restart, plan.transfer.think);
                    let run =
                        AttemptRun { session, clock, record, tally, buffers, request, writer, flight, restart, think };
                    run.run().await
                };
                record.borrow_mut().end_attempt(shard.end_now(), end.outcome, end.cause(), &mut *shard.observer());
                shard.restraint.ended(end.outcome);
                let again = end.outcome == AttemptOutcome::Aborted;
                ((session, buffers, attempts), if again { Attempted::Again(end) } else { Attempted::Final(end) })
            },
        )
        .await;
        abandon(&mut session, record, clock).await;
        let (outcome, failure) = judge(ended);
        record.borrow_mut().end(shard.end_now(), outcome, &mut *shard.observer());
        drop((waiting, admitted));
        shard.heed(outcome, failure);
        Some(())
    }
}

fn judge(ended: Ended<AttemptEnd, AttemptEnd>) -> (Outcome, Option<Failure>) {
    let end = match ended {
        Ended::GaveUp(end) => return (Outcome::Exhausted, end.failure),
        Ended::Final(end) => end,
    };
    let outcome = match end.outcome {
        AttemptOutcome::Committed => Outcome::Committed,
        AttemptOutcome::Declined => Outcome::Declined,
        AttemptOutcome::Ambiguous => Outcome::Ambiguous,
        AttemptOutcome::Failed | AttemptOutcome::Aborted => Outcome::Failed,
    };
    (outcome, end.failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_are_unique_per_run_worker_and_attempt_and_fit_an_int8() {
        let writer = |epoch, worker, attempt| Writer { epoch, worker, attempt }.number();
        assert_eq!(writer(MAX_EPOCH, MAX_WORKERS - 1, MAX_ATTEMPTS - 1), i64::MAX);
        let some = [writer(1, 0, 0), writer(1, 0, 1), writer(1, 1, 0), writer(2, 0, 0)];
        let mut distinct = some.to_vec();
        distinct.dedup();
        assert_eq!(distinct.len(), 4);
        assert!(some.iter().all(|writer| *writer > 0), "0 is the seeding's own");
    }
}
