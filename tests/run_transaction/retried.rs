//! What is tried again? What the server aborts for the sake of others: while the body runs, and at COMMIT.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use contend::plan::Isolation;
use contend::tokio_postgres::Transaction;
use contend::{BodyError, Retrying, TransactionError, TransactionOptions, run_transaction};
use tokio::sync::Barrier;

use crate::bank::{Bank, add, on_both, on_postgres, patient, raise, read};

#[test]
fn a_write_over_a_concurrent_one_is_tried_again_and_told() {
    on_both(async |bank| {
        let (mut client, other) = (bank.connect().await, bank.connect().await);
        let told = Mutex::new(Vec::new());
        let tell = |retrying: &Retrying<'_>| {
            assert!(retrying.error.is::<contend::tokio_postgres::Error>());
            told.lock().unwrap().push((retrying.attempt, retrying.delay.as_millis(), retrying.sqlstate.to_string()));
        };
        let isolation = Some(Isolation::Serializable);
        let options = TransactionOptions { isolation, on_retry: Some(&tell), ..patient(50, 5) };
        let mut tries = 0;
        let committed = run_transaction(&mut client, &options, async |tx| {
            tries += 1;
            let balance = read(tx, 1).await?;
            if tries == 1 {
                other.batch_execute("UPDATE accounts SET balance = balance + 1 WHERE id = 1").await?;
            }
            tx.execute("UPDATE accounts SET balance = $1 WHERE id = 1", &[&(balance - 100)]).await?;
            Ok(balance)
        })
        .await
        .unwrap();
        assert_eq!((committed.value, committed.attempts.count, tries), (1001, 2, 2));
        assert_eq!(committed.attempts.delays, [Duration::from_millis(50)]);
        assert!(committed.attempts.took >= Duration::from_millis(50), "{:?}", committed.attempts);
        assert_eq!(*told.lock().unwrap(), [(1, 50, "40001".to_owned())]);
        assert_eq!(bank.balances().await, [901, 250]);
    });
}

/// Two that each read what the other one writes: the first to commit wins, and the other hears of it at COMMIT.
#[test]
fn what_commit_refuses_is_tried_again() {
    on_postgres(async |bank| {
        let (mut client, mut other) = (bank.connect().await, bank.connect().await);
        let serializable = contend::tokio_postgres::IsolationLevel::Serializable;
        let options = TransactionOptions { isolation: Some(Isolation::Serializable), ..patient(1, 5) };
        let ran_to_the_end = Cell::new(0);
        let committed = run_transaction(&mut client, &options, async |tx| {
            let sum = read(tx, 1).await? + read(tx, 2).await?;
            add(tx, 1, -sum / 2).await?;
            if ran_to_the_end.get() == 0 {
                let rival = other.build_transaction().isolation_level(serializable).start().await?;
                let sum = read(&rival, 1).await? + read(&rival, 2).await?;
                add(&rival, 2, sum).await?;
                rival.commit().await?;
            }
            ran_to_the_end.set(ran_to_the_end.get() + 1);
            Ok(sum)
        })
        .await
        .unwrap();
        assert_eq!((committed.attempts.count, ran_to_the_end.get(), committed.value), (2, 2, 2500));
        assert_eq!(bank.balances().await, [-250, 1500]);
    });
}

#[test]
fn a_deadlock_is_tried_again_in_spawned_tasks() {
    on_postgres(async |bank| {
        let barrier = Arc::new(Barrier::new(2));
        let attempts = Arc::new(AtomicU32::new(0));
        let mut tasks = Vec::new();
        for (first, second) in [(1, 2), (2, 1)] {
            let (mut client, barrier, attempts) = (bank.connect().await, Arc::clone(&barrier), Arc::clone(&attempts));
            client.batch_execute("SET deadlock_timeout = '50ms'").await.unwrap();
            tasks.push(tokio::spawn(async move {
                let reasons = Mutex::new(Vec::new());
                let tell = |retrying: &Retrying<'_>| reasons.lock().unwrap().push(retrying.reason);
                let options = TransactionOptions { on_retry: Some(&tell), ..patient(1, 5) };
                let mut tries = 0;
                let committed = run_transaction(&mut client, &options, async move |tx: &Transaction<'_>| {
                    tries += 1;
                    attempts.fetch_add(1, Ordering::Relaxed);
                    add(tx, first, 1).await?;
                    if tries == 1 {
                        barrier.wait().await;
                    }
                    add(tx, second, 1).await
                });
                committed.await.map(|_| reasons.into_inner().unwrap())
            }));
        }
        let mut reasons = Vec::new();
        for task in tasks {
            reasons.extend(task.await.unwrap().unwrap());
        }
        // The one that was aborted may come back before the other one has awoken, and meet it again.
        assert!(!reasons.is_empty() && reasons.iter().all(|reason| *reason == "deadlock"), "{reasons:?}");
        assert_eq!(attempts.load(Ordering::Relaxed) as usize, 2 + reasons.len());
        assert_eq!(bank.balances().await, [1002, 252]);
    });
}

