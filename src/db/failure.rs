//! What does an error amount to? The SQLSTATE, the reason behind it, and the server's words.

use std::error::Error as _;
use std::fmt;

use tokio_postgres::error::DbError;

use super::tls;
use crate::history::{Cause, Key, Sqlstate};

/// What counts of a server's error (PostgreSQL documentation, 55.8).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ErrorFields<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) detail: Option<&'a str>,
    pub(super) routine: Option<&'a str>,
}

/// A statement, or an attempt to connect, that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What retries are counted by.
    pub cause: Cause,
    /// The words of the server, or of the operating system.
    pub message: String,
    /// Whether the connection is gone with it.
    pub lost: bool,
}

const NO_WRITES: &str = "the server accepts no writes (a standby?), and target_session_attrs wants one that does";
const WRITES: &str = "the server accepts writes, and target_session_attrs wants a read-only one (a standby)";

impl Failure {
    /// An answer that was not given in time; the connection is not used again, since the answer may still come.
    pub(crate) fn timeout(after: std::time::Duration) -> Self {
        Self {
            cause: Cause { sqlstate: Sqlstate::CONNECTION_FAILURE, reason: "statement timeout" },
            message: format!("no answer within {}", humantime::format_duration(after)),
            lost: true,
        }
    }

    /// There is no connection.
    pub(crate) fn connection_lost() -> Self {
        Self {
            cause: Cause { sqlstate: Sqlstate::CONNECTION_FAILURE, reason: "connection lost" },
            message: "the connection was lost".to_owned(),
            lost: true,
        }
    }

    /// A connection that was not made in time.
    pub(crate) fn connect_timeout(after: std::time::Duration) -> Self {
        Self {
            cause: Cause { sqlstate: Sqlstate::CANNOT_CONNECT, reason: "cannot connect" },
            message: format!("no answer within {}", humantime::format_duration(after)),
            lost: true,
        }
    }

    /// The operating system gives no thread for a shard.
    pub(crate) fn thread(error: &std::io::Error) -> Self {
        Self {
            cause: Cause { sqlstate: Sqlstate::CANNOT_CONNECT, reason: "no thread" },
            message: format!("cannot start a thread: {error}; use fewer --threads"),
            lost: true,
        }
    }

    /// An answer that was not asked for.
    pub(crate) fn unexpected_answer(what: &str) -> Self {
        Self {
            cause: Cause { sqlstate: Sqlstate::PROTOCOL_VIOLATION, reason: "unexpected answer" },
            message: format!("the server gave an unexpected answer: {what}"),
            lost: true,
        }
    }

    /// A COMMIT that did the opposite, as a server does it where a statement of the transaction has failed.
    pub(super) fn rolled_back() -> Self {
        let message = "the server answered ROLLBACK to COMMIT".to_owned();
        Self::answered(Sqlstate::ROLLED_BACK, "rolled back", message)
    }

    /// A connection that ended, or a socket that could not be used.
    pub(super) fn broken(error: &std::io::Error) -> Self {
        Self { message: format!("the connection was lost: {error}"), ..Self::connection_lost() }
    }

    /// A socket that could not be connected.
    pub(super) fn unreachable(error: &std::io::Error) -> Self {
        let cause = Cause { sqlstate: Sqlstate::CANNOT_CONNECT, reason: "cannot connect" };
        Self { cause, message: error.to_string(), lost: true }
    }

    /// A server that accepts writes, or none, where `target_session_attrs` wants the other kind.
    pub(super) fn another_kind(accepts_writes: bool) -> Self {
        let cause = Cause { sqlstate: Sqlstate::CANNOT_CONNECT, reason: "another kind of server" };
        Self { cause, message: if accepts_writes { WRITES } else { NO_WRITES }.to_owned(), lost: true }
    }

    /// A row that must be there and is not.
    pub(crate) fn missing_row(key: Key) -> Self {
        Self {
            cause: Cause { sqlstate: Sqlstate::NO_DATA, reason: "row missing" },
            message: format!("row {} of {} does not exist", key.id, key.table),
            lost: false,
        }
    }

