//! How does a flight travel through a simulation? To its node, from statement to statement, and back.

use std::sync::Arc;

use tokio::sync::{Notify, SemaphorePermit};

use super::database::SimDatabase;
use super::server::SimServer;
use super::transaction::Transaction;
use crate::db::{Answer, Failure, Session, Statement};
use crate::history::{Access, Nanos, Sqlstate};

/// A simulated connection, held for one transaction.
#[derive(Debug)]
pub struct SimSession<'a> {
    database: &'a SimDatabase,
    connection: Connection,
    // Given back after the connection: fields are dropped behind `drop`.
    _permit: SemaphorePermit<'a>,
}

/// A connection to one node, and the transaction on it.
#[derive(Debug, Default)]
pub(super) struct Connection {
    node: u16,
    is_open: bool,
    stage: Stage,
    transaction: Transaction,
    /// Whether the transaction has one to go back to.
    has_savepoint: bool,
    /// The largest round trip to a node on which the transaction has written.
    reach: Nanos,
    granted: Arc<Notify>,
}

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// There is none.
    #[default]
    Idle,
    Active,
    /// Undone, and nobody has said ROLLBACK yet.
    Failed,
    /// Committed by RELEASE, and nobody has said COMMIT yet.
    Released,
}

impl Connection {
    pub(super) fn make(server: &SimServer) -> Self {
        Self { node: server.machine().connect(), is_open: true, ..Self::default() }
    }

    /// Undoes the transaction, if there is one.
    fn undo(&mut self, server: &SimServer, then: Stage) {
        if self.stage != Stage::Idle {
            server.machine().engine.rollback(&mut self.transaction, server.time.now());
            self.stage = then;
        }
    }

    /// What a failure leaves of the transaction. One that can go back to its savepoint keeps its locks, but not the one
    /// that a deadlock is broken with.
    fn fail(&mut self, server: &SimServer, statement: Statement, failure: &Failure) {
        let keeps = self.has_savepoint && failure.cause.sqlstate == Sqlstate::SERIALIZATION_FAILURE;
        match statement {
            // Behind a COMMIT that was refused there is no transaction to be ended.
            Statement::Commit | Statement::Alone { .. } => self.undo(server, Stage::Idle),
            _ if self.stage != Stage::Active => {}
            _ if keeps => {
                server.machine().engine.restart(&mut self.transaction, server.time.now());
                self.stage = Stage::Failed;
            }
            _ => self.undo(server, Stage::Failed),
        }
    }

    /// Runs statements, of which the first one sets out at a time. Answers with the time at which the last one is back at
    /// the node, or failed.
    async fn run(
        &mut self,
        server: &SimServer,
        statements: &[Statement],
        answers: &mut Vec<Answer>,
        mut at: Nanos,
    ) -> (Nanos, Result<(), Failure>) {
        for statement in statements {
            let home = home(server, statement).unwrap_or(self.node);
            let trip = server.latency.between(self.node, home);
            server.time.sleep_until(at + trip / 2).await;
            let done = server.machine().done(home, server.time.now());
            server.time.sleep_until(done).await;
            let answer = self.take_effect(server, *statement, trip).await;
            at = server.latency.done(server.time.now() + (trip - trip / 2), 0);
            match answer {
                Ok(answer) => answers.push(answer),
                Err(failure) => {
                    self.fail(server, *statement, &failure);
                    return (at, Err(failure));
                }
            }
        }
        (at, Ok(()))
    }

