//! How is one server reached? By the numeric addresses of its name, and for each by the ways that its sslmode wants, in
//! their order.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::seq::SliceRandom;
use tokio::net::lookup_host;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, LoadBalanceHosts};

use super::Failure;
use super::address::Node;
use super::route::{Connect, Link, Refusal, Route};
use super::tls::{SslMode, TlsError, TlsSettings};

/// How long to wait for a connection, where the address does not say it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server, with its ways.
#[derive(Debug)]
pub(super) struct Server {
    name: String,
    /// The host's name, where it leads to numeric addresses.
    lookup: Option<String>,
    /// Whether any of them comes first: `load_balance_hosts=random`.
    shuffles: bool,
    connect_timeout: Duration,
    routes: Vec<Route>,
    /// The first one that is worth trying, as the newest connection has shown.
    usable: AtomicUsize,
    /// Why TLS is not tried although it could be.
    untried: Option<String>,
    /// Why no client certificate is sent; worth knowing when the server wants one.
    missing: Option<String>,
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
        let (name, lookup) = (node.name.clone(), name_to_look_up(&node.config));
        let shuffles = node.config.get_load_balance_hosts() == LoadBalanceHosts::Random;
        Ok(Self { name, lookup, shuffles, connect_timeout, routes, usable, untried, missing })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// Connects to the first of the server's addresses that lets us in. One that refuses the login is the last one that is
    /// asked.
    pub(super) async fn connect<C: Connect>(&self) -> Result<Link<C>, Failure> {
        let mut refusal = Failure::connection_lost();
        for address in self.addresses().await? {
            match self.connect_to(address).await {
                Err(failure) if !failure.is_login() => refusal = failure,
                done => return done.map_err(|failure| self.explained(failure)),
            }
        }
        Err(self.explained(refusal))
    }

    /// The numeric addresses that the host's name leads to. None, once, where there is nothing to look up. The driver would
    /// try them all in the time that one is given, and tell of the last one alone.
    async fn addresses(&self) -> Result<Vec<Option<IpAddr>>, Failure> {
        let Some(name) = &self.lookup else { return Ok(vec![None]) };
        let looked_up = tokio::time::timeout(self.connect_timeout, lookup_host((name.as_str(), 0))).await;
        let found = looked_up.map_err(|_| Failure::connect_timeout(self.connect_timeout))?;
        let found = found.map_err(|error| Failure::lookup(name, &error))?;
        let mut addresses: Vec<_> = found.map(|address| Some(address.ip())).collect();
        if self.shuffles {
            addresses.shuffle(&mut rand::rng());
        }
        Ok(addresses)
    }

    /// Connects by the first way that is accepted there.
    async fn connect_to<C: Connect>(&self, address: Option<IpAddr>) -> Result<Link<C>, Failure> {
        let mut refusals = Vec::new();
        let first = self.usable.load(Ordering::Relaxed);
        // The one that worked first, then those in front of it: the server may be another one by now.
        for index in (first..self.routes.len()).chain(0..first) {
            match self.routes[index].open(&self.name, address, self.connect_timeout).await {
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
        self.usable.store(0, Ordering::Relaxed);
        Err(telling(refusals))
    }

    fn explained(&self, failure: Failure) -> Failure {
        let missing = self.missing.as_ref().filter(|_| failure.message.contains("client certificate"));
        let untried = self.untried.as_ref().map(|why| format!("TLS was not tried: {why}"));
        match untried.as_ref().or(missing) {
            Some(why) => Failure { message: format!("{} ({why})", failure.message), ..failure },
            None => failure,
        }
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

fn name_to_look_up(config: &Config) -> Option<String> {
    match (config.get_hosts().first(), config.get_hostaddrs()) {
        (Some(Host::Tcp(name)), []) => Some(name.clone()),
        _ => None,
    }
}

/// Why no client certificate is sent.
fn missing_certificate(tls: &TlsSettings) -> Option<String> {
    let file = tls.certificate.as_ref().filter(|file| !file.exists())?;
    Some(format!("no client certificate was sent: {} does not exist", file.display()))
}
