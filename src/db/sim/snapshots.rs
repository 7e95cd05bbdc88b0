//! Which versions may still be looked at? Those of the snapshots in use, and of the past that a stale replica shows.

use std::collections::{BTreeMap, VecDeque};

use super::conflicts::Sequence;
use crate::history::Nanos;

/// The snapshots in use.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    /// How many transactions have each.
    used: BTreeMap<Sequence, u32>,
    /// How long ago a stale replica stopped.
    lag: Option<Nanos>,
    /// When each commit took effect, from the last one on that a stale replica shows.
    past: VecDeque<(Nanos, Sequence)>,
}

impl Snapshots {
    /// With a past of this length, where there are stale replicas.
    pub(super) fn new(lag: Option<Nanos>) -> Self {
        Self { lag, ..Self::default() }
    }

    pub(super) fn take(&mut self, snapshot: Sequence) -> Sequence {
        *self.used.entry(snapshot).or_default() += 1;
        snapshot
    }

    pub(super) fn give_back(&mut self, snapshot: Sequence) {
        if let Some(count) = self.used.get_mut(&snapshot) {
            *count -= 1;
            if *count == 0 {
                self.used.remove(&snapshot);
            }
        }
    }

    /// A commit takes effect.
    pub(super) fn commit(&mut self, now: Nanos, commit: Sequence) {
        if self.lag.is_some() {
            self.past.push_back((now, commit));
        }
    }

    /// What a stale replica shows.
    pub(super) fn stale(&mut self, now: Nanos) -> Sequence {
        let until = now.saturating_sub(self.lag.unwrap_or_default());
        while self.past.get(1).is_some_and(|(at, _)| *at <= until) {
            self.past.pop_front();
        }
        self.past.front().filter(|(at, _)| *at <= until).map_or(0, |(_, commit)| *commit)
    }

    /// The oldest snapshot that is in use or may be taken, now that there have been so many commits.
    pub(super) fn oldest(&mut self, now: Nanos, commits: Sequence) -> Sequence {
        let oldest = self.used.first_key_value().map_or(commits, |(snapshot, _)| *snapshot);
        if self.lag.is_some() { oldest.min(self.stale(now)) } else { oldest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_the_first_in_use() {
        let mut snapshots = Snapshots::new(None);
        assert_eq!(snapshots.oldest(0, 7), 7);
        for snapshot in [3, 5, 3] {
            snapshots.take(snapshot);
        }
        snapshots.give_back(3);
        assert_eq!(snapshots.oldest(0, 7), 3);
        snapshots.give_back(3);
        assert_eq!(snapshots.oldest(0, 7), 5);
    }

    #[test]
    fn a_stale_replica_shows_what_was_committed_before_its_lag() {
        let mut snapshots = Snapshots::new(Some(10));
        for (at, commit) in [(1, 1), (5, 2), (12, 3)] {
            snapshots.commit(at, commit);
        }
        for (now, shown) in [(9, 0), (11, 1), (14, 1), (15, 2), (21, 2), (22, 3), (99, 3)] {
            assert_eq!(snapshots.stale(now), shown, "at {now}");
        }
    }
}