    /// What a statement does now that it has been worked on. The node at which it is done is a round trip away.
    async fn take_effect(&mut self, server: &SimServer, statement: Statement, trip: Nanos) -> Result<Answer, Failure> {
        match statement {
            Statement::Rollback => {
                self.undo(server, Stage::Idle);
            }
            Statement::RollbackTo if self.has_savepoint && matches!(self.stage, Stage::Active | Stage::Failed) => {
                server.machine().engine.restart(&mut self.transaction, server.time.now());
                (self.stage, self.reach) = (Stage::Active, 0);
            }
            _ if self.stage == Stage::Failed => return Err(Failure::transaction_aborted()),
            // The server warns that there is one, and goes on with it.
            Statement::Begin if self.stage == Stage::Active => {}
            Statement::Begin => self.begin(server),
            // And here that there is none.
            Statement::Commit if self.stage == Stage::Idle => {}
            Statement::Commit if self.stage == Stage::Released => self.end_released(server)?,
            Statement::Commit => self.commit(server, Stage::Idle).await?,
            Statement::Alone { access, writer } => {
                self.begin(server);
                let answer = self.reaching(server, access, writer, trip).await?;
                self.commit(server, Stage::Idle).await?;
                return Ok(answer);
            }
            _ if self.stage != Stage::Active => return Err(Failure::no_transaction()),
            Statement::Savepoint => self.has_savepoint = true,
            Statement::Release if self.has_savepoint => self.commit(server, Stage::Released).await?,
            Statement::Release | Statement::RollbackTo => return Err(Failure::no_transaction()),
            Statement::Access { access, writer } => return self.reaching(server, access, writer, trip).await,
        }
        Ok(Answer::Done)
    }

    fn begin(&mut self, server: &SimServer) {
        server.machine().engine.begin(&mut self.transaction);
        (self.stage, self.has_savepoint, self.reach) = (Stage::Active, false, 0);
    }

    /// A statement of the body, done at a node that is a round trip away.
    async fn reaching(
        &mut self,
        server: &SimServer,
        access: Access,
        writer: i64,
        trip: Nanos,
    ) -> Result<Answer, Failure> {
        let answer = self.access(server, access, writer).await?;
        if !matches!(access, Access::Read { .. } | Access::Scan { .. }) {
            self.reach = self.reach.max(trip);
        }
        Ok(answer)
    }

    /// COMMIT behind RELEASE, which has committed: its answer may be lost too.
    fn end_released(&mut self, server: &SimServer) -> Result<(), Failure> {
        self.stage = Stage::Idle;
        let lost = server.machine().engine.faults.loses_answer();
        if lost.is_some() { Err(self.lose()) } else { Ok(()) }
    }

    async fn access(&mut self, server: &SimServer, access: Access, writer: i64) -> Result<Answer, Failure> {
        loop {
            let now = server.time.now();
            let Self { transaction, granted, .. } = self;
            let answer = server.machine().engine.access(transaction, access, writer, now, granted)?;
            match answer {
                Some(answer) => return Ok(answer),
                None => self.wait_for_lock(server).await?,
            }
        }
    }

    /// Waits until the lock is there. After some time it looks whether that can ever be, as PostgreSQL does
    /// (`deadlock_timeout`): once, since the last of a circle to wait is the one who closes it.
    async fn wait_for_lock(&self, server: &SimServer) -> Result<(), Failure> {
        let waits = || server.machine().engine.locks.is_waiting(self.transaction.id);
        let granted = async {
            // Somebody may have been told of a lock and have gone away before he heard of it.
            while waits() {
                self.granted.notified().await;
            }
        };
        tokio::pin!(granted);
        tokio::select! {
            biased;
            () = &mut granted => return Ok(()),
            () = server.time.sleep_until(server.latency.done(server.time.now(), server.latency.deadlock)) => {}
        }
        if server.machine().engine.locks.is_deadlocked(self.transaction.id) {
            return Err(Failure::deadlock());
        }
        granted.await;
        Ok(())
    }

