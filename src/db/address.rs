//! Which database is meant? An address from the command line or the environment, as a configuration of the driver.
//!
//! Order: the argument, `CONTEND_URL`, `DATABASE_URL`, then the PG* variables where PGHOST or PGSERVICE is set. Whatever
//! an address leaves open is filled from PGUSER, PGPASSWORD, PGDATABASE, as libpq does.

use std::error::Error as _;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, LoadBalanceHosts, SslMode};

/// A database to connect to.
#[derive(Clone)]
pub struct Target {
    /// What the driver connects with. Holds the password.
    pub config: Config,
    /// The address without any secret, for people.
    pub display: String,
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Target({})", self.display)
    }
}

/// Where an address came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Argument,
    /// This variable of the environment.
    Variable(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument => formatter.write_str("the address"),
            Self::Variable(name) => formatter.write_str(name),
        }
    }
}

/// Why a text is no address. Never holds the text itself: there may be a password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text is not a URL and not key=value pairs.
    #[error(
        "{source_name} is not a database address: {reason}; an address looks like postgres://user@host:5432/database or host=... user=... dbname=..."
    )]
    Syntax {
        /// Where it came from.
        source_name: String,
        /// What is wrong.
        reason: String,
    },
    /// The address asks for an encrypted connection.
    #[error(
        "{source_name} asks for TLS (sslmode={mode}), which this version of contend does not speak; use sslmode=disable where the server allows it"
    )]
    Tls {
        /// Where it came from.
        source_name: String,
        /// The mode.
        mode: String,
    },
    /// There is no host in it.
    #[error("{source_name} names no host")]
    NoHost {
        /// Where it came from.
        source_name: String,
    },
    /// A service file was asked for.
    #[error(
        "PGSERVICE is set, but this version of contend does not read service files; set PGHOST, or give the address"
    )]
    Service,
}

impl Target {
    /// Finds the address: the argument, or what the environment says. None when neither names a database.
    pub fn resolve(
        argument: Option<&str>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, AddressError> {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        if let Some(text) = argument {
            return Self::parse(text, Source::Argument, &set).map(Some);
        }
        for name in ["CONTEND_URL", "DATABASE_URL"] {
            if let Some(text) = set(name) {
                return Self::parse(&text, Source::Variable(name), &set).map(Some);
            }
        }
        if set("PGHOST").is_some() {
            return Self::from_variables(&set).map(Some);
        }
        if set("PGSERVICE").is_some() { Err(AddressError::Service) } else { Ok(None) }
    }

    /// Reads an address: a URL, or key=value pairs.
    fn parse(text: &str, source: Source, set: &impl Fn(&str) -> Option<String>) -> Result<Self, AddressError> {
        let (text, source_name) = (text.trim(), source.to_string());
        // Without a scheme and without a pair the driver would take the words for keys.
        if !text.contains("://") && !text.contains('=') {
            let reason = "neither a URL nor key=value pairs".to_owned();
            return Err(AddressError::Syntax { source_name, reason });
        }
        let config = Config::from_str(text).map_err(|error| {
            let (source_name, reason) = (source_name.clone(), reason_without_secrets(&error));
            match verifying_mode(text).filter(|_| reason.contains("sslmode")) {
                Some(mode) => AddressError::Tls { source_name, mode: mode.to_owned() },
                None => AddressError::Syntax { source_name, reason },
            }
        })?;
        if has_stray_at(&config) {
            let reason = "an @ in a password has to be written as %40".to_owned();
            return Err(AddressError::Syntax { source_name, reason });
        }
        if config.get_ssl_mode() == SslMode::Require {
            return Err(AddressError::Tls { source_name, mode: "require".to_owned() });
        }
        if !text.contains("sslmode") {
            accept_variable_mode(set)?;
        }
        Self::complete(config, &source_name, set)
    }

    /// The PG* variables alone.
    fn from_variables(set: &impl Fn(&str) -> Option<String>) -> Result<Self, AddressError> {
        let mut config = Config::new();
        for host in set("PGHOST").unwrap_or_default().split(',') {
            config.host(host);
        }
        if let Some(options) = set("PGOPTIONS") {
            config.options(options);
        }
        if let Some(name) = set("PGAPPNAME") {
            config.application_name(name);
        }
        accept_variable_mode(set)?;
        Self::complete(config, "PGHOST", set)
    }

    fn complete(
        mut config: Config,
        source_name: &str,
        set: &impl Fn(&str) -> Option<String>,
    ) -> Result<Self, AddressError> {
        if config.get_user().is_none()
            && let Some(user) = set("PGUSER")
        {
            config.user(user);
        }
        if config.get_password().is_none()
            && let Some(password) = set("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_dbname().is_none()
            && let Some(database) = set("PGDATABASE")
        {
            config.dbname(database);
        }
        // The driver gives every host of a URL a port, 5432 where it has none.
        if config.get_ports().is_empty() {
            for port in set("PGPORT").iter().flat_map(|ports| ports.split(',')) {
                config.port(port.trim().parse().map_err(|_| AddressError::Syntax {
                    source_name: "PGPORT".to_owned(),
                    reason: "a port is a number up to 65535".to_owned(),
                })?);
            }
        }
        if config.get_application_name().is_none() {
            config.application_name("contend");
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(AddressError::NoHost { source_name: source_name.to_owned() });
        }
        config.ssl_mode(SslMode::Disable);
        // The driver tries hosts in their order, so that every connection would go to the first one.
        if config.get_hosts().len() > 1 {
            config.load_balance_hosts(LoadBalanceHosts::Random);
        }
        let display = display(&config);
        Ok(Self { config, display })
    }
}

/// How long to wait for a connection, where the address does not say it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait for a connection.
pub(super) fn connect_timeout(config: &Config) -> Duration {
    config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT)
}

/// The modes that the driver does not know, where the text has one of them.
fn verifying_mode(text: &str) -> Option<&'static str> {
    ["verify-full", "verify-ca"].into_iter().find(|mode| text.contains(mode))
}

