//! Was the schedule kept? What became of the scheduled starts of an open loop, and how late they were.

use std::ops::AddAssign;

use hdrhistogram::Histogram;

use super::{latency, new_histogram};
use crate::history::{Due, Fate};

/// The scheduled starts of the measured time.
///
/// * offered = started + skipped
#[derive(Clone, Debug)]
pub struct OpenLoop {
    /// Those whose transactions began.
    pub started: u64,
    /// Those that came to nothing: there was no place in the queue, or the run had ended before their turn came.
    pub skipped: u64,
    /// Transactions that ended in the measured time in whatever way, whenever they were due.
    pub ended: u64,
    /// How late those were for which a worker was waiting, in nanoseconds: the error of contend's own pacing.
    pub lag: Histogram<u64>,
}

impl Default for OpenLoop {
    fn default() -> Self {
        Self { started: 0, skipped: 0, ended: 0, lag: new_histogram(3) }
    }
}

impl OpenLoop {
    /// All scheduled starts.
    #[must_use]
    pub fn offered(&self) -> u64 {
        self.started + self.skipped
    }

    /// Those that found all workers busy, and began late for that.
    #[must_use]
    pub fn waited(&self) -> u64 {
        self.started - self.lag.len()
    }

    /// Counts one scheduled start, unless it is one of the warm-up.
    pub fn add_due(&mut self, due: &Due) {
        match due.fate {
            _ if !due.measured => {}
            Fate::Skipped => self.skipped += 1,
            Fate::Started { lag } => {
                self.started += 1;
                if let Some(lag) = lag {
                    self.lag.saturating_record(lag);
                }
            }
        }
    }
}

impl AddAssign<&OpenLoop> for OpenLoop {
    fn add_assign(&mut self, other: &OpenLoop) {
        let OpenLoop { started, skipped, ended, lag } = other;
        self.started += started;
        self.skipped += skipped;
        self.ended += ended;
        latency::add(&mut self.lag, lag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Recorder, Summary};

    #[test]
    fn every_start_is_counted_once_and_only_those_that_were_waited_for_have_a_lag() {
        let due = |measured, fate| Due { scheduled: 1, measured, fate };
        let mut sum = Summary::new(1);
        for shard in 0..2 {
            let mut recorder = Recorder::new(1);
            recorder.add_due(&due(false, Fate::Skipped));
            recorder.add_due(&due(true, Fate::Started { lag: Some(50_000) }));
            recorder.add_due(&due(true, Fate::Started { lag: None }));
            (0..=shard).for_each(|_| recorder.add_due(&due(true, Fate::Skipped)));
            sum.merge(&recorder.finish());
        }
        let open_loop = sum.open_loop.unwrap();
        assert_eq!((open_loop.offered(), open_loop.started, open_loop.skipped, open_loop.waited()), (7, 4, 3, 2));
        assert_eq!((open_loop.lag.len(), open_loop.lag.max()), (2, 50_015), "three digits");
        assert!(Summary::new(1).open_loop.is_none());
    }
}
