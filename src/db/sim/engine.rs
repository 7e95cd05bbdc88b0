//! What does a statement do? The server's state, and how it changes from one instant to the next; time is elsewhere.

use std::sync::Arc;

use tokio::sync::Notify;

use super::address::Simulation;
use super::conflicts::Sequence;
use super::faults::Faults;
use super::groups::Groups;
use super::level::Level;
use super::locks::{Locks, TransactionId};
use super::rows::{RowId, Rows};
use super::snapshots::Snapshots;
use super::transaction::Transaction;
use crate::db::{Answer, Failure};
use crate::history::{Access, Group, Key, Nanos, Posted, Row};
use crate::plan::Plan;

/// The tables, and everything that keeps transactions apart.
#[derive(Debug)]
pub(super) struct Engine {
    pub(super) level: Level,
    pub(super) rows: Rows,
    pub(super) groups: Groups,
    pub(super) posted: Vec<Posted>,
    pub(super) locks: Locks,
    pub(super) faults: Faults,
    pub(super) snapshots: Snapshots,
    pub(super) commits: Sequence,
    begun: TransactionId,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug)]
enum Change {
    Add(i64),
    Set(i64),
    Insert,
}

impl Engine {
    pub(super) fn new(simulation: &Simulation, plan: &Plan) -> Self {
        let lag = u64::try_from(simulation.lag.as_nanos()).unwrap_or(Nanos::MAX);
        Self {
            level: simulation.level,
            rows: Rows::new(plan),
            groups: Groups::default(),
            posted: Vec::new(),
            locks: Locks::default(),
            faults: Faults::new(simulation, plan.seed),
            snapshots: Snapshots::new((simulation.level == Level::StaleReplica).then_some(lag)),
            commits: 0,
            begun: 0,
        }
    }

    pub(super) fn begin(&mut self, transaction: &mut Transaction) {
        self.begun += 1;
        transaction.begin(self.begun);
    }

    /// Runs one statement of a transaction. None when it has to wait for a lock: it is told when it has the lock, and runs
    /// the statement again. Whoever is answered a failure has to be rolled back.
    pub(super) fn access(
        &mut self,
        transaction: &mut Transaction,
        access: Access,
        writer: i64,
        now: Nanos,
        granted: &Arc<Notify>,
    ) -> Result<Option<Answer>, Failure> {
        let snapshot = self.snapshot(transaction, now);
        let (key, change) = match access {
            Access::Read { key } => return self.read(transaction, key, snapshot).map(|row| Some(Answer::Row(row))),
            Access::Scan { group } => {
                return self.scan(transaction, group, snapshot).map(|members| Some(Answer::Members(members)));
            }
            Access::Join { group } => {
                return self.join(transaction, group, writer, snapshot).map(|()| Some(Answer::Done));
            }
            Access::Post { ticket, from, to, amount } => {
                // In one flight the money may not have been there; then nothing was written to the source.
                if self.rows.find(Key::account(from)).is_some_and(|id| transaction.own(id).is_some()) {
                    transaction.posts.push(Posted { writer, ticket: ticket.cast_signed(), from, to, amount });
                }
                return Ok(Some(Answer::Done));
            }
            Access::Move { from, to, amount } => {
                let [from, to] = [from, to].map(Key::account);
                return self.transfer(transaction, [from, to], amount, writer, snapshot, granted);
            }
            Access::Add { key, delta } => (key, Change::Add(delta)),
            Access::Set { key, to, .. } => (key, Change::Set(to)),
            Access::Insert { key } => (key, Change::Insert),
        };
        let id = self.rows.find(key).ok_or_else(|| Failure::missing_row(key))?;
        self.first_committer_wins(transaction, id, change, snapshot)?;
        if !self.lock(transaction, id, granted) {
            return Ok(None);
        }
        self.write(transaction, key, id, change, writer, snapshot).map(|row| Some(Answer::Row(row)))
    }

    /// Debits and credits in one statement, if the source has enough. Nothing is written before both rows are locked, in
    /// the order of their ids: a statement that has waited is run again from its beginning.
    fn transfer(
        &mut self,
        transaction: &mut Transaction,
        accounts: [Key; 2],
        amount: i64,
        writer: i64,
        snapshot: Sequence,
        granted: &Arc<Notify>,
    ) -> Result<Option<Answer>, Failure> {
        let [from, to] = accounts;
        if self.read(transaction, from, snapshot)?.balance < amount {
            return Ok(Some(Answer::Moved(None)));
        }
        for key in if from.id < to.id { [from, to] } else { [to, from] } {
            let id = self.rows.find(key).ok_or_else(|| Failure::missing_row(key))?;
            self.first_committer_wins(transaction, id, Change::Add(0), snapshot)?;
            if !self.lock(transaction, id, granted) {
                return Ok(None);
            }
        }
        let mut write = |key: Key, delta: i64| {
            let id = self.rows.find(key).ok_or_else(|| Failure::missing_row(key))?;
            self.write(transaction, key, id, Change::Add(delta), writer, snapshot)
        };
        let rows = [write(from, -amount)?, write(to, amount)?];
        Ok(Some(Answer::Moved(Some(rows))))
    }

