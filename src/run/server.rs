//! Against what was it run? The database, and what it granted.

use serde::{Deserialize, Serialize};

use crate::check::Promise;
use crate::plan::Isolation;

/// The database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// CockroachDB, PostgreSQL, YugabyteDB, what it calls itself, or simulation.
    pub product: String,
    /// Its version.
    pub version: String,
    /// Where it is, without any secret.
    pub address: String,
    /// For a throw-away server: what was started, with which durability.
    pub local: Option<String>,
    /// The isolation level.
    pub isolation: GrantedIsolation,
    /// PostgreSQL, SERIALIZABLE: predicate locks on the whole accounts table were seen.
    pub relation_locks: bool,
    /// Each server that the workers were connected to.
    #[serde(default)]
    pub hosts: Vec<ServerHost>,
}

impl Server {
    /// The product of a run that had no database.
    pub const SIMULATION: &str = "simulation";

    /// Whether there was none: everything but the load, the recording and the check was simulated.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.product == Self::SIMULATION
    }

    /// What it promises at the weakest level that it granted.
    #[must_use]
    pub fn promise(&self) -> Promise {
        let granted = self.isolation.granted.iter().map(|answer| Isolation::from_server(answer));
        // An answer that nobody knows is as good as none.
        let levels: Option<Vec<Isolation>> = granted.collect();
        Promise::of(&self.product, levels.and_then(|levels| levels.into_iter().min()))
    }
}

/// One of the servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHost {
    /// `user@host:port/database`.
    pub address: String,
    /// Connections that were made to it, those after a loss included.
    pub connections: u64,
}

/// The level that was asked for, and what the server said when it was asked back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedIsolation {
    /// As the flag is written.
    pub asked: String,
    /// Every answer of `SHOW transaction_isolation` on any connection, in the server's words.
    pub granted: Vec<String>,
    /// The weakest answer is weaker than what was asked for.
    pub weaker: bool,
}
