//! What stands around the body of an attempt, and what makes way for the next one? As the plan restarts transactions.

use std::cell::RefCell;

use super::attempt::{AttemptEnd, AttemptRun, Buffers};
use super::clock::Clock;
use super::record::Record;
use crate::db::{Class, Failure, Session, Statement, classify};
use crate::history::{AttemptOutcome, Phase};
use crate::retry::Restart;

impl<S: Session> AttemptRun<'_, S> {
    /// Opens the transaction, unless it stands open at its savepoint.
    pub(super) async fn open(&mut self) -> Result<(), Failure> {
        let stands = std::mem::take(&mut self.record.borrow_mut().at_savepoint) && self.session.is_open();
        if !self.session.is_open() {
            self.session.reconnect().await?;
        }
        self.record.borrow_mut().runs_on(self.session.node());
        match self.restart {
            Restart::Rollback | Restart::Reconnect => self.send(Statement::Begin).await,
            Restart::Savepoint if !stands => {
                self.send(Statement::Begin).await?;
                self.send(Statement::Savepoint).await
            }
            Restart::Savepoint | Restart::Single => Ok(()),
        }
    }

    /// Commits, with what has not set out yet. RELEASE is what does it where there is a savepoint, and a statement that
    /// stands alone has done it.
    pub(super) async fn commit(&mut self) -> Result<(), Failure> {
        match self.restart {
            Restart::Rollback | Restart::Reconnect => self.send(Statement::Commit).await?,
            Restart::Savepoint => {
                self.send(Statement::Release).await?;
                self.send(Statement::Commit).await?;
            }
            Restart::Single => {}
        }
        self.fly().await
    }

    /// Decides what the failure means, and makes way for what comes next.
    ///
    /// COMMIT is never run in an attempt in which a statement has failed: the server would answer ROLLBACK to it. In the
    /// flight of the statement that fails, the server drops it.
    pub(super) async fn clean_up(&mut self, failure: Failure) -> AttemptEnd {
        let (phase, is_released) = (self.record.borrow().phase(), self.record.borrow().is_released());
        let outcome = match classify(&failure, phase) {
            _ if is_released => self.committed(),
            Class::Retry | Class::Reconnect => AttemptOutcome::Aborted,
            Class::Ambiguous => AttemptOutcome::Ambiguous,
            Class::Committed => self.committed(),
            Class::Fatal => AttemptOutcome::Failed,
        };
        if self.session.is_open() {
            self.make_way(phase, outcome == AttemptOutcome::Aborted).await;
        }
        AttemptEnd { outcome, failure: Some(failure) }
    }

    /// Leaves nothing open on the server but a transaction at its savepoint.
    async fn make_way(&mut self, phase: Phase, is_aborted: bool) {
        match self.restart {
            Restart::Reconnect if is_aborted => self.session.close(),
            Restart::Savepoint if is_aborted && phase >= Phase::Body => {
                let is_back = self.only(Statement::RollbackTo).await;
                self.record.borrow_mut().at_savepoint = is_back;
                if !is_back && self.session.is_open() {
                    self.only(Statement::Rollback).await;
                }
            }
            Restart::Savepoint if phase > Phase::Connect => {
                self.only(Statement::Rollback).await;
            }
            Restart::Rollback | Restart::Reconnect if matches!(phase, Phase::Begin | Phase::Body) => {
                self.only(Statement::Rollback).await;
            }
            // After a COMMIT that was answered with an error no transaction is open any more, nor behind a statement that
            // stood alone.
            _ => {}
        }
    }

    /// A statement in a flight of its own, instead of what has not set out; whether it was done.
    async fn only(&mut self, statement: Statement) -> bool {
        let Buffers { statements, answers, .. } = &mut *self.buffers;
        statements.clear();
        answers.clear();
        self.record.borrow_mut().flies();
        self.session.flight(&[statement], answers).await.is_ok()
    }
}

/// Ends a transaction that has given up at its savepoint, so that nothing of it stays open.
pub(super) async fn abandon<S: Session>(session: &mut S, record: &RefCell<Record>, clock: &Clock) {
    let stands = std::mem::take(&mut record.borrow_mut().at_savepoint);
    if stands && session.is_open() {
        let from = clock.now();
        record.borrow_mut().flies();
        let _ = session.flight(&[Statement::Rollback], &mut Vec::new()).await;
        record.borrow_mut().wasted(clock.now() - from);
    }
}
