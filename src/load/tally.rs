//! How many writes are there by now? Three numbers for each shard, which others may read while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::history::{AttemptOutcome, Key, Operation, Table, Written};

/// The writes of accounts of one shard, on a cache line of their own: one shard's counting is not felt by the next.
///
/// Relaxed is enough. Between a write's COMMIT and a snapshot that shows it stands the server's answer, and nothing is
/// counted but around system calls.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct Tally {
    sent: AtomicU64,
    acknowledged: AtomicU64,
    refused: AtomicU64,
}

impl Tally {
    /// COMMIT is about to be sent for an attempt that did this.
    pub(super) fn sends_commit(&self, operations: &[Operation]) {
        self.sent.fetch_add(account_writes(operations), Ordering::Relaxed);
    }

    /// COMMIT was answered, or never will be: then both may be.
    pub(super) fn answered(&self, outcome: AttemptOutcome, operations: &[Operation]) {
        let counter = match outcome {
            AttemptOutcome::Committed => &self.acknowledged,
            AttemptOutcome::Aborted | AttemptOutcome::Failed => &self.refused,
            AttemptOutcome::Ambiguous | AttemptOutcome::Declined => return,
        };
        counter.fetch_add(account_writes(operations), Ordering::Relaxed);
    }

    fn read(&self) -> Written {
        Written {
            sent: self.sent.load(Ordering::Relaxed),
            acknowledged: self.acknowledged.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }
}

/// Only writes of accounts: it is their versions that are added up.
fn account_writes(operations: &[Operation]) -> u64 {
    let is_write =
        |operation: &&Operation| matches!(operation, Operation::Write { key: Key { table: Table::Accounts, .. }, .. });
    operations.iter().filter(is_write).count() as u64
}

/// The tallies of all shards.
#[derive(Clone, Debug)]
pub struct Tallies(Vec<Arc<Tally>>);

impl Tallies {
    pub(super) fn new(shards: u32) -> Self {
        Self((0..shards).map(|_| Arc::default()).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Tally>> {
        self.0.iter()
    }

    /// The writes of all shards together.
    #[must_use]
    pub fn sum(&self) -> Written {
        self.0.iter().map(|tally| tally.read()).fold(Written::default(), |sum, tally| Written {
            sent: sum.sent + tally.sent,
            acknowledged: sum.acknowledged + tally.acknowledged,
            refused: sum.refused + tally.refused,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Row;

    #[test]
    fn only_writes_of_accounts_are_counted_and_each_by_its_end() {
        let write = |key| Operation::Write { key, delta: 1, row: Row::default() };
        let pair = Key { table: Table::Pairs, id: 1 };
        let read = Operation::Read { key: Key::account(3), row: Row::default() };
        let transfer = [read, write(Key::account(1)), write(Key::account(2)), write(pair)];
        let tallies = Tallies::new(2);
        for (index, outcome) in [
            (0, AttemptOutcome::Committed),
            (1, AttemptOutcome::Committed),
            (1, AttemptOutcome::Aborted),
            (0, AttemptOutcome::Ambiguous),
            (0, AttemptOutcome::Failed),
        ] {
            tallies.0[index].sends_commit(&transfer);
            tallies.0[index].answered(outcome, &transfer);
        }
        assert_eq!(tallies.sum(), Written { sent: 10, acknowledged: 4, refused: 4 });
    }
}
