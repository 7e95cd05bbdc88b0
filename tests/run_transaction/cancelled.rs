//! What is left when nobody waits for the end? A client of use, and nothing committed.

use std::time::{Duration, Instant};

use contend::run_transaction;
use contend::tokio_postgres::Client;
use tokio::time::{sleep, timeout};

use crate::bank::{Bank, add, balances, on_both, patient};

/// Nothing is committed, nothing is open, and the next transaction runs.
async fn is_of_use(bank: &Bank, client: &mut Client) {
    // Within the transaction that was abandoned this would show its write.
    assert_eq!(balances(client).await, [1000, 250]);
    let committed = run_transaction(client, &patient(0, 1), async |tx| add(tx, 2, 1).await).await.unwrap();
    assert_eq!(committed.attempts.count, 1);
    assert_eq!(bank.balances().await, [1000, 251]);
}

#[test]
fn a_body_that_is_abandoned_is_rolled_back() {
    on_both(async |bank| {
        let mut client = bank.connect().await;
        let options = patient(0, 1);
        let endless = run_transaction(&mut client, &options, async |tx| {
            add(tx, 1, -100).await?;
            sleep(Duration::from_hours(1)).await;
            Ok(())
        });
        assert!(timeout(Duration::from_millis(200), endless).await.is_err());
        is_of_use(&bank, &mut client).await;
    });
}

#[test]
fn a_statement_that_is_abandoned_ends_first() {
    on_both(async |bank| {
        let mut client = bank.connect().await;
        let options = patient(0, 1);
        let slow = run_transaction(&mut client, &options, async |tx| {
            add(tx, 1, -100).await?;
            Ok(tx.batch_execute("SELECT pg_sleep(1)").await?)
        });
        let begun = Instant::now();
        assert!(timeout(Duration::from_millis(200), slow).await.is_err());
        is_of_use(&bank, &mut client).await;
        assert!(begun.elapsed() >= Duration::from_millis(900), "it slept to its end: {:?}", begun.elapsed());
    });
}

#[test]
fn a_delay_that_is_abandoned_leaves_nothing_open() {
    on_both(async |bank| {
        let mut client = bank.connect().await;
        let options = patient(3_600_000, 2);
        let waiting = run_transaction(&mut client, &options, async |tx| {
            add(tx, 1, -100).await?;
            Ok(tx.batch_execute(bank.abort).await?)
        });
        assert!(timeout(Duration::from_millis(500), waiting).await.is_err());
        is_of_use(&bank, &mut client).await;
    });
}
