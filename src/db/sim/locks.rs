//! Who may write a row? One transaction at a time; the others wait in the order in which they came.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::Notify;

use super::rows::RowId;

/// The number of a transaction, in the order in which they began.
pub(super) type TransactionId = u64;

/// The locks on rows that are written.
#[derive(Debug, Default)]
pub(super) struct Locks {
    held: HashMap<RowId, Lock>,
    waiting: HashMap<TransactionId, Waiting>,
}

#[derive(Debug)]
struct Lock {
    holder: TransactionId,
    queue: VecDeque<TransactionId>,
}

#[derive(Debug)]
struct Waiting {
    row: RowId,
    granted: Arc<Notify>,
}

impl Locks {
    /// Takes a lock, or joins its queue, and is told when it has come to the front. Asked again, it answers the same.
    pub(super) fn acquire(&mut self, row: RowId, by: TransactionId, granted: &Arc<Notify>) -> bool {
        let lock = self.held.entry(row).or_insert_with(|| Lock { holder: by, queue: VecDeque::new() });
        if lock.holder == by {
            return true;
        }
        self.waiting.entry(by).or_insert_with(|| {
            lock.queue.push_back(by);
            Waiting { row, granted: Arc::clone(granted) }
        });
        false
    }

    pub(super) fn is_waiting(&self, transaction: TransactionId) -> bool {
        self.waiting.contains_key(&transaction)
    }

    /// Gives up a lock, or the place in its queue. The next one has it from now on.
    pub(super) fn release(&mut self, row: RowId, by: TransactionId) {
        let Some(lock) = self.held.get_mut(&row) else { return };
        if lock.holder != by {
            lock.queue.retain(|other| *other != by);
            self.waiting.remove(&by);
            return;
        }
        let Some(next) = lock.queue.pop_front() else {
            self.held.remove(&row);
            return;
        };
        lock.holder = next;
        if let Some(waiting) = self.waiting.remove(&next) {
            waiting.granted.notify_one();
        }
    }

    /// Whether a transaction waits, through others, for itself. Who stands in front of it in a queue waits for nothing
    /// that it does not wait for, too, so holders are all that has to be followed.
    pub(super) fn is_deadlocked(&self, transaction: TransactionId) -> bool {
        let waits_for = |at: TransactionId| Some(self.held.get(&self.waiting.get(&at)?.row)?.holder);
        // In a circle of others, one of them will find it; it is left when a mark is seen again that moves on after one
        // step, two, four, and so on (Brent, "An Improved Monte Carlo Factorization Algorithm", 1980).
        let (mut at, mut mark, mut steps, mut until) = (transaction, transaction, 0_u32, 1_u32);
        while let Some(holder) = waits_for(at) {
            if holder == transaction {
                return true;
            }
            if holder == mark {
                return false;
            }
            steps += 1;
            if steps == until {
                (mark, steps, until) = (holder, 0, until.saturating_mul(2));
            }
            at = holder;
        }
        false
    }
}
