//! How does an application run its own transactions through the same loop?
//!
//! [`run_transaction`] takes the application's own connection and a closure, and tries until the transaction is
//! committed, as CockroachDB's tutorial does with its `run_transaction(conn, op)`. The loop around the attempts is
//! [`load::retry_loop`](crate::load::retry_loop), the one that the load engine measures, and the same table,
//! [`db::classify`](crate::db::classify), decides what is tried again.
//!
//! ```text
//! BEGIN -> body -> COMMIT    -> Committed
//!            |        +-> ROLLBACK by the server -+-> on_retry -> delay -> BEGIN
//!            +-> error -> ROLLBACK ---------------+-> TransactionError
//! ```

mod attempt;
mod end;
mod options;
mod run;
mod setback;

pub use end::{Attempts, Committed, TransactionError};
pub use options::{Options, Retrying};
pub use run::run_transaction;
pub use setback::HiddenFailure;
/// The driver, in the version whose `Client` and `Transaction` stand in the signature of [`run_transaction`].
///
/// An application may use this one or name `tokio-postgres = "0.7"` itself, for instance to turn on features of it:
/// cargo makes one of both.
pub use tokio_postgres;

/// What a body fails with: any error, made by `?`.
///
/// The database's own error is looked for along its [sources](std::error::Error::source), so an error that wraps the
/// driver's has to keep it as its source; as text alone it is not recognized, and not tried again.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;
