//! Which databases can be simulated? Three that keep their promise, and six that answer "serializable" and do one thing
//! wrong.

use std::fmt;

use crate::plan::Isolation;

/// How a simulated server isolates its transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every statement sees what is committed when it runs.
    ReadCommitted,
    /// Snapshot isolation: the first committer wins.
    Snapshot,
    /// Serializable snapshot isolation, in the order of real time.
    Serializable,
    /// Broken: an update does not notice that its row has changed since it was read.
    LostUpdates,
    /// Broken: some transactions read from a snapshot that is too old.
    StaleReplica,
    /// Broken: some transactions that were rolled back leave their writes in place.
    DirtyAbort,
    /// Broken: two transactions write one row at the same time, and the last one overwrites the other.
    NoWriteConflict,
    /// Broken: some commits are confirmed and not applied.
    ForgetsCommits,
    /// Broken: what some commits have added is added once more.
    AppliesTwice,
}

impl Level {
    /// All of them, those that keep their promise first.
    pub const ALL: [Self; 9] = [
        Self::ReadCommitted,
        Self::Snapshot,
        Self::Serializable,
        Self::LostUpdates,
        Self::StaleReplica,
        Self::DirtyAbort,
        Self::NoWriteConflict,
        Self::ForgetsCommits,
        Self::AppliesTwice,
    ];

    /// The name in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadCommitted => "read-committed",
            Self::Snapshot => "snapshot",
            Self::Serializable => "serializable",
            Self::LostUpdates => "lost-updates",
            Self::StaleReplica => "stale-replica",
            Self::DirtyAbort => "dirty-abort",
            Self::NoWriteConflict => "no-write-conflict",
            Self::ForgetsCommits => "forgets-commits",
            Self::AppliesTwice => "applies-twice",
        }
    }

    /// What the server answers when it is asked for its level.
    #[must_use]
    pub fn isolation(self) -> Isolation {
        match self {
            Self::ReadCommitted => Isolation::ReadCommitted,
            Self::Snapshot => Isolation::RepeatableRead,
            _ => Isolation::Serializable,
        }
    }

    /// Whether it keeps what it promises.
    #[must_use]
    pub fn is_sound(self) -> bool {
        self.usual_fault().is_none()
    }

    /// How often it does its one thing wrong unless the address says otherwise, as a share of the occasions: transactions
    /// for the first three, rollbacks behind a write for dirty-abort, commits with a write for the others. Nothing for
    /// those that keep their promise.
    #[must_use]
    pub fn usual_fault(self) -> Option<f64> {
        match self {
            Self::ReadCommitted | Self::Snapshot | Self::Serializable => None,
            Self::LostUpdates | Self::NoWriteConflict => Some(1.0),
            Self::StaleReplica => Some(0.2),
            Self::DirtyAbort => Some(0.1),
            Self::ForgetsCommits | Self::AppliesTwice => Some(0.002),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