    /// Commits: what was written is on the log first, and on those of the other nodes.
    async fn commit(&mut self, server: &SimServer, then: Stage) -> Result<(), Failure> {
        let lost = {
            let mut machine = server.machine();
            machine.engine.may_commit(&mut self.transaction)?;
            machine.engine.faults.loses_answer()
        };
        if lost == Some(false) {
            return Err(self.lose());
        }
        if self.transaction.has_written() {
            let logged = server.latency.done(server.time.now(), server.latency.commit + self.reach);
            server.time.sleep_until(logged).await;
        }
        let committed = server.machine().engine.commit(&mut self.transaction, server.time.now());
        if lost.is_some() {
            if committed.is_ok() {
                self.stage = Stage::Idle;
            }
            return Err(self.lose());
        }
        committed?;
        self.stage = then;
        Ok(())
    }

    /// The connection breaks.
    fn lose(&mut self) -> Failure {
        self.is_open = false;
        Failure::connection_lost()
    }
}

impl<'a> SimSession<'a> {
    pub(super) fn new(database: &'a SimDatabase, connection: Connection, permit: SemaphorePermit<'a>) -> Self {
        Self { database, connection, _permit: permit }
    }
}

impl Session for SimSession<'_> {
    async fn flight(&mut self, statements: &[Statement], answers: &mut Vec<Answer>) -> Result<(), Failure> {
        let Self { database: SimDatabase { server, .. }, connection, .. } = self;
        if !connection.is_open {
            return Err(Failure::connection_lost());
        }
        let (before, rtt) = (answers.len(), server.latency.rtt);
        let (mut at, mut result) = connection.run(server, statements, answers, server.time.now() + rtt / 2).await;
        let mut retries = if is_whole(statements) { server.latency.retries } else { 0 };
        while retries > 0 && result.as_ref().is_err_and(may_succeed_again) {
            // Nobody has been answered anything yet, so the server may begin again by itself, as CockroachDB does.
            retries -= 1;
            answers.truncate(before);
            connection.undo(server, Stage::Idle);
            (at, result) = connection.run(server, statements, answers, at).await;
        }
        if !connection.is_open {
            let arrive = server.machine().engine.faults.answers_that_arrive(answers.len() - before);
            answers.truncate(before + arrive);
        }
        server.time.sleep_until(at + (rtt - rtt / 2)).await;
        result
    }

    fn node(&self) -> u16 {
        self.connection.node
    }

    fn is_open(&self) -> bool {
        self.connection.is_open
    }

    fn close(&mut self) {
        self.connection.undo(&self.database.server, Stage::Idle);
        self.connection.is_open = false;
    }

    async fn reconnect(&mut self) -> Result<(), Failure> {
        let server = &self.database.server;
        self.connection.undo(server, Stage::Idle);
        let rtt = server.latency.rtt;
        let answered = server.latency.done(server.time.now() + rtt / 2, 0);
        server.time.sleep_until(answered + (rtt - rtt / 2)).await;
        self.connection = Connection::make(server);
        Ok(())
    }
}

impl Drop for SimSession<'_> {
    fn drop(&mut self) {
        self.connection.undo(&self.database.server, Stage::Idle);
        self.database.idle.borrow_mut().push_back(std::mem::take(&mut self.connection));
    }
}

/// The node of the row or the group that a statement is about.
fn home(server: &SimServer, statement: &Statement) -> Option<u16> {
    let (access, writer) = statement.access()?;
    Some(server.latency.home(match access {
        Access::Read { key } | Access::Add { key, .. } | Access::Set { key, .. } | Access::Insert { key } => key.id,
        Access::Scan { group } | Access::Join { group } => group.id,
        Access::Move { from, .. } => from,
        Access::Post { .. } => writer,
    }))
}

/// Whether a flight is a transaction from its beginning to its end.
fn is_whole(statements: &[Statement]) -> bool {
    matches!(statements, [Statement::Begin, .., Statement::Commit] | [Statement::Alone { .. }])
}

fn may_succeed_again(failure: &Failure) -> bool {
    [Sqlstate::SERIALIZATION_FAILURE, Sqlstate::DEADLOCK].contains(&failure.cause.sqlstate)
}