    /// Whether the row is locked; else the transaction is told when it is.
    fn lock(&mut self, transaction: &mut Transaction, id: RowId, granted: &Arc<Notify>) -> bool {
        if !self.has_locks(transaction) {
            return true;
        }
        if !transaction.locks.contains(&id) {
            transaction.locks.push(id);
        }
        self.locks.acquire(id, transaction.id, granted)
    }

    /// The snapshot of a transaction. It is taken by the first statement behind BEGIN; at READ COMMITTED each statement
    /// sees everything that is committed.
    fn snapshot(&mut self, transaction: &mut Transaction, now: Nanos) -> Sequence {
        if self.level == Level::ReadCommitted {
            return self.commits;
        }
        *transaction.snapshot.get_or_insert_with(|| {
            let stale = self.faults.strike(Level::StaleReplica);
            transaction.is_struck =
                self.faults.strike(Level::LostUpdates) || self.faults.strike(Level::NoWriteConflict);
            let snapshot = if stale { self.snapshots.stale(now) } else { self.commits };
            self.snapshots.take(snapshot)
        })
    }

    fn read(&mut self, transaction: &mut Transaction, key: Key, snapshot: Sequence) -> Result<Row, Failure> {
        let id = self.rows.find(key).ok_or_else(|| Failure::missing_row(key))?;
        if let Some(row) = transaction.own(id) {
            return Ok(row);
        }
        let versions = self.rows.of(id);
        if self.tracks() {
            transaction.rows_read.push(id);
            if !transaction.is_struck {
                transaction.conflicts.replaced(versions.behind(snapshot));
                dangerous(transaction, snapshot)?;
            }
        }
        Ok(versions.at(snapshot).row)
    }

    fn scan(&mut self, transaction: &mut Transaction, group: Group, snapshot: Sequence) -> Result<Vec<i64>, Failure> {
        let id = self.groups.find(group);
        let members = self.groups.of(id);
        if self.tracks() {
            transaction.groups_read.push(id);
            for joined in members.behind(snapshot) {
                transaction.conflicts.overwritten(joined.made, joined.beyond);
            }
            dangerous(transaction, snapshot)?;
        }
        let own = transaction.joins.iter().filter(|(joined, _)| *joined == id).map(|(_, member)| *member);
        Ok(members.at(snapshot).chain(own).collect())
    }

    fn join(
        &mut self,
        transaction: &mut Transaction,
        group: Group,
        member: i64,
        snapshot: Sequence,
    ) -> Result<(), Failure> {
        let id = self.groups.find(group);
        transaction.joins.push((id, member));
        if self.tracks() {
            transaction.conflicts.overwrites(self.groups.of(id).read);
            dangerous(transaction, snapshot)?;
        }
        Ok(())
    }

    /// Whoever writes a row that was changed since its snapshot is too late.
    fn first_committer_wins(
        &self,
        transaction: &Transaction,
        id: RowId,
        change: Change,
        snapshot: Sequence,
    ) -> Result<(), Failure> {
        // An insert is told that the row is there.
        let is_late = self.rows.of(id).newest().made > snapshot && !matches!(change, Change::Insert);
        if is_late && !transaction.is_struck { Err(Failure::concurrent_update()) } else { Ok(()) }
    }

    fn write(
        &mut self,
        transaction: &mut Transaction,
        key: Key,
        id: RowId,
        change: Change,
        writer: i64,
        snapshot: Sequence,
    ) -> Result<Row, Failure> {
        let versions = self.rows.of(id);
        let before = if self.has_locks(transaction) { versions.newest() } else { versions.at(snapshot) };
        let before = transaction.own(id).unwrap_or(before.row);
        let (balance, added) = match change {
            Change::Add(delta) => (before.balance.saturating_add(delta), delta),
            Change::Set(to) => (to, 0),
            Change::Insert if before.version > 0 => return Err(Failure::duplicate_key(key)),
            Change::Insert => (1, 0),
        };
        let row = Row { balance, version: before.version + 1, writer };
        transaction.write(id, row, added);
        if self.tracks() {
            transaction.conflicts.overwrites(versions.read);
            dangerous(transaction, snapshot)?;
        }
        Ok(row)
    }

    /// Whether anti-dependencies are kept track of.
    pub(super) fn tracks(&self) -> bool {
        !matches!(self.level, Level::ReadCommitted | Level::Snapshot)
    }

    fn has_locks(&self, transaction: &Transaction) -> bool {
        !(self.level == Level::NoWriteConflict && transaction.is_struck)
    }
}

/// Aborts a transaction that would complete a dangerous structure.
pub(super) fn dangerous(transaction: &Transaction, snapshot: Sequence) -> Result<(), Failure> {
    let is_dangerous = transaction.conflicts.are_dangerous(snapshot, transaction.has_written());
    if is_dangerous { Err(Failure::pivot()) } else { Ok(()) }
}
