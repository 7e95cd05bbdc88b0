//! Which ways lead to one server? With TLS and without, in the order in which its sslmode wants them tried.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bb8_postgres::PostgresConnectionManager;
use bb8_postgres::bb8::ManageConnection;
use tokio_postgres::Client;
use tokio_postgres::config::{Host, SslMode as Transport, SslNegotiation};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Failure;
use super::address::Node;
use super::tls::{Connector, SslMode, TlsError, TlsSettings, explain, lacks_tls};

/// How long to wait for a connection, where the address does not say it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection, and how it came about.
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) connector: Connector,
    /// Such as `TLS 1.3, verify-full`.
    pub(super) encryption: String,
}

/// A server, with its ways.
#[derive(Debug)]
pub(super) struct Server {
    name: String,
    connect_timeout: Duration,
    routes: Vec<Route>,
    /// The first one that is worth trying, as the newest connection has shown.
    usable: AtomicUsize,
    /// Why TLS is not tried although it could be.
    untried: Option<String>,
    /// Why no client certificate is sent although one was named; worth knowing when the server does not let us in.
    missing: Option<String>,
}

struct Route {
    manager: PostgresConnectionManager<MakeRustlsConnect>,
    connector: Connector,
    encrypted: bool,
    on_socket: bool,
}

impl Server {
    /// Reads the certificates that the address names.
    pub(super) fn new(node: &Node) -> Result<Self, TlsError> {
        let mut untried = None;
        // A mode that does without TLS also does without certificates that cannot be read.
        let mut encrypted = || Route::encrypted(node).map_err(|error| untried = Some(error.to_string())).ok();
        let routes = match node.tls.mode {
            SslMode::Disable => vec![Route::plain(node)?],
            SslMode::Allow => std::iter::once(Route::plain(node)?).chain(encrypted()).collect(),
            SslMode::Prefer => encrypted().into_iter().chain([Route::plain(node)?]).collect(),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => vec![Route::encrypted(node)?],
        };
        let connect_timeout = node.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
        let (missing, usable) = (missing_certificate(&node.tls), AtomicUsize::new(0));
        Ok(Self { name: node.name.clone(), connect_timeout, routes, usable, untried, missing })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// Connects by the first way that the server accepts.
    pub(super) async fn connect(&self) -> Result<Link, Failure> {
        let mut refusals = Vec::new();
        for (index, route) in self.routes.iter().enumerate().skip(self.usable.load(Ordering::Relaxed)) {
            match self.by(route).await {
                Ok(link) => {
                    self.usable.store(index, Ordering::Relaxed);
                    return Ok(link);
                }
                Err(refusal) => refusals.push(refusal),
            }
            if refusals.last().is_some_and(|refusal| !refusal.other_way) {
                break;
            }
        }
        // The server may be another one by now.
        self.usable.store(0, Ordering::Relaxed);
        Err(self.explained(telling(refusals)))
    }

    async fn by(&self, route: &Route) -> Result<Link, Refusal> {
        // On the heap: a TLS handshake's future is large, and would make every caller's as large.
        let connecting = Box::pin(route.manager.connect());
        match tokio::time::timeout(self.connect_timeout, connecting).await {
            Ok(Ok(client)) => Ok(Link { client, connector: route.connector.clone(), encryption: route.describe() }),
            Ok(Err(error)) => Err(Refusal::new(&error, route)),
            Err(_) => Err(Refusal::late(self.connect_timeout, route)),
        }
    }

    fn explained(&self, failure: Failure) -> Failure {
        let missing = self.missing.as_ref().filter(|_| failure.message.contains("certificate"));
        let untried = self.untried.as_ref().map(|why| format!("TLS was not tried: {why}"));
        match untried.as_ref().or(missing) {
            Some(why) => Failure { message: format!("{} ({why})", failure.message), ..failure },
            None => failure,
        }
    }
}

impl Route {
    fn plain(node: &Node) -> Result<Self, TlsError> {
        // The driver wants a connector also where it never uses it; this one reads no file.
        let unused =
            TlsSettings { mode: SslMode::Disable, roots: None, certificate: None, key: None, ..node.tls.clone() };
        Ok(Self::new(node, Connector::new(&unused, false)?, Transport::Disable))
    }

    fn encrypted(node: &Node) -> Result<Self, TlsError> {
        let direct = node.config.get_ssl_negotiation() == SslNegotiation::Direct;
        Ok(Self::new(node, Connector::new(&node.tls, direct)?, Transport::Require))
    }

    fn new(node: &Node, connector: Connector, transport: Transport) -> Self {
        let mut config = node.config.clone();
        config.ssl_mode(transport);
        let on_socket = matches!(config.get_hosts().first(), Some(Host::Unix(_)));
        let manager = PostgresConnectionManager::new(config, connector.maker.clone());
        Self { manager, connector, encrypted: transport == Transport::Require, on_socket }
    }

    fn describe(&self) -> String {
        match (self.encrypted, self.on_socket) {
            (true, _) => self.connector.describe(),
            (false, true) => "none, a Unix socket".to_owned(),
            (false, false) => "none".to_owned(),
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Route({})", if self.encrypted { "TLS" } else { "plain" })
    }
}

/// One way that did not lead in.
struct Refusal {
    failure: Failure,
    /// Whether the server may let us in another way.
    other_way: bool,
    /// Whether the server just speaks no TLS.
    no_tls: bool,
    encrypted: bool,
}

impl Refusal {
    fn new(error: &tokio_postgres::Error, route: &Route) -> Self {
        let failure = Failure::connecting(error);
        let other_way = match error.as_db_error() {
            None => route.encrypted && explain(error).is_some(),
            // PostgreSQL: pg_hba.conf has no entry for this kind of connection. CockroachDB: the node is secure (08P01).
            Some(answer) => failure.cause.sqlstate.as_str() == "28000" || answer.message().contains("SSL"),
        };
        Self { failure, other_way, no_tls: lacks_tls(error), encrypted: route.encrypted }
    }

    fn late(limit: Duration, route: &Route) -> Self {
        let failure = Failure::connect_timeout(limit);
        Self { failure, other_way: false, no_tls: false, encrypted: route.encrypted }
    }
}

/// The refusal that tells most: that of the way that the server did not turn down as a way, else the first one. That a
/// server speaks no TLS explains nothing when it did not let us in without.
fn telling(mut refusals: Vec<Refusal>) -> Failure {
    let both = refusals.len() == 2 && refusals.iter().all(|refusal| refusal.other_way && !refusal.no_tls);
    let of_the_way = refusals.iter().position(|refusal| !refusal.other_way);
    let index = of_the_way.or_else(|| refusals.iter().position(|refusal| !refusal.no_tls)).unwrap_or(0);
    let Refusal { failure, encrypted, .. } = refusals.swap_remove(index);
    let other = if encrypted { "without" } else { "with" };
    let message = if both { format!("{}, and not {other} TLS either", failure.message) } else { failure.message };
    Failure { message, ..failure }
}

/// Why no client certificate is sent although one was named.
fn missing_certificate(tls: &TlsSettings) -> Option<String> {
    let file = tls.certificate.as_ref().filter(|file| !file.exists())?;
    Some(format!("no client certificate was sent: {} does not exist", file.display()))
}
