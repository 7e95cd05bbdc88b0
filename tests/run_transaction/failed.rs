//! What is not tried again? The application's own errors, those that no retry mends, and statements whose error the
//! body has hidden.

use std::error::Error;

use contend::tokio_postgres::{Client, Transaction};
use contend::transaction::HiddenFailure;
use contend::{BodyError, Committed, TransactionError, run_transaction};

use crate::bank::{add, balances, on_both, on_postgres, patient, raise, raise_at_commit};

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("insufficient funds:\n  have {have}")]
struct InsufficientFunds {
    have: i64,
}

/// Runs the body, which fails, and checks that it ran once, was rolled back, and left the client of use.
async fn fail(
    client: &mut Client,
    body: impl AsyncFn(&Transaction<'_>) -> Result<(), BodyError>,
) -> (TransactionError, String) {
    let mut tries = 0;
    let options = patient(0, 5);
    let ended = run_transaction(client, &options, async |tx| {
        tries += 1;
        add(tx, 1, -100).await?;
        body(tx).await
    });
    let error = ended.await.unwrap_err();
    assert_eq!((error.attempts().count, tries), (1, 1), "{error:?}");
    assert_eq!(balances(client).await, [1000, 250], "{error:?}");
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    (error, text)
}

#[test]
fn an_error_of_the_application_comes_back_as_it_was() {
    on_both(async |bank| {
        let mut client = bank.connect().await;
        let (error, text) = fail(&mut client, async |_| Err(InsufficientFunds { have: 7 }.into())).await;
        assert!(matches!(error, TransactionError::Failed { .. }), "{error:?}");
        assert_eq!(text, "rolled back: insufficient funds: have 7");
        assert_eq!(*error.into_source().downcast::<InsufficientFunds>().unwrap(), InsufficientFunds { have: 7 });
    });
}

#[test]
fn what_no_retry_mends_is_not_tried_again() {
    on_both(async |bank| {
        let mut client = bank.connect().await;
        let (error, text) = fail(&mut client, async |tx| {
            tx.execute("INSERT INTO accounts VALUES (1, 0)", &[]).await?;
            Ok(())
        })
        .await;
        assert!(matches!(error, TransactionError::Failed { .. }), "{error:?}");
        assert!(text.starts_with("rolled back: duplicate key") && text.ends_with("(SQLSTATE 23505)"), "{text}");
    });
}

/// The driver's error for an answer it cannot use has no SQLSTATE, like the one for a lost connection.
#[test]
fn an_answer_without_the_row_is_not_a_lost_connection() {
    on_both(async |bank| {
        let mut client = bank.connect().await;
        let (error, _) = fail(&mut client, async |tx| {
            tx.query_one("SELECT balance FROM accounts WHERE id = 99", &[]).await?;
            Ok(())
        })
        .await;
        assert!(matches!(error, TransactionError::Failed { .. }), "{error:?}");
    });
}

/// PostgreSQL answers ROLLBACK to the COMMIT of such a body, and no error.
#[test]
fn a_statement_whose_error_was_hidden_is_found_at_commit() {
    on_both(async |bank| {
        let mut client = bank.connect().await;
        let (error, text) = fail(&mut client, async |tx| {
            assert!(tx.batch_execute("SELECT * FROM no_such_table").await.is_err());
            Ok(())
        })
        .await;
        assert!(matches!(error, TransactionError::Failed { .. }), "{error:?}");
        assert!(text.contains("the body returned Ok although a statement in it had failed"), "{text}");
        assert!(error.source().unwrap().is::<HiddenFailure>(), "{error:?}");
    });
}

#[test]
fn a_hidden_error_that_was_worth_a_retry_is_still_hidden() {
    on_postgres(async |bank| {
        let mut client = bank.connect().await;
        let (error, _) = fail(&mut client, async |tx| {
            assert!(raise(tx, "40001").await.is_err());
            Ok(())
        })
        .await;
        assert!(error.source().unwrap().is::<HiddenFailure>(), "{error:?}");
    });
}

#[test]
fn a_statement_undone_by_a_savepoint_hides_nothing() {
    on_both(async |bank| {
        let mut client = bank.connect().await;
        let options = patient(0, 5);
        let committed = run_transaction(&mut client, &options, async |tx| {
            add(tx, 1, -100).await?;
            tx.batch_execute("SAVEPOINT mine").await?;
            assert!(tx.batch_execute("SELECT 1 / 0").await.is_err());
            tx.batch_execute("ROLLBACK TO SAVEPOINT mine").await?;
            add(tx, 2, 100).await
        });
        assert_eq!(committed.await.unwrap().attempts.count, 1);
        assert_eq!(bank.balances().await, [900, 350]);
    });
}

/// Runs a transaction whose COMMIT is answered with this SQLSTATE.
async fn answered_at_commit(client: &mut Client, sqlstate: &str) -> Result<Committed<()>, TransactionError> {
    raise_at_commit(client, sqlstate).await;
    run_transaction(client, &patient(0, 3), async |tx| add(tx, 1, 1).await).await
}

#[test]
fn what_the_server_refuses_at_commit_has_failed() {
    on_postgres(async |bank| {
        let mut client = bank.connect().await;
        let error = answered_at_commit(&mut client, "23514").await.unwrap_err();
        assert!(matches!(&error, TransactionError::Failed { attempts, .. } if attempts.count == 1), "{error:?}");
        assert_eq!(balances(&client).await, [1000, 250]);
    });
}

#[test]
fn what_asks_for_it_at_commit_is_tried_again() {
    on_postgres(async |bank| {
        let mut client = bank.connect().await;
        let error = answered_at_commit(&mut client, "40001").await.unwrap_err();
        assert!(matches!(&error, TransactionError::Exhausted { attempts, .. } if attempts.count == 3), "{error:?}");
    });
}

/// 40003, and whatever does not say for certain that the transaction was aborted.
#[test]
fn a_server_that_cannot_say_leaves_it_ambiguous() {
    for sqlstate in ["40003", "XX000", "57014"] {
        on_postgres(async |bank| {
            let mut client = bank.connect().await;
            let error = answered_at_commit(&mut client, sqlstate).await.unwrap_err();
            assert!(matches!(&error, TransactionError::Ambiguous { attempts, .. } if attempts.count == 1), "{error:?}");
            assert!(error.to_string().contains(sqlstate), "{error}");
        });
    }
    on_postgres(async |bank| {
        let mut client = bank.connect().await;
        let (error, _) = fail(&mut client, async |tx| Ok(raise(tx, "40003").await?)).await;
        assert!(matches!(error, TransactionError::Ambiguous { .. }), "{error:?}");
    });
}

/// CockroachDB commits the rows and says XXA00 when a change of the schema behind them fails.
#[test]
fn a_complaint_about_what_was_committed_is_no_failure() {
    on_postgres(async |bank| {
        let mut client = bank.connect().await;
        let committed = answered_at_commit(&mut client, "XXA00").await.unwrap();
        assert_eq!((committed.attempts.count, committed.complaint.unwrap().code().unwrap().code()), (1, "XXA00"));
    });
}
