//! What does the engine see of a connection? One that sends its flights, and can be made anew.

use std::time::Duration;

use bb8_postgres::bb8::{self, PooledConnection};
use tokio::sync::SemaphorePermit;

use crate::db::manager::{Connection, Manager};
use crate::db::{Answer, Failure, Session, Statement};

/// A connection that could not be made is not tried again sooner.
const RECONNECT_PAUSE: Duration = Duration::from_millis(50);

/// A pooled connection, held for one transaction.
#[derive(Debug)]
pub struct WireSession<'a> {
    pool: &'a bb8::Pool<Manager>,
    slot: PooledConnection<'a, Manager>,
    // Given back after the slot: fields are dropped in their order.
    _permit: SemaphorePermit<'a>,
}

impl<'a> WireSession<'a> {
    pub(in crate::db) fn new(
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
        let Connection { wire, dialect, canceling, watchdog, .. } = &mut **connection;
        let flown = watchdog.guard(wire.fly(dialect, statements, answers)).await.unwrap_or_else(|_| {
            canceling.request();
            Err(Failure::timeout(watchdog.limit()))
        });
        if !wire.is_settled() || flown.as_ref().is_err_and(|failure| failure.lost) {
            self.slot.0 = None;
        }
        flown
    }

    fn node(&self) -> u16 {
        self.slot.0.as_ref().map_or(0, |connection| connection.node)
    }

    fn is_open(&self) -> bool {
        self.slot.0.as_ref().is_some_and(|connection| connection.wire.is_open())
    }

    fn close(&mut self) {
        self.slot.0 = None;
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