    /// The simulated server refuses a write: the row was changed since the transaction's snapshot.
    pub(crate) fn concurrent_update() -> Self {
        let message = "could not serialize access due to concurrent update";
        Self::answered(Sqlstate::SERIALIZATION_FAILURE, "write-write", message.to_owned())
    }

    /// It refuses a transaction that would complete a dangerous structure.
    pub(crate) fn pivot() -> Self {
        let message = "could not serialize access due to read/write dependencies among transactions";
        Self::answered(Sqlstate::SERIALIZATION_FAILURE, "pivot", message.to_owned())
    }

    /// It breaks a deadlock.
    pub(crate) fn deadlock() -> Self {
        Self::answered(Sqlstate::DEADLOCK, "deadlock", "deadlock detected".to_owned())
    }

    /// It has the row already that is inserted.
    pub(crate) fn duplicate_key(key: Key) -> Self {
        let message = format!("row {} of {} exists already", key.id, key.table);
        Self::answered(Sqlstate::UNIQUE_VIOLATION, "constraint", message)
    }

    /// It runs nothing behind a statement that has failed.
    pub(crate) fn transaction_aborted() -> Self {
        Self::answered(Sqlstate::IN_FAILED_TRANSACTION, "other", "the transaction is aborted already".to_owned())
    }

    /// It runs no statement outside of a transaction.
    pub(crate) fn no_transaction() -> Self {
        Self::answered(Sqlstate::NO_TRANSACTION, "other", "there is no transaction".to_owned())
    }

    /// What a server answers without closing the connection.
    fn answered(sqlstate: Sqlstate, reason: &'static str, message: String) -> Self {
        Self { cause: Cause { sqlstate, reason }, message, lost: false }
    }

    /// An error of the driver while connecting.
    pub(crate) fn connecting(error: &tokio_postgres::Error) -> Self {
        let failure = Self::from(error);
        if error.as_db_error().is_some() {
            // CockroachDB refuses passwords and certificates without a category (pgcode/codes.go: XXUUU).
            let sqlstate = failure.cause.sqlstate;
            let reason = if sqlstate.as_str() == "XXUUU" { "login refused" } else { failure.cause.reason };
            return Self { cause: Cause { sqlstate, reason }, lost: true, ..failure };
        }
        if let Some(message) = tls::explain(error) {
            let cause = Cause { sqlstate: Sqlstate::CANNOT_CONNECT, reason: "no TLS connection" };
            return Self { cause, message, lost: true };
        }
        // The driver's own words for a server that wants a password when there is none.
        if failure.message.contains("password missing") {
            let cause = Cause { sqlstate: Sqlstate::INVALID_PASSWORD, reason: "login refused" };
            let message = "the server asks for a password, and none is given".to_owned();
            return Self { cause, message, lost: true };
        }
        // Such as channel_binding=require where there is no TLS.
        if failure.message.starts_with("authentication error") {
            let cause = Cause { sqlstate: Sqlstate::CANNOT_CONNECT, reason: "login refused" };
            return Self { cause, lost: true, ..failure };
        }
        // And for a server that is not of the kind that target_session_attrs asks for.
        for (words, accepts_writes) in [("does not allow writes", false), ("is not read only", true)] {
            if failure.message.contains(words) {
                return Self::another_kind(accepts_writes);
            }
        }
        let cause = Cause { sqlstate: Sqlstate::CANNOT_CONNECT, reason: "cannot connect" };
        Self { cause, message: in_our_words(&failure.message), lost: true }
    }

    /// A name that leads nowhere.
    pub(crate) fn lookup(name: &str, error: &std::io::Error) -> Self {
        Self {
            cause: Cause { sqlstate: Sqlstate::CANNOT_CONNECT, reason: "no such host" },
            message: format!("the name {name} leads to no address: {error}"),
            lost: true,
        }
    }

