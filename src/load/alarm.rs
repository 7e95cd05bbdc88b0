//! What rings at a time? An alarm of the operating system, as exact as there is one.
//!
//! On Linux it is a timerfd, which rings in microseconds and knows no timer slack. Elsewhere tokio's timer goes up to the
//! last millisecond, and the rest is spent asking for the time.

pub(super) use system::Alarm;

#[cfg(target_os = "linux")]
mod system {
    use std::os::fd::{AsFd, AsRawFd, RawFd};
    use std::time::Duration;

    use nix::sys::time::TimeSpec;
    use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// A timerfd.
    #[derive(Debug)]
    pub(in crate::load) struct Alarm(AsyncFd<File>);

    #[derive(Debug)]
    struct File(TimerFd);

    impl AsRawFd for File {
        fn as_raw_fd(&self) -> RawFd {
            self.0.as_fd().as_raw_fd()
        }
    }

    impl Alarm {
        pub(in crate::load) fn new() -> Option<Self> {
            let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
            let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags).ok()?;
            // What is to replace it is unsafe; and a File, which owns its timerfd, always answers with the same one.
            #[expect(deprecated, reason = "unsafe code is forbidden here")]
            AsyncFd::with_interest(File(timer), Interest::READABLE).ok().map(Self)
        }

        /// Rings in so much time, and no earlier.
        pub(in crate::load) fn set(&self, after: Duration) {
            // Zero would turn it off.
            let after = TimeSpec::from(after.max(Duration::from_nanos(1)));
            // It fails for times that are none.
            let _ = self.0.get_ref().0.set(Expiration::OneShot(after), TimerSetTimeFlags::empty());
        }

        /// Waits until it rings. Setting it anew takes back what it has to be read, so it never is.
        pub(in crate::load) async fn rung(&self) {
            if let Ok(mut ready) = self.0.readable().await {
                ready.clear_ready();
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use tokio::sync::Notify;
    use tokio::time::{Instant, sleep_until};

    /// What a timer of tokio may be late.
    const TICK: Duration = Duration::from_millis(2);

    /// tokio's timer, and asking for the time.
    #[derive(Debug, Default)]
    pub(in crate::load) struct Alarm {
        at: Mutex<Option<Instant>>,
        set: Notify,
    }

    impl Alarm {
        #[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
        pub(in crate::load) fn new() -> Option<Self> {
            Some(Self::default())
        }

        /// Rings in so much time, and no earlier.
        pub(in crate::load) fn set(&self, after: Duration) {
            *self.at() = Some(Instant::now() + after);
            self.set.notify_one();
        }

        /// Waits until it rings.
        pub(in crate::load) async fn rung(&self) {
            loop {
                let at = *self.at();
                let Some(at) = at else {
                    self.set.notified().await;
                    continue;
                };
                let now = Instant::now();
                if now >= at {
                    *self.at() = None;
                    return;
                }
                if at - now > TICK {
                    tokio::select! {
                        () = sleep_until(at - TICK) => {}
                        () = self.set.notified() => {}
                    }
                } else {
                    tokio::task::yield_now().await;
                }
            }
        }

        fn at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
            self.at.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