/// An unencoded @ in a password makes the rest of the password a host, which would be printed.
fn has_stray_at(config: &Config) -> bool {
    let in_host = config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(name) if name.contains('@')));
    in_host || config.get_dbname().is_some_and(|name| name.contains('@'))
}

/// Refuses what PGSSLMODE insists on.
fn accept_variable_mode(set: &impl Fn(&str) -> Option<String>) -> Result<(), AddressError> {
    match set("PGSSLMODE").filter(|mode| !speaks_plain(mode)) {
        Some(mode) => Err(AddressError::Tls { source_name: "PGSSLMODE".to_owned(), mode }),
        None => Ok(()),
    }
}

/// The modes that are content with an unencrypted connection.
fn speaks_plain(mode: &str) -> bool {
    ["disable", "allow", "prefer"].contains(&mode)
}

/// The driver's reason. It quotes option names and what it expected, but names of unknown options may be pieces of a
/// password that was not quoted, so those are left out.
fn reason_without_secrets(error: &tokio_postgres::Error) -> String {
    let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    match reason.split_once("unknown option") {
        None => reason,
        Some((_, name)) => {
            let name = name.trim().trim_matches('`');
            let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let shown = if plain { format!(" {name}") } else { String::new() };
            format!("unknown option{shown}")
        }
    }
}

