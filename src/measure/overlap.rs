//! Did transactions run at the same time at all? A run without overlap proves nothing about concurrency.

use std::collections::VecDeque;

use crate::history::Nanos;

/// So many attempts of each shard are kept: the last ones, when all workers are at work.
const KEPT: usize = 4096;

/// Whether attempts that read or wrote something overlapped, however they ended: one that was aborted because of another
/// is the best proof that they ran at the same time.
///
/// A shard hears of its attempts in the order of their ends, so it sees an overlap of its own at once. Times are kept only
/// for the case that each shard has one worker, and overlaps are between shards.
#[derive(Clone, Debug, Default)]
pub struct Overlap {
    seen: bool,
    latest_end: Nanos,
    spans: VecDeque<(Nanos, Nanos)>,
}

impl Overlap {
    /// Takes the start and end of an attempt, in the order of the ends.
    pub fn add(&mut self, start: Nanos, end: Nanos) {
        if self.seen {
            return;
        }
        self.seen = start < self.latest_end;
        self.latest_end = end;
        if self.spans.len() == KEPT {
            self.spans.pop_front();
        }
        self.spans.push_back((start, end));
    }

    /// Takes another shard's times too.
    pub fn merge(&mut self, other: &Self) {
        self.seen |= other.seen;
        self.spans.extend(&other.spans);
    }

    /// Whether any two attempts overlapped in time.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        let mut spans: Vec<_> = self.spans.iter().collect();
        spans.sort_unstable();
        self.seen || spans.windows(2).any(|pair| pair[1].0 < pair[0].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(spans: &[(Nanos, Nanos)]) -> Overlap {
        let mut overlap = Overlap::default();
        for (start, end) in spans {
            overlap.add(*start, *end);
        }
        overlap
    }

    #[test]
    fn one_after_the_other_is_no_overlap() {
        assert!(!attempts(&[(0, 10), (10, 20)]).is_seen());
        assert!(attempts(&[(0, 10), (9, 20)]).is_seen());
        assert!(attempts(&[(5, 6), (0, 10)]).is_seen(), "one within the other");
    }

    #[test]
    fn two_shards_of_one_worker_each_are_compared_at_the_end() {
        let mut one = attempts(&[(0, 10), (10, 20)]);
        one.merge(&attempts(&[(20, 30)]));
        assert!(!one.is_seen());
        one.merge(&attempts(&[(29, 40)]));
        assert!(one.is_seen());
    }

    #[test]
    fn a_worker_that_began_long_before_the_others_does_not_hide_them() {
        let alone: Vec<(Nanos, Nanos)> = (0..10_000).map(|number| (10 * number, 10 * number + 9)).collect();
        let mut early = attempts(&alone);
        early.merge(&attempts(&[(99_985, 99_999)]));
        assert!(early.is_seen());
    }
}
