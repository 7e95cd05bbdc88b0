//! What becomes of a transaction that loses its connection? Nothing is committed when COMMIT was not sent; who knows
//! when it was.

use std::path::Path;
use std::sync::atomic::Ordering;

use contend::tokio_postgres::Transaction;
use contend::{BodyError, TransactionError, run_transaction};

use crate::bank::{Bank, add, connect_to, on_postgres, patient};
use crate::proxy;
use crate::support::Server;

/// Has the server end this connection; the error is that of this statement.
async fn hang_up(tx: &Transaction<'_>) -> Result<(), BodyError> {
    Ok(tx.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())").await?)
}

/// Runs the body, which loses its connection, and checks that it ran once and left nothing.
async fn lose(bank: &Bank, body: impl AsyncFn(&Transaction<'_>) -> Result<(), BodyError>) -> TransactionError {
    let mut client = bank.connect().await;
    let mut tries = 0;
    let options = patient(0, 5);
    let ended = run_transaction(&mut client, &options, async |tx| {
        tries += 1;
        add(tx, 1, -100).await?;
        body(tx).await
    });
    let error = ended.await.unwrap_err();
    assert_eq!((error.attempts().count, tries), (1, 1), "{error:?}");
    assert!(matches!(error, TransactionError::ConnectionLost { .. }), "{error:?}");
    assert_eq!(bank.balances().await, [1000, 250]);
    // The next one hears of it at BEGIN.
    let next = run_transaction(&mut client, &patient(0, 5), async |_| Ok(())).await.unwrap_err();
    assert!(matches!(&next, TransactionError::ConnectionLost { attempts, .. } if attempts.count == 1), "{next:?}");
    error
}

#[test]
fn nothing_is_committed_when_the_connection_is_lost_before_commit() {
    on_postgres(async |bank| {
        let error = lose(&bank, async |tx| hang_up(tx).await).await;
        let text = error.to_string();
        let expected = "the connection was lost before COMMIT, nothing is committed: terminating connection due to \
                        administrator command (SQLSTATE 57P01); connect again";
        assert_eq!(text, expected);
    });
}

/// What the driver says of the second statement has no SQLSTATE.
#[test]
fn a_loss_is_told_from_an_error_of_the_application() {
    on_postgres(async |bank| {
        let second = async |tx: &Transaction<'_>| {
            assert!(hang_up(tx).await.is_err());
            add(tx, 2, 100).await
        };
        let error = lose(&bank, second).await;
        assert!(error.into_source().is::<contend::tokio_postgres::Error>());
        let by_anyhow = async |tx: &Transaction<'_>| second(tx).await.map_err(|error| anyhow::anyhow!(error).into());
        lose(&bank, by_anyhow).await;
    });
}

/// The proxy cuts every COMMIT: the first one behind the server's back, the second one before the server has it.
#[test]
fn a_commit_without_an_answer_is_ambiguous_and_is_not_tried_again() {
    on_postgres(async |bank| {
        let (directory, _) = Server::postgres().host();
        let (socket, cutting) = (Path::new(&directory).join(".s.PGSQL.5432"), proxy::Cutting { every: 1, spared: 0 });
        let (port, cuts) = proxy::start(socket, cutting).await.unwrap();
        let (user, name) = (Server::postgres().superuser(), &bank.database.name);
        let address = format!("postgres://{user}@127.0.0.1:{port}/{name}?sslmode=disable");
        let mut tries = 0;
        for cut in 1..=2 {
            let mut client = connect_to(&address).await;
            let options = patient(0, 5);
            let ended = run_transaction(&mut client, &options, async |tx| {
                tries += 1;
                add(tx, cut, -100).await
            });
            let error = ended.await.unwrap_err();
            assert!(matches!(&error, TransactionError::Ambiguous { attempts, .. } if attempts.count == 1), "{error:?}");
            let text = error.to_string();
            assert!(text.starts_with("it is not known whether the transaction is committed: "), "{text}");
        }
        assert_eq!(tries, 2);
        assert_eq!((cuts.answered.load(Ordering::Relaxed), cuts.swallowed.load(Ordering::Relaxed)), (1, 1));
        assert_eq!(bank.balances().await, [900, 250]);
    });
}
