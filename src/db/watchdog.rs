//! How long do we wait for an answer? A bound on every statement that costs no timer per statement.

use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// One timer per connection. It is set anew only when it rings, not for each statement: registering a timer takes a
/// lock, and statements are many.
#[derive(Debug)]
pub(super) struct Watchdog {
    timer: Pin<Box<Sleep>>,
    limit: Duration,
}

/// The time was up.
#[derive(Debug)]
pub(super) struct TimedOut;

impl Watchdog {
    /// A watchdog for work of at most this time.
    pub(super) fn new(limit: Duration) -> Self {
        Self { timer: Box::pin(sleep(limit)), limit }
    }

    /// The limit.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Runs the work, and drops it when it takes longer than the limit.
    pub(super) async fn guard<T>(&mut self, work: impl Future<Output = T>) -> Result<T, TimedOut> {
        let mut work = pin!(work);
        let mut end = None;
        std::future::poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Ok(done));
            }
            let end = *end.get_or_insert_with(|| Instant::now() + self.limit);
            while self.timer.as_mut().poll(context).is_ready() {
                if Instant::now() >= end {
                    return Poll::Ready(Err(TimedOut));
                }
                self.timer.as_mut().reset(end);
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_late_statement_has_the_whole_limit_even_when_the_timer_was_set_long_ago() {
        tokio::time::pause();
        let mut watchdog = Watchdog::new(Duration::from_secs(10));
        for _ in 0..7 {
            assert!(watchdog.guard(sleep(Duration::from_secs(9))).await.is_ok());
        }
        let begun = Instant::now();
        assert!(watchdog.guard(sleep(Duration::from_mins(1))).await.is_err());
        assert_eq!(begun.elapsed().as_secs(), 10);
    }
}
