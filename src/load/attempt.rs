//! How is one attempt run? BEGIN, the body's statements, COMMIT: each in a flight of its own.

use std::cell::RefCell;
use std::time::Duration;

use super::clock::Clock;
use super::record::Record;
use super::tally::Tally;
use crate::db::{Answer, Class, Failure, Session, Statement, classify};
use crate::history::{Access, AttemptOutcome, Cause, Operation, Phase};
use crate::workload::{Request, Step};

/// The buffers of a worker, made once.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    accesses: Vec<Access>,
    answers: Vec<Answer>,
}

/// How an attempt ended, and why when it was not committed.
pub(super) struct AttemptEnd {
    pub(super) outcome: AttemptOutcome,
    pub(super) failure: Option<Failure>,
}

impl AttemptEnd {
    pub(super) fn cause(&self) -> Option<Cause> {
        self.failure.as_ref().map(|failure| failure.cause)
    }
}

/// One attempt of a request on a connection. What it reads and writes goes into the record as it is answered.
pub(super) struct AttemptRun<'a, S> {
    pub(super) session: &'a mut S,
    pub(super) clock: &'a Clock,
    pub(super) record: &'a RefCell<Record>,
    pub(super) tally: &'a Tally,
    pub(super) buffers: &'a mut Buffers,
    pub(super) request: &'a Request,
    pub(super) writer: i64,
    pub(super) think: Duration,
}

impl<S: Session> AttemptRun<'_, S> {
    pub(super) async fn run(mut self) -> AttemptEnd {
        let end = match self.body().await {
            Ok(outcome) => AttemptEnd { outcome, failure: None },
            Err(failure) => self.clean_up(failure).await,
        };
        let record = self.record.borrow();
        if record.phase() == Phase::Commit {
            self.tally.answered(end.outcome, &record.operations);
        }
        end
    }

    async fn body(&mut self) -> Result<AttemptOutcome, Failure> {
        if !self.session.is_open() {
            self.session.reconnect().await?;
        }
        self.record.borrow_mut().runs_on(self.session.node());
        self.send(Phase::Begin, Statement::Begin).await?;
        loop {
            self.buffers.accesses.clear();
            let step = self.request.step(&self.record.borrow().operations, &mut self.buffers.accesses);
            for index in 0..self.buffers.accesses.len() {
                self.access(index).await?;
            }
            match step {
                Step::Continue if self.think.is_zero() => {}
                Step::Continue => self.clock.sleep(self.think).await,
                Step::Commit => {
                    self.tally.sends_commit(&self.record.borrow().operations);
                    self.send(Phase::Commit, Statement::Commit).await?;
                    return Ok(AttemptOutcome::Committed);
                }
                Step::Decline(_) => {
                    // Nothing was written; should the rollback fail, the connection is replaced before its next use.
                    let _ = self.send(Phase::Body, Statement::Rollback).await;
                    return Ok(AttemptOutcome::Declined);
                }
            }
        }
    }

    async fn access(&mut self, index: usize) -> Result<(), Failure> {
        let access = self.buffers.accesses[index];
        let answer = self.send(Phase::Body, Statement::Access { access, writer: self.writer }).await?;
        let operation = operation(access, answer, self.writer)?;
        self.record.borrow_mut().operations.extend(operation);
        Ok(())
    }

    /// Sends one statement as a flight of its own.
    async fn send(&mut self, phase: Phase, statement: Statement) -> Result<Answer, Failure> {
        self.record.borrow_mut().reach(phase);
        self.buffers.answers.clear();
        self.session.flight(&[statement], &mut self.buffers.answers).await?;
        Ok(self.buffers.answers.pop().unwrap_or(Answer::Done))
    }

    /// Decides what the failure means, and rolls back where the server still has the transaction open.
    ///
    /// COMMIT is never sent in an attempt in which a statement has failed: the server would answer ROLLBACK to it, which
    /// the driver does not tell from a commit.
    async fn clean_up(&mut self, failure: Failure) -> AttemptEnd {
        let phase = self.record.borrow().phase();
        let outcome = match classify(&failure, phase) {
            Class::Retry | Class::Reconnect => AttemptOutcome::Aborted,
            Class::Ambiguous => AttemptOutcome::Ambiguous,
            Class::Committed => AttemptOutcome::Committed,
            Class::Fatal => AttemptOutcome::Failed,
        };
        // After a COMMIT that was answered with an error no transaction is open any more.
        if self.session.is_open() && matches!(phase, Phase::Begin | Phase::Body) {
            self.buffers.answers.clear();
            let _ = self.session.flight(&[Statement::Rollback], &mut self.buffers.answers).await;
        }
        AttemptEnd { outcome, failure: Some(failure) }
    }
}

/// What an attempt did, by what it asked for and what it was answered. The ledger table is not judged by what was said
/// while it was written.
fn operation(access: Access, answer: Answer, writer: i64) -> Result<Option<Operation>, Failure> {
    let operation = match (access, answer) {
        (Access::Read { key }, Answer::Row(row)) => Operation::Read { key, row },
        (Access::Add { key, delta }, Answer::Row(row)) => Operation::Write { key, delta, row },
        (Access::Set { key, from, to }, Answer::Row(row)) => Operation::Write { key, delta: to - from, row },
        (Access::Insert { key }, Answer::Row(row)) => Operation::Write { key, delta: row.balance, row },
        (Access::Scan { group }, Answer::Members(members)) => Operation::Scan { group, members },
        (Access::Join { group }, Answer::Done) => Operation::Join { group, member: writer },
        (Access::Post { .. }, Answer::Done) => return Ok(None),
        _ => return Err(Failure::unexpected_answer("another one than the statement has")),
    };
    Ok(Some(operation))
}
