//! How do the shards become one load? They are started together, stopped together, and waited for.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{mpsc, watch};

use super::clock::Clock;
use super::shard::{self, News, Order, Parts, Share, Ties};
use super::tally::Tallies;
use super::worker::{MAX_EPOCH, MAX_WORKERS};
use super::{Observer, Usage};
use crate::db::sim::VirtualTime;
use crate::db::{Database, Failure};
use crate::history::Nanos;
use crate::plan::{Plan, Stop};

/// What the load needs beside its plan.
#[derive(Clone, Debug)]
pub struct Launch<C, O> {
    /// The number of this run on these accounts, 1 to [`Launch::MAX_EPOCH`].
    pub epoch: i64,
    /// Makes the connections of one shard, as many as it is told.
    pub connect: C,
    /// One observer for each shard.
    pub observers: Vec<O>,
    /// The time of a simulation, which has one shard; none for real time.
    pub simulated: Option<VirtualTime>,
}

impl Launch<(), ()> {
    /// The largest epoch; then the accounts have to be made anew.
    pub const MAX_EPOCH: i64 = MAX_EPOCH;
    /// The most workers of one run.
    pub const MAX_WORKERS: u32 = MAX_WORKERS;
}

/// A load that is connected, and then running.
#[derive(Debug)]
pub struct Load<O> {
    plan: Plan,
    threads: Vec<JoinHandle<Option<O>>>,
    orders: watch::Sender<Order>,
    news: mpsc::UnboundedReceiver<News>,
    clock: Option<Clock>,
    simulated: Option<VirtualTime>,
    tallies: Tallies,
    progress: Progress,
}

/// What is known so far.
#[derive(Debug, Default)]
struct Progress {
    ready: usize,
    refused: Option<Failure>,
    ended: usize,
    stopped_at: Option<Nanos>,
    ended_at: Nanos,
    asked: bool,
    hopeless: Option<Failure>,
    usage_before: Option<Usage>,
    usage_after: Option<Usage>,
}

/// Why no more transactions were begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// The plan was fulfilled.
    Planned,
    /// [`Load::stop`] was called.
    Asked,
    /// Nothing but failures happened; the last one.
    Hopeless(Failure),
}

/// What a load leaves behind.
#[derive(Debug)]
pub struct Outcome<O> {
    /// The observers, which have seen everything.
    pub observers: Vec<O>,
    /// Why it ended.
    pub cause: StopCause,
    /// From the first transaction to the first measured one.
    pub warmup: Duration,
    /// From there to the time after which none was begun; what rates are computed with.
    pub measured: Duration,
    /// From there to the last end.
    pub drain: Duration,
    /// What contend took in the measured time (CPU), and at most (memory).
    pub usage: Usage,
}

impl<O: Observer> Load<O> {
    /// Starts the shards and waits until all connections are made.
    ///
    /// # Errors
    /// Why a connection could not be made.
    pub async fn connect<D, C>(plan: &Plan, launch: Launch<C, O>) -> Result<Self, Failure>
    where
        D: Database + 'static,
        C: AsyncFn(u32) -> Result<D, Failure> + Clone + Send + 'static,
    {
        let Launch { epoch, connect, observers, simulated } = launch;
        let (orders, _) = watch::channel(Order::Wait);
        let (tell, news) = mpsc::unbounded_channel();
        let tallies = Tallies::new(plan.load.threads);
        let threads = observers.into_iter().zip(tallies.iter()).zip(0..).map(|((observer, tally), index)| {
            let (plan, connect, simulated) = (plan.clone(), connect.clone(), simulated.clone());
            let ties = Ties { tally: Arc::clone(tally), news: tell.clone(), orders: orders.subscribe() };
            let thread = move || {
                let runtime = runtime(simulated);
                shard_thread(runtime, index, plan, epoch, connect, observer, ties)
            };
            std::thread::Builder::new().name(format!("shard-{index}")).spawn(thread)
        });
        let threads = threads.collect::<Result<Vec<_>, _>>().map_err(|error| Failure::thread(&error))?;
        drop(tell);
        let (clock, progress) = (None, Progress::default());
        let mut load = Self { plan: plan.clone(), threads, orders, news, clock, simulated, tallies, progress };
        while load.progress.ready < load.threads.len() {
            let Some(news) = load.news.recv().await else { break };
            load.note(news);
            if let Some(failure) = load.progress.refused.take() {
                return Err(failure);
            }
        }
        Ok(load)
    }

    /// Begins: the clock starts now.
    pub fn start(&mut self) -> Clock {
        let clock = Clock::start(&self.plan.load, self.simulated.clone());
        self.clock = Some(clock.clone());
        self.orders.send_replace(Order::Start(clock.clone()));
        clock
    }

    /// What can be read while the shards run.
    #[must_use]
    pub fn tallies(&self) -> Tallies {
        self.tallies.clone()
    }

    /// Begins no more transactions.
    pub fn stop(&mut self) {
        self.progress.asked = true;
        self.orders.send_replace(Order::Stop);
    }

