//! What does it take to connect to one server? Its settings, as the driver's and as TLS's configuration.

use std::fmt;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, LoadBalanceHosts, SslNegotiation, TargetSessionAttrs};

use super::hosts::Endpoint;
use super::settings::Settings;
use crate::db::tls::{SslMode, TlsSettings};

/// One server of a target, with everything that is needed to connect to it.
#[derive(Clone)]
pub struct Node {
    /// What the driver connects with: one host, one port, and everything else but the TLS mode. Holds the password.
    pub config: Config,
    /// How the connection is encrypted. Not at all on a Unix socket, as with libpq: CockroachDB answers the question
    /// with an error there.
    pub tls: TlsSettings,
    /// `user@host:port/database`: never a secret.
    pub name: String,
}

impl fmt::Debug for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Node({})", self.name)
    }
}

impl Node {
    pub(super) fn new(settings: &Settings, endpoint: &Endpoint, password: Option<&str>, tls: &TlsSettings) -> Self {
        let mut config = Config::new();
        set_place(&mut config, endpoint);
        set_login(&mut config, settings, password);
        set_sockets(&mut config, settings);
        set_choices(&mut config, settings);
        let mut tls = tls.clone();
        if endpoint.is_socket() {
            tls.mode = SslMode::Disable;
        }
        if settings.text("sslnegotiation") == Some("direct") && tls.mode != SslMode::Disable {
            config.ssl_negotiation(SslNegotiation::Direct);
        }
        Self { config, tls, name: name(settings, &endpoint.to_string()) }
    }
}

/// `user@host:port/database`, in one line whatever is in it.
pub(super) fn name(settings: &Settings, place: &str) -> String {
    let user = settings.text("user").map(|user| format!("{user}@")).unwrap_or_default();
    let database = settings.text("dbname").map(|name| format!("/{name}")).unwrap_or_default();
    in_one_line(&format!("{user}{place}{database}"))
}

/// Without line breaks and the like.
pub(super) fn in_one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn set_place(config: &mut Config, endpoint: &Endpoint) {
    // Where there is an address, a host is only what a certificate is verified for; a socket's directory cannot be.
    let name = endpoint.host.as_ref().filter(|host| endpoint.address.is_none() || !host.starts_with('/'));
    match (name, endpoint.address) {
        (Some(host), _) => drop(config.host(host)),
        (None, Some(address)) => drop(config.host(address.to_string())),
        (None, None) => {}
    }
    if let Some(address) = endpoint.address {
        config.hostaddr(address);
    }
    config.port(endpoint.port);
}

fn set_login(config: &mut Config, settings: &Settings, password: Option<&str>) {
    if let Some(user) = settings.text("user") {
        config.user(user);
    }
    if let Some(password) = settings.text("password").or(password) {
        config.password(password);
    }
    // Without a name the server decides: for PostgreSQL the user's, for CockroachDB `defaultdb`.
    if let Some(database) = settings.text("dbname") {
        config.dbname(database);
    }
    if let Some(options) = settings.text("options") {
        config.options(options);
    }
    if let Some(application) = settings.text("application_name") {
        config.application_name(application);
    }
}

/// libpq's zero, and anything below, stands for the default.
fn set_sockets(config: &mut Config, settings: &Settings) {
    let positive = |name: &str| settings.number(name).and_then(|number| u32::try_from(number).ok()).filter(|n| *n > 0);
    let seconds = |name: &str| positive(name).map(|seconds| Duration::from_secs(seconds.into()));
    if let Some(limit) = seconds("connect_timeout") {
        config.connect_timeout(limit);
    }
    if let Some(keepalives) = settings.number("keepalives") {
        config.keepalives(keepalives != 0);
    }
    if let Some(idle) = seconds("keepalives_idle") {
        config.keepalives_idle(idle);
    }
    if let Some(interval) = seconds("keepalives_interval") {
        config.keepalives_interval(interval);
    }
    if let Some(count) = positive("keepalives_count") {
        config.keepalives_retries(count);
    }
    // In libpq's unit, milliseconds, whatever the driver's own parser makes of it.
    if let Some(limit) = positive("tcp_user_timeout") {
        config.tcp_user_timeout(Duration::from_millis(limit.into()));
    }
}

fn set_choices(config: &mut Config, settings: &Settings) {
    match settings.text("target_session_attrs") {
        Some("read-write" | "primary") => config.target_session_attrs(TargetSessionAttrs::ReadWrite),
        Some("read-only" | "standby") => config.target_session_attrs(TargetSessionAttrs::ReadOnly),
        _ => config.target_session_attrs(TargetSessionAttrs::Any),
    };
    match settings.text("channel_binding") {
        Some("disable") => config.channel_binding(ChannelBinding::Disable),
        Some("require") => config.channel_binding(ChannelBinding::Require),
        _ => config.channel_binding(ChannelBinding::Prefer),
    };
    // Among the addresses that one name leads to.
    if settings.text("load_balance_hosts") == Some("random") {
        config.load_balance_hosts(LoadBalanceHosts::Random);
    }
}
