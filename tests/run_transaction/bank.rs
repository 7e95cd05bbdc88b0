//! Where do the transactions work? On two accounts, 1 with 1000 and 2 with 250, in a database of each test's own.

use std::future::Future;
use std::time::Duration;

use contend::retry::{Delays, Limits};
use contend::tokio_postgres::{Client, NoTls, Transaction, connect};
use contend::{BodyError, TransactionOptions};

use crate::support::{Database, Server};

#[derive(Debug)]
pub struct Bank {
    pub database: Database,
    /// A statement that this server answers with 40001.
    pub abort: &'static str,
}

fn on<F: Future<Output = ()>>(server: &Server, abort: &'static str, test: impl FnOnce(Bank) -> F) {
    let database = server.database();
    database.sql().run(
        "CREATE TABLE accounts (id INT8 PRIMARY KEY, balance INT8); \
         INSERT INTO accounts VALUES (1, 1000), (2, 250)",
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test(Bank { database, abort }));
}

/// Runs a test on a bank of PostgreSQL.
pub fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Bank) -> F) {
    on(Server::postgres(), "DO $$ BEGIN RAISE 'made up' USING ERRCODE = '40001'; END $$", test);
}

/// Runs a test on a bank of PostgreSQL, and on one of CockroachDB where there is one.
pub fn on_both<F: Future<Output = ()>>(test: impl Fn(Bank) -> F) {
    on_postgres(&test);
    if let Some(server) = Server::cockroach() {
        on(server, "SELECT crdb_internal.force_retry('1h')", &test);
    }
}

impl Bank {
    pub async fn connect(&self) -> Client {
        connect_to(&self.database.address).await
    }

    /// The balances of both accounts, as a connection of its own sees them.
    pub async fn balances(&self) -> [i64; 2] {
        balances(&self.connect().await).await
    }
}

pub async fn connect_to(address: &str) -> Client {
    let (client, connection) = connect(address, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub async fn balances(client: &Client) -> [i64; 2] {
    let rows = client.query("SELECT balance FROM accounts ORDER BY id", &[]).await.unwrap();
    [rows[0].get(0), rows[1].get(0)]
}

pub async fn read(tx: &Transaction<'_>, id: i64) -> Result<i64, BodyError> {
    Ok(tx.query_one("SELECT balance FROM accounts WHERE id = $1", &[&id]).await?.try_get(0)?)
}

pub async fn add(tx: &Transaction<'_>, id: i64, amount: i64) -> Result<(), BodyError> {
    tx.execute("UPDATE accounts SET balance = balance + $1 WHERE id = $2", &[&amount, &id]).await?;
    Ok(())
}

/// Raises an error with this SQLSTATE in the transaction.
pub async fn raise(tx: &Transaction<'_>, sqlstate: &str) -> Result<(), contend::tokio_postgres::Error> {
    tx.batch_execute(&format!("DO $$ BEGIN RAISE 'made up' USING ERRCODE = '{sqlstate}'; END $$")).await
}

/// Has every COMMIT that has changed an account answered with this SQLSTATE.
pub async fn raise_at_commit(client: &Client, sqlstate: &str) {
    let trigger = format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE 'made up' USING ERRCODE = '{sqlstate}'; END $$; \
         CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON accounts DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION refuse()"
    );
    client.batch_execute(&trigger).await.unwrap();
}

/// The same short delay each time.
pub fn patient(milliseconds: u64, max_attempts: u32) -> TransactionOptions<'static> {
    let delays = Delays::Constant(Duration::from_millis(milliseconds));
    TransactionOptions { limits: Limits { max_attempts, deadline: None }, ..TransactionOptions::new(delays) }
}
