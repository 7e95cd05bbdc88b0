//! Does the emitted Rust compile, and does it retry? It is kept in `tests/emit/rust/`, compiled with this test, and run on
//! a throw-away PostgreSQL. `CONTEND_BLESS=1 cargo test --test emit` writes it anew.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use contend::db::local::{Kind, LocalServer, Options};
use contend::report::Language;
use contend::retry::Restart;
use tokio_postgres::{Client, NoTls};

use super::policies::emitted;

const FULL: &str = "exponential:base=2ms,factor=2,cap=20ms,jitter=full/attempts:1000";

/// Each kept file: its name, its policy, its way to restart.
const KEPT: [(&str, &str, Restart); 5] = [
    ("rollback", FULL, Restart::Rollback),
    (
        "limited",
        "linear:base=2ms,cap=11ms,jitter=equal/attempts:1000/deadline:30s/budget:capacity=10000/aimd:min=2",
        Restart::Rollback,
    ),
    ("savepoint", "exponential:jitter=decorrelated/budget:capacity=10/aimd:min=2", Restart::Savepoint),
    ("reconnect", "exponential:base=3ms,cap=40ms,jitter=factor+-6.25%/attempts:1000", Restart::Reconnect),
    ("single", "age:base=20ms,half=30ms,jitter=full/deadline:1s", Restart::Single),
];

macro_rules! kept {
    ($($name:ident)*) => {
        $(
            #[allow(clippy::all, clippy::pedantic, dead_code, missing_docs, reason = "linted as its reader likes")]
            mod $name {
                include!(concat!("rust/", stringify!($name), ".txt"));
            }
        )*
    };
}

kept!(rollback limited savepoint reconnect single);

#[test]
fn the_kept_files_are_what_is_emitted() {
    for (name, policy, restart) in KEPT {
        let text = emitted(Language::Rust, policy, restart);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emit/rust").join(format!("{name}.txt"));
        if std::env::var_os("CONTEND_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{}", path.display());
    }
}

const WORKERS: u32 = 6;
const TRANSFERS: u32 = 15;

async fn connected(address: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute("SET default_transaction_isolation = 'serializable'").await?;
    Ok(client)
}

/// Moves 1 from one of two accounts to the other, both read before.
macro_rules! transfer {
    ($bodies:expr) => {
        async |tx| {
            $bodies.fetch_add(1, Ordering::Relaxed);
            let row = tx.query_one("SELECT sum(balance)::bigint FROM accounts", &[]).await?;
            assert_eq!(row.get::<_, i64>(0), 2000);
            tx.execute("UPDATE accounts SET balance = balance - 1 WHERE id = 1", &[]).await?;
            tokio::task::yield_now().await;
            tx.execute("UPDATE accounts SET balance = balance + 1 WHERE id = 2", &[]).await?;
            Ok(())
        }
    };
}

async fn balances(client: &Client) -> Vec<i64> {
    let rows = client.query("SELECT balance FROM accounts ORDER BY id", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// All workers at once, each on its connection.
macro_rules! together {
    ($worker:expr) => {
        futures_util::future::join_all((0..WORKERS).map($worker)).await
    };
}

#[tokio::test]
async fn conflicting_transfers_are_retried_and_each_is_applied_once() {
    let options = Options { kind: Some(Kind::Postgres), connections: 20, ..Options::default() };
    let server = LocalServer::start(&options).await.unwrap();
    let address = server.address();
    let client = connected(address).await.unwrap();
    let create = "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL)";
    client.batch_execute(&format!("{create}; INSERT INTO accounts VALUES (1, 1000), (2, 1000)")).await.unwrap();
    let bodies = AtomicU32::new(0);

    together!(async |_| {
        let mut client = connected(address).await.unwrap();
        for _ in 0..TRANSFERS {
            rollback::run_transaction(&mut client, transfer!(bodies)).await.unwrap();
        }
    });
    let (budget, gate) = (limited::Budget::new(), limited::Gate::new(WORKERS));
    together!(async |_| {
        let mut client = connected(address).await.unwrap();
        for _ in 0..TRANSFERS {
            limited::run_transaction(&mut client, &budget, &gate, transfer!(bodies)).await.unwrap();
        }
    });
    together!(async |_| {
        for _ in 0..TRANSFERS {
            reconnect::run_transaction(async || connected(address).await, transfer!(bodies)).await.unwrap();
        }
    });

    let applied = 3 * WORKERS * TRANSFERS;
    let moved = i64::from(applied);
    assert_eq!(balances(&client).await, [1000 - moved, 1000 + moved]);
    assert!(bodies.load(Ordering::Relaxed) > applied, "nothing was retried");
    server.stop().await;
}

#[tokio::test]
async fn an_error_that_the_body_hides_is_found_and_nothing_is_committed() {
    let options = Options { kind: Some(Kind::Postgres), connections: 5, ..Options::default() };
    let server = LocalServer::start(&options).await.unwrap();
    let mut client = connected(server.address()).await.unwrap();
    client.batch_execute("CREATE TABLE kept (id int)").await.unwrap();
    let ended = rollback::run_transaction(&mut client, async |tx| {
        tx.execute("INSERT INTO kept VALUES (1)", &[]).await?;
        let _ = tx.execute("SELECT 1 / 0", &[]).await;
        Ok(())
    });
    let error = ended.await.unwrap_err();
    assert!(matches!(&error, rollback::TransactionError::Failed(_)), "{error:?}");
    let count: i64 = client.query_one("SELECT count(*) FROM kept", &[]).await.unwrap().get(0);
    assert_eq!(count, 0);

    let ended =
        single::run_transaction(&client, async |client| Ok(client.execute("INSERT INTO kept VALUES (1)", &[]).await?));
    assert_eq!(ended.await.unwrap(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_transaction_keeps_its_place_in_the_gate_through_its_retries() {
    let options = Options { kind: Some(Kind::Postgres), connections: 5, ..Options::default() };
    let server = LocalServer::start(&options).await.unwrap();
    let (mut first, mut second) =
        (connected(server.address()).await.unwrap(), connected(server.address()).await.unwrap());
    let (budget, gate) = (limited::Budget::new(), limited::Gate::new(1));
    let order = std::sync::Mutex::new(Vec::new());
    let begun = limited::run_transaction(&mut first, &budget, &gate, async |tx| {
        order.lock().unwrap().push("first");
        if order.lock().unwrap().len() < 5 {
            tx.batch_execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$").await?;
        }
        Ok(())
    });
    let waiting = limited::run_transaction(&mut second, &budget, &gate, async |_| {
        order.lock().unwrap().push("second");
        Ok(())
    });
    let (begun, waiting) = futures_util::future::join(begun, waiting).await;
    begun.unwrap();
    waiting.unwrap();
    assert_eq!(*order.lock().unwrap(), ["first", "first", "first", "first", "first", "second"]);
    server.stop().await;
}
