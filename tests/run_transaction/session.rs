//! Which isolation level does a transaction have, and does the example do what the tutorial does?

use contend::plan::Isolation;
use contend::tokio_postgres::Client;
use contend::{TransactionOptions, run_transaction};

use crate::bank::{on_postgres, patient};
use crate::example;
use crate::support::Server;

async fn level(client: &mut Client, isolation: Option<Isolation>) -> String {
    let options = TransactionOptions { isolation, ..patient(0, 1) };
    let committed = run_transaction(client, &options, async |tx| {
        Ok(tx.query_one("SHOW transaction_isolation", &[]).await?.try_get(0)?)
    });
    committed.await.unwrap().value
}

#[test]
fn the_isolation_level_is_the_one_asked_for_or_the_sessions_own() {
    on_postgres(async |bank| {
        let mut client = bank.connect().await;
        assert_eq!(level(&mut client, None).await, "read committed");
        client.batch_execute("SET default_transaction_isolation = 'repeatable read'").await.unwrap();
        assert_eq!(level(&mut client, None).await, "repeatable read");
        assert_eq!(level(&mut client, Some(Isolation::Serializable)).await, "serializable");
        assert_eq!(level(&mut client, Some(Isolation::RepeatableRead)).await, "repeatable read");
        assert_eq!(level(&mut client, Some(Isolation::ReadCommitted)).await, "read committed");
    });
}

#[test]
fn the_example_moves_the_money_of_the_tutorial() {
    let moved = |server: &Server| {
        let database = server.database();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (before, after) = runtime.block_on(example::run(&database.address)).unwrap();
        assert_eq!((before, after), (vec![(1, 1000), (2, 250)], vec![(1, 900), (2, 350)]));
        let sql = database.sql();
        let tables = "SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = 'contend_example'";
        assert_eq!(sql.number(tables), 0, "it cleans up");
        sql.run("CREATE TABLE contend_example (id INT8 PRIMARY KEY, balance INT8); INSERT INTO contend_example VALUES (1, 7)");
        assert!(runtime.block_on(example::run(&database.address)).is_err());
        assert_eq!(sql.number("SELECT sum(balance)::INT8 FROM contend_example"), 7, "what is there is not touched");
    };
    moved(Server::postgres());
    if let Some(server) = Server::cockroach() {
        moved(server);
    }
}
