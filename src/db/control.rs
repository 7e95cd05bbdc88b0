//! How is the work around the load done? One connection of its own, one bounded statement at a time.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::try_join3;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, SimpleQueryMessage, SimpleQueryRow};

use super::cluster::Cluster;
use super::route::Link;
use super::{Class, Error, Failure, Product, ServerVersion, Target, classify};
use crate::history::{Cause, Phase, Sqlstate};

/// Statements around the load are run again this often when the server asks for it.
const ATTEMPTS: u32 = 10;
/// Before the nth retry n times this long: half a second in all.
const RETRY_PAUSE: Duration = Duration::from_millis(10);
/// The same after a lost connection: nine seconds in all, beside what connecting takes, in which a server can start again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(200);

/// No statement but those on whole tables is waited for longer than this.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Statements on whole tables may take this long.
const PATIENCE: Duration = Duration::from_mins(30);

/// A connection for everything but transactions. When it is lost it is made anew.
#[derive(Clone, Debug)]
pub struct Control {
    client: Rc<RefCell<Rc<Client>>>,
    cluster: Cluster,
    server: ServerVersion,
    encryption: String,
    timeout: Duration,
}

impl Control {
    /// Connects and asks what is there.
    pub async fn connect(target: &Target) -> Result<Self, Error> {
        let cluster = Cluster::new(target)?;
        let Link { made, encryption, .. } =
            cluster.connect::<Client>().await.map_err(|failure| cluster.refused(failure))?;
        let client = Rc::new(RefCell::new(Rc::new(made)));
        let server = ServerVersion { product: Product::Other, version: String::new() };
        let mut control = Self { client, cluster, server, encryption, timeout: TIMEOUT };
        let answer = control.value("ask for the version", "SELECT version()").await?;
        control.server = ServerVersion::parse(&answer);
        control.require_database().await?;
        Ok(control)
    }

    /// CockroachDB lets anyone connect to a database that does not exist, and refuses the first statement instead.
    async fn require_database(&self) -> Result<(), Error> {
        if self.server.product != Product::Cockroach {
            return Ok(());
        }
        let doing = "look for the database";
        let sql = "SELECT count(*)::INT8 FROM pg_catalog.pg_database WHERE datname = current_database()";
        let found: i64 = match self.row(doing, sql, &[]).await {
            // Some versions refuse to look anything up from a database that is not there.
            Err(Error::Statement { failure, .. }) if failure.cause.sqlstate == Sqlstate::NO_DATABASE => {
                return Err(self.cluster.refused(failure));
            }
            answer => answer?.map_or(0, |row| row.get(0)),
        };
        if found > 0 {
            return Ok(());
        }
        let name = self.value(doing, "SHOW database").await.unwrap_or_default();
        let cause = Cause { sqlstate: Sqlstate::NO_DATABASE, reason: "no such database" };
        let failure = Failure { cause, message: format!("database \"{name}\" does not exist"), lost: true };
        Err(self.cluster.refused(failure))
    }

    /// The servers that it connects to.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// How the first connection is encrypted: `TLS 1.3, verify-full`, or `none`.
    #[must_use]
    pub fn encryption(&self) -> &str {
        &self.encryption
    }

    /// Product and version.
    #[must_use]
    pub fn server(&self) -> &ServerVersion {
        &self.server
    }

    /// The same connection, for statements that take no longer than this.
    pub(super) fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The same connection, for statements on whole tables.
    pub(super) fn patient(&self) -> Self {
        Self { timeout: PATIENCE, ..self.clone() }
    }

    /// Runs statements without an answer.
    pub(super) async fn execute(&self, doing: &'static str, sql: &str) -> Result<(), Error> {
        self.again(doing, async |client| client.batch_execute(sql).await).await
    }

    /// Runs statements as one transaction. In PostgreSQL those of one string are one anyway (its documentation, 55.2.2.1).
    pub(super) async fn execute_as_one(&self, doing: &'static str, sql: &str) -> Result<(), Error> {
        if self.server.product != Product::Cockroach {
            return self.execute(doing, sql).await;
        }
        let sql = format!("BEGIN; {sql}; COMMIT");
        self.again(doing, async |client| {
            let done = client.batch_execute(&sql).await;
            if done.is_err() {
                client.batch_execute("ROLLBACK").await.ok();
            }
            done
        })
        .await
    }

    /// Runs one statement and answers with the number of rows it changed.
    pub(super) async fn change(&self, doing: &'static str, sql: &str, values: &[&str]) -> Result<u64, Error> {
        self.again(doing, async |client| client.execute_typed(sql, &typed(values)).await).await
    }

