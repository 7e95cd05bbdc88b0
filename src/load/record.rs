//! What has happened to the transaction in hand? The facts of one transaction while it runs.
//!
//! A worker keeps them outside of the work itself, so that a transaction that is cut off in the middle still ends with
//! an outcome: ambiguous when its COMMIT had been sent, failed or exhausted when not.

use super::Observer;
use super::shard::Ticket;
use crate::history::{
    Access, Attempt, AttemptOutcome, Cause, Event, Key, Nanos, Operation, Outcome, Phase, Row, Shape, Sqlstate,
    Transaction,
};

/// Why a transaction that was cut off has no answer.
const CUT: Cause = Cause { sqlstate: Sqlstate::QUERY_CANCELED, reason: "cut off by the end of the run" };

/// One worker's current transaction. The buffers live as long as the worker.
#[derive(Debug)]
pub(super) struct Record {
    transaction: Transaction,
    running: bool,
    attempt: Option<OpenAttempt>,
    last: Option<Cause>,
    retry_of: Option<Cause>,
    /// Since when the worker waits for the next attempt.
    waits_since: Option<Nanos>,
    /// What the attempt in hand has read and written so far.
    pub(super) operations: Vec<Operation>,
    /// What it has sent and has no answer to yet.
    unanswered: Vec<Access>,
    /// Between two attempts: the transaction is open on the server, back at its savepoint.
    pub(super) at_savepoint: bool,
}

/// When something ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) at: Nanos,
    /// In the measured time.
    pub(super) in_window: bool,
}

#[derive(Clone, Copy, Debug)]
struct OpenAttempt {
    start: Nanos,
    phase: Phase,
    writer: i64,
    node: u16,
    round_trips: u32,
    /// RELEASE was answered, so that it is committed whatever becomes of COMMIT.
    released: bool,
}

impl Record {
    pub(super) fn new(worker: u32) -> Self {
        let transaction = Transaction {
            ticket: 0,
            worker,
            shape: Shape::Transfer,
            scheduled: 0,
            start: 0,
            end: 0,
            attempts: 0,
            backoff: 0,
            held: 0,
            round_trips: 0,
            wasted: 0,
            outcome: Outcome::Failed,
            cause: None,
            measured: false,
            in_window: false,
        };
        Self {
            transaction,
            running: false,
            attempt: None,
            last: None,
            retry_of: None,
            waits_since: None,
            operations: Vec::new(),
            unanswered: Vec::new(),
            at_savepoint: false,
        }
    }

    /// A transaction has a connection and begins.
    pub(super) fn begin(&mut self, ticket: Ticket, shape: Shape, scheduled: Nanos, start: Nanos) {
        let worker = self.transaction.worker;
        let Self { operations, unanswered, .. } = self;
        let (operations, unanswered) = (std::mem::take(operations), std::mem::take(unanswered));
        *self = Self { operations, unanswered, ..Self::new(worker) };
        let Ticket { number: ticket, measured } = ticket;
        self.transaction = Transaction { ticket, shape, scheduled, start, measured, ..self.transaction };
        self.running = true;
    }

    /// One more attempt begins, which signs its writes like this.
    pub(super) fn begin_attempt(&mut self, start: Nanos, writer: i64) {
        self.transaction.attempts += 1;
        self.retry_of = self.last.take();
        self.attempt =
            Some(OpenAttempt { start, phase: Phase::Connect, writer, node: 0, round_trips: 0, released: false });
        self.operations.clear();
        self.unanswered.clear();
    }

    /// A flight with these accesses sets out.
    pub(super) fn sends(&mut self, phase: Phase, accesses: impl Iterator<Item = Access>) {
        self.unanswered.clear();
        self.unanswered.extend(accesses);
        self.reach(phase);
        self.flies();
    }

    /// One more round trip.
    pub(super) fn flies(&mut self) {
        match &mut self.attempt {
            Some(attempt) => attempt.round_trips += 1,
            None => self.transaction.round_trips += 1,
        }
    }

    /// RELEASE was answered.
    pub(super) fn releases(&mut self) {
        if let Some(attempt) = &mut self.attempt {
            attempt.released = true;
        }
    }

    /// Whether it was.
    pub(super) fn is_released(&self) -> bool {
        self.attempt.is_some_and(|attempt| attempt.released)
    }

