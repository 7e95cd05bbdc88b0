//! When does a worker begin its next transaction? In a closed loop at once, in an open one when it is due.

use super::Observer;
use super::shard::{Shard, Ticket};
use crate::db::Database;
use crate::history::{Due, Event, Fate, Nanos};

/// The right to run one more transaction, and the time from which on it counts.
pub(super) struct Turn<'a, D: Database, O: Observer> {
    pub(super) ticket: Ticket,
    scheduled: Nanos,
    /// None in a closed loop.
    start: Option<Start<'a, D, O>>,
}

/// A scheduled start that a worker has taken. It is skipped where it is given up before its transaction has begun.
struct Start<'a, D: Database, O: Observer> {
    shard: &'a Shard<D, O>,
    due: Nanos,
    /// How late the worker was, where one had been waiting for it.
    lag: Option<Nanos>,
    begun: bool,
}

impl<D: Database, O: Observer> Shard<D, O> {
    /// The next turn of a worker that is free, unless there is no other one.
    pub(super) async fn turn(&self) -> Option<Turn<'_, D, O>> {
        let now = self.clock.now();
        let Some(queue) = &self.queue else {
            return self.ticket(now).map(|ticket| Turn { ticket, scheduled: now, start: None });
        };
        let Some(due) = queue.take(now, |due| self.skip(due)) else {
            self.is_spent().await;
            return None;
        };
        let mut start = Start { shard: self, due, lag: None, begun: false };
        if due >= now {
            if !self.goes_on_until(due).await {
                return None;
            }
            start.lag = Some(self.clock.now().saturating_sub(due));
        }
        let ticket = self.ticket(due)?;
        Some(Turn { ticket, scheduled: due, start: Some(start) })
    }

    /// Waits until a time; true unless the run was stopped before.
    pub(super) async fn goes_on_until(&self, at: Nanos) -> bool {
        let halted = self.halt.notified();
        if self.stopping.get() {
            return false;
        }
        tokio::select! {
            biased;
            () = halted => false,
            () = self.clock.sleep_until(at) => true,
        }
    }

    /// All scheduled starts have been taken. A worker that has none lives until the time is over, and the run with it.
    async fn is_spent(&self) {
        self.spent.notify_one();
        if let Some(deadline) = self.clock.deadline {
            self.goes_on_until(deadline).await;
        }
    }

    /// A start was due, and nothing came of it.
    pub(super) fn skip(&self, due: Nanos) {
        self.tell_of(due, Fate::Skipped);
    }

    fn tell_of(&self, scheduled: Nanos, fate: Fate) {
        let measured = scheduled >= self.clock.measure_from;
        self.observer().observe(Event::Due(Due { scheduled, measured, fate }));
    }
}

impl<D: Database, O: Observer> Turn<'_, D, O> {
    /// Its transaction begins now: the ticket, and the time from which on it counts.
    pub(super) fn begin(self) -> (Ticket, Nanos) {
        if let Some(mut start) = self.start {
            start.begun = true;
            start.shard.tell_of(start.due, Fate::Started { lag: start.lag });
        }
        (self.ticket, self.scheduled)
    }
}

impl<D: Database, O: Observer> Drop for Start<'_, D, O> {
    fn drop(&mut self) {
        let was_due = self.shard.queue.as_ref().is_some_and(|queue| queue.is_due(self.due));
        if !self.begun && was_due {
            self.shard.skip(self.due);
        }
    }
}
