//! How does an application's transaction end? Committed, or with an error that says what is known.

use std::time::Duration;

use humantime::format_duration;

use super::BodyError;
use super::setback::{Setback, in_one_line};
use crate::db::Class;

/// A transaction that is committed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Committed<T> {
    /// What the body returned in the attempt that was committed.
    pub value: T,
    /// What it took.
    pub attempts: Attempts,
    /// An error that the server reported with the commit, which it made all the same: CockroachDB's XXA00, where the
    /// rows are committed and a change of the schema in the same transaction has failed.
    pub complaint: Option<tokio_postgres::Error>,
}

/// What a transaction took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempts {
    /// How often it was tried, at least once.
    pub count: u32,
    /// How long it waited after each attempt but the last.
    pub delays: Vec<Duration>,
    /// From the first BEGIN to the last answer, delays included.
    pub took: Duration,
}

/// A transaction that is not committed, or not for certain. Its source is the error of the last attempt, as the body or
/// the driver returned it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError {
    /// The last attempt was aborted like those before it, and attempts or deadline are spent. Nothing is committed.
    #[error("gave up after {}: {}", in_words(.attempts), in_one_line(&**.source))]
    #[non_exhaustive]
    Exhausted {
        /// What it took.
        attempts: Attempts,
        /// Why the last attempt was aborted.
        source: BodyError,
    },
    /// The connection was lost before COMMIT was sent. Nothing is committed, and the client is of no more use.
    #[error("the connection was lost before COMMIT, nothing is committed: {}; connect again", in_one_line(&**.source))]
    #[non_exhaustive]
    ConnectionLost {
        /// What it took.
        attempts: Attempts,
        /// How the loss was noticed.
        source: BodyError,
    },
    /// COMMIT was sent, and no answer says what became of it; or the server itself cannot say it. The transaction may
    /// be committed or not, so another attempt could apply it twice.
    #[error("it is not known whether the transaction is committed: {}; look first", in_one_line(&**.source))]
    #[non_exhaustive]
    Ambiguous {
        /// What it took.
        attempts: Attempts,
        /// What came in place of an answer.
        source: BodyError,
    },
    /// An error that no retry mends: the application's own, or one of the database. Nothing is committed.
    #[error("rolled back: {}", in_one_line(&**.source))]
    #[non_exhaustive]
    Failed {
        /// What it took.
        attempts: Attempts,
        /// The error that the body returned, to be read by `downcast_ref`.
        source: BodyError,
    },
}

impl TransactionError {
    /// Of a setback that no other attempt follows.
    pub(super) fn new(setback: Setback, attempts: Attempts) -> Self {
        let source = setback.error;
        match setback.class {
            Class::Retry => Self::Exhausted { attempts, source },
            Class::Reconnect => Self::ConnectionLost { attempts, source },
            Class::Ambiguous => Self::Ambiguous { attempts, source },
            Class::Fatal | Class::Committed => Self::Failed { attempts, source },
        }
    }

    /// What it took.
    #[must_use]
    pub fn attempts(&self) -> &Attempts {
        let (Self::Exhausted { attempts, .. }
        | Self::ConnectionLost { attempts, .. }
        | Self::Ambiguous { attempts, .. }
        | Self::Failed { attempts, .. }) = self;
        attempts
    }

    /// The error of the last attempt, for whoever wants it as it was returned.
    #[must_use]
    pub fn into_source(self) -> BodyError {
        let (Self::Exhausted { source, .. }
        | Self::ConnectionLost { source, .. }
        | Self::Ambiguous { source, .. }
        | Self::Failed { source, .. }) = self;
        source
    }
}

/// `3 attempts in 412ms`.
fn in_words(attempts: &Attempts) -> String {
    let s = if attempts.count == 1 { "" } else { "s" };
    let milliseconds = Duration::from_millis(u64::try_from(attempts.took.as_millis()).unwrap_or(u64::MAX));
    format!("{} attempt{s} in {}", attempts.count, format_duration(milliseconds))
}
