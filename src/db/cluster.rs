//! Which server is connected to next? The servers of a target, in turn.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::RngExt;
use tokio_postgres::config::TargetSessionAttrs;

use super::address::{Node, Order, Target};
use super::route::{Connect, Link};
use super::server::Server;
use super::{Error, Failure};

/// The servers of a target, with their certificates read. Its clones take turns together.
#[derive(Clone)]
pub struct Cluster {
    /// One after the other; more than one when some servers are preferred to others.
    passes: Arc<[Vec<Server>]>,
    order: Order,
    next: Arc<AtomicUsize>,
    display: String,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Cluster({})", self.display)
    }
}

impl Cluster {
    /// Reads the certificates that the target names. Connects to nothing yet.
    pub fn new(target: &Target) -> Result<Self, Error> {
        let server = |node: &Node| Server::new(node).map_err(|error| Error::Tls(Arc::new(error)));
        let servers = |nodes: &[Node]| nodes.iter().map(server).collect::<Result<Vec<_>, Error>>();
        let mut passes = Vec::new();
        if target.prefer_standby {
            let mut standbys = target.nodes.clone();
            for node in &mut standbys {
                node.config.target_session_attrs(TargetSessionAttrs::ReadOnly);
            }
            passes.push(servers(&standbys)?);
        }
        passes.push(servers(&target.nodes)?);
        let (order, next, display) = (target.order, Arc::clone(&target.next), target.display.clone());
        Ok(Self { passes: passes.into(), order, next, display })
    }

    /// The error of a connection to it.
    #[must_use]
    pub fn refused(&self, failure: Failure) -> Error {
        Error::Connect { address: self.display.clone(), failure }
    }

    /// Whether there is more than one server.
    pub(super) fn is_several(&self) -> bool {
        self.passes.iter().any(|servers| servers.len() > 1)
    }

    /// A connection for statements of the caller's own.
    pub async fn client(&self) -> Result<tokio_postgres::Client, Error> {
        self.connect().await.map(|link| link.made).map_err(|failure| self.refused(failure))
    }

    /// The longest time that one of the servers is given.
    pub(super) fn connect_timeout(&self) -> Duration {
        self.passes.iter().flatten().map(Server::connect_timeout).max().unwrap_or_default()
    }

    /// Connects to the next server that lets us in. One that answers and refuses the login is the last one that is asked:
    /// the others would too (PostgreSQL documentation, 34.1.1.3).
    pub(super) async fn connect<C: Connect>(&self) -> Result<Link<C>, Failure> {
        let mut refusals = Vec::new();
        for servers in self.passes.iter() {
            let first = self.first(servers.len());
            for index in 0..servers.len() {
                let server = &servers[(first + index) % servers.len()];
                let failure = match server.connect().await {
                    Ok(link) => return Ok(link),
                    Err(failure) if servers.len() > 1 => failure.of(server.name()),
                    Err(failure) => failure,
                };
                if failure.is_login() {
                    return Err(failure);
                }
                refusals.push(failure);
            }
        }
        Err(together(refusals))
    }

    fn first(&self, servers: usize) -> usize {
        match self.order {
            Order::InOrder => 0,
            Order::RoundRobin => self.next.fetch_add(1, Ordering::Relaxed) % servers,
            Order::Random => rand::rng().random_range(0..servers),
        }
    }
}

/// Why none of them could be connected to, in one line.
fn together(mut refusals: Vec<Failure>) -> Failure {
    let words: Vec<String> = refusals.iter().map(|failure| failure.message.clone()).collect();
    refusals.pop().map_or_else(Failure::connection_lost, |last| Failure { message: words.join("; "), ..last })
}