/// `user@host:port/database`, with every host.
fn display(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |index: usize| ports.get(index).or(ports.first()).copied().unwrap_or(5432);
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(index, host)| match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{}", port(index)),
            Host::Tcp(name) => format!("{name}:{}", port(index)),
            #[cfg(unix)]
            Host::Unix(path) => format!("{}:{}", path.display(), port(index)),
        })
        .collect();
    let addresses = || config.get_hostaddrs().iter().map(ToString::to_string).collect::<Vec<_>>();
    let hosts = if hosts.is_empty() { addresses() } else { hosts };
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let database = config.get_dbname().map(|name| format!("/{name}")).unwrap_or_default();
    format!("{user}{}{database}", hosts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(argument: Option<&str>, variables: &[(&str, &str)]) -> Result<Option<String>, AddressError> {
        let environment =
            |name: &str| variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned());
        Ok(Target::resolve(argument, environment)?.map(|target| target.display))
    }

    #[test]
    fn the_argument_comes_first_then_the_environment_in_order() {
        let all = [("CONTEND_URL", "postgres://c/x"), ("DATABASE_URL", "postgres://d/x"), ("PGHOST", "p")];
        assert_eq!(resolve(Some("postgres://a/x"), &all).unwrap().as_deref(), Some("a:5432/x"));
        assert_eq!(resolve(None, &all).unwrap().as_deref(), Some("c:5432/x"));
        assert_eq!(resolve(None, &all[1..]).unwrap().as_deref(), Some("d:5432/x"));
        assert_eq!(resolve(None, &all[2..]).unwrap().as_deref(), Some("p:5432"));
        assert_eq!(resolve(None, &[("DATABASE_URL", "")]).unwrap(), None);
        assert_eq!(resolve(None, &[("PGUSER", "u")]).unwrap(), None, "PGUSER alone names no database");
    }

    #[test]
    fn urls_pairs_sockets_and_host_lists_are_read() {
        let cases = [
            ("postgres://u:secret@h:1/db", "u@h:1/db"),
            ("postgresql://u@h/db?sslmode=disable", "u@h:5432/db"),
            ("host=h port=2 user=u password='se cret' dbname=db", "u@h:2/db"),
            ("postgres://u@h1:1,h2:2/db", "u@h1:1,h2:2/db"),
            ("postgres://u@[::1]:26257/db", "u@[::1]:26257/db"),
            ("postgres:///db?host=/tmp/s&user=u", "u@/tmp/s:5432/db"),
            ("postgres://root:admin@?host=%2Ftmp%2Fdemo255013852&port=26257", "root@/tmp/demo255013852:26257"),
        ];
        for (address, display) in cases {
            assert_eq!(resolve(Some(address), &[]).unwrap().as_deref(), Some(display), "{address}");
        }
    }

    #[test]
    fn what_an_address_leaves_open_comes_from_the_environment() {
        let variables = [("PGUSER", "u"), ("PGDATABASE", "db"), ("PGPASSWORD", "secret"), ("PGPORT", "26257")];
        assert_eq!(resolve(Some("host=h"), &variables).unwrap().as_deref(), Some("u@h:26257/db"));
        assert_eq!(resolve(Some(" postgres://h:1 "), &variables).unwrap().as_deref(), Some("u@h:1/db"));
    }

    #[test]
    fn a_wrong_address_gives_a_reason_and_never_the_password() {
        let cases = [
            ("localhost", "neither a URL nor key=value pairs"),
            ("mysql://u:hunter2@h/db", "is not a database address"),
            ("postgres://u:hunter2@h:port/db", "port"),
            ("postgres://u:hunter2@h/db?sslmode=sometimes", "sslmode"),
            ("postgres://u:hunter2@h/db?sslmode=verify-full", "asks for TLS (sslmode=verify-full)"),
            ("host=h password=hunter2 ssl mode=disable", "is not a database address"),
            ("host=h password=my hunter2=x", "unknown option"),
            ("host=h password=hunter2 aplication_name=x", "unknown option aplication_name"),
            ("user=u password=hunter2", "names no host"),
            ("postgres://me:hun@ter2@h/b", "%40"),
            ("postgres://me:p@ss/w:rd@127.0.0.1:5599/bank", "%40"),
            ("postgres://u:hunter2@h/sslmode?sslmode=require", "asks for TLS (sslmode=require)"),
            ("host=h sslmode=require", "asks for TLS (sslmode=require)"),
        ];
        for (address, reason) in cases {
            let error = resolve(Some(address), &[]).unwrap_err().to_string();
            assert!(error.contains(reason), "{address}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        assert!(resolve(None, &[("PGHOST", "h"), ("PGPORT", "x")]).is_err());
        assert!(resolve(None, &[("PGSERVICE", "s")]).is_err());
        assert!(resolve(None, &[("PGHOST", "h"), ("PGSSLMODE", "require")]).is_err());
        assert!(resolve(Some("postgres://h/b"), &[("PGSSLMODE", "verify-full")]).is_err());
        assert!(resolve(Some("postgres://h/b?sslmode=disable"), &[("PGSSLMODE", "require")]).is_ok());
        assert!(resolve(Some("host=h password='sslmode=require' sslmode=disable"), &[]).is_ok());
    }

    #[test]
    fn debug_output_holds_no_password() {
        let target = Target::resolve(Some("postgres://u:hunter2@h/db"), |_| None).unwrap().unwrap();
        assert!(!format!("{target:?}").contains("hunter2"));
    }
}
