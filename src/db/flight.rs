//! What does the engine ask of a database? Flights: slices of the statements of one transaction.
//!
//! This is the seam between the load engine and whatever answers it.

use super::Failure;
use crate::history::Row;

/// One statement of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// BEGIN with the plan's isolation level.
    Begin,
    /// Read one account by its primary key.
    Read {
        /// The account's id.
        account: i64,
    },
    /// Add to one balance, count the version up and sign as the writer.
    Add {
        /// The account's id.
        account: i64,
        /// What is added.
        delta: i64,
        /// The attempt's own number, unique across runs.
        writer: i64,
    },
    /// COMMIT.
    Commit,
    /// ROLLBACK.
    Rollback,
}

/// The answer to one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done,
    /// The row that was read, or as it is after the write.
    Row(Row),
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

    /// Whether the connection can be used. After a failure it may be lost.
    fn is_open(&self) -> bool;

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
