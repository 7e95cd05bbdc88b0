//! CockroachDB's tutorial for Python and psycopg2, in Rust: two accounts, and a transfer that is tried again until it
//! is committed.
//!
//! ```sh
//! cargo run --example run_transaction postgres://root@localhost:26257/bank
//! ```
//!
//! It makes a table of its own, `contend_example`, and drops it at the end; where there is one already it stops. The
//! connection is made without TLS, to keep the example short.

use std::process::ExitCode;

use contend::retry::Delays;
use contend::tokio_postgres::{Client, NoTls, Transaction, connect};
use contend::{BodyError, Retrying, TransactionOptions, run_transaction};

/// Id and balance of every account.
type Balances = Vec<(i64, i64)>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("error: give the address of a database");
        return ExitCode::from(2);
    };
    match run(&url).await {
        Ok((before, after)) => {
            println!("Balances before: {before:?}\nBalances after:  {after:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            // The driver's own words end before what the server said.
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            eprintln!("error: {error}{cause}");
            ExitCode::from(4)
        }
    }
}

/// The whole tutorial. Answers with the balances before and after the transfer.
pub async fn run(url: &str) -> Result<(Balances, Balances), BodyError> {
    let (mut client, connection) = connect(url, NoTls).await?;
    tokio::spawn(connection);
    create_accounts(&client).await?;
    let done = tutorial(&mut client).await;
    client.batch_execute("DROP TABLE contend_example").await?;
    done
}

async fn tutorial(client: &mut Client) -> Result<(Balances, Balances), BodyError> {
    let before = balances(client).await?;
    let tell = |retrying: &Retrying<'_>| {
        println!("attempt {}: {}; again in {:?}", retrying.attempt, retrying.reason, retrying.delay);
    };
    let options = TransactionOptions { on_retry: Some(&tell), ..TransactionOptions::new(Delays::Tutorial) };
    let (from, to, amount) = (1, 2, 100);
    run_transaction(client, &options, async |tx| transfer_funds(tx, from, to, amount).await).await?;

    Ok((before, balances(client).await?))
}

async fn create_accounts(client: &Client) -> Result<(), BodyError> {
    client.batch_execute("CREATE TABLE contend_example (id INT8 PRIMARY KEY, balance INT8)").await?;
    Ok(client.batch_execute("INSERT INTO contend_example (id, balance) VALUES (1, 1000), (2, 250)").await?)
}

async fn balances(client: &Client) -> Result<Balances, BodyError> {
    let rows = client.query("SELECT id, balance FROM contend_example ORDER BY id", &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Checks the balance, debits, credits. It may run several times; each time the one before was rolled back.
async fn transfer_funds(tx: &Transaction<'_>, from: i64, to: i64, amount: i64) -> Result<(), BodyError> {
    let row = tx.query_one("SELECT balance FROM contend_example WHERE id = $1", &[&from]).await?;
    let balance: i64 = row.try_get(0)?;
    if balance < amount {
        return Err(format!("insufficient funds in {from}: have {balance}, need {amount}").into());
    }
    tx.execute("UPDATE contend_example SET balance = balance - $1 WHERE id = $2", &[&amount, &from]).await?;
    tx.execute("UPDATE contend_example SET balance = balance + $1 WHERE id = $2", &[&amount, &to]).await?;
    Ok(())
}