    /// The first of them were answered, or all.
    pub(super) fn answered(&mut self, accesses: usize) {
        self.unanswered.drain(..accesses.min(self.unanswered.len()));
    }

    /// The attempt has come this far.
    pub(super) fn reach(&mut self, phase: Phase) {
        if let Some(attempt) = &mut self.attempt {
            attempt.phase = phase;
        }
    }

    /// The attempt runs on this server.
    pub(super) fn runs_on(&mut self, node: u16) {
        if let Some(attempt) = &mut self.attempt {
            attempt.node = node;
        }
    }

    /// How far the attempt has come.
    pub(super) fn phase(&self) -> Phase {
        self.attempt.map_or(Phase::Connect, |attempt| attempt.phase)
    }

    /// The attempt ended.
    pub(super) fn end_attempt(
        &mut self,
        end: End,
        outcome: AttemptOutcome,
        cause: Option<Cause>,
        observer: &mut impl Observer,
    ) {
        let End { at: end, in_window } = end;
        let Some(OpenAttempt { start, phase, writer, node, round_trips, .. }) = self.attempt.take() else { return };
        if outcome == AttemptOutcome::Ambiguous {
            self.operations.extend(self.unanswered.drain(..).flat_map(|access| unanswered(access, writer)));
        }
        if !matches!(outcome, AttemptOutcome::Committed | AttemptOutcome::Declined) {
            self.transaction.wasted += end.saturating_sub(start);
        }
        self.last = cause;
        let Transaction { ticket, worker, attempts, shape, measured, .. } = self.transaction;
        observer.observe(Event::Attempt(&Attempt {
            ticket,
            worker,
            number: attempts,
            shape,
            writer,
            node,
            start,
            end,
            outcome,
            phase,
            cause,
            retry_of: self.retry_of,
            measured,
            in_window,
            round_trips,
            operations: &self.operations,
        }));
    }

    /// The worker waits before the next attempt.
    pub(super) fn waits(&mut self, now: Nanos) {
        self.waits_since = Some(now);
    }

    /// What was done for nothing behind the last attempt.
    pub(super) fn wasted(&mut self, time: Nanos) {
        self.transaction.wasted += time;
    }

    /// The worker waited between two attempts.
    pub(super) fn waited(&mut self, now: Nanos) {
        let time = self.waits_since.take().map_or(0, |since| now.saturating_sub(since));
        self.transaction.backoff += time;
        if self.at_savepoint {
            self.transaction.held += time;
        }
    }

    /// The transaction ended.
    pub(super) fn end(&mut self, end: End, outcome: Outcome, observer: &mut impl Observer) {
        self.running = false;
        let End { at: end, in_window } = end;
        self.transaction = Transaction { end, outcome, cause: self.last.take(), in_window, ..self.transaction };
        observer.observe(Event::Transaction(&self.transaction));
    }

    /// The transaction, if there is one, is cut off here.
    pub(super) fn cut(&mut self, now: Nanos, observer: &mut impl Observer) {
        if !self.running {
            return;
        }
        // What is cut off ends long after the measured time.
        let now = End { at: now, in_window: false };
        let outcome = match self.attempt.map(|attempt| attempt.phase) {
            Some(_) if self.is_released() => {
                self.end_attempt(now, AttemptOutcome::Committed, Some(CUT), observer);
                Outcome::Committed
            }
            Some(Phase::Commit) => {
                self.end_attempt(now, AttemptOutcome::Ambiguous, Some(CUT), observer);
                Outcome::Ambiguous
            }
            Some(_) => {
                self.end_attempt(now, AttemptOutcome::Failed, Some(CUT), observer);
                Outcome::Failed
            }
            // Between two attempts: it would have been tried again.
            None => {
                self.waited(now.at);
                Outcome::Exhausted
            }
        };
        self.end(now, outcome, observer);
    }
}

