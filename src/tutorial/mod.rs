//! What does CockroachDB's tutorial for Python and psycopg2 do? Its functions, under their own names.
//!
//! The accounts are the tutorial's, in a table of contend's own. Transactions run through [`crate::transaction`] with the
//! tutorial's policy, and are SERIALIZABLE wherever they run, as they are in CockroachDB. Nothing is printed here: what the
//! tutorial writes to its debug log goes, in its words, to a [`Log`].

mod accounts;
mod retry_loop;
mod transfer;

use crate::db::{self, Failure, Product, Schema};
use crate::transaction::TransactionError;

pub use retry_loop::GaveUp;

/// Where the tutorial's debug messages go, line by line.
pub type Log = dyn Fn(&str) + Send + Sync;

/// The tutorial on one database.
pub struct Tutorial<'a> {
    table: String,
    product: Product,
    log: &'a Log,
}

/// Why the tutorial ends early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement outside of `run_transaction`.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// What `run_transaction` does not try again.
    #[error("cannot {doing}: {error}")]
    Transaction {
        /// What it was for.
        doing: &'static str,
        /// Why.
        error: TransactionError,
    },
}

impl<'a> Tutorial<'a> {
    /// Does nothing yet. The schema is contend's.
    #[must_use]
    pub fn new(schema: &Schema<'_>, product: Product, log: &'a Log) -> Self {
        Self { table: schema.tutorial_accounts(), product, log }
    }

    fn log(&self, line: &str) {
        (self.log)(line);
    }

    fn status(&self, function: &str, message: &str) {
        self.log(&format!("{function}(): status message: {message}"));
    }
}

/// What a statement outside of `run_transaction` failed with.
fn failed(doing: &'static str) -> impl Fn(tokio_postgres::Error) -> Error {
    move |error| db::Error::Statement { doing, failure: Failure::from(error) }.into()
}
