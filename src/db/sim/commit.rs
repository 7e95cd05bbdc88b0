//! What does a transaction leave behind? Versions and members, once it is committed; stamps on what it has read.

use super::conflicts::Sequence;
use super::engine::{Engine, dangerous};
use super::groups::Joined;
use super::level::Level;
use super::rows::Version;
use super::transaction::{Transaction, Write};
use crate::db::Failure;
use crate::history::{Nanos, Row};

impl Engine {
    /// Whether a transaction that wants to commit may, as far as that is known now.
    pub(super) fn may_commit(&mut self, transaction: &mut Transaction) -> Result<(), Failure> {
        let (true, Some(snapshot)) = (self.tracks(), transaction.snapshot) else { return Ok(()) };
        let Transaction { rows_read, groups_read, writes, joins, conflicts, is_struck, .. } = &mut *transaction;
        // Where a write does not mind what was written since its row was read, that is no anti-dependency either.
        let minds = !(*is_struck && matches!(self.level, Level::LostUpdates | Level::NoWriteConflict));
        for id in rows_read.iter() {
            if minds || !writes.iter().any(|write| write.id == *id) {
                conflicts.replaced(self.rows.of(*id).behind(snapshot));
            }
        }
        for id in groups_read.iter() {
            for joined in self.groups.of(*id).behind(snapshot) {
                conflicts.overwritten(joined.made, joined.beyond);
            }
        }
        for write in writes.iter() {
            conflicts.overwrites(self.rows.of(write.id).read);
        }
        for (id, _) in joins.iter() {
            conflicts.overwrites(self.groups.of(*id).read);
        }
        dangerous(transaction, snapshot)
    }

    /// Commits a transaction, at this instant.
    pub(super) fn commit(&mut self, transaction: &mut Transaction, now: Nanos) -> Result<(), Failure> {
        self.may_commit(transaction)?;
        let wrote = transaction.has_written();
        if !(wrote && self.faults.strike(Level::ForgetsCommits)) {
            self.apply(transaction, now);
            if wrote && self.faults.strike(Level::AppliesTwice) {
                self.apply_again(transaction, now);
            }
        }
        self.release(transaction);
        Ok(())
    }

    /// Undoes a transaction, at this instant.
    pub(super) fn rollback(&mut self, transaction: &mut Transaction, now: Nanos) {
        self.restart(transaction, now);
        self.release(transaction);
    }

    /// Undoes what a transaction has done since its savepoint, which stands in front of everything. It keeps its locks, as
    /// CockroachDB's keep their intents, and takes another snapshot.
    pub(super) fn restart(&mut self, transaction: &mut Transaction, now: Nanos) {
        if transaction.has_written() && self.faults.strike(Level::DirtyAbort) {
            self.apply(transaction, now);
        }
        self.forget(transaction);
    }

    /// Makes what a transaction has written visible, and notes what it has read.
    fn apply(&mut self, transaction: &Transaction, now: Nanos) {
        let wrote = transaction.has_written();
        self.commits += Sequence::from(wrote);
        if let (true, Some(snapshot)) = (self.tracks(), transaction.snapshot) {
            self.note_reads(transaction, snapshot, if wrote { self.commits } else { snapshot });
        }
        if !wrote {
            return;
        }
        self.snapshots.commit(now, self.commits);
        let (made, beyond) = (self.commits, transaction.conflicts.out());
        for write in &transaction.writes {
            self.push(write, Version { row: write.row, made, beyond }, now);
        }
        for (id, member) in &transaction.joins {
            self.groups.of_mut(*id).push(Joined { member: *member, made, beyond });
        }
        self.posted.extend(&transaction.posts);
    }

    /// Adds once more what was added, right behind it and under the same name.
    fn apply_again(&mut self, transaction: &Transaction, now: Nanos) {
        self.commits += 1;
        self.snapshots.commit(now, self.commits);
        for write in transaction.writes.iter().filter(|write| write.added != 0) {
            let Row { balance, version, writer } = write.row;
            let row = Row { balance: balance.saturating_add(write.added), version: version + 1, writer };
            self.push(write, Version { row, made: self.commits, beyond: transaction.conflicts.out() }, now);
        }
    }

    fn push(&mut self, write: &Write, version: Version, now: Nanos) {
        let oldest = self.snapshots.oldest(now, self.commits);
        self.rows.of_mut(write.id).push(version, oldest);
    }

    /// Who overwrites what was read has to know when it was.
    fn note_reads(&mut self, transaction: &Transaction, snapshot: Sequence, at: Sequence) {
        for id in &transaction.rows_read {
            let versions = self.rows.of_mut(*id);
            // What was overwritten meanwhile is overwritten by nobody else.
            if versions.newest().made <= snapshot {
                versions.read = versions.read.max(at);
            }
        }
        for id in &transaction.groups_read {
            let members = self.groups.of_mut(*id);
            members.read = members.read.max(at);
        }
    }

    /// Gives back what a transaction holds.
    fn release(&mut self, transaction: &mut Transaction) {
        for id in transaction.locks.drain(..) {
            self.locks.release(id, transaction.id);
        }
        self.forget(transaction);
    }

    fn forget(&mut self, transaction: &mut Transaction) {
        transaction.forget();
        if let Some(snapshot) = transaction.snapshot.take() {
            self.snapshots.give_back(snapshot);
        }
    }
}
