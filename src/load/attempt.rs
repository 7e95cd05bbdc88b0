//! How is one attempt run? The body's statements, and what stands around them: in as many flights as the plan says.

use std::cell::RefCell;
use std::time::Duration;

use super::clock::Clock;
use super::record::Record;
use super::tally::{Tally, account_writes};
use crate::db::{Answer, Failure, Session, Statement};
use crate::history::{Access, AttemptOutcome, Cause, Key, Operation, Phase};
use crate::plan::Flight;
use crate::retry::Restart;
use crate::workload::{Request, Step};

/// The buffers of a worker, made once.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    accesses: Vec<Access>,
    /// What the next flight takes along.
    pub(super) statements: Vec<Statement>,
    pub(super) answers: Vec<Answer>,
    /// How many rows of accounts the attempt has sent writes of.
    writes: u64,
    /// Whether what commits is among what it has sent.
    commit_sent: bool,
    /// Whether the server decides if the money is there.
    at_once: bool,
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
    pub(super) flight: Flight,
    pub(super) restart: Restart,
    pub(super) think: Duration,
}

impl<S: Session> AttemptRun<'_, S> {
    pub(super) async fn run(mut self) -> AttemptEnd {
        let Buffers { accesses, statements, writes, commit_sent, .. } = &mut *self.buffers;
        accesses.clear();
        statements.clear();
        (*writes, *commit_sent) = (0, false);
        let end = match self.body().await {
            Ok(outcome) => AttemptEnd { outcome, failure: None },
            Err(failure) => self.clean_up(failure).await,
        };
        if self.buffers.commit_sent {
            self.tally.answered(end.outcome, self.buffers.writes);
        }
        end
    }

    async fn body(&mut self) -> Result<AttemptOutcome, Failure> {
        self.open().await?;
        let Buffers { accesses, at_once, .. } = &mut *self.buffers;
        *at_once = self.flight == Flight::Single && self.request.at_once(accesses);
        if *at_once {
            return self.at_once().await;
        }
        loop {
            let step = self.request.step(&self.record.borrow().operations, &mut self.buffers.accesses);
            self.send_accesses().await?;
            match step {
                Step::Continue => {
                    self.fly().await?;
                    if !self.think.is_zero() {
                        self.clock.sleep(self.think).await;
                    }
                }
                Step::Commit => {
                    self.commit().await?;
                    return Ok(AttemptOutcome::Committed);
                }
                Step::Decline(_) => {
                    // Nothing was written; should the rollback fail, the connection is replaced before its next use.
                    if self.send(Statement::Rollback).await.is_ok() {
                        let _ = self.fly().await;
                    }
                    return Ok(AttemptOutcome::Declined);
                }
            }
        }
    }

    /// The whole transaction in one flight. Where the money was not there, it has moved none.
    async fn at_once(&mut self) -> Result<AttemptOutcome, Failure> {
        self.send_accesses().await?;
        self.commit().await?;
        Ok(self.committed())
    }

    /// What a commit amounts to, now that it is known to be one.
    pub(super) fn committed(&self) -> AttemptOutcome {
        let moved = || self.record.borrow().operations.iter().any(|one| matches!(one, Operation::Write { .. }));
        if self.buffers.at_once && !moved() { AttemptOutcome::Declined } else { AttemptOutcome::Committed }
    }

    async fn send_accesses(&mut self) -> Result<(), Failure> {
        for index in 0..self.buffers.accesses.len() {
            let (access, writer) = (self.buffers.accesses[index], self.writer);
            let statement = match self.restart {
                Restart::Single => Statement::Alone { access, writer },
                _ => Statement::Access { access, writer },
            };
            self.send(statement).await?;
        }
        self.buffers.accesses.clear();
        Ok(())
    }

    /// Sends a statement with the next flight, which sets out at once where each has one of its own.
    pub(super) async fn send(&mut self, statement: Statement) -> Result<(), Failure> {
        self.buffers.statements.push(statement);
        if self.flight == Flight::Sequential { self.fly().await } else { Ok(()) }
    }

    /// Sends what is waiting, and notes what it is answered.
    pub(super) async fn fly(&mut self) -> Result<(), Failure> {
        let Buffers { statements, answers, writes, commit_sent, .. } = &mut *self.buffers;
        let Some(last) = statements.last() else { return Ok(()) };
        let accesses = statements.iter().filter_map(access_of);
        *writes += accesses.clone().map(|access| account_writes(&access)).sum::<u64>();
        // COMMIT behind a RELEASE does not commit once more.
        if !*commit_sent && statements.iter().any(|statement| statement.commits()) {
            *commit_sent = true;
            self.tally.sends_commit(*writes);
        }
        self.record.borrow_mut().sends(phase_of(*last), accesses);
        answers.clear();
        let flown = self.session.flight(statements, answers).await;
        let mut record = self.record.borrow_mut();
        let failed_at = statements.get(answers.len()).filter(|_| flown.is_err()).copied();
        record.answered(statements[..answers.len()].iter().filter_map(access_of).count());
        let released = statements[..answers.len()].contains(&Statement::Release);
        for (statement, answer) in statements.drain(..).zip(answers.drain(..)) {
            if let Some(access) = access_of(&statement) {
                note(access, answer, self.writer, &mut record.operations)?;
            }
        }
        if released {
            record.releases();
        }
        if let (Err(failure), Some(statement)) = (&flown, failed_at)
            && failure.is_answer()
        {
            // No statement behind it was run, whatever the flight has taken along. What stands alone is its own COMMIT: that
            // it was canceled does not say that it was not committed.
            record.reach(phase_of(statement));
        }
        flown
    }
}

fn access_of(statement: &Statement) -> Option<Access> {
    statement.access().map(|(access, _)| access)
}

fn phase_of(statement: Statement) -> Phase {
    match statement {
        Statement::Begin | Statement::Savepoint => Phase::Begin,
        Statement::Access { .. } | Statement::RollbackTo | Statement::Rollback => Phase::Body,
        Statement::Alone { .. } | Statement::Release | Statement::Commit => Phase::Commit,
    }
}

/// What an attempt did, by what it asked for and what it was answered. The ledger table is not judged by what was said
/// while it was written.
fn note(access: Access, answer: Answer, writer: i64, operations: &mut Vec<Operation>) -> Result<(), Failure> {
    let operation = match (access, answer) {
        (Access::Read { key }, Answer::Row(row)) => Operation::Read { key, row },
        (Access::Add { key, delta }, Answer::Row(row)) => Operation::Write { key, delta, row },
        (Access::Set { key, from, to }, Answer::Row(row)) => Operation::Write { key, delta: to - from, row },
        (Access::Insert { key }, Answer::Row(row)) => Operation::Write { key, delta: row.balance, row },
        (Access::Scan { group }, Answer::Members(members)) => Operation::Scan { group, members },
        (Access::Join { group }, Answer::Done) => Operation::Join { group, member: writer },
        (Access::Move { from, to, amount }, Answer::Moved(Some([source, target]))) => {
            let write = |id, delta, row| Operation::Write { key: Key::account(id), delta, row };
            operations.push(write(from, -amount, source));
            write(to, amount, target)
        }
        (Access::Move { .. }, Answer::Moved(None)) | (Access::Post { .. }, Answer::Done) => return Ok(()),
        _ => return Err(Failure::unexpected_answer("another one than the statement has")),
    };
    operations.push(operation);
    Ok(())
}
