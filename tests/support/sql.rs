//! How do tests look into a database, and meddle with it? Through a connection that owes nothing to contend.

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// A connection for one test.
#[derive(Debug)]
pub struct Sql {
    runtime: Runtime,
    client: Client,
}

impl Sql {
    pub fn connect(address: &str) -> Self {
        Self::open(address).unwrap()
    }

    /// None while the server does not let anyone in yet.
    pub fn try_connect(address: &str) -> Option<Self> {
        Self::open(address).ok()
    }

    fn open(address: &str) -> Result<Self, tokio_postgres::Error> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
            tokio::spawn(connection);
            Ok(client)
        });
        client.map(|client| Self { runtime, client })
    }

    /// The rows of one or more statements, every value as text. A serialization failure is tried again: it is what the
    /// load next to this connection provokes.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        for _ in 0..50 {
            match self.runtime.block_on(self.client.simple_query(sql)) {
                Ok(messages) => return messages.iter().filter_map(values).collect(),
                Err(error) if error.code().is_some_and(|code| code.code() == "40001") => {}
                Err(error) => panic!("{sql}: {error:?}"),
            }
        }
        panic!("{sql}: aborted again and again");
    }

    pub fn run(&self, sql: &str) {
        self.rows(sql);
    }

    /// The only value.
    pub fn text(&self, sql: &str) -> String {
        match self.rows(sql).as_slice() {
            [row] if row.len() == 1 => row[0].clone(),
            rows => panic!("{sql}: {rows:?} is not one value"),
        }
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.text(sql).parse().unwrap()
    }

    pub fn schema_exists(&self, name: &str) -> bool {
        self.number(&format!("SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = '{name}'")) == 1
    }

    /// How many writes there have been since the accounts were made; none while there are no accounts.
    pub fn writes(&self) -> i64 {
        let tables =
            "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = 'contend' AND tablename = 'accounts'";
        if self.number(tables) == 0 {
            return 0;
        }
        self.number("SELECT coalesce(sum(version), 0) FROM contend.accounts")
    }

    /// Id, balance, version and writer of every account.
    pub fn accounts(&self) -> Vec<[i64; 4]> {
        let rows = self.rows("SELECT id, balance, version, writer FROM contend.accounts ORDER BY id");
        rows.iter().map(|row| [0, 1, 2, 3].map(|column: usize| row[column].parse().unwrap())).collect()
    }
}

fn values(message: &SimpleQueryMessage) -> Option<Vec<String>> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    Some((0..row.len()).map(|column| row.get(column).unwrap_or_default().to_owned()).collect())
}
