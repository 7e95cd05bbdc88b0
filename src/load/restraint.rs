//! What holds the transactions of a shard back? A budget that retries are paid from, and a limit on how many run at a time.
//!
//! Both are there only where the policy asks for them. They belong to one shard, so that nothing is shared between two.

use std::cell::Cell;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::history::AttemptOutcome;
use crate::retry::{Bucket, ConcurrencyLimit, Policy};

/// What all transactions of a shard heed together.
#[derive(Debug)]
pub(super) struct Restraint {
    bucket: Option<Cell<Bucket>>,
    admission: Option<Admission>,
}

/// A door that lets so many through at a time as the limit allows; first come, first served.
#[derive(Debug)]
struct Admission {
    limit: Cell<ConcurrencyLimit>,
    door: Semaphore,
    /// How many are inside although the limit has fallen below them: nobody takes the place of the first of them to leave.
    beyond: Cell<u32>,
}

/// The right to run one transaction, retries included. It is given back when it is dropped, also by a worker that is cut off.
#[derive(Debug)]
pub(super) struct Admitted<'a>(Option<(&'a Admission, SemaphorePermit<'a>)>);

impl Restraint {
    /// That of a shard with so many workers.
    pub(super) fn new(policy: &Policy, workers: u32) -> Self {
        let bucket = policy.budget.map(|budget| Cell::new(Bucket::new(budget)));
        let admission = policy.aimd.map(|aimd| Admission::new(ConcurrencyLimit::new(aimd, workers)));
        Self { bucket, admission }
    }

    /// Waits until one more transaction may run. None when the shard begins no more.
    pub(super) async fn admit(&self) -> Option<Admitted<'_>> {
        match &self.admission {
            None => Some(Admitted(None)),
            Some(admission) => {
                let permit = admission.door.acquire().await.ok()?;
                Some(Admitted(Some((admission, permit))))
            }
        }
    }

    /// Pays for a retry, where that has a price; whether there was enough.
    pub(super) fn pays(&self) -> bool {
        self.bucket.as_ref().is_none_or(|bucket| change(bucket, Bucket::pay))
    }

    /// An attempt ended.
    pub(super) fn ended(&self, outcome: AttemptOutcome) {
        if let Some(bucket) = &self.bucket
            && outcome == AttemptOutcome::Committed
        {
            change(bucket, Bucket::deposit);
        }
        if let Some(admission) = &self.admission {
            match outcome {
                // For the database both are a success.
                AttemptOutcome::Committed | AttemptOutcome::Declined => admission.follow(ConcurrencyLimit::committed),
                AttemptOutcome::Aborted => admission.follow(ConcurrencyLimit::aborted),
                // These say nothing of conflicts.
                AttemptOutcome::Ambiguous | AttemptOutcome::Failed => {}
            }
        }
    }

    /// Lets nobody in any more.
    pub(super) fn close(&self) {
        if let Some(admission) = &self.admission {
            admission.door.close();
        }
    }
}

impl Admission {
    fn new(limit: ConcurrencyLimit) -> Self {
        let door = Semaphore::new(limit.allowed() as usize);
        Self { limit: Cell::new(limit), door, beyond: Cell::new(0) }
    }

    /// Moves the limit, and the door with it.
    fn follow(&self, step: fn(&mut ConcurrencyLimit)) {
        let before = self.limit.get().allowed();
        change(&self.limit, step);
        let now = self.limit.get().allowed();
        let (more, fewer) = (now.saturating_sub(before), before.saturating_sub(now));
        // Whoever was one too many is none of it any more, before anybody else is let in.
        let forgiven = more.min(self.beyond.get());
        self.door.add_permits((more - forgiven) as usize);
        let taken = u32::try_from(self.door.forget_permits(fewer as usize)).unwrap_or(fewer);
        self.beyond.set(self.beyond.get() - forgiven + fewer - taken);
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        if let Some((admission, permit)) = self.0.take()
            && let Some(beyond) = admission.beyond.get().checked_sub(1)
        {
            admission.beyond.set(beyond);
            permit.forget();
        }
    }
}

fn change<T: Copy, R>(cell: &Cell<T>, step: impl FnOnce(&mut T) -> R) -> R {
    let mut value = cell.get();
    let result = step(&mut value);
    cell.set(value);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restraint(policy: &str, workers: u32) -> Restraint {
        Restraint::new(&policy.parse().unwrap(), workers)
    }

    /// Lets in whoever comes without waiting.
    fn let_in(restraint: &Restraint) -> Vec<Admitted<'_>> {
        let admission = restraint.admission.as_ref().unwrap();
        let permits = std::iter::from_fn(|| admission.door.try_acquire().ok());
        permits.map(|permit| Admitted(Some((admission, permit)))).collect()
    }

    #[test]
    fn without_budget_and_aimd_there_is_nothing() {
        let restraint = restraint("immediate", 1);
        assert!(restraint.bucket.is_none() && restraint.admission.is_none());
        assert!((0..1000).all(|_| restraint.pays()));
    }

    #[test]
    fn commits_alone_put_something_into_the_bucket() {
        let restraint = restraint("immediate/budget:capacity=1,cost=1,deposit=1", 1);
        for outcome in [AttemptOutcome::Aborted, AttemptOutcome::Declined, AttemptOutcome::Failed] {
            restraint.pays();
            restraint.ended(outcome);
            assert!(!restraint.pays(), "{outcome:?}");
        }
        restraint.ended(AttemptOutcome::Committed);
        assert!(restraint.pays() && !restraint.pays());
    }

    #[test]
    fn as_many_are_inside_as_the_limit_allows_whoever_leaves_when() {
        let restraint = restraint("immediate/aimd", 8);
        let mut inside = let_in(&restraint);
        assert_eq!(inside.len(), 8);
        restraint.ended(AttemptOutcome::Aborted);
        // Four are too many: their places are not given to others.
        for left in (4..8).rev() {
            inside.pop();
            assert_eq!((let_in(&restraint).len(), inside.len()), (0, left));
        }
        inside.pop();
        let next = let_in(&restraint);
        assert_eq!(next.len(), 1, "one left, and one came");
        drop((inside, next));
        assert_eq!(let_in(&restraint).len(), 4);
        // In five commits or so the limit grows by one.
        (0..5).for_each(|_| restraint.ended(AttemptOutcome::Committed));
        assert_eq!(let_in(&restraint).len(), 5);
    }

    #[test]
    fn a_limit_that_rises_again_forgives_those_who_are_too_many_first() {
        let restraint = restraint("immediate/aimd:increase=1000", 8);
        let inside = let_in(&restraint);
        restraint.ended(AttemptOutcome::Aborted);
        restraint.ended(AttemptOutcome::Committed);
        assert_eq!(let_in(&restraint).len(), 0, "eight are allowed, and eight are inside");
        drop(inside);
        assert_eq!(let_in(&restraint).len(), 8);
    }

    #[tokio::test]
    async fn nobody_is_let_in_when_the_shard_has_stopped() {
        let restraint = restraint("immediate/aimd", 1);
        let inside = restraint.admit().await.unwrap();
        restraint.close();
        assert!(restraint.admit().await.is_none());
        drop(inside);
        assert!(restraint.admit().await.is_none());
    }
}
