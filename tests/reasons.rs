//! What do servers say when they abort? Their own words, raised by a real server, and the reason that contend counts by.

use contend::db::local::{Kind, LocalServer, Options};
use contend::db::{Class, Failure, classify};
use contend::history::Phase;
use tokio_postgres::NoTls;

/// SQLSTATE, message, and the reason expected. The messages are those of the products' documentation and sources; PostgreSQL
/// raises them here in their place.
const SAID: [(&str, &str, &str); 15] = [
    (
        "40001",
        "restart transaction: TransactionRetryWithProtoRefreshError: TransactionRetryError: retry txn (RETRY_SERIALIZABLE - failed preemptive refresh due to conflicting locks on /Table/104/1/3)",
        "RETRY_SERIALIZABLE",
    ),
    (
        "40001",
        "restart transaction: TransactionRetryWithProtoRefreshError: WriteTooOldError: write at timestamp 1.2 too old",
        "RETRY_WRITE_TOO_OLD",
    ),
    (
        "40001",
        "restart transaction: TransactionRetryWithProtoRefreshError: ReadWithinUncertaintyIntervalError: read at time 1",
        "ReadWithinUncertaintyInterval",
    ),
    (
        "40001",
        "restart transaction: TransactionRetryWithProtoRefreshError: TransactionAbortedError(ABORT_REASON_CLIENT_REJECT)",
        "ABORT_REASON_CLIENT_REJECT",
    ),
    (
        "40001",
        "restart transaction: TransactionRetryWithProtoRefreshError: TransactionAbortedError(ABORT_REASON_SOMETHING_NEW)",
        "ABORT_REASON_UNKNOWN",
    ),
    (
        "40001",
        "restart transaction: TransactionRetryWithProtoRefreshError: forced by crdb_internal.force_retry()",
        "forced",
    ),
    ("40001", "could not serialize access due to read/write dependencies among transactions", "pivot"),
    ("40001", "could not serialize access due to concurrent update", "write-write"),
    ("40001", "Restart read required at: { read: 1 }", "read restart"),
    ("40001", "change conflicts with another transaction, please retry: (OC000)", "OC000 data conflict"),
    ("40001", "something that no product says", "other"),
    ("40P01", "deadlock detected", "deadlock"),
    ("40003", "result is ambiguous: error=rpc error", "result ambiguous"),
    ("42501", "permission denied for table accounts", "permission denied"),
    ("55P03", "canceling statement due to lock timeout", "lock timeout"),
];

#[tokio::test]
async fn every_reason_is_read_from_the_servers_words() {
    let server = LocalServer::start(&Options { kind: Some(Kind::Postgres), ..Options::default() }).await.unwrap();
    let (client, connection) = tokio_postgres::connect(server.address(), NoTls).await.unwrap();
    tokio::spawn(connection);
    for (sqlstate, message, reason) in SAID {
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '{sqlstate}'; END $$");
        let failure = Failure::from(client.batch_execute(&raise).await.unwrap_err());
        assert_eq!((failure.cause.sqlstate.as_str(), failure.cause.reason), (sqlstate, reason), "{message}");
        assert!(!failure.lost, "{failure}");
    }
    let own = client.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())").await.unwrap_err();
    let failure = Failure::from(own);
    assert_eq!((failure.cause.sqlstate.as_str(), failure.lost), ("57P01", true), "{failure}");
    assert_eq!(classify(&failure, Phase::Body), Class::Reconnect);
    let gone = Failure::from(client.batch_execute("SELECT 1").await.unwrap_err());
    assert_eq!((gone.cause.sqlstate.as_str(), gone.cause.reason, gone.lost), ("08006", "connection lost", true));
    server.stop().await;
}