    /// Waits until the last transaction has ended. May be dropped and called again.
    pub async fn ended(&mut self) {
        while self.progress.ended < self.threads.len() {
            let measuring = async {
                match (&self.clock, self.progress.usage_before) {
                    // What this process takes is no part of a simulation.
                    (Some(clock), None) if clock.is_real() => clock.sleep_until(clock.measure_from).await,
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                () = measuring => self.progress.usage_before = Some(Usage::now()),
                news = self.news.recv() => match news {
                    Some(news) => self.note(news),
                    // A shard has panicked; joining its thread tells.
                    None => return,
                },
            }
        }
    }

    fn note(&mut self, news: News) {
        let progress = &mut self.progress;
        match news {
            News::Ready => progress.ready += 1,
            News::Refused(failure) => progress.refused = Some(failure),
            News::Hopeless(failure) => {
                progress.hopeless.get_or_insert(failure);
                self.orders.send_replace(Order::Stop);
            }
            News::Stopping(at) => {
                progress.stopped_at = progress.stopped_at.max(Some(at));
                progress.usage_after.get_or_insert_with(Usage::now);
            }
            News::Ended(at) => {
                progress.ended += 1;
                progress.ended_at = progress.ended_at.max(at);
            }
        }
    }

    /// Adds up what happened, after [`Load::ended`].
    #[must_use]
    pub fn finish(self) -> Outcome<O> {
        let joined = self.threads.into_iter().map(JoinHandle::join);
        let observers =
            joined.filter_map(|ended| ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect();
        let Progress { stopped_at, ended_at, asked, hopeless, usage_before, usage_after, .. } = self.progress;
        let measure_from = self.clock.as_ref().map_or(0, |clock| clock.measure_from);
        // Workers may all have ended before their shard saw the deadline that ended them.
        let deadline = self.clock.and_then(|clock| clock.deadline).unwrap_or(Nanos::MAX);
        let stopped_at = stopped_at.unwrap_or(ended_at).min(deadline);
        let now = Usage::now();
        let (before, after) = (usage_before.unwrap_or(now), usage_after.unwrap_or(now));
        Outcome {
            observers,
            cause: match hopeless {
                Some(failure) => StopCause::Hopeless(failure),
                None if asked => StopCause::Asked,
                None => StopCause::Planned,
            },
            warmup: Duration::from_nanos(measure_from.min(stopped_at)),
            measured: Duration::from_nanos(stopped_at.saturating_sub(measure_from)),
            drain: Duration::from_nanos(ended_at.saturating_sub(stopped_at)),
            usage: Usage {
                user_s: (after.user_s - before.user_s).max(0.0),
                system_s: (after.system_s - before.system_s).max(0.0),
                max_rss_bytes: now.max_rss_bytes,
            },
        }
    }
}

/// What a shard runs on. In a simulation nothing happens outside of it, so nothing but its own clock is waited for, which
/// goes on when the shard has nothing left to do at the present time.
fn runtime(simulated: Option<VirtualTime>) -> io::Result<LocalRuntime> {
    let mut builder = Builder::new_current_thread();
    match simulated {
        None => builder.enable_all(),
        Some(time) => builder.on_thread_park(move || time.advance()),
    };
    builder.build_local(LocalOptions::default())
}

/// The life of one shard's thread.
fn shard_thread<D, C, O>(
    runtime: io::Result<LocalRuntime>,
    index: u32,
    plan: Plan,
    epoch: i64,
    connect: C,
    observer: O,
    ties: Ties,
) -> Option<O>
where
    D: Database + 'static,
    C: AsyncFn(u32) -> Result<D, Failure>,
    O: Observer,
{
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ties.news.send(News::Refused(Failure::thread(&error)));
            return None;
        }
    };
    runtime.block_on(async {
        let (share, connections) = share_of(index, &plan);
        match connect(connections).await {
            Ok(database) => shard::run(Parts { plan, share, epoch, database, observer, ties }).await,
            Err(failure) => {
                let _ = ties.news.send(News::Refused(failure));
                None
            }
        }
    })
}

/// A shard's part of the workers, of the transactions and of the connections: as even as whole numbers allow.
fn share_of(index: u32, plan: &Plan) -> (Share, u32) {
    let load = plan.load;
    let workers = even_part(index, load.workers, load.threads);
    let transactions = match load.stop {
        Stop::After(_) => u64::MAX,
        Stop::Transactions(all) => {
            let (threads, index) = (u64::from(load.threads), u64::from(index));
            all / threads + u64::from(index < all % threads)
        }
    };
    (Share { index, workers, transactions }, even_part(index, load.connections, load.threads))
}

/// How large a part is.
fn even_part(index: u32, all: u32, parts: u32) -> u32 {
    all / parts + u32::from(index < all % parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_everything_once() {
        for (all, parts) in [(16, 2), (7, 3), (3, 3), (5000, 64)] {
            let sizes: Vec<u32> = (0..parts).map(|index| even_part(index, all, parts)).collect();
            assert_eq!(sizes.iter().sum::<u32>(), all);
            for (index, size) in (0..parts).zip(sizes) {
                // Workers are dealt out like cards, one to each shard in turn.
                assert_eq!((index..all).step_by(parts as usize).count(), size as usize);
            }
        }
    }
}
