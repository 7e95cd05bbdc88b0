//! What runs on one core? A shard: workers, connections and an observer on a thread of their own.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

use super::Observer;
use super::clock::Clock;
use super::queue::StartQueue;
use super::record::{End, Record};
use super::restraint::Restraint;
use super::tally::Tally;
use super::worker::Worker;
use crate::db::{Database, Failure};
use crate::history::{Event, Nanos, Outcome};
use crate::plan::{Plan, Stop};
use crate::workload::Workload;

/// A run in which nothing but this many failures per worker happened in a row is stopped.
const FAILURES_IN_A_ROW: u32 = 3;

/// So many tickets in a row belong to one shard.
const TICKET_BLOCK: u64 = 64;

/// What the coordinator tells every shard. A shard only ever sees the newest.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// Wait for the others.
    Wait,
    /// Begin, on this clock.
    Start(Clock),
    /// Begin no more transactions.
    Stop,
}

/// What a shard tells the coordinator while it runs.
#[derive(Debug)]
pub(super) enum News {
    /// All connections are made.
    Ready,
    /// A connection could not be made.
    Refused(Failure),
    /// Nothing but failures happens; the last one.
    Hopeless(Failure),
    /// No more transactions are begun, since this time.
    Stopping(Nanos),
    /// Everything has ended, at this time.
    Ended(Nanos),
}

/// Which part of the load a shard has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// Its number, from 0.
    pub(super) index: u32,
    /// How many workers it has.
    pub(super) workers: u32,
    /// How many measured transactions it runs, where the run ends after a number of them.
    pub(super) transactions: u64,
}

impl Share {
    /// Its part of a number that is dealt out to all shards.
    pub(super) fn of(self, all: u64, shards: u32) -> u64 {
        let (shards, index) = (u64::from(shards), u64::from(self.index));
        all / shards + u64::from(index < all % shards)
    }
}

/// The right to run one more transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    pub(super) number: u64,
    pub(super) measured: bool,
}

/// What the workers of a shard share; only they, and one at a time, so nothing in it is locked.
pub(super) struct Shard<D, O> {
    pub(super) plan: Plan,
    pub(super) clock: Clock,
    pub(super) database: D,
    pub(super) workload: Workload,
    pub(super) epoch: i64,
    /// The scheduled starts of an open loop.
    pub(super) queue: Option<StartQueue>,
    /// What the retry policy has all transactions of the shard heed together.
    pub(super) restraint: Restraint,
    share: Share,
    observer: RefCell<O>,
    tally: Arc<Tally>,
    news: mpsc::UnboundedSender<News>,
    /// The measured time is over.
    over: Cell<bool>,
    /// Nothing begins any more.
    pub(super) stopping: Cell<bool>,
    /// Rings then, for those who wait for a scheduled start.
    pub(super) halt: Notify,
    tickets: Cell<u64>,
    measured: Cell<u64>,
    in_flight: Rc<Cell<u32>>,
    failures: Cell<u32>,
    seconds: Cell<u64>,
    /// Rings when all measured transactions have been given out.
    pub(super) spent: Notify,
}

