//! Who gets a connection next? First come, first served, as with the pool of real ones.

use std::cell::RefCell;
use std::collections::VecDeque;

use tokio::sync::Semaphore;

use super::server::SimServer;
use super::session::{Connection, SimSession};
use crate::db::Database;

/// The connections of one shard to a simulated server.
#[derive(Debug)]
pub struct SimDatabase {
    pub(super) server: SimServer,
    queue: Semaphore,
    pub(super) idle: RefCell<VecDeque<Connection>>,
}

impl SimDatabase {
    pub(super) fn new(server: SimServer, connections: u32) -> Self {
        let idle = (0..connections).map(|_| Connection::make(&server)).collect();
        Self { server, queue: Semaphore::new(connections as usize), idle: RefCell::new(idle) }
    }
}

impl Database for SimDatabase {
    type Session<'a> = SimSession<'a>;

    async fn checkout(&self) -> Option<SimSession<'_>> {
        let permit = self.queue.acquire().await.ok()?;
        // There are as many permits as connections, and who has a permit has one of them.
        let connection = self.idle.borrow_mut().pop_front()?;
        Some(SimSession::new(self, connection, permit))
    }

    fn close(&self) {
        self.queue.close();
    }
}
