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
use super::retry_loop::{Attempted, Ended, retry_loop};
use super::shard::{Shard, Ticket};
use crate::db::{Database, Failure};
use crate::history::{AttemptOutcome, Nanos, Outcome};
use crate::workload::Request;

/// Bits of a writer number for the attempts of one worker in one run: 10^9 attempts.
const ATTEMPT_BITS: u32 = 30;
/// Bits for the worker.
const WORKER_BITS: u32 = 17;
/// Bits for the run's epoch; what is left of 63.
const EPOCH_BITS: u32 = 16;
/// So many workers fit.
pub(super) const MAX_WORKERS: u32 = 1 << WORKER_BITS;
/// So many runs fit before the accounts have to be made anew.
pub(super) const MAX_EPOCH: i64 = (1 << EPOCH_BITS) - 1;

/// One worker.
pub(super) struct Worker<D, O> {
    shard: Rc<Shard<D, O>>,
    number: u32,
    record: Rc<RefCell<Record>>,
    buffers: Buffers,
    attempts: i64,
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
        Self { shard, number, record, buffers: Buffers::default(), attempts: 0, requests, delays }
    }

    /// Runs transactions until the shard gives out no more tickets.
    pub(super) async fn run(mut self) {
        let load = self.shard.plan.load;
        let share = f64::from(self.number) / f64::from(load.workers);
        self.shard.clock.sleep_until(nanos(load.ramp.mul_f64(share))).await;
        while self.attempts < 1 << ATTEMPT_BITS {
            let scheduled = self.shard.clock.now();
            let Some(ticket) = self.shard.ticket(scheduled) else { break };
            let request = self.shard.workload.next(ticket.number, &mut self.requests);
            if self.transaction(ticket, scheduled, &request).await.is_none() {
                break;
            }
        }
    }

    /// Runs one transaction to its end. None when there was no connection before the run ended.
    async fn transaction(&mut self, ticket: Ticket, scheduled: Nanos, request: &Request) -> Option<()> {
        let Self { shard, number, record, buffers, attempts, delays, .. } = self;
        let (clock, plan, record) = (shard.clock, &shard.plan, &*record);
        let waiting = shard.in_flight();
        let session = shard.database.checkout().await?;
        let start = clock.now();
        record.borrow_mut().begin(ticket, request.shape(), scheduled, start);

        let wait = |_: &AttemptEnd, delay: Duration| async move {
            if delay.is_zero() {
                return;
            }
            let from = clock.now();
            tokio::time::sleep(delay).await;
            record.borrow_mut().waited(clock.now() - from);
        };
        let elapsed = || Duration::from_nanos(clock.now() - start);
        let state = (session, buffers, attempts);
        let ended = retry_loop(&plan.retry, delays, elapsed, wait, state, async |(mut session, buffers, attempts)| {
            *attempts += 1;
            let writer = writer(shard.epoch, *number, *attempts);
            record.borrow_mut().begin_attempt(clock.now(), writer);
            let think = plan.transfer.think;
            let run = AttemptRun { session: &mut session, record, buffers: &mut *buffers, request, writer, think };
            let end = run.run().await;
            record.borrow_mut().end_attempt(shard.end_now(), end.outcome, end.cause(), &mut *shard.observer());
            let again = end.outcome == AttemptOutcome::Aborted;
            ((session, buffers, attempts), if again { Attempted::Again(end) } else { Attempted::Final(end) })
        })
        .await;
        let (outcome, failure) = judge(ended);
        record.borrow_mut().end(shard.end_now(), outcome, &mut *shard.observer());
        drop(waiting);
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

/// The number an attempt signs its writes with: unique per attempt, also across the runs on one schema.
fn writer(epoch: i64, worker: u32, attempt: i64) -> i64 {
    (epoch << (WORKER_BITS + ATTEMPT_BITS)) | (i64::from(worker) << ATTEMPT_BITS) | (attempt - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_are_unique_per_run_worker_and_attempt_and_fit_an_int8() {
        let last = writer(MAX_EPOCH, MAX_WORKERS - 1, 1 << ATTEMPT_BITS);
        assert_eq!(last, i64::MAX);
        let some = [writer(1, 0, 1), writer(1, 0, 2), writer(1, 1, 1), writer(2, 0, 1)];
        let mut distinct = some.to_vec();
        distinct.dedup();
        assert_eq!(distinct.len(), 4);
        assert!(some.iter().all(|writer| *writer > 0), "0 is the seeding's own");
    }
}
