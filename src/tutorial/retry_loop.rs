//! How is a transaction tried again, and how is that tested? The tutorial's `run_transaction` and `test_retry_loop`.

use std::error::Error as _;
use std::time::Duration;

use tokio_postgres::{Client, Transaction};

use super::{Error, Tutorial};
use crate::db::{Failure, Product};
use crate::plan::Isolation;
use crate::retry::Delays;
use crate::transaction::{BodyError, Options, Retrying, TransactionError, run_transaction};

/// Every attempt was aborted. The tutorial calls them retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Transaction did not succeed after {attempts} retries")]
pub struct GaveUp {
    attempts: u32,
}

/// Fails for as long as its transaction is younger than a second, like CockroachDB's `force_retry`, and makes no function
/// for it.
const FORCE_RETRY: &str = "DO $$ BEGIN \
        IF clock_timestamp() - transaction_timestamp() < INTERVAL '1s' THEN \
            RAISE EXCEPTION 'forced: the transaction is younger than a second' USING ERRCODE = '40001'; \
        END IF; \
    END $$";

impl Tutorial<'_> {
    /// Runs a transaction with the tutorial's policy, and answers with the attempt that committed.
    ///
    /// Unlike the tutorial it does not sleep once more before it gives up.
    pub(super) async fn run_transaction(
        &self,
        doing: &'static str,
        client: &mut Client,
        op: impl AsyncFnMut(&Transaction<'_>) -> Result<(), BodyError>,
    ) -> Result<Result<u32, GaveUp>, Error> {
        let on_retry = |retrying: &Retrying<'_>| {
            self.got_error(&**retrying.error, "SERIALIZATION_FAILURE");
            self.log(&format!("Sleeping {:.3} seconds", retrying.delay.as_secs_f64()));
        };
        let options = Options {
            isolation: Some(Isolation::Serializable),
            on_retry: Some(&on_retry),
            ..Options::new(Delays::Tutorial)
        };
        match run_transaction(client, &options, op).await {
            Ok(committed) => Ok(Ok(committed.attempts.count)),
            Err(TransactionError::Exhausted { source, attempts, .. }) => {
                self.got_error(&*source, "SERIALIZATION_FAILURE");
                Ok(Err(GaveUp { attempts: attempts.count }))
            }
            Err(error) => {
                // What is not the database's, such as insufficient funds, goes through the tutorial's loop untouched.
                if let Some(source) = error.source().filter(|source| source.is::<tokio_postgres::Error>()) {
                    self.got_error(source, "NON-SERIALIZATION_FAILURE");
                }
                Err(Error::Transaction { doing, error })
            }
        }
    }

    fn got_error(&self, error: &(dyn std::error::Error + 'static), branch: &str) {
        // The driver's own words leave out what the server said.
        let answer = error.downcast_ref::<tokio_postgres::Error>().map(Failure::from);
        let words = answer.map_or_else(|| error.to_string(), |failure| failure.message);
        self.log(&format!("got error: {words}"));
        self.log(&format!("EXECUTE {branch} BRANCH"));
    }

    /// Lets the server abort a transaction until it is a second old. Each attempt waits inside of it, `wait` longer than the
    /// one before; the tutorial does not wait at all, so that it never succeeds.
    pub async fn test_retry_loop(&self, client: &mut Client, wait: Duration) -> Result<Result<u32, GaveUp>, Error> {
        if self.product == Product::Cockroach {
            // Since v26 its internals answer only those who ask for them; versions that do not know the setting refuse it.
            let _ = client.batch_execute("SET allow_unsafe_internals = on").await;
        }
        let mut attempt = 0;
        let body = async |transaction: &Transaction<'_>| {
            attempt += 1;
            self.force_retry(transaction, wait * attempt).await
        };
        self.run_transaction("force a retry", client, body).await
    }

    /// The tutorial's `test_retry_loop`. The first statement of a transaction can be run again by the server itself, unseen;
    /// so another one stands before the one that fails.
    async fn force_retry(&self, transaction: &Transaction<'_>, wait: Duration) -> Result<(), BodyError> {
        transaction.batch_execute("SELECT now()").await?;
        tokio::time::sleep(wait).await;
        let tag = if self.product == Product::Cockroach {
            let rows = transaction.query("SELECT crdb_internal.force_retry('1s'::INTERVAL)", &[]).await?;
            format!("SELECT {}", rows.len())
        } else {
            transaction.batch_execute(FORCE_RETRY).await?;
            "DO".to_owned()
        };
        self.status("test_retry_loop", &tag);
        Ok(())
    }
}