/// Reads and writes back, which loses updates wherever a conflict goes unnoticed.
async fn increment(tx: &Transaction<'_>) -> Result<(), BodyError> {
    let balance = read(tx, 1).await?;
    tx.execute("UPDATE accounts SET balance = $1 WHERE id = 1", &[&(balance + 1)]).await?;
    Ok(())
}

#[test]
fn no_update_is_lost_among_many() {
    on_both(async |bank| {
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let mut client = bank.connect().await;
            tasks.push(tokio::spawn(async move {
                let isolation = Some(Isolation::Serializable);
                let options = TransactionOptions { isolation, ..TransactionOptions::default() };
                for _ in 0..25 {
                    run_transaction(&mut client, &options, increment).await?;
                }
                Ok::<_, TransactionError>(())
            }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(bank.balances().await[0], 1100);
    });
}

#[derive(Debug, thiserror::Error)]
enum Wrapped {
    #[error("cannot pay")]
    Pay(#[source] contend::tokio_postgres::Error),
    #[error(transparent)]
    Database(#[from] contend::tokio_postgres::Error),
}

/// Fails once, in one of the ways in which applications wrap the driver's error.
async fn fail_once(bank: &Bank, wrap: impl Fn(contend::tokio_postgres::Error) -> BodyError) -> u32 {
    let mut client = bank.connect().await;
    let mut tries = 0;
    let options = patient(0, 3);
    let committed = run_transaction(&mut client, &options, async |tx| {
        tries += 1;
        if tries == 1 { raise(tx, "40001").await.map_err(&wrap) } else { Ok(()) }
    });
    committed.await.unwrap().attempts.count
}

#[test]
fn the_databases_error_is_found_in_whatever_wraps_it() {
    on_postgres(async |bank| {
        assert_eq!(fail_once(&bank, BodyError::from).await, 2, "as it is");
        assert_eq!(fail_once(&bank, |error| Wrapped::Pay(error).into()).await, 2, "as a source");
        assert_eq!(fail_once(&bank, |error| Wrapped::from(error).into()).await, 2, "transparent");
        assert_eq!(fail_once(&bank, |error| anyhow::Error::from(error).into()).await, 2, "anyhow");
        let with_context = |error| Err::<(), _>(error).context("paying").context("serving").unwrap_err().into();
        assert_eq!(fail_once(&bank, with_context).await, 2, "anyhow with context");
    });
}

/// The body writes, fails behind a savepoint, which keeps its transaction alive, and another connection gets the lock
/// of the row before the delay begins.
#[test]
fn nothing_is_locked_during_the_delay() {
    on_postgres(async |bank| {
        let mut client = bank.connect().await;
        let told = AtomicU32::new(0);
        let tell = |_: &Retrying<'_>| {
            let look = || bank.database.sql().number("SELECT balance FROM accounts WHERE id = 1 FOR UPDATE NOWAIT");
            // A connection of the tests has a runtime of its own, which needs a thread of its own.
            let balance = std::thread::scope(|scope| scope.spawn(look).join().unwrap());
            assert_eq!(balance, 1000);
            told.fetch_add(1, Ordering::Relaxed);
        };
        let options = TransactionOptions { on_retry: Some(&tell), ..patient(0, 2) };
        let ended = run_transaction(&mut client, &options, async |tx| {
            add(tx, 1, 1).await?;
            tx.batch_execute("SAVEPOINT mine").await?;
            let error = raise(tx, "40001").await.unwrap_err();
            tx.batch_execute("ROLLBACK TO SAVEPOINT mine").await?;
            Err::<(), _>(error.into())
        });
        assert!(matches!(ended.await, Err(TransactionError::Exhausted { .. })));
        assert_eq!(told.load(Ordering::Relaxed), 1);
    });
}
