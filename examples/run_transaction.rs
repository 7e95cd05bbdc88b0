//! CockroachDB's tutorial for Python and psycopg2, in Rust: two accounts, and a transfer that is tried again until it
//! is committed.
//!
//! ```sh
//! cargo run --example run_transaction postgres://root@localhost:26257/bank
//! ```
//!
//! Without an argument the address is that of `DATABASE_URL`. The table `accounts` of that database is made where there
//! is none. Its accounts 1 and 2 are set to the tutorial's balances, and removed at the end: use a database of its own.

use contend::retry::Policy;
use contend::tokio_postgres::{Client, NoTls, Transaction, connect};
use contend::{BodyError, Retrying, TransactionOptions, run_transaction};

/// Id and balance of every account.
type Balances = Vec<(i64, i64)>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BodyError> {
    let url = std::env::args().nth(1).or_else(|| std::env::var("DATABASE_URL").ok());
    let url = url.ok_or("give the address of a database, or set DATABASE_URL")?;
    let (before, after) = run(&url).await?;
    println!("Balances before: {before:?}\nBalances after:  {after:?}");
    Ok(())
}

/// The whole tutorial. Answers with the balances before and after the transfer.
pub async fn run(url: &str) -> Result<(Balances, Balances), BodyError> {
    let (mut client, connection) = connect(url, NoTls).await?;
    tokio::spawn(connection);
    create_accounts(&client).await?;
    let before = balances(&client).await?;

    let tell = |retrying: &Retrying<'_>| {
        println!("attempt {}: {}; again in {:?}", retrying.attempt, retrying.reason, retrying.delay);
    };
    let options = TransactionOptions { on_retry: Some(&tell), ..TransactionOptions::new(Policy::Tutorial) };
    let (from, to, amount) = (1, 2, 100);
    run_transaction(&mut client, &options, async |tx| transfer_funds(tx, from, to, amount).await).await?;

    let after = balances(&client).await?;
    client.batch_execute("DELETE FROM accounts WHERE id IN (1, 2)").await?;
    Ok((before, after))
}

async fn create_accounts(client: &Client) -> Result<(), BodyError> {
    client.batch_execute("CREATE TABLE IF NOT EXISTS accounts (id INT8 PRIMARY KEY, balance INT8)").await?;
    client
        .batch_execute(
            "INSERT INTO accounts (id, balance) VALUES (1, 1000), (2, 250) \
             ON CONFLICT (id) DO UPDATE SET balance = excluded.balance",
        )
        .await?;
    Ok(())
}

async fn balances(client: &Client) -> Result<Balances, BodyError> {
    let rows = client.query("SELECT id, balance FROM accounts ORDER BY id", &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Checks the balance, debits, credits. It may run several times; each time the one before was rolled back.
async fn transfer_funds(tx: &Transaction<'_>, from: i64, to: i64, amount: i64) -> Result<(), BodyError> {
    let row = tx.query_one("SELECT balance FROM accounts WHERE id = $1", &[&from]).await?;
    let balance: i64 = row.try_get(0)?;
    if balance < amount {
        return Err(format!("insufficient funds in {from}: have {balance}, need {amount}").into());
    }
    tx.execute("UPDATE accounts SET balance = balance - $1 WHERE id = $2", &[&amount, &from]).await?;
    tx.execute("UPDATE accounts SET balance = balance + $1 WHERE id = $2", &[&amount, &to]).await?;
    Ok(())
}
