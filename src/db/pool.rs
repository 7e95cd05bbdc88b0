//! Who gets a connection next? A bb8 pool with a fair queue in front of it.

use bb8_postgres::bb8;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::manager::Manager;
use super::{Cluster, Database, Failure, SessionSettings};
use crate::db::wire::WireSession;

/// The connections of one shard.
///
/// bb8 alone lets waiters starve: a worker that gives a connection back and asks again at once is served before the one
/// that was woken, so a few workers keep all connections (its pull request 164 says as much). A semaphore with as many
/// permits as connections serves first come, first served, and behind it bb8 never has to wait.
#[derive(Debug)]
pub struct Pool {
    connections: bb8::Pool<Manager>,
    queue: Semaphore,
}

impl Pool {
    /// Connects all `size` connections.
    ///
    /// # Errors
    /// The first connection that could not be made.
    pub async fn connect(cluster: &Cluster, settings: &SessionSettings, size: u32) -> Result<Self, Failure> {
        let connections = bb8::Pool::builder()
            .max_size(size)
            .min_idle(Some(size))
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .retry_connection(false)
            .build(Manager::new(cluster.clone(), settings.clone()))
            .await?;
        Ok(Self { connections, queue: Semaphore::new(size as usize) })
    }
}

impl Database for Pool {
    type Session<'a> = WireSession<'a>;

    #[expect(clippy::expect_used, reason = "see the comment")]
    async fn checkout(&self) -> Option<WireSession<'_>> {
        let permit: SemaphorePermit<'_> = self.queue.acquire().await.ok()?;
        // There are as many permits as connections, which never leave their slots, so bb8 has one for each permit.
        let slot = self.connections.get().await.expect("a permit stands for a connection");
        Some(WireSession::new(&self.connections, slot, permit))
    }

    fn close(&self) {
        self.queue.close();
    }
}
