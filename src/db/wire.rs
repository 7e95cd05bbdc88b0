//! How does a flight travel? PostgreSQL's protocol by tokio-postgres, one statement per round trip.

use bb8_postgres::bb8::{self, PooledConnection};
use tokio::sync::SemaphorePermit;
use tokio_postgres::{Client, NoTls};

use super::manager::{Connection, Manager};
use super::{Answer, Failure, Session, Statement};
use crate::history::Row;

/// A pooled connection, held for one transaction.
#[derive(Debug)]
pub struct WireSession<'a> {
    pool: &'a bb8::Pool<Manager>,
    connection: PooledConnection<'a, Manager>,
    // Given back after the connection: fields are dropped in their order.
    _permit: SemaphorePermit<'a>,
}

impl<'a> WireSession<'a> {
    pub(super) fn new(
        pool: &'a bb8::Pool<Manager>,
        connection: PooledConnection<'a, Manager>,
        permit: SemaphorePermit<'a>,
    ) -> Self {
        Self { pool, connection, _permit: permit }
    }
}

impl Session for WireSession<'_> {
    async fn flight(&mut self, statements: &[Statement], answers: &mut Vec<Answer>) -> Result<(), Failure> {
        for statement in statements {
            let answer = self.connection.run(statement).await?;
            answers.push(answer);
        }
        Ok(())
    }

    fn is_open(&self) -> bool {
        !self.connection.lost && !self.connection.client.is_closed()
    }

    async fn reconnect(&mut self) -> Result<(), Failure> {
        *self.connection = self.pool.dedicated_connection().await?;
        Ok(())
    }
}

impl Connection {
    async fn run(&mut self, statement: &Statement) -> Result<Answer, Failure> {
        let Self { client, begin, read, add, watchdog, lost } = self;
        let result = match *statement {
            Statement::Begin => watchdog.guard(client.batch_execute(begin)).await.map(done),
            Statement::Commit => watchdog.guard(client.batch_execute("COMMIT")).await.map(done),
            Statement::Rollback => watchdog.guard(client.batch_execute("ROLLBACK")).await.map(done),
            Statement::Read { account } => watchdog.guard(read_row(client, read, account)).await,
            Statement::Add { account, delta, writer } => {
                watchdog.guard(add_to(client, add, account, delta, writer)).await
            }
        };
        let result = result.unwrap_or_else(|_| {
            cancel(client);
            Err(Failure::timeout(watchdog.limit()))
        });
        if let Err(failure) = &result {
            *lost |= failure.lost;
        }
        result
    }
}

fn done(answer: Result<(), tokio_postgres::Error>) -> Result<Answer, Failure> {
    answer.map(|()| Answer::Done).map_err(Failure::from)
}

async fn read_row(client: &Client, statement: &tokio_postgres::Statement, account: i64) -> Result<Answer, Failure> {
    let row = client.query_opt(statement, &[&account]).await?.ok_or_else(|| Failure::missing_account(account))?;
    Ok(Answer::Row(Row { balance: row.try_get(0)?, version: row.try_get(1)?, writer: row.try_get(2)? }))
}

async fn add_to(
    client: &Client,
    statement: &tokio_postgres::Statement,
    account: i64,
    delta: i64,
    writer: i64,
) -> Result<Answer, Failure> {
    let row = client.query_opt(statement, &[&account, &delta, &writer]).await?;
    let row = row.ok_or_else(|| Failure::missing_account(account))?;
    Ok(Answer::Row(Row { balance: row.try_get(0)?, version: row.try_get(1)?, writer }))
}

/// Asks the server to give up what a connection is doing, so that it does not hold its locks until it notices that nobody
/// listens. Whether that helps is not waited for.
fn cancel(client: &Client) {
    let token = client.cancel_token();
    tokio::spawn(async move { token.cancel_query(NoTls).await });
}