/// What an access wrote if it was run: the version is not known where another transaction decides it.
fn unanswered(access: Access, writer: i64) -> impl Iterator<Item = Operation> {
    let write = |key, delta, balance| Operation::Write { key, delta, row: Row { balance, version: 0, writer } };
    let written = match access {
        Access::Add { key, delta } => [Some(write(key, delta, 0)), None],
        Access::Set { key, from, to } => [Some(write(key, to - from, to)), None],
        Access::Insert { key } => {
            let row = Row { balance: 1, version: 1, writer };
            [Some(Operation::Write { key, delta: 1, row }), None]
        }
        Access::Join { group } => [Some(Operation::Join { group, member: writer }), None],
        Access::Move { from, to, amount } => {
            let [from, to] = [(from, -amount), (to, amount)].map(|(id, delta)| write(Key::account(id), delta, 0));
            [Some(from), Some(to)]
        }
        Access::Read { .. } | Access::Scan { .. } | Access::Post { .. } => [None, None],
    };
    written.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an observer was told: outcomes of attempts and of the transaction.
    #[derive(Default)]
    struct Told {
        attempts: Vec<(u32, AttemptOutcome, Option<Cause>)>,
        transactions: Vec<(Outcome, u32, Nanos)>,
    }

    impl Observer for Told {
        fn observe(&mut self, event: Event<'_>) {
            match event {
                Event::Attempt(attempt) => self.attempts.push((attempt.number, attempt.outcome, attempt.retry_of)),
                Event::Transaction(transaction) => {
                    self.transactions.push((transaction.outcome, transaction.attempts, transaction.wasted));
                }
                Event::Tick { .. } | Event::Due(_) => {}
            }
        }
    }

    const ABORT: Cause = Cause { sqlstate: Sqlstate::SERIALIZATION_FAILURE, reason: "pivot" };

    fn at(at: Nanos) -> End {
        End { at, in_window: true }
    }

    fn one_abort(record: &mut Record, told: &mut Told) {
        record.begin(Ticket { number: 7, measured: true }, Shape::Transfer, 0, 5);
        record.begin_attempt(10, 1);
        record.reach(Phase::Body);
        record.end_attempt(at(20), AttemptOutcome::Aborted, Some(ABORT), told);
    }

    #[test]
    fn a_retry_is_told_with_what_it_is_a_retry_of() {
        let (mut record, mut told) = (Record::new(0), Told::default());
        one_abort(&mut record, &mut told);
        record.begin_attempt(30, 2);
        record.end_attempt(at(40), AttemptOutcome::Committed, None, &mut told);
        record.end(at(40), Outcome::Committed, &mut told);
        assert_eq!(told.attempts, [(1, AttemptOutcome::Aborted, None), (2, AttemptOutcome::Committed, Some(ABORT))]);
        assert_eq!(told.transactions, [(Outcome::Committed, 2, 10)]);
    }

    #[test]
    fn what_is_cut_off_behind_its_release_is_committed() {
        let (mut record, mut told) = (Record::new(0), Told::default());
        one_abort(&mut record, &mut told);
        record.begin_attempt(30, 2);
        record.reach(Phase::Commit);
        record.releases();
        record.cut(50, &mut told);
        assert_eq!(told.transactions, [(Outcome::Committed, 2, 10)]);
    }

    #[test]
    fn only_what_waits_at_its_savepoint_is_held() {
        let mut record = Record::new(0);
        record.begin(Ticket { number: 7, measured: true }, Shape::Transfer, 0, 5);
        record.waits(5);
        record.waited(8);
        record.at_savepoint = true;
        record.waits(10);
        record.waited(14);
        record.waited(20);
        record.flies();
        let Transaction { backoff, held, round_trips, .. } = record.transaction;
        assert_eq!((backoff, held, round_trips), (7, 4, 1));
    }

    #[test]
    fn a_wait_that_is_cut_off_is_a_wait_all_the_same() {
        let (mut record, mut told) = (Record::new(0), Told::default());
        one_abort(&mut record, &mut told);
        record.waits(20);
        record.cut(50, &mut told);
        assert_eq!((record.transaction.backoff, told.transactions[0].0), (30, Outcome::Exhausted));
    }

    #[test]
    fn what_is_cut_off_is_judged_by_how_far_it_came() {
        for (phase, expected) in [
            (Some(Phase::Commit), Outcome::Ambiguous),
            (Some(Phase::Body), Outcome::Failed),
            (None, Outcome::Exhausted),
        ] {
            let (mut record, mut told) = (Record::new(0), Told::default());
            one_abort(&mut record, &mut told);
            if let Some(phase) = phase {
                record.begin_attempt(30, 2);
                record.reach(phase);
            }
            record.cut(50, &mut told);
            record.cut(60, &mut told);
            assert_eq!(told.transactions.len(), 1, "{phase:?}");
            assert_eq!(told.transactions[0].0, expected);
        }
    }
}
