//! What happened second by second? Intervals cut by the shards, and the series they add up to.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::{latency, new_histogram};
use crate::history::{Attempt, Outcome, Transaction};

/// What one shard saw within one second, by the time at which things ended.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Seconds since the first transaction at the interval's end, from 1.
    pub second: u64,
    /// Transactions that committed.
    pub committed: u64,
    /// Transactions that ended otherwise.
    pub not_committed: u64,
    /// Attempts that were retries.
    pub retries: u64,
    /// Transactions being run at the interval's end, or waiting for a connection.
    pub in_flight: u32,
    /// The shard has ended with it.
    pub last: bool,
    /// Response times of the committed ones, in nanoseconds.
    pub response: Histogram<u64>,
}

impl Default for Interval {
    fn default() -> Self {
        Self {
            second: 0,
            committed: 0,
            not_committed: 0,
            retries: 0,
            in_flight: 0,
            last: false,
            response: new_histogram(2),
        }
    }
}

impl Interval {
    /// Counts one attempt, of the warm-up too.
    pub fn add_attempt(&mut self, attempt: &Attempt<'_>) {
        self.retries += u64::from(attempt.retry_of.is_some());
    }

    /// Counts one transaction, of the warm-up too.
    pub fn add_transaction(&mut self, transaction: &Transaction) {
        if transaction.outcome == Outcome::Committed {
            self.committed += 1;
            self.response.saturating_record(transaction.end.saturating_sub(transaction.scheduled));
        } else {
            self.not_committed += 1;
        }
    }

    fn add(&mut self, other: &Self) {
        let Self { second, committed, not_committed, retries, in_flight, last: _, response } = other;
        self.second = *second;
        self.committed += committed;
        self.not_committed += not_committed;
        self.retries += retries;
        self.in_flight += in_flight;
        latency::add(&mut self.response, response);
    }
}

/// One second of the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Second {
    /// Seconds since the first transaction, at the end of the second.
    pub second: u64,
    /// Transactions that committed in it.
    pub committed: u64,
    /// Transactions that ended in it without a commit.
    pub not_committed: u64,
    /// Attempts in it that were retries.
    pub retries: u64,
    /// Transactions being run at its end.
    pub in_flight: u32,
    /// The median response time of the committed ones, in nanoseconds, 0 when there are none.
    pub p50: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

impl From<&Interval> for Second {
    fn from(interval: &Interval) -> Self {
        let Interval { second, committed, not_committed, retries, in_flight, last: _, response } = interval;
        Self {
            second: *second,
            committed: *committed,
            not_committed: *not_committed,
            retries: *retries,
            in_flight: *in_flight,
            p50: response.value_at_quantile(0.50),
            p99: response.value_at_quantile(0.99),
            max: response.max(),
        }
    }
}

/// Adds the shards' intervals up, second by second. Histograms live only until their second is complete.
#[derive(Debug)]
pub struct Series {
    shards: u32,
    open: BTreeMap<u64, (u32, Interval)>,
    /// How many shards have ended with which second: later ones are complete without them.
    ended: BTreeMap<u64, u32>,
    seconds: Vec<Second>,
}

impl Series {
    /// For this many shards.
    #[must_use]
    pub fn new(shards: u32) -> Self {
        Self { shards, open: BTreeMap::new(), ended: BTreeMap::new(), seconds: Vec::new() }
    }

    /// Takes one shard's interval, and answers with the newest second that has become complete by it, if any has.
    pub fn add(&mut self, interval: &Interval) -> Option<Second> {
        let (shards, sum) = self.open.entry(interval.second).or_default();
        *shards += 1;
        sum.add(interval);
        if interval.last {
            *self.ended.entry(interval.second).or_default() += 1;
        }
        let known = self.seconds.len();
        let (all, ended) = (self.shards, &self.ended);
        let complete = |second: u64, shards: u32| shards + ended.range(..second).map(|(_, n)| n).sum::<u32>() == all;
        let done = self.open.extract_if(.., |second, (shards, _)| complete(*second, *shards));
        self.seconds.extend(done.map(|(_, (_, sum))| Second::from(&sum)));
        self.seconds[known..].last().copied()
    }

    /// All seconds in their order. A second that some shard never reported counts as it is.
    #[must_use]
    pub fn finish(mut self) -> Vec<Second> {
        self.seconds.extend(self.open.values().map(|(_, interval)| Second::from(interval)));
        self.seconds.sort_by_key(|second| second.second);
        self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(second: u64, committed: u64) -> Interval {
        Interval { second, committed, ..Interval::default() }
    }

    #[test]
    fn a_second_is_complete_when_every_shard_has_reported_it() {
        let mut series = Series::new(2);
        assert_eq!(series.add(&interval(1, 10)), None);
        assert_eq!(series.add(&interval(2, 1)), None);
        assert_eq!(series.add(&interval(1, 5)).map(|second| second.committed), Some(15));
        let committed: Vec<(u64, u64)> =
            series.finish().iter().map(|second| (second.second, second.committed)).collect();
        assert_eq!(committed, [(1, 15), (2, 1)]);
    }

    #[test]
    fn a_shard_that_has_ended_is_not_waited_for() {
        let mut series = Series::new(2);
        for second in 1..=3 {
            assert!(series.add(&interval(second, second)).is_none());
        }
        let last = Interval { last: true, ..interval(1, 10) };
        assert_eq!(series.add(&last).map(|second| (second.second, second.committed)), Some((3, 3)));
        assert_eq!(series.add(&interval(4, 4)).map(|second| second.second), Some(4));
        let seconds: Vec<(u64, u64)> = series.finish().iter().map(|second| (second.second, second.committed)).collect();
        assert_eq!(seconds, [(1, 11), (2, 2), (3, 3), (4, 4)]);
    }
}
