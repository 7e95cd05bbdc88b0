//! How is a fraction of a millisecond waited for? By one alarm for all timers of a shard, which is set for the first one.
//!
//! tokio's own timers tick in whole milliseconds.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::alarm::Alarm;
use super::clock::nanos;
use crate::history::Nanos;

/// The timers of one shard. Clones are the same timers.
///
/// One thread works on them, so their lock is never waited for; it is there since a clock is sent to its shard.
#[derive(Clone, Debug)]
pub(super) struct Timers {
    epoch: Instant,
    waiting: Arc<Mutex<Waiting>>,
    alarm: Arc<Alarm>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Tells two timers of the same time apart.
    set: u64,
    timers: BTreeMap<(Nanos, u64), Waker>,
}

impl Timers {
    /// Timers of the shard on whose runtime this is called, if the operating system has an alarm for it.
    pub(super) fn new(epoch: Instant) -> Option<Self> {
        let alarm = Arc::new(Alarm::new()?);
        Some(Self { epoch, waiting: Arc::default(), alarm })
    }

    /// Wakes who waits, each at his time; for as long as it is polled.
    pub(super) async fn run(&self) {
        loop {
            self.alarm.rung().await;
            self.wake();
        }
    }

    /// Wakes all whose time has come, and sets the alarm for the next one.
    fn wake(&self) {
        let now = nanos(self.epoch.elapsed());
        loop {
            let mut waiting = self.waiting();
            let Some(first) = waiting.timers.first_entry() else { return };
            let (at, _) = *first.key();
            if at > now {
                return self.alarm.set(Duration::from_nanos(at - now));
            }
            let waker = first.remove();
            drop(waiting);
            waker.wake();
        }
    }

    /// Waits until a time, and is never early.
    pub(super) fn sleep_until(&self, at: Nanos) -> Timer {
        Timer { timers: self.clone(), at, set: None }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ready at its time.
#[derive(Debug)]
pub(super) struct Timer {
    timers: Timers,
    at: Nanos,
    set: Option<u64>,
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (at, set) = (self.at, self.set);
        let now = nanos(self.timers.epoch.elapsed());
        if now >= at {
            return Poll::Ready(());
        }
        let mut waiting = self.timers.waiting();
        let set = set.unwrap_or_else(|| {
            waiting.set += 1;
            waiting.set
        });
        waiting.timers.insert((at, set), context.waker().clone());
        let is_first = waiting.timers.first_key_value().is_some_and(|(first, _)| *first == (at, set));
        drop(waiting);
        if is_first {
            self.timers.alarm.set(Duration::from_nanos(at - now));
        }
        self.set = Some(set);
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // The alarm may ring for nobody then.
        if let Some(set) = self.set {
            self.timers.waiting().timers.remove(&(self.at, set));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs something beside the timers.
    fn with_timers(work: impl AsyncFnOnce(Timers)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let timers = Timers::new(Instant::now()).unwrap();
            tokio::select! {
                () = timers.run() => {}
                () = work(timers.clone()) => {}
            }
        });
    }

    #[test]
    fn a_timer_is_never_early_and_late_by_less_than_a_tick_of_tokio() {
        with_timers(async |timers| {
            let mut late = Vec::new();
            for _ in 0..200 {
                let at = nanos(timers.epoch.elapsed()) + 200_000;
                timers.sleep_until(at).await;
                let now = nanos(timers.epoch.elapsed());
                assert!(now >= at);
                late.push(now - at);
            }
            late.sort_unstable();
            assert!(late[late.len() / 2] < 500_000, "the median is late by {} ns", late[late.len() / 2]);
        });
    }

    #[test]
    fn each_rings_at_its_time_and_those_that_are_dropped_ring_for_nobody() {
        with_timers(async |timers| {
            let rang = Mutex::new(Vec::new());
            let one = |number: u64, at: Nanos| {
                let (timer, rang) = (timers.sleep_until(at), &rang);
                async move {
                    timer.await;
                    rang.lock().unwrap().push(number);
                }
            };
            tokio::select! {
                () = async { tokio::join!(one(3, 3_000_000), one(1, 1_000_000), one(2, 2_000_000)); } => {}
                () = one(9, 60_000_000_000) => {}
            }
            assert_eq!(rang.into_inner().unwrap(), [1, 2, 3]);
            assert!(timers.waiting().timers.is_empty());
            timers.sleep_until(0).await;
        });
    }
}
