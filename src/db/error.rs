//! What went wrong around the load? One line each: what, where, and what to do.

use std::sync::Arc;
use std::time::Duration;

use super::hint::advice;
use super::{Failure, TlsError};

/// An error of the work around the load: connecting, contend's own tables, the lease, snapshots.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The server was not reached, or did not let us in.
    #[error("cannot connect to {address}: {failure}{}", advice(failure))]
    Connect {
        /// Without secrets.
        address: String,
        /// Why.
        failure: Failure,
    },
    /// A certificate or key that the address names cannot be used.
    #[error(transparent)]
    Tls(Arc<TlsError>),
    /// A statement was refused.
    #[error("cannot {doing}: {failure}{}", advice(failure))]
    Statement {
        /// What it was for, such as "create the accounts".
        doing: &'static str,
        /// Why.
        failure: Failure,
    },
    /// A statement was not answered.
    #[error("cannot {doing}: the server did not answer within {}", humantime::format_duration(*after))]
    Silent {
        /// What it was for.
        doing: &'static str,
        /// How long we waited.
        after: Duration,
    },
    /// The schema holds something that contend did not make.
    #[error(
        "schema \"{schema}\" holds {found}, which contend did not create: nothing was touched; choose another --schema"
    )]
    Foreign {
        /// The schema.
        schema: String,
        /// What is there.
        found: String,
    },
    /// The schema was made by a contend with other tables.
    #[error(
        "schema \"{schema}\" was made by another version of contend (format {format}): run `contend clean` of that version, or choose another --schema"
    )]
    OtherFormat {
        /// The schema.
        schema: String,
        /// Its format.
        format: i64,
    },
    /// Another contend works in this schema.
    #[error(
        "schema \"{schema}\" is in use by another contend ({holder}); wait for it to end (a lease of a killed one ends in {seconds} s), or choose another --schema"
    )]
    Leased {
        /// The schema.
        schema: String,
        /// Who.
        holder: String,
        /// How long its lease lasts if it is not renewed, in seconds.
        seconds: i64,
    },
    /// There is nothing to work on.
    #[error("there are no accounts in schema \"{schema}\": `contend seed` makes them")]
    NoAccounts {
        /// The schema.
        schema: String,
    },
    /// More connections than the server allows.
    #[error(
        "{asked} connections are too many: the server's max_connections is {limit}, of which {reserved} are kept back; use fewer --connections"
    )]
    TooManyConnections {
        /// Asked for, the control connection included.
        asked: u32,
        /// The server's limit.
        limit: u32,
        /// Kept for superusers.
        reserved: u32,
    },
}