    /// Whether the server has decided about who we are, or which database we want.
    pub(crate) fn is_login(&self) -> bool {
        self.cause.reason == "login refused" || matches!(self.cause.sqlstate.as_str(), "3D000" | "42501")
    }

    /// A connection that leads to another database than the one with the lease.
    pub(crate) fn another_database() -> Self {
        Self {
            cause: Cause { sqlstate: Sqlstate::CANNOT_CONNECT, reason: "another database" },
            message: "the addresses lead to different databases: one of them knows nothing of this run".to_owned(),
            lost: true,
        }
    }

    /// Whether the server has said it of one statement, so that it has run none behind that one: also where it closes the
    /// connection with these words. What it answers, it answers in order.
    pub(crate) fn is_answer(&self) -> bool {
        !self.lost || matches!(self.cause.sqlstate.as_str(), "57P01" | "57P02" | "57P03")
    }

    /// The same, with the name of the server whose it is.
    pub(crate) fn of(self, server: &str) -> Self {
        Self { message: format!("{server}: {}", self.message), ..self }
    }
}

impl From<&tokio_postgres::Error> for Failure {
    fn from(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(answer) => Self::from(answer),
            // Everything else that can fail between two healthy ends is the connection: closed, reset, cut short.
            None => Self {
                cause: Cause { sqlstate: Sqlstate::CONNECTION_FAILURE, reason: "connection lost" },
                message: with_sources(error),
                lost: true,
            },
        }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&DbError> for Failure {
    fn from(answer: &DbError) -> Self {
        let (code, message) = (answer.code().code(), answer.message());
        Self::from(ErrorFields { code, message, detail: answer.detail(), routine: answer.routine() })
    }
}

impl From<ErrorFields<'_>> for Failure {
    fn from(answer: ErrorFields<'_>) -> Self {
        let sqlstate = Sqlstate::parse(answer.code).unwrap_or(Sqlstate::PROTOCOL_VIOLATION);
        let cause = Cause { sqlstate, reason: reason(sqlstate, answer) };
        // The server closes the connection behind these answers: it goes down, or it has waited too long for a transaction
        // or a session that did nothing. 08: it is closed already.
        let closes = matches!(sqlstate.as_str(), "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04");
        let lost = closes || sqlstate.class() == "08";
        Self { cause, message: answer.message.to_owned(), lost }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (SQLSTATE {})", self.message, self.cause.sqlstate)
    }
}

/// Of the driver's words, while connecting, what helps.
fn in_our_words(message: &str) -> String {
    // What a server of another protocol says is no message of this one.
    if message.contains("bytes remaining on stream") || message.contains("unexpected message from server") {
        return format!("what answers there does not speak PostgreSQL's protocol ({message})");
    }
    message.strip_prefix("error connecting to server: ").unwrap_or(message).to_owned()
}

/// The driver's own words end before the cause ("error connecting to server"), which its sources tell.
fn with_sources(error: &tokio_postgres::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let words = inner.to_string();
        if !message.contains(&words) {
            message = format!("{message}: {words}");
        }
        source = inner.source();
    }
    message
}

