//! How is an application's transaction run to its end? Attempt by attempt, in the loop that the load runs in.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, Transaction};

use super::attempt::Work;
use super::setback::Setback;
use super::{Attempts, BodyError, Committed, Options, Retrying, TransactionError};
use crate::load::{Ended, retry_loop};

/// Runs `body` in a transaction and commits it. Where the server aborts it for the sake of a concurrent one (SQLSTATE
/// 40001, 40P01 and what else [`db::classify`](crate::db::classify) says to retry), everything is rolled back, the
/// delay of the policy passes, and the body runs again.
///
/// The body may run several times, so it has to do nothing but SQL, through the [`Transaction`] that it is given. It
/// returns the error of every statement (`?` does), and sends neither BEGIN nor COMMIT nor ROLLBACK. A body that
/// returns an error of the application is rolled back and not run again.
///
/// No connection is made: after [`TransactionError::ConnectionLost`] that is up to the caller.
///
/// # Cancellation
/// When the future is dropped, by a timeout for instance, the transaction is rolled back before the client's next
/// statement. The server first ends the statement that it is at, unless it is asked not to by the client's
/// [`cancel_token`](Client::cancel_token). Dropped while COMMIT is on its way, the transaction may be committed.
///
/// # Spawning
/// The future is `Send`. In a task that is spawned the body has to own what it uses, as an `async move` closure or a
/// plain `async fn` does; where nothing is spawned, `async |tx|` may borrow whatever it likes.
///
/// # Examples
/// ```no_run
/// use contend::tokio_postgres::Client;
/// use contend::{TransactionError, TransactionOptions, run_transaction};
///
/// /// Moves money and answers with what is left.
/// async fn transfer(client: &mut Client, from: i64, to: i64, amount: i64) -> Result<i64, TransactionError> {
///     let options = TransactionOptions::default();
///     let committed = run_transaction(client, &options, async move |tx| {
///         let row = tx.query_one("SELECT balance FROM accounts WHERE id = $1", &[&from]).await?;
///         let balance: i64 = row.try_get(0)?;
///         if balance < amount {
///             return Err(format!("insufficient funds in {from}: have {balance}, need {amount}").into());
///         }
///         tx.execute("UPDATE accounts SET balance = balance - $1 WHERE id = $2", &[&amount, &from]).await?;
///         tx.execute("UPDATE accounts SET balance = balance + $1 WHERE id = $2", &[&amount, &to]).await?;
///         Ok(balance - amount)
///     });
///     Ok(committed.await?.value)
/// }
/// ```
///
/// Being told of retries, and the error of the application as it was:
/// ```no_run
/// # #[derive(Debug, thiserror::Error)]
/// # #[error("closed")]
/// # struct AccountClosed;
/// use contend::retry::Delays;
/// use contend::tokio_postgres::Client;
/// use contend::{Retrying, TransactionError, TransactionOptions, run_transaction};
///
/// # async fn close(client: &mut Client) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let tell = |retrying: &Retrying<'_>| eprintln!("{}, again in {:?}", retrying.reason, retrying.delay);
/// let options = TransactionOptions { on_retry: Some(&tell), ..TransactionOptions::new(Delays::Tutorial) };
/// match run_transaction(client, &options, async |tx| {
///     let closed = tx.execute("DELETE FROM accounts WHERE id = 1 AND balance = 0", &[]).await?;
///     if closed == 1 { Ok(()) } else { Err(AccountClosed.into()) }
/// })
/// .await
/// {
///     Ok(committed) => println!("closed after {} attempts", committed.attempts.count),
///     Err(TransactionError::Failed { source, .. }) if source.is::<AccountClosed>() => println!("it was closed"),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok(())
/// # }
/// ```
pub async fn run_transaction<T>(
    client: &mut Client,
    options: &Options<'_>,
    body: impl AsyncFnMut(&Transaction<'_>) -> Result<T, BodyError>,
) -> Result<Committed<T>, TransactionError> {
    let begun = Instant::now();
    let mut delays = Vec::new();
    let wait = |setback: &Setback, delay: Duration| {
        delays.push(delay);
        tell(options, setback, number(delays.len()), delay);
        // The timer rounds up: it would make a millisecond of nothing.
        async move {
            if !delay.is_zero() {
                sleep(delay).await;
            }
        }
    };
    let work = Work { client, isolation: options.isolation, body };
    let retry = (options.delays, options.limits);
    let mut random = ChaCha8Rng::from_rng(&mut rand::rng());
    // A budget is for many transactions, and this one knows no other.
    let pays = || true;
    let ended = retry_loop(retry, &mut random, || begun.elapsed(), pays, wait, work, Work::attempt).await;
    let attempts = Attempts { count: number(delays.len() + 1), delays, took: begun.elapsed() };
    match ended {
        Ended::Final(Ok(success)) => Ok(Committed { value: success.value, attempts, complaint: success.complaint }),
        Ended::Final(Err(setback)) | Ended::GaveUp(setback) => Err(TransactionError::new(setback, attempts)),
    }
}

/// Tells the application of an attempt that another one follows.
fn tell(options: &Options<'_>, setback: &Setback, attempt: u32, delay: Duration) {
    if let (Some(tell), Some(cause)) = (options.on_retry, setback.cause) {
        tell(&Retrying { attempt, delay, sqlstate: cause.sqlstate, reason: cause.reason, error: &setback.error });
    }
}

/// Attempts are counted in 32 bits.
fn number(attempts: usize) -> u32 {
    u32::try_from(attempts).unwrap_or(u32::MAX)
}
