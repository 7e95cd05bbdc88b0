//! How is one attempt at an application's transaction run? BEGIN, the body, and COMMIT or ROLLBACK.

use futures_util::TryStreamExt;
use futures_util::future::join;
use tokio_postgres::{Client, IsolationLevel, SimpleQueryMessage, Transaction};

use super::BodyError;
use super::setback::Setback;
use crate::db::{Class, Failure, classify};
use crate::history::Phase;
use crate::load::Attempted;
use crate::plan::Isolation;

/// A transaction that the server has committed.
pub(super) struct Success<T> {
    pub(super) value: T,
    pub(super) complaint: Option<tokio_postgres::Error>,
}

/// What every attempt at a transaction needs, handed from one to the next.
pub(super) struct Work<'c, B> {
    pub(super) client: &'c mut Client,
    pub(super) isolation: Option<Isolation>,
    pub(super) body: B,
}

impl<B> Work<'_, B> {
    /// Makes one attempt, and says whether another one is worth it.
    pub(super) async fn attempt<T>(mut self) -> (Self, Attempted<Result<Success<T>, Setback>, Setback>)
    where
        B: AsyncFnMut(&Transaction<'_>) -> Result<T, BodyError>,
    {
        let attempted = match self.run().await {
            Err(setback) if setback.class == Class::Retry => Attempted::Again(setback),
            end => Attempted::Final(end),
        };
        (self, attempted)
    }

    /// Begins, runs the body, and commits what it did or rolls it back. No transaction is open when it has ended; where
    /// its future is dropped before, the driver's own `Transaction` sends ROLLBACK.
    async fn run<T>(&mut self) -> Result<Success<T>, Setback>
    where
        B: AsyncFnMut(&Transaction<'_>) -> Result<T, BodyError>,
    {
        let mut begin = self.client.build_transaction();
        if let Some(level) = self.isolation {
            begin = begin.isolation_level(in_the_driver_s_words(level));
        }
        let transaction = begin.start().await.map_err(|error| Setback::of_driver(error, Phase::Begin))?;
        match (self.body)(&transaction).await {
            Ok(value) => Ok(Success { value, complaint: commit(transaction).await? }),
            Err(error) => {
                let lost = is_lost(&transaction.rollback().await);
                Err(Setback::of_body(error, lost))
            }
        }
    }
}

/// Commits, or finds that the body has hidden the error of a statement. Answers with what the server had to complain
/// about a commit that it did make.
///
/// In a transaction in which a statement has failed the server answers ROLLBACK to COMMIT, without an error, and the
/// driver does not show the difference. There a SELECT fails too, so one is sent right in front of COMMIT, in the same
/// round trip.
async fn commit(transaction: Transaction<'_>) -> Result<Option<tokio_postgres::Error>, Setback> {
    // Sends without waiting for the answer. What it could not send, COMMIT was not sent behind.
    let probe = transaction.client().simple_query_raw("SELECT 1").await;
    let probe = probe.map_err(|error| Setback::of_driver(error, Phase::Body))?;
    let (probe, commit) = join(probe.try_collect::<Vec<SimpleQueryMessage>>(), transaction.commit()).await;
    match (probe, commit) {
        (Ok(_), Ok(())) => Ok(None),
        (Ok(_), Err(error)) if classify(&Failure::from(&error), Phase::Commit) == Class::Committed => Ok(Some(error)),
        (Ok(_), Err(error)) => Err(Setback::of_driver(error, Phase::Commit)),
        (Err(error), commit) => Err(Setback::of_probe(error, is_lost(&commit))),
    }
}

fn is_lost(answer: &Result<(), tokio_postgres::Error>) -> bool {
    answer.as_ref().is_err_and(|error| Failure::from(error).lost)
}

fn in_the_driver_s_words(level: Isolation) -> IsolationLevel {
    match level {
        Isolation::ReadCommitted => IsolationLevel::ReadCommitted,
        Isolation::RepeatableRead => IsolationLevel::RepeatableRead,
        Isolation::Serializable => IsolationLevel::Serializable,
    }
}
