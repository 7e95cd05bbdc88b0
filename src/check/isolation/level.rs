//! Which levels are there, and which is stronger?

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A level of isolation, as the anomalies that it forbids (Adya, Liskov, O'Neil 2000; Elle, VLDB 2020).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// PL-1: no cycle of writes.
    ReadUncommitted,
    /// PL-2: nothing is read that was not committed.
    ReadCommitted,
    /// PL-2.99: no cycle through rows that were read; predicates are not protected.
    RepeatableRead,
    /// Snapshot isolation.
    Snapshot,
    /// PL-3: some serial order explains everything.
    Serializable,
    /// And that order agrees with the order within each session.
    StrongSessionSerializable,
    /// And with real time.
    StrictSerializable,
}

impl Level {
    /// All levels, weaker ones first; repeatable-read and snapshot are incomparable.
    pub const ALL: [Self; 7] = [
        Self::ReadUncommitted,
        Self::ReadCommitted,
        Self::RepeatableRead,
        Self::Snapshot,
        Self::Serializable,
        Self::StrongSessionSerializable,
        Self::StrictSerializable,
    ];

    /// The name in flags and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "read-uncommitted",
            Self::ReadCommitted => "read-committed",
            Self::RepeatableRead => "repeatable-read",
            Self::Snapshot => "snapshot",
            Self::Serializable => "serializable",
            Self::StrongSessionSerializable => "strong-session-serializable",
            Self::StrictSerializable => "strict-serializable",
        }
    }

    /// Whether whatever satisfies this level satisfies the other, too.
    #[must_use]
    pub fn implies(self, other: Self) -> bool {
        self == other || (other < self && !(self == Self::Snapshot && other == Self::RepeatableRead))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A name that no level has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLevel(String);

impl fmt::Display for UnknownLevel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Level::ALL.map(Level::name).join(", ");
        write!(formatter, "no such level; choose one of {names}")
    }
}

impl std::error::Error for UnknownLevel {}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}

/// A set of levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels(u8);

impl Levels {
    /// A level and everything that implies it: what an anomaly violates that the level forbids.
    #[must_use]
    pub fn from(weakest: Level) -> Self {
        Level::ALL.into_iter().filter(|level| level.implies(weakest)).collect()
    }

    /// Whether a level is in the set.
    #[must_use]
    pub fn contains(self, level: Level) -> bool {
        self.0 & 1 << level as u8 != 0
    }

    /// Everything that is in one or the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// How many levels are in the set.
    #[must_use]
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Of the levels that are *not* in this set of violated ones, those that no other implies.
    #[must_use]
    pub fn strongest_outside(self) -> Vec<Level> {
        let holding = || Level::ALL.into_iter().filter(|level| !self.contains(*level));
        holding().filter(|level| !holding().any(|other| other != *level && other.implies(*level))).collect()
    }
}

impl FromIterator<Level> for Levels {
    fn from_iter<I: IntoIterator<Item = Level>>(levels: I) -> Self {
        Self(levels.into_iter().fold(0, |bits, level| bits | 1 << level as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeatable_read_and_snapshot_are_incomparable() {
        assert!(!Level::Snapshot.implies(Level::RepeatableRead) && !Level::RepeatableRead.implies(Level::Snapshot));
        assert!(Level::Serializable.implies(Level::RepeatableRead) && Level::Serializable.implies(Level::Snapshot));
        let violated = Levels::from(Level::Serializable);
        assert_eq!(violated.strongest_outside(), [Level::RepeatableRead, Level::Snapshot]);
    }

    #[test]
    fn nothing_violated_leaves_the_strongest_and_everything_violated_none() {
        assert_eq!(Levels::default().strongest_outside(), [Level::StrictSerializable]);
        assert!(Levels::from(Level::ReadUncommitted).strongest_outside().is_empty());
    }

    #[test]
    fn names_are_read_back() {
        assert!(Level::ALL.into_iter().all(|level| level.name().parse() == Ok(level)));
        assert!("read committed".parse::<Level>().is_err());
    }
}
