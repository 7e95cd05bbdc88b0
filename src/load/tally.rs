//! How many writes are there by now? Three numbers for each shard, which others may read while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::history::{Access, AttemptOutcome, Table, Written};

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
    /// COMMIT is about to be sent, behind so many writes of accounts.
    pub(super) fn sends_commit(&self, writes: u64) {
        self.sent.fetch_add(writes, Ordering::Relaxed);
    }

    /// COMMIT was answered, or never will be: then both may be.
    pub(super) fn answered(&self, outcome: AttemptOutcome, writes: u64) {
        let counter = match outcome {
            AttemptOutcome::Committed => &self.acknowledged,
            // Declined behind COMMIT: one statement was to move the money if it was there, and it was not.
            AttemptOutcome::Aborted | AttemptOutcome::Failed | AttemptOutcome::Declined => &self.refused,
            AttemptOutcome::Ambiguous => return,
        };
        counter.fetch_add(writes, Ordering::Relaxed);
    }

    fn read(&self) -> Written {
        Written {
            sent: self.sent.load(Ordering::Relaxed),
            acknowledged: self.acknowledged.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }
}

/// How many rows of accounts a statement writes: it is their versions that are added up.
pub(super) fn account_writes(access: &Access) -> u64 {
    match access {
        Access::Add { key, .. } | Access::Set { key, .. } | Access::Insert { key } => {
            u64::from(key.table == Table::Accounts)
        }
        Access::Move { .. } => 2,
        Access::Read { .. } | Access::Scan { .. } | Access::Join { .. } | Access::Post { .. } => 0,
    }
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
    use crate::history::Key;

    #[test]
    fn only_writes_of_accounts_are_counted_and_each_by_its_end() {
        let write = |key| Access::Add { key, delta: 1 };
        let pair = Key { table: Table::Pairs, id: 1 };
        let read = Access::Read { key: Key::account(3) };
        let transfer = [read, write(Key::account(1)), write(Key::account(2)), write(pair)];
        let writes: u64 = transfer.iter().map(account_writes).sum();
        assert_eq!((writes, account_writes(&Access::Move { from: 1, to: 2, amount: 3 })), (2, 2));
        let tallies = Tallies::new(2);
        for (index, outcome) in [
            (0, AttemptOutcome::Committed),
            (1, AttemptOutcome::Committed),
            (1, AttemptOutcome::Aborted),
            (0, AttemptOutcome::Ambiguous),
            (0, AttemptOutcome::Failed),
            (0, AttemptOutcome::Declined),
        ] {
            tallies.0[index].sends_commit(writes);
            tallies.0[index].answered(outcome, writes);
        }
        assert_eq!(tallies.sum(), Written { sent: 12, acknowledged: 4, refused: 6 });
    }
}