/// Counts one transaction as being in flight for as long as it lives.
pub(super) struct InFlight(Rc<Cell<u32>>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl<D: Database, O: Observer> Shard<D, O> {
    /// A ticket for one more transaction that is due at a time, unless that is too late.
    pub(super) fn ticket(&self, due: Nanos) -> Option<Ticket> {
        let late = self.clock.deadline.is_some_and(|deadline| due >= deadline);
        let measured = due >= self.clock.measure_from;
        if late || self.stopping.get() {
            return None;
        }
        if measured && matches!(self.plan.load.stop, Stop::Transactions(_)) {
            if self.measured.get() >= self.share.transactions {
                self.spent.notify_one();
                return None;
            }
            self.measured.set(self.measured.get() + 1);
        }
        let count = self.tickets.replace(self.tickets.get() + 1);
        Some(Ticket { number: ticket_number(count, self.share.index, self.plan.load.threads), measured })
    }

    /// What ends now, and whether that is in the measured time.
    pub(super) fn end_now(&self) -> End {
        let at = self.clock.now();
        let late = self.clock.deadline.is_some_and(|deadline| at >= deadline);
        End { at, in_window: at >= self.clock.measure_from && !late && !self.stopping.get() }
    }

    /// One more transaction waits for a connection, or runs.
    pub(super) fn in_flight(&self) -> InFlight {
        self.in_flight.set(self.in_flight.get() + 1);
        InFlight(Rc::clone(&self.in_flight))
    }

    /// Where writes are counted that others want to know of at once.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The observer, between two awaits.
    pub(super) fn observer(&self) -> RefMut<'_, O> {
        self.observer.borrow_mut()
    }

    /// Stops the run early when nothing but failures happens.
    pub(super) fn heed(&self, outcome: Outcome, failure: Option<Failure>) {
        let (Outcome::Failed, Some(failure)) = (outcome, failure) else {
            if outcome != Outcome::Exhausted {
                self.failures.set(0);
            }
            return;
        };
        self.failures.set(self.failures.get() + 1);
        if self.failures.get() >= FAILURES_IN_A_ROW * self.share.workers && !self.stopping.get() {
            self.tell(News::Hopeless(failure));
            self.stop(self.clock.now());
        }
    }

    /// Begins no more transactions: workers that wait to be admitted, for a connection or a scheduled start give up waiting,
    /// those that have a connection go on.
    fn stop(&self, now: Nanos) {
        self.is_over(now);
        if !self.stopping.replace(true) {
            self.database.close();
            self.restraint.close();
            if let Some(queue) = &self.queue {
                queue.end(now);
            }
            self.halt.notify_waiters();
        }
    }

    /// The measured time is over. In an open loop, what was due by then is begun all the same.
    fn is_over(&self, now: Nanos) {
        if !self.over.replace(true) {
            self.tell(News::Stopping(now));
        }
    }

    /// The coordinator is gone only when the whole run was given up; then nobody needs the news.
    fn tell(&self, news: News) {
        let _ = self.news.send(news);
    }

    /// Ends when no more transactions are to be begun. Those that have a ticket, and only wait for a connection, are
    /// begun all the same when it was a number of them that was asked for.
    async fn until_stop(&self, orders: &mut watch::Receiver<Order>) {
        let deadline = async {
            match self.clock.deadline {
                Some(deadline) => self.clock.sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let spent = async {
            self.spent.notified().await;
            // In an open loop, when the last one is due.
            self.clock.sleep_until(self.queue.as_ref().map_or(0, StartQueue::last)).await;
        };
        tokio::select! {
            biased;
            () = deadline => {}
            // An error says that the coordinator is gone.
            _ = orders.wait_for(|order| matches!(order, Order::Stop)) => return self.stop(self.clock.now()),
            () = spent, if self.clock.deadline.is_none() => return,
        }
        let at = self.clock.deadline.map_or(self.clock.now(), |deadline| deadline.min(self.clock.now()));
        if self.queue.is_some() { self.is_over(at) } else { self.stop(at) }
    }

    /// Tells the observer the time about once a second.
    async fn tick(&self) {
        loop {
            let second = self.seconds.get() + 1;
            self.clock.sleep_until(second * 1_000_000_000).await;
            self.seconds.set(second);
            let now = self.clock.now();
            let waiting = self.queue.as_ref().map_or(0, |queue| queue.waiting(now, |due| self.skip(due)));
            let in_flight = self.in_flight.get().saturating_add(u32::try_from(waiting).unwrap_or(u32::MAX));
            self.observer().observe(Event::Tick { second, in_flight, last: false });
        }
    }
}

/// The run-wide number of a shard's nth ticket. Numbers are dealt to the shards in blocks, so that neighbors are given out
/// one right after the other.
fn ticket_number(count: u64, shard: u32, shards: u32) -> u64 {
    let (block, within) = (count / TICKET_BLOCK, count % TICKET_BLOCK);
    (block * u64::from(shards) + u64::from(shard)) * TICKET_BLOCK + within
}

/// What a shard is made of.
pub(super) struct Parts<D, O> {
    pub(super) plan: Plan,
    pub(super) share: Share,
    pub(super) epoch: i64,
    pub(super) database: D,
    pub(super) observer: O,
    pub(super) ties: Ties,
}

/// What ties a shard to the coordinator.
pub(super) struct Ties {
    pub(super) tally: Arc<Tally>,
    pub(super) news: mpsc::UnboundedSender<News>,
    pub(super) orders: watch::Receiver<Order>,
}

/// Runs a shard from the first order to the last transaction, and gives its observer back. None when the run was given
/// up before it began.
pub(super) async fn run<D: Database + 'static, O: Observer>(parts: Parts<D, O>) -> Option<O> {
    let Parts { plan, share, epoch, database, observer, ties } = parts;
    let Ties { tally, news, mut orders } = ties;
    let _ = news.send(News::Ready);
    let order = orders.wait_for(|order| !matches!(order, Order::Wait)).await.ok()?.clone();
    let Order::Start(clock) = order else { return None };
    let clock = clock.with_timers();
    let queue = StartQueue::of(&plan, &clock, share);
    let shard = Rc::new(Shard {
        workload: Workload::new(&plan),
        restraint: Restraint::new(&plan.retry.policy, share.workers),
        plan,
        clock,
        database,
        epoch,
        queue,
        share,
        observer: RefCell::new(observer),
        tally,
        news,
        over: Cell::new(false),
        stopping: Cell::new(false),
        halt: Notify::new(),
        tickets: Cell::new(0),
        measured: Cell::new(0),
        in_flight: Rc::default(),
        failures: Cell::new(0),
        seconds: Cell::new(0),
        spent: Notify::new(),
    });
    let timers = shard.clock.clone();
    let timers = tokio::task::spawn_local(async move { timers.drive().await });
    work(&shard, &mut orders).await;
    timers.abort();
    let now = shard.clock.now();
    if let Some(deadline) = shard.clock.deadline.filter(|deadline| *deadline <= now) {
        shard.is_over(deadline);
    }
    if let Some(queue) = &shard.queue {
        queue.abandon(|due| shard.skip(due));
    }
    shard.observer().observe(Event::Tick { second: shard.seconds.get() + 1, in_flight: 0, last: true });
    shard.tell(News::Ended(now));
    // Every worker has ended, and with it its hold on the shard.
    let shard = Rc::into_inner(shard)?;
    Some(shard.observer.into_inner())
}

/// Runs the workers, stops them, and cuts off what has not ended when the time for that is over.
async fn work<D: Database + 'static, O: Observer>(shard: &Rc<Shard<D, O>>, orders: &mut watch::Receiver<Order>) {
    let mut records = Vec::new();
    let mut workers = Vec::new();
    // Interleaved over the shards, so that a ramp fills them evenly.
    let load = &shard.plan.load;
    for number in (shard.share.index..load.workers).step_by(load.threads as usize) {
        let record = Rc::new(RefCell::new(Record::new(number)));
        let worker = Worker::new(Rc::clone(shard), number, Rc::clone(&record));
        records.push(record);
        workers.push(tokio::task::spawn_local(worker.run()));
    }
    tokio::select! {
        // In this order, so that a simulation is the same each time.
        biased;
        () = all_ended(&mut workers) => return,
        () = shard.tick() => {}
        () = drained(shard, orders) => {}
    }
    for worker in &workers {
        worker.abort();
    }
    all_ended(&mut workers).await;
    for record in records {
        record.borrow_mut().cut(shard.clock.now(), &mut *shard.observer());
    }
}

