//! Which way leads to a server? One with TLS, or one without; and what a server has to say against it.

use std::fmt;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::Duration;

use bb8_postgres::PostgresConnectionManager;
use bb8_postgres::bb8::ManageConnection;
use tokio_postgres::config::{Host, SslMode as Transport, SslNegotiation};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Failure;
use super::address::Node;
use super::tls::{Connector, SslMode, TlsError, TlsSettings, explain, lacks_tls};
use super::wire::{Login, Place};

/// A connection, and how it came about.
pub(super) struct Link<C> {
    pub(super) made: C,
    /// Such as `TLS 1.3, verify-full`.
    pub(super) encryption: String,
    /// Which server it leads to: `user@host:port/database`.
    pub(super) server: String,
}

/// What a connection is made as: the driver's own client, or a login that is taken over from it.
pub(super) trait Connect: Sized {
    /// Connects, to this address of the host.
    fn connect(route: &Route, address: Option<IpAddr>) -> impl Future<Output = Result<Self, Refusal>> + Send;
}

impl Connect for Client {
    async fn connect(route: &Route, address: Option<IpAddr>) -> Result<Self, Refusal> {
        route.manager(address).connect().await.map_err(|error| Refusal::new(&error, route))
    }
}

impl Connect for Login {
    async fn connect(route: &Route, address: Option<IpAddr>) -> Result<Self, Refusal> {
        let Route { config, connector, .. } = route;
        let of_socket = |error| Refusal::of(Failure::unreachable(&error), route);
        let place = Place::new(config, address).ok_or_else(|| of_socket(ErrorKind::AddrNotAvailable.into()))?;
        let socket = place.connect().await.map_err(of_socket)?;
        let login = Login::new(place, socket, config, connector.maker.clone()).await;
        let mut login = login.map_err(|error| Refusal::new(&error, route))?;
        let required = login.require(config.get_target_session_attrs()).await;
        required.map(|()| login).map_err(|failure| Refusal::of(failure, route))
    }
}

/// A way to a server, with its certificates read.
pub(super) struct Route {
    config: Config,
    connector: Connector,
    encrypted: bool,
    on_socket: bool,
}

impl Route {
    /// Without TLS.
    pub(super) fn plain(node: &Node) -> Result<Self, TlsError> {
        // The driver wants a connector also where it never uses it; this one reads no file.
        let unused =
            TlsSettings { mode: SslMode::Disable, roots: None, certificate: None, key: None, ..node.tls.clone() };
        Ok(Self::new(node, Connector::new(&unused, false)?, Transport::Disable))
    }

    /// With TLS.
    pub(super) fn encrypted(node: &Node) -> Result<Self, TlsError> {
        let direct = node.config.get_ssl_negotiation() == SslNegotiation::Direct;
        Ok(Self::new(node, Connector::new(&node.tls, direct)?, Transport::Require))
    }

    fn new(node: &Node, connector: Connector, transport: Transport) -> Self {
        let mut config = node.config.clone();
        config.ssl_mode(transport);
        let on_socket = matches!(config.get_hosts().first(), Some(Host::Unix(_)));
        Self { config, connector, encrypted: transport == Transport::Require, on_socket }
    }

    /// Makes a connection to this address of the host.
    pub(super) async fn open<C: Connect>(
        &self,
        server: &str,
        address: Option<IpAddr>,
        limit: Duration,
    ) -> Result<Link<C>, Refusal> {
        // On the heap: a TLS handshake's future is large, and would make every caller's as large.
        match tokio::time::timeout(limit, Box::pin(C::connect(self, address))).await {
            Ok(made) => Ok(Link { made: made?, encryption: self.describe(), server: server.to_owned() }),
            Err(_) => Err(Refusal::of(Failure::connect_timeout(limit), self)),
        }
    }

    fn manager(&self, address: Option<IpAddr>) -> PostgresConnectionManager<MakeRustlsConnect> {
        let mut config = self.config.clone();
        if let Some(address) = address {
            config.hostaddr(address);
        }
        PostgresConnectionManager::new(config, self.connector.maker.clone())
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
pub(super) struct Refusal {
    pub(super) failure: Failure,
    /// Whether the server may let us in another way.
    pub(super) other_way: bool,
    /// Whether the server just speaks no TLS.
    pub(super) no_tls: bool,
    /// Whether it was the way with TLS.
    pub(super) encrypted: bool,
}

impl Refusal {
    fn new(error: &tokio_postgres::Error, route: &Route) -> Self {
        let failure = Failure::connecting(error);
        let other_way = match error.as_db_error() {
            // libpq takes any failed handshake for a reason to go without.
            None => route.encrypted && (explain(error).is_some() || is_handshake(error)),
            // PostgreSQL: pg_hba.conf has no entry for this kind of connection. CockroachDB: the node is secure (08P01).
            Some(answer) => failure.cause.sqlstate.as_str() == "28000" || answer.message().contains("SSL"),
        };
        Self { failure, other_way, no_tls: lacks_tls(error), encrypted: route.encrypted }
    }

    /// One that is no matter of the way.
    fn of(failure: Failure, route: &Route) -> Self {
        Self { failure, other_way: false, no_tls: false, encrypted: route.encrypted }
    }
}

/// Whether the connection ended within the TLS handshake. The driver has no other sign of it than these words.
fn is_handshake(error: &tokio_postgres::Error) -> bool {
    error.to_string().starts_with("error performing TLS handshake")
}
