//! How does a flight travel? PostgreSQL's protocol by tokio-postgres, one statement or one text per round trip.

use std::pin::pin;
use std::time::Duration;

use bb8_postgres::bb8::{self, PooledConnection};
use futures_util::TryStreamExt;
use tokio::sync::SemaphorePermit;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::answers::answer;
use super::manager::{Connection, Dialect, Manager};
use super::statements::{Statements, not_prepared};
use super::text::Texts;
use super::tls::Connector;
use super::{Answer, Failure, Session, Statement};

/// A connection that could not be made is not tried again sooner.
const RECONNECT_PAUSE: Duration = Duration::from_millis(50);
/// A server that does not answer a request to cancel either is left alone.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// A pooled connection, held for one transaction.
#[derive(Debug)]
pub struct WireSession<'a> {
    pool: &'a bb8::Pool<Manager>,
    slot: PooledConnection<'a, Manager>,
    // Given back after the slot: fields are dropped in their order.
    _permit: SemaphorePermit<'a>,
}

impl<'a> WireSession<'a> {
    pub(super) fn new(
        pool: &'a bb8::Pool<Manager>,
        slot: PooledConnection<'a, Manager>,
        permit: SemaphorePermit<'a>,
    ) -> Self {
        Self { pool, slot, _permit: permit }
    }
}

impl Session for WireSession<'_> {
    async fn flight(&mut self, statements: &[Statement], answers: &mut Vec<Answer>) -> Result<(), Failure> {
        let Some(connection) = &mut self.slot.0 else { return Err(Failure::connection_lost()) };
        let flown = connection.fly(statements, answers).await;
        if flown.as_ref().is_err_and(|failure| failure.lost) {
            self.slot.0 = None;
        }
        flown
    }

    fn node(&self) -> u16 {
        self.slot.0.as_ref().map_or(0, |connection| connection.node)
    }

    fn is_open(&self) -> bool {
        self.slot.0.as_ref().is_some_and(|connection| !connection.client.is_closed())
    }

    async fn reconnect(&mut self) -> Result<(), Failure> {
        self.slot.0 = None;
        match self.pool.dedicated_connection().await {
            Ok(made) => *self.slot = made,
            Err(failure) => {
                // Without any backoff a server that refuses would be asked thousands of times a second.
                tokio::time::sleep(RECONNECT_PAUSE).await;
                return Err(failure);
            }
        }
        Ok(())
    }
}

impl Connection {
    async fn fly(&mut self, statements: &[Statement], answers: &mut Vec<Answer>) -> Result<(), Failure> {
        let Self { client, connector, dialect, watchdog, text, cells, .. } = self;
        let flown = match dialect {
            Dialect::Driver { begin, statements: prepared } => {
                watchdog.guard(one_by_one(client, begin, prepared, statements, cells, answers)).await
            }
            Dialect::Text(texts) => {
                text.clear();
                if !statements.iter().all(|statement| texts.write(*statement, text)) {
                    return Err(not_prepared());
                }
                watchdog.guard(together(client, texts, text, statements, cells, answers)).await
            }
        };
        flown.unwrap_or_else(|_| {
            cancel(client, connector);
            Err(Failure::timeout(watchdog.limit()))
        })
    }
}

/// Sends each statement when the one before it was answered.
async fn one_by_one(
    client: &Client,
    begin: &str,
    prepared: &Statements,
    statements: &[Statement],
    cells: &mut Vec<i64>,
    answers: &mut Vec<Answer>,
) -> Result<(), Failure> {
    for statement in statements {
        cells.clear();
        match statement {
            Statement::Begin => client.batch_execute(begin).await?,
            Statement::Commit => client.batch_execute("COMMIT").await?,
            Statement::Rollback => client.batch_execute("ROLLBACK").await?,
            Statement::Access { .. } => prepared.run(client, *statement, cells).await?,
        }
        answers.push(answer(*statement, cells)?);
    }
    Ok(())
}

/// Sends all statements in one text. Behind one that fails the server runs none.
async fn together(
    client: &Client,
    texts: &Texts,
    text: &str,
    statements: &[Statement],
    cells: &mut Vec<i64>,
    answers: &mut Vec<Answer>,
) -> Result<(), Failure> {
    let mut messages = pin!(client.simple_query_raw(text).await?);
    let mut failure = None;
    for statement in statements {
        cells.clear();
        let mut parts = if *statement == Statement::Begin { texts.begin_parts() } else { 1 };
        while parts > 0 {
            match messages.try_next().await? {
                Some(SimpleQueryMessage::Row(row)) => read(&row, cells)?,
                Some(SimpleQueryMessage::CommandComplete(_)) => parts -= 1,
                Some(_) => {}
                None => return Err(Failure::unexpected_answer("fewer answers than statements")),
            }
        }
        match (&failure, answer(*statement, cells)) {
            (None, Ok(answer)) => answers.push(answer),
            // What stands behind it has been run all the same, COMMIT included.
            (None, Err(found)) => {
                failure = Some(Failure { lost: found.lost || statements.contains(&Statement::Commit), ..found });
            }
            (Some(_), _) => {}
        }
    }
    failure.map_or(Ok(()), Err)
}

fn read(row: &SimpleQueryRow, cells: &mut Vec<i64>) -> Result<(), Failure> {
    for column in 0..row.len() {
        let number = row.try_get(column)?.and_then(|text| text.parse().ok());
        cells.push(number.ok_or_else(|| Failure::unexpected_answer("no whole number"))?);
    }
    Ok(())
}

/// Asks the server to give up what a connection is doing, so that it does not hold its locks until it notices that nobody
/// listens. Whether that helps is not waited for.
fn cancel(client: &Client, connector: &Connector) {
    let (token, maker) = (client.cancel_token(), connector.maker.clone());
    tokio::spawn(async move { tokio::time::timeout(CANCEL_TIMEOUT, token.cancel_query(maker)).await });
}
