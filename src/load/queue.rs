//! Which scheduled start is next, and which are skipped? An open loop's starts, first come, first served.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::iter::Peekable;

use super::clock::Clock;
use super::schedule::Schedule;
use super::shard::Share;
use crate::history::Nanos;
use crate::plan::{Pace, Plan};

/// The starts of a shard that nobody has taken yet.
///
/// Nobody hands them out: a worker that is free takes the next one and sleeps until it is due. Where all workers are busy,
/// starts are taken late, in their order. That is a queue in front of the workers.
#[derive(Debug)]
pub(super) struct StartQueue(RefCell<Starts>);

#[derive(Debug)]
struct Starts {
    schedule: Peekable<Schedule>,
    /// Those that are due.
    waiting: VecDeque<Nanos>,
    most: usize,
    /// Nothing is due from here on.
    end: Nanos,
    last: Nanos,
}

impl StartQueue {
    /// The queue of a shard, where the load is an open loop.
    pub(super) fn of(plan: &Plan, clock: &Clock, share: Share) -> Option<Self> {
        let Pace::Open(open) = plan.load.pace else { return None };
        let schedule = Schedule::new(&plan.load, open, clock, plan.seed, share.index, share.transactions);
        Some(Self::new(schedule, open.max_queue.map(|most| share.of(most, plan.load.threads))))
    }

    /// A queue in which so many may wait.
    pub(super) fn new(schedule: Schedule, max_queue: Option<u64>) -> Self {
        let most = max_queue.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        let starts = Starts { schedule: schedule.peekable(), waiting: VecDeque::new(), most, end: Nanos::MAX, last: 0 };
        Self(RefCell::new(starts))
    }

    /// The next start, for a worker that is free now. Those for which there was no place in the queue are skipped.
    pub(super) fn take(&self, now: Nanos, skipped: impl FnMut(Nanos)) -> Option<Nanos> {
        let mut starts = self.0.borrow_mut();
        starts.admit(now, skipped);
        let next = starts.waiting.pop_front().or_else(|| starts.next_before_end())?;
        starts.last = starts.last.max(next);
        Some(next)
    }

    /// How many wait for a worker.
    pub(super) fn waiting(&self, now: Nanos, skipped: impl FnMut(Nanos)) -> usize {
        let mut starts = self.0.borrow_mut();
        starts.admit(now, skipped);
        starts.waiting.len()
    }

    /// Nothing is due from now on.
    pub(super) fn end(&self, now: Nanos) {
        let mut starts = self.0.borrow_mut();
        starts.end = starts.end.min(now);
    }

    /// Whether a start that was taken is due at all.
    pub(super) fn is_due(&self, start: Nanos) -> bool {
        start < self.0.borrow().end
    }

    /// The last start that was taken.
    pub(super) fn last(&self) -> Nanos {
        self.0.borrow().last
    }

    /// Skips all that are left, when nobody works any more.
    pub(super) fn abandon(&self, mut skipped: impl FnMut(Nanos)) {
        let mut starts = self.0.borrow_mut();
        while let Some(start) = starts.waiting.pop_front().or_else(|| starts.next_before_end()) {
            skipped(start);
        }
    }
}

impl Starts {
    /// What has become due by now joins the queue. That may be done late: until a worker takes from the queue, it does
    /// nothing but grow.
    fn admit(&mut self, now: Nanos, mut skipped: impl FnMut(Nanos)) {
        let due = now.min(self.end);
        while let Some(start) = self.schedule.next_if(|start| *start < due) {
            if self.waiting.len() < self.most {
                self.waiting.push_back(start);
            } else {
                skipped(start);
            }
        }
    }

    fn next_before_end(&mut self) -> Option<Nanos> {
        let end = self.end;
        self.schedule.next_if(|start| *start < end)
    }
}
