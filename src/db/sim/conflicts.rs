//! Would this make a cycle? Serializable snapshot isolation, by stamps on what was read and written.
//!
//! Under snapshot isolation every cycle has two anti-dependencies in a row, from T1 to T2 to T3 (T1 read what T2
//! overwrote, T2 read what T3 overwrote), where T3 is the first of the cycle to commit; and where T1 wrote nothing, T3
//! committed before T1's snapshot (Cahill, Röhm, Fekete, "Serializable Isolation for Snapshot Databases", 2008; Ports,
//! Grittner, "Serializable Snapshot Isolation in PostgreSQL", 2012). Whoever would complete such a structure is aborted.
//! The proof needs of all other dependencies only that they lead from a commit to a later snapshot, as real time does: so
//! the order of what is left is that of real time, too.
//!
//! T3 commits first, so nobody need keep lists of active transactions: what T2 and T1 have to know of those that committed
//! before them is written on the rows. Each version has the commit that made it, and the first commit that overwrote
//! something which its maker had read; and the newest version of a row when it was last read.

use super::rows::Version;

/// The number of a commit, in the order in which they took effect; the seeding is 0. A snapshot is the number of the last
/// commit that it shows.
pub(super) type Sequence = u64;

/// Behind every commit.
pub(super) const NEVER: Sequence = Sequence::MAX;

/// The anti-dependencies between a transaction and those that committed before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conflicts {
    /// As T2: the first commit that overwrote something it read.
    out: Sequence,
    /// As T1: the first commit that overwrote something which was read by who overwrote something it read.
    beyond: Sequence,
    /// As T2: the last who read something that it overwrites; the commit of a transaction that wrote, and the snapshot of
    /// one that did not.
    into: Sequence,
}

impl Default for Conflicts {
    fn default() -> Self {
        Self { out: NEVER, beyond: NEVER, into: 0 }
    }
}

impl Conflicts {
    /// It read something that was overwritten by a commit.
    pub(super) fn overwritten(&mut self, made: Sequence, beyond: Sequence) {
        self.out = self.out.min(made);
        self.beyond = self.beyond.min(beyond);
    }

    /// It read a row in a version that this one replaced.
    pub(super) fn replaced(&mut self, by: Option<Version>) {
        if let Some(version) = by {
            self.overwritten(version.made, version.beyond);
        }
    }

    /// It overwrites what was read.
    pub(super) fn overwrites(&mut self, read: Sequence) {
        self.into = self.into.max(read);
    }

    /// The first commit that overwrote something it read: what its versions are stamped with.
    pub(super) fn out(&self) -> Sequence {
        self.out
    }

    /// Whether it would complete a dangerous structure; it has this snapshot and has written something or not.
    pub(super) fn are_dangerous(&self, snapshot: Sequence, wrote: bool) -> bool {
        let is_pivot = self.into >= self.out;
        let is_first = self.beyond != NEVER && (wrote || self.beyond <= snapshot);
        is_pivot || is_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_anti_dependency_is_harmless() {
        let mut out = Conflicts::default();
        assert!(!out.are_dangerous(5, true));
        out.overwritten(7, NEVER);
        assert!(!out.are_dangerous(5, true));
        let mut into = Conflicts::default();
        into.overwrites(7);
        assert!(!into.are_dangerous(5, true));
    }

    #[test]
    fn a_pivot_is_dangerous_when_its_last_transaction_committed_first() {
        for (read, dangerous) in [(6, false), (7, true), (8, true)] {
            let mut pivot = Conflicts::default();
            pivot.overwritten(7, NEVER);
            pivot.overwrites(read);
            assert_eq!(pivot.are_dangerous(5, true), dangerous, "read at {read}");
        }
    }

    #[test]
    fn who_wrote_nothing_is_in_danger_only_behind_the_first_commit() {
        let mut first = Conflicts::default();
        first.overwritten(9, 7);
        assert!(first.are_dangerous(5, true));
        assert!(!first.are_dangerous(6, false));
        assert!(first.are_dangerous(7, false));
    }
}