    /// Runs one query.
    pub(super) async fn rows(&self, doing: &'static str, sql: &str, values: &[&str]) -> Result<Vec<Row>, Error> {
        self.again(doing, async |client| client.query_typed(sql, &typed(values)).await).await
    }

    /// Runs one query that answers with at most one row.
    pub(super) async fn row(&self, doing: &'static str, sql: &str, values: &[&str]) -> Result<Option<Row>, Error> {
        self.again(doing, async |client| client.query_typed_opt(sql, &typed(values)).await).await
    }

    /// Runs one query and reads its rows as they come, so that they are never all in memory twice.
    pub(super) async fn collect<T>(
        &self,
        doing: &'static str,
        sql: &str,
        read: impl Fn(&Row) -> Result<T, tokio_postgres::Error>,
    ) -> Result<Vec<T>, Error> {
        self.again(doing, async |client| {
            let mut rows = pin!(client.query_typed_raw(sql, typed(&[])).await?);
            let mut list = Vec::new();
            while let Some(row) = rows.try_next().await? {
                list.push(read(&row)?);
            }
            Ok(list)
        })
        .await
    }

    /// Runs one query for one text, such as SHOW.
    pub(super) async fn value(&self, doing: &'static str, sql: &str) -> Result<String, Error> {
        let row = self.row(doing, sql, &[]).await?;
        Ok(row.and_then(|row| row.try_get(0).ok()).unwrap_or_default())
    }

    /// Runs statements in one round trip, and answers with the first value there is.
    pub(super) async fn first_value(&self, doing: &'static str, sql: &str) -> Result<Option<String>, Error> {
        let answer = self.again(doing, async |client| client.simple_query(sql).await).await?;
        Ok(answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        }))
    }

    /// Reads one row in a transaction that begins like this: once, in one round trip, and every value as text. The three
    /// statements are sent without waiting for each other; where the second one fails, COMMIT is answered ROLLBACK.
    pub(super) async fn row_within(
        &self,
        doing: &'static str,
        begin: &str,
        sql: &str,
    ) -> Result<SimpleQueryRow, Error> {
        let client = Rc::clone(&self.client.borrow());
        let flight = try_join3(client.batch_execute(begin), client.simple_query(sql), client.batch_execute("COMMIT"));
        let answered = tokio::time::timeout(self.timeout, flight).await;
        let ((), messages, ()) = answered
            .map_err(|_| Error::Silent { doing, after: self.timeout })?
            .map_err(|error| Error::Statement { doing, failure: error.into() })?;
        let row = messages.into_iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        row.ok_or_else(|| Error::Statement { doing, failure: Failure::unexpected_answer("no row") })
    }

    /// Every statement stands alone: one that was aborted can be run again, and one whose connection was lost either has
    /// the same effect twice or is refused the second time.
    async fn again<T>(
        &self,
        doing: &'static str,
        mut run: impl AsyncFnMut(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        let mut attempt = 1;
        loop {
            let client = Rc::clone(&self.client.borrow());
            let failure = match tokio::time::timeout(self.timeout, run(&client)).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => Failure::from(error),
                Err(_) => return Err(Error::Silent { doing, after: self.timeout }),
            };
            let class = classify(&failure, Phase::Body);
            if attempt == ATTEMPTS || !matches!(class, Class::Retry | Class::Reconnect) {
                return Err(Error::Statement { doing, failure });
            }
            let pause = if failure.lost { RECONNECT_PAUSE } else { RETRY_PAUSE };
            tokio::time::sleep(pause * attempt).await;
            if failure.lost
                && let Ok(link) = self.cluster.connect::<Client>().await
            {
                self.client.replace(Rc::new(link.made));
            }
            attempt += 1;
        }
    }

    /// How many connections the server takes, and how many of them it keeps for superusers; nothing for servers that
    /// have no such limit.
    pub async fn connection_limit(&self) -> Result<Option<(u32, u32)>, Error> {
        if self.server.product != Product::Postgres {
            return Ok(None);
        }
        let doing = "ask for the connection limit";
        let limit = self.value(doing, "SHOW max_connections").await?.parse().unwrap_or(u32::MAX);
        let reserved = self.value(doing, "SHOW superuser_reserved_connections").await?.parse().unwrap_or(0);
        let superuser = self.value(doing, "SHOW is_superuser").await? == "on";
        Ok(Some((limit, if superuser { 0 } else { reserved })))
    }
}

/// Values for a statement that is prepared under no name, and only for once: behind a pooler of transactions the next
/// message may go to another connection of the server, which knows no names from this one.
fn typed<'a>(values: &'a [&'a str]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    values.iter().map(|value| (value as &(dyn ToSql + Sync), Type::TEXT)).collect()
}