/// Waits for every worker, and may be dropped and called again. One that was aborted has ended too; one that panicked
/// takes the run with it.
async fn all_ended(workers: &mut Vec<JoinHandle<()>>) {
    while let Some(worker) = workers.last_mut() {
        let ended = worker.await;
        workers.pop();
        if let Err(error) = ended
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

/// Ends when transactions that have begun have had their time to end. In an open loop those that were due have it too,
/// unless the run is stopped.
async fn drained<D: Database, O: Observer>(shard: &Shard<D, O>, orders: &mut watch::Receiver<Order>) {
    shard.until_stop(orders).await;
    let mut drain = std::pin::pin!(shard.clock.sleep(shard.plan.load.drain_timeout));
    tokio::select! {
        biased;
        () = &mut drain => return,
        _ = orders.wait_for(|order| matches!(order, Order::Stop)), if shard.queue.is_some() => {}
    }
    shard.stop(shard.clock.now());
    drain.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticket_numbers_are_unique_over_all_shards_and_neighbors_stay_together() {
        let mut numbers: Vec<u64> =
            (0..3).flat_map(|shard| (0..200).map(move |count| ticket_number(count, shard, 3))).collect();
        assert_eq!(numbers[..4], [0, 1, 2, 3]);
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 600);
    }
}
