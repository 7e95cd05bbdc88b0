//! Which servers are meant, and how are they reached? Everything that users of libpq, psycopg2 and CockroachDB write.
//!
//! Order: the arguments, `CONTEND_URL`, `DATABASE_URL`, then the PG* variables where one of them names a database. What an
//! address leaves open comes from the service it names, then from the PG* variables, then from the defaults, as with
//! libpq. docs/addresses.md tells all of it. Rules are cited by their section in the documentation of PostgreSQL 17.

mod encryption;
mod environment;
mod error;
#[cfg(test)]
mod error_tests;
#[cfg(test)]
mod file_tests;
mod form;
mod hosts;
mod keyword;
mod node;
mod pairs;
mod passfile;
mod resolved;
#[cfg(test)]
mod secret_tests;
mod service;
mod settings;
mod source;
pub(super) use crate::suggest;
#[cfg(test)]
mod tests;
mod url;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio_postgres::config::TargetSessionAttrs;

pub use error::AddressError;
pub use node::Node;
pub use source::Source;

use environment::Environment;
use form::Address;
use resolved::Resolved;
use url::Url;

/// The servers to connect to.
#[derive(Clone)]
pub struct Target {
    /// Every server, in the order of the addresses: at least one.
    pub nodes: Vec<Node>,
    /// Which of them a new connection goes to.
    pub order: Order,
    /// Whether a standby is preferred to the primary: `target_session_attrs=prefer-standby`.
    pub prefer_standby: bool,
    /// The addresses without any secret, for people.
    pub display: String,
    /// Every setting, and where it came from.
    pub parts: Vec<Part>,
    /// What the user should know about how the addresses were resolved.
    pub notes: Vec<String>,
    /// How many connections have been given a server so far.
    pub(super) next: Arc<AtomicUsize>,
}

/// Which of several servers a new connection goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each in its turn.
    RoundRobin,
    /// The first one that answers: `load_balance_hosts=disable`.
    InOrder,
    /// Any: `load_balance_hosts=random`.
    Random,
}

/// One setting of an address, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// As libpq spells it.
    pub keyword: String,
    /// Its value; `(hidden)` for a secret.
    pub value: String,
    /// Where it came from.
    pub source: Source,
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Target({})", self.display)
    }
}

impl Target {
    /// Finds the servers: those of the arguments, or what the environment says. None when neither names a database.
    pub fn resolve(
        arguments: &[String],
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, AddressError> {
        let environment = Environment::new(&environment);
        let addresses = addresses(arguments, environment)?;
        let resolved = addresses.into_iter().map(|address| Resolved::new(address, environment));
        let resolved = resolved.collect::<Result<Vec<Resolved>, AddressError>>()?;
        Ok((!resolved.is_empty()).then(|| Self::join(resolved)))
    }

    /// The address that is named where no server is meant by it but a simulation, which begins with this scheme.
    pub fn simulation(
        scheme: &str,
        arguments: &[String],
        environment: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let named = match arguments {
            [] => Environment::new(&environment).address().map(|(text, _)| text),
            texts => texts.iter().find(|text| text.trim().starts_with(scheme)).cloned(),
        };
        named.map(|text| text.trim().to_owned()).filter(|text| text.starts_with(scheme))
    }

    /// The servers of several addresses, one after the other.
    fn join(resolved: Vec<Resolved>) -> Self {
        let displays: Vec<&str> = resolved.iter().map(|one| one.display.as_str()).collect();
        let mut target = Self {
            nodes: Vec::new(),
            // The first address that says something decides.
            order: resolved.iter().find_map(|one| one.order).unwrap_or(Order::RoundRobin),
            prefer_standby: resolved.iter().any(|one| one.prefer_standby),
            display: displays.join(", "),
            parts: Vec::new(),
            notes: Vec::new(),
            next: Arc::default(),
        };
        for one in resolved {
            target.nodes.extend(one.nodes);
            target.parts.extend(one.parts);
            target.notes.extend(one.notes);
        }
        // Several addresses often have one password file.
        target.notes.dedup();
        target.prefer_primary();
        target
    }

    /// Each server for itself.
    #[must_use]
    pub fn each(&self) -> Vec<Self> {
        let alone = |node: &Node| Self { nodes: vec![node.clone()], display: node.name.clone(), ..self.clone() };
        self.nodes.iter().map(alone).collect()
    }

    /// Of several servers those that accept writes, unless the address says otherwise: contend always writes, and libpq's
    /// default, any, would give every other worker a standby to fail on.
    fn prefer_primary(&mut self) {
        let keyword = "target_session_attrs";
        if self.nodes.len() == 1 || self.parts.iter().any(|part| part.keyword == keyword) {
            return;
        }
        for node in &mut self.nodes {
            node.config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let (keyword, value) = (keyword.to_owned(), "read-write".to_owned());
        self.parts.push(Part { keyword, value, source: Source::Default });
    }
}

/// The texts that say which database is meant, read. Several can only be arguments.
fn addresses(arguments: &[String], environment: Environment<'_>) -> Result<Vec<Address>, AddressError> {
    match arguments {
        [] => {
            if let Some((text, source)) = environment.address() {
                return Ok(vec![Address::parse(&text, &source)?]);
            }
            Ok(environment.names_a_database().then(Address::nothing).into_iter().collect())
        }
        [text] => Ok(vec![Address::parse(text, &Source::Argument(None))?]),
        texts => texts.iter().enumerate().map(|(index, text)| one_of_several(text, index + 1)).collect(),
    }
}

/// One of several arguments has to say itself which server it means: without quotes, the shell makes several arguments of
/// `host=h user=me`. What stands in such an argument may be a piece of a password.
fn one_of_several(text: &str, number: usize) -> Result<Address, AddressError> {
    let source = Source::Argument(Some(number));
    let unquoted = || {
        let reason =
            "it names no server; key=value pairs of one address have to be one argument, \"host=... user=...\"";
        AddressError::syntax(&source, reason)
    };
    let is_url = Url::new(text.trim()).is_some();
    let may_name_a_server = |word: &str| word.starts_with("host") || word.starts_with("service");
    if !is_url && !text.split_whitespace().any(may_name_a_server) {
        return Err(unquoted());
    }
    let address = Address::parse(text, &source)?;
    if is_url || address.names_a_server() { Ok(address) } else { Err(unquoted()) }
}
