//! How long did it take? HDR histograms, in nanoseconds.

use std::ops::AddAssign;

use hdrhistogram::Histogram;

use crate::history::{Attempt, AttemptOutcome, Nanos, Outcome, Transaction};

/// 1 nanosecond, so that no time at all stays 0.
const LOWEST: u64 = 1;
/// 1 hour: longer times are counted as one hour.
const HIGHEST: u64 = 3_600_000_000_000;

/// An empty histogram from 1 nanosecond to 1 hour. With 3 significant digits it takes about 270 KiB, with 2 about 36.
///
/// # Panics
/// Never: the bounds are constants that `hdrhistogram` accepts for 1 to 5 digits.
#[must_use]
#[expect(clippy::expect_used, reason = "the bounds are constants")]
pub fn new_histogram(significant_digits: u8) -> Histogram<u64> {
    Histogram::new_with_bounds(LOWEST, HIGHEST, significant_digits).expect("constant bounds")
}

/// The latencies of measured transactions, in nanoseconds.
///
/// `response`, `service`, `queue` and `backoff` are of committed transactions alone, so that failures (which may be fast)
/// and refusals (which are shorter) never blend into them. response = queue + service.
#[derive(Clone, Debug)]
pub struct Latency {
    /// From the scheduled start to the end.
    pub response: Histogram<u64>,
    /// From having a connection to the end, retries and backoff included.
    pub service: Histogram<u64>,
    /// Waiting for a connection.
    pub queue: Histogram<u64>,
    /// Waiting between attempts; transactions without a retry count with 0.
    pub backoff: Histogram<u64>,
    /// One attempt that committed, from before BEGIN to after the answer to COMMIT.
    pub attempt: Histogram<u64>,
}

impl Default for Latency {
    fn default() -> Self {
        let histogram = || new_histogram(3);
        Self {
            response: histogram(),
            service: histogram(),
            queue: histogram(),
            backoff: histogram(),
            attempt: histogram(),
        }
    }
}

impl Latency {
    /// Records one attempt.
    pub fn add_attempt(&mut self, attempt: &Attempt<'_>) {
        if attempt.outcome == AttemptOutcome::Committed {
            self.attempt.saturating_record(between(attempt.start, attempt.end));
        }
    }

    /// Records one transaction.
    pub fn add_transaction(&mut self, transaction: &Transaction) {
        if transaction.outcome == Outcome::Committed {
            self.response.saturating_record(between(transaction.scheduled, transaction.end));
            self.service.saturating_record(between(transaction.start, transaction.end));
            self.queue.saturating_record(between(transaction.scheduled, transaction.start));
            self.backoff.saturating_record(transaction.backoff);
        }
    }
}

impl AddAssign<&Latency> for Latency {
    fn add_assign(&mut self, other: &Latency) {
        let Latency { response, service, queue, backoff, attempt } = other;
        add(&mut self.response, response);
        add(&mut self.service, service);
        add(&mut self.queue, queue);
        add(&mut self.backoff, backoff);
        add(&mut self.attempt, attempt);
    }
}

/// Adds one histogram of this module to another with the same number of digits.
///
/// # Panics
/// Never: addition fails only where the other histogram's range is larger, and all ranges here are the same.
#[expect(clippy::expect_used, reason = "all histograms have the same bounds")]
pub(super) fn add(to: &mut Histogram<u64>, from: &Histogram<u64>) {
    to.add(from).expect("the same bounds");
}

fn between(start: Nanos, end: Nanos) -> Nanos {
    end.saturating_sub(start)
}
