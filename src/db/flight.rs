//! What does the engine ask of a database? Flights: slices of the statements of one transaction.
//!
//! This is the seam between the load engine and whatever answers it.

use super::Failure;
use crate::history::{Access, Row};

/// One statement of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// BEGIN with the plan's isolation level.
    Begin,
    /// SAVEPOINT `cockroach_restart`, right behind BEGIN.
    Savepoint,
    /// A statement of the body. Every write counts a version up and signs as the writer.
    Access {
        /// What it does.
        access: Access,
        /// The attempt's own number, unique across runs.
        writer: i64,
    },
    /// The same, and the whole transaction: outside of BEGIN and COMMIT.
    Alone {
        /// What it does.
        access: Access,
        /// The attempt's own number, unique across runs.
        writer: i64,
    },
    /// RELEASE SAVEPOINT `cockroach_restart`, which commits.
    Release,
    /// ROLLBACK TO SAVEPOINT `cockroach_restart`.
    RollbackTo,
    /// COMMIT.
    Commit,
    /// ROLLBACK.
    Rollback,
}

impl Statement {
    /// What it reads or writes, and who signs it.
    #[must_use]
    pub fn access(self) -> Option<(Access, i64)> {
        match self {
            Self::Access { access, writer } | Self::Alone { access, writer } => Some((access, writer)),
            _ => None,
        }
    }

    /// Whether the transaction may be committed once it is sent.
    #[must_use]
    pub fn commits(self) -> bool {
        matches!(self, Self::Alone { .. } | Self::Release | Self::Commit)
    }

    /// Its text, where that is the same in every run. The name of the savepoint is what makes it CockroachDB's protocol
    /// (CockroachDB documentation, "Advanced Client-side Transaction Retries").
    pub(super) fn text(self) -> Option<&'static str> {
        match self {
            Self::Begin | Self::Access { .. } | Self::Alone { .. } => None,
            Self::Savepoint => Some("SAVEPOINT cockroach_restart"),
            Self::Release => Some("RELEASE SAVEPOINT cockroach_restart"),
            Self::RollbackTo => Some("ROLLBACK TO SAVEPOINT cockroach_restart"),
            Self::Commit => Some("COMMIT"),
            Self::Rollback => Some("ROLLBACK"),
        }
    }
}

/// The answer to one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done,
    /// The row that was read, or as it is after the write.
    Row(Row),
    /// The ids that a predicate read found.
    Members(Vec<i64>),
    /// Source and target as they are after a move; none when the source had not enough.
    Moved(Option<[Row; 2]>),
}

/// A connection, for as long as one transaction needs it.
pub trait Session {
    /// Sends statements together and waits for their answers, which are appended in order.
    ///
    /// # Errors
    /// The first failure; the answers before it have been appended, and no statement behind it has had an effect.
    fn flight(
        &mut self,
        statements: &[Statement],
        answers: &mut Vec<Answer>,
    ) -> impl Future<Output = Result<(), Failure>>;

    /// Which server it leads to, from 0 in the order in which they were first connected to.
    fn node(&self) -> u16;

    /// Whether the connection can be used. After a failure it may be lost.
    fn is_open(&self) -> bool;

    /// Closes it; what is open on it is undone.
    fn close(&mut self);

    /// Replaces a lost connection by a new one, in the same place of the pool.
    ///
    /// # Errors
    /// Why there is none now; it may be tried again.
    fn reconnect(&mut self) -> impl Future<Output = Result<(), Failure>>;
}

/// The connections of one shard.
pub trait Database {
    /// What it hands out.
    type Session<'a>: Session
    where
        Self: 'a;

    /// Waits for a free connection, first come first served. None when the database was closed meanwhile.
    fn checkout(&self) -> impl Future<Output = Option<Self::Session<'_>>>;

    /// Hands out no more connections; those handed out stay usable.
    fn close(&self);
}
