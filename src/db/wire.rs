//! How does a flight travel? PostgreSQL's protocol by tokio-postgres, one statement per round trip.

use std::time::Duration;

use bb8_postgres::bb8::{self, PooledConnection};
use tokio::sync::SemaphorePermit;
use tokio_postgres::Client;

use super::manager::{Connection, Manager};
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
        for statement in statements {
            let Some(connection) = &mut self.slot.0 else { return Err(Failure::connection_lost()) };
            match connection.run(statement).await {
                Ok(answer) => answers.push(answer),
                Err(failure) => {
                    if failure.lost {
                        self.slot.0 = None;
                    }
                    return Err(failure);
                }
            }
        }
        Ok(())
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
    async fn run(&mut self, statement: &Statement) -> Result<Answer, Failure> {
        let Self { client, connector, begin, statements, watchdog, .. } = self;
        let result = match *statement {
            Statement::Begin => watchdog.guard(client.batch_execute(begin)).await.map(done),
            Statement::Commit => watchdog.guard(client.batch_execute("COMMIT")).await.map(done),
            Statement::Rollback => watchdog.guard(client.batch_execute("ROLLBACK")).await.map(done),
            Statement::Access { access, writer } => watchdog.guard(statements.run(client, access, writer)).await,
        };
        result.unwrap_or_else(|_| {
            cancel(client, connector);
            Err(Failure::timeout(watchdog.limit()))
        })
    }
}

fn done(answer: Result<(), tokio_postgres::Error>) -> Result<Answer, Failure> {
    answer.map(|()| Answer::Done).map_err(Failure::from)
}

/// Asks the server to give up what a connection is doing, so that it does not hold its locks until it notices that nobody
/// listens. Whether that helps is not waited for.
fn cancel(client: &Client, connector: &Connector) {
    let (token, maker) = (client.cancel_token(), connector.maker.clone());
    tokio::spawn(async move { tokio::time::timeout(CANCEL_TIMEOUT, token.cancel_query(maker)).await });
}
