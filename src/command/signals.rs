//! What does Ctrl-C mean? The first one ends the load in good order, the second one ends contend at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::exit::Stop;

/// Counts Ctrl-C, SIGTERM, and SIGHUP (the terminal was closed).
#[derive(Debug)]
pub(super) struct Signals {
    count: watch::Receiver<u32>,
}

impl Signals {
    /// From here on the signals no longer end the process.
    pub(super) fn listen() -> Result<Self, Stop> {
        let failed = |error| Stop::looking(format!("cannot listen for Ctrl-C: {error}"));
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut hang_up = signal(SignalKind::hangup()).map_err(failed)?;
        let (tell, count) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                next(&mut interrupt, &mut terminate, &mut hang_up).await;
                tell.send_modify(|count| *count += 1);
            }
        });
        Ok(Self { count })
    }

    /// Waits until so many signals have come, since the beginning.
    pub(super) async fn reach(&self, wanted: u32) {
        let mut count = self.count.clone();
        if count.wait_for(|count| *count >= wanted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether one has come.
    pub(super) fn have_come(&self) -> bool {
        *self.count.borrow() > 0
    }

    /// Does something that the first signal ends, and contend with it: before there is anything to clean up.
    pub(super) async fn unless_interrupted<T>(&self, work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
        unless(self.reach(1), work).await
    }
}

/// Does something that quits when it is interrupted.
pub(super) async fn unless<T>(
    interrupted: impl Future<Output = ()>,
    work: impl Future<Output = Result<T, Stop>>,
) -> Result<T, Stop> {
    tokio::select! {
        done = work => done,
        () = interrupted => Err(Stop::quit()),
    }
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal, hang_up: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}