/// What a report counts by, for the codes that have more than one reason. The first pattern found in the message, the
/// detail or the name of the server's routine (which no translation changes) decides.
///
/// Sources: CockroachDB documentation, "Transaction Retry Error Reference"; PostgreSQL 15, predicate.c,
/// nodeModifyTable.c and deadlock.c; YugabyteDB documentation, "Transaction errors"; Aurora DSQL documentation,
/// "Concurrency control".
const REASONS: [(&str, &str); 35] = [
    // CockroachDB
    ("RETRY_WRITE_TOO_OLD", "RETRY_WRITE_TOO_OLD"),
    ("WriteTooOldError", "RETRY_WRITE_TOO_OLD"),
    ("RETRY_SERIALIZABLE", "RETRY_SERIALIZABLE"),
    ("RETRY_ASYNC_WRITE_FAILURE", "RETRY_ASYNC_WRITE_FAILURE"),
    ("RETRY_COMMIT_DEADLINE_EXCEEDED", "RETRY_COMMIT_DEADLINE_EXCEEDED"),
    ("ReadWithinUncertaintyInterval", "ReadWithinUncertaintyInterval"),
    ("ABORT_REASON_ABORTED_RECORD_FOUND", "ABORT_REASON_ABORTED_RECORD_FOUND"),
    ("ABORT_REASON_CLIENT_REJECT", "ABORT_REASON_CLIENT_REJECT"),
    ("ABORT_REASON_PUSHER_ABORTED", "ABORT_REASON_PUSHER_ABORTED"),
    ("ABORT_REASON_ABORT_SPAN", "ABORT_REASON_ABORT_SPAN"),
    ("ABORT_REASON_NEW_LEASE_PREVENTS_TXN", "ABORT_REASON_NEW_LEASE_PREVENTS_TXN"),
    ("ABORT_REASON_TIMESTAMP_CACHE_REJECTED", "ABORT_REASON_TIMESTAMP_CACHE_REJECTED"),
    ("ABORT_REASON_ALREADY_COMMITTED_OR_ROLLED_BACK", "ABORT_REASON_ALREADY_COMMITTED_OR_ROLLED_BACK"),
    ("RECORD_ALREADY_WRITTEN_POSSIBLE_REPLAY", "ABORT_REASON_RECORD_ALREADY_WRITTEN_POSSIBLE_REPLAY"),
    ("ABORT_REASON_", "ABORT_REASON_UNKNOWN"),
    ("TransactionPushError", "TransactionPushError"),
    ("result is ambiguous", "result ambiguous"),
    ("crdb_internal.force_retry", "forced"),
    ("inject_retry_errors_enabled", "injected"),
    ("read committed retry limit", "READ COMMITTED retry limit"),
    ("TransactionRetryError", "TransactionRetryError"),
    ("TransactionAbortedError", "TransactionAbortedError"),
    // YugabyteDB
    ("Restart read required", "read restart"),
    ("higher priority transaction", "higher priority"),
    ("expired or aborted by a conflict", "aborted by a conflict"),
    // Aurora DSQL
    ("OC000", "OC000 data conflict"),
    ("OC001", "OC001 schema conflict"),
    // PostgreSQL
    ("read/write dependencies among transactions", "pivot"),
    ("CheckForSerializationFailure", "pivot"),
    ("CheckForSerializableConflictOut", "pivot"),
    ("due to concurrent update", "write-write"),
    ("due to concurrent delete", "write-write"),
    ("ExecUpdate", "write-write"),
    ("deadlock detected", "deadlock"),
    ("DeadLockReport", "deadlock"),
];

fn reason(sqlstate: Sqlstate, answer: ErrorFields<'_>) -> &'static str {
    if sqlstate.class() == "40" || sqlstate.as_str() == "CR000" {
        let texts = [Some(answer.message), answer.detail, answer.routine];
        let found = REASONS.iter().find(|(pattern, _)| texts.iter().flatten().any(|text| text.contains(pattern)));
        return found.map_or("other", |(_, reason)| reason);
    }
    plain_reason(sqlstate)
}

/// The codes that need no second look (PostgreSQL documentation, appendix A; CockroachDB, pgcode/codes.go).
fn plain_reason(sqlstate: Sqlstate) -> &'static str {
    match sqlstate.as_str() {
        "25006" => "read-only",
        "28000" | "28P01" => "login refused",
        "3D000" => "no such database",
        "42501" => "permission denied",
        "42P01" => "no such table",
        "53100" => "disk full",
        "53200" => "out of memory",
        "53300" => "too many connections",
        "55P03" => "lock timeout",
        "57014" => "statement canceled",
        "57P01" | "57P02" => "ended by the server",
        "57P03" => "server not ready",
        "58C00" => "range unavailable",
        "XXA00" => "committed, schema change failed",
        _ if sqlstate.class() == "08" => "connection lost",
        _ if sqlstate.class() == "23" => "constraint",
        _ if sqlstate.class() == "42" => "statement refused",
        _ => "other",
    }
}
