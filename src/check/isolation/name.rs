//! What is it called, and what does it break? The names of anomalies and the levels that forbid them.

use std::fmt;

use serde::{Serialize, Serializer};

use super::level::{Level, Levels};

/// What went wrong, without the order that made it visible. The order is that of the names in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phenomenon {
    /// Dirty write: a cycle of writes over writes.
    G0,
    /// A write of an aborted transaction was read.
    G1a,
    /// A version was read that its own transaction replaced.
    G1b,
    /// Circular information flow: a cycle of writes and reads of writes.
    G1c,
    /// A transaction does not see its own writes, or the same row twice in a different state.
    Internal,
    /// A committed write stands on an aborted one.
    DirtyUpdate,
    /// A write replaced a version that its transaction had not seen when it read the row.
    LostUpdate,
    /// A cycle with exactly one anti-dependency: read skew.
    GSingle,
    /// A cycle with several anti-dependencies, no two of them in a row: long fork.
    GNonadjacent,
    /// A cycle with two anti-dependencies in a row: write skew.
    G2Item,
    /// The same, with a predicate: phantom.
    G2,
    /// A confirmed write is gone.
    LostCommit,
    /// A request took effect more than once: by two attempts, or one that was applied again.
    AppliedTwice,
    /// Only a part of a transaction took effect.
    HalfTransfer,
    /// Somebody wrote who is not in the history.
    PhantomWriter,
    /// Two committed transactions made the same version.
    DuplicateVersion,
    /// A version was read that nobody wrote.
    Garbage,
}

/// Which order a cycle needs besides that of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Needs {
    /// None.
    Nothing,
    /// The order within a session.
    Session,
    /// Real time.
    RealTime,
}

/// The name of an anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The order that a cycle needs.
    pub needs: Needs,
    /// What went wrong.
    pub phenomenon: Phenomenon,
}

impl Name {
    /// A name without a suffix.
    #[must_use]
    pub fn plain(phenomenon: Phenomenon) -> Self {
        Self { needs: Needs::Nothing, phenomenon }
    }

    /// The levels that forbid it; `predicate` says whether an anti-dependency through a predicate is part of it, which
    /// repeatable read does not protect from.
    #[must_use]
    pub fn violates(self, predicate: bool) -> Levels {
        use Phenomenon as P;
        match (self.needs, self.phenomenon) {
            (Needs::RealTime, _) => Levels::from(Level::StrictSerializable),
            (Needs::Session, _) => Levels::from(Level::StrongSessionSerializable),
            (Needs::Nothing, P::G0) => Levels::from(Level::ReadUncommitted),
            (Needs::Nothing, P::Internal) => Levels::from(Level::Snapshot),
            (Needs::Nothing, P::LostUpdate | P::GSingle | P::GNonadjacent) => {
                let rows = if predicate { Levels::default() } else { Levels::from(Level::RepeatableRead) };
                Levels::from(Level::Snapshot).and(rows)
            }
            (Needs::Nothing, P::G2Item) => Levels::from(Level::RepeatableRead),
            (Needs::Nothing, P::G2) => Levels::from(Level::Serializable),
            (Needs::Nothing, _) => Levels::from(Level::ReadCommitted),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Phenomenon as P;
        formatter.write_str(match self.phenomenon {
            P::G0 => "G0",
            P::G1a => "G1a",
            P::G1b => "G1b",
            P::G1c => "G1c",
            P::Internal => "internal",
            P::DirtyUpdate => "dirty-update",
            P::LostUpdate => "lost-update",
            P::GSingle => "G-single",
            P::GNonadjacent => "G-nonadjacent",
            P::G2Item => "G2-item",
            P::G2 => "G2",
            P::LostCommit => "lost commit",
            P::AppliedTwice => "applied twice",
            P::HalfTransfer => "half transfer",
            P::PhantomWriter => "phantom writer",
            P::DuplicateVersion => "duplicate version",
            P::Garbage => "garbage",
        })?;
        formatter.write_str(match self.needs {
            Needs::Nothing => "",
            Needs::Session => "-session",
            Needs::RealTime => "-realtime",
        })
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
