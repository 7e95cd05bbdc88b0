//! When does it give up? After the last attempt, and before one that would begin behind the deadline.

use std::error::Error;
use std::time::Duration;

use contend::retry::{Delays, Limits};
use contend::tokio_postgres::Client;
use contend::{TransactionError, TransactionOptions, run_transaction};

use crate::bank::{add, on_both, on_postgres, patient, raise};

#[test]
fn the_last_attempt_tells_its_error() {
    on_both(async |bank| {
        let mut client = bank.connect().await;
        let options = patient(20, 3);
        let ended = run_transaction(&mut client, &options, async |tx| {
            add(tx, 1, 1).await?;
            Ok(tx.batch_execute(bank.abort).await?)
        });
        let error = ended.await.unwrap_err();
        assert!(matches!(error, TransactionError::Exhausted { .. }), "{error:?}");
        assert_eq!(
            (error.attempts().count, error.attempts().delays.as_slice()),
            (3, [Duration::from_millis(20); 2].as_slice())
        );
        assert!(error.attempts().took >= Duration::from_millis(40), "{error:?}");
        let source: &contend::tokio_postgres::Error = error.source().unwrap().downcast_ref().unwrap();
        assert_eq!(source.code().unwrap().code(), "40001");
        let text = error.to_string();
        assert!(text.starts_with("gave up after 3 attempts in ") && text.ends_with("(SQLSTATE 40001)"), "{text}");
        assert!(!text.contains('\n'), "{text}");
        assert_eq!(bank.balances().await, [1000, 250]);
    });
}

async fn fail_always(client: &mut Client, options: &TransactionOptions<'_>) -> TransactionError {
    run_transaction(client, options, async |tx| Ok(raise(tx, "40001").await?)).await.unwrap_err()
}

#[test]
fn no_attempt_begins_behind_the_deadline() {
    on_postgres(async |bank| {
        let mut client = bank.connect().await;
        let deadline = Some(Duration::from_millis(700));
        let options = TransactionOptions { limits: Limits { max_attempts: 100, deadline }, ..patient(300, 100) };
        let error = fail_always(&mut client, &options).await;
        // Two delays of 300 ms fit, fewer on a very busy machine.
        assert!((1..=3).contains(&error.attempts().count), "{error:?}");
        assert!(matches!(error, TransactionError::Exhausted { .. }), "{error:?}");
    });
}

#[test]
fn a_policy_brings_its_own_number_of_attempts() {
    on_postgres(async |bank| {
        let mut client = bank.connect().await;
        let error = fail_always(&mut client, &TransactionOptions::new(Delays::None)).await;
        assert_eq!((error.attempts().count, error.attempts().delays.len()), (1, 0));
        let error = fail_always(&mut client, &TransactionOptions::new(Delays::Immediate)).await;
        assert_eq!((error.attempts().count, error.attempts().delays.as_slice()), (20, [Duration::ZERO; 19].as_slice()));
    });
}
