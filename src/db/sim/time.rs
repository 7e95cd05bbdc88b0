//! What time is it in a simulation? A clock in nanoseconds that stands still while anybody has something to do, and then
//! goes to the next time that somebody waits for.
//!
//! tokio's own paused clock ticks in whole milliseconds, and a simulated statement takes a fraction of one.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::history::Nanos;

/// The clock of one simulation. Clones are the same clock.
///
/// One thread works on it, so its lock is never waited for; it is there since a future may be `Send` only with one.
#[derive(Clone, Debug, Default)]
pub struct VirtualTime(Arc<Mutex<Timers>>);

#[derive(Debug, Default)]
struct Timers {
    now: Nanos,
    /// Tells two timers of the same time apart: the one that was set first rings first.
    set: u64,
    waiting: BTreeMap<(Nanos, u64), Waker>,
}

impl VirtualTime {
    /// Nanoseconds since the simulation began.
    #[must_use]
    pub fn now(&self) -> Nanos {
        self.timers().now
    }

    /// Waits until a time.
    #[must_use]
    pub fn sleep_until(&self, at: Nanos) -> Timer {
        Timer { time: self.clone(), at, set: None }
    }

    /// Waits this long.
    #[must_use]
    pub fn sleep(&self, duration: Duration) -> Timer {
        let duration = u64::try_from(duration.as_nanos()).unwrap_or(Nanos::MAX);
        self.sleep_until(self.now().saturating_add(duration))
    }

    /// Goes to the next time that somebody waits for, and wakes one who does; where nobody waits it stands still. Called
    /// when nobody has anything to do at the present time.
    pub fn advance(&self) {
        let next = {
            let mut timers = self.timers();
            let next = timers.waiting.pop_first();
            if let Some(((at, _), _)) = &next {
                timers.now = timers.now.max(*at);
            }
            next
        };
        if let Some((_, waker)) = next {
            waker.wake();
        }
    }

    fn timers(&self) -> MutexGuard<'_, Timers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ready at its time.
#[derive(Debug)]
pub struct Timer {
    time: VirtualTime,
    at: Nanos,
    set: Option<u64>,
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (at, set) = (self.at, self.set);
        let set = {
            let mut timers = self.time.timers();
            if timers.now >= at {
                return Poll::Ready(());
            }
            let set = set.unwrap_or_else(|| {
                timers.set += 1;
                timers.set
            });
            timers.waiting.insert((at, set), context.waker().clone());
            set
        };
        self.set = Some(set);
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(set) = self.set {
            self.time.timers().waiting.remove(&(self.at, set));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::super::script::simulate;
    use super::*;

    #[test]
    fn it_goes_from_one_time_to_the_next_in_nanoseconds() {
        let time = VirtualTime::default();
        let rang = Rc::new(RefCell::new(Vec::new()));
        simulate(&time, async {
            let tasks = [30, 10, 20, 10].into_iter().enumerate().map(|(index, at)| {
                let (time, rang) = (time.clone(), Rc::clone(&rang));
                tokio::task::spawn_local(async move {
                    time.sleep_until(at).await;
                    rang.borrow_mut().push((time.now(), index));
                    time.sleep(Duration::from_nanos(15)).await;
                    rang.borrow_mut().push((time.now(), index));
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
        });
        let expected = [(10, 1), (10, 3), (20, 2), (25, 1), (25, 3), (30, 0), (35, 2), (45, 0)];
        assert_eq!(*rang.borrow(), expected);
    }

    #[test]
    fn a_timer_that_nobody_waits_for_any_more_moves_nothing() {
        let time = VirtualTime::default();
        simulate(&time, async {
            let long = time.sleep(Duration::from_hours(1));
            let short = time.sleep(Duration::from_micros(1));
            tokio::select! {
                biased;
                () = long => panic!("the short one comes first"),
                () = short => {}
            }
            time.sleep(Duration::from_micros(1)).await;
            assert_eq!(time.now(), 2_000);
        });
        time.advance();
        assert_eq!(time.now(), 2_000);
    }
}
