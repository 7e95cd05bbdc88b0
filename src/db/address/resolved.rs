//! What comes of one address? Its own settings over the service's, over the environment's, over the defaults; then a node
//! for each of its servers.

use super::encryption;
use super::environment::{Environment, system_user};
use super::error::AddressError;
use super::form::Address;
use super::hosts::{Endpoint, SOCKET_DIRECTORIES, endpoints};
use super::keyword::Keyword;
use super::node::{Node, in_one_line, name};
use super::passfile::PasswordFile;
use super::service;
use super::settings::{Settings, Value};
use super::source::Source;
use super::{Order, Part};
use crate::db::tls::SslMode;

/// What is shown of a secret.
const HIDDEN: &str = "(hidden)";

/// Everything that one address leads to.
pub(super) struct Resolved {
    pub(super) nodes: Vec<Node>,
    pub(super) order: Option<Order>,
    pub(super) prefer_standby: bool,
    pub(super) display: String,
    pub(super) parts: Vec<Part>,
    pub(super) notes: Vec<String>,
}

impl Resolved {
    pub(super) fn new(address: Address, environment: Environment<'_>) -> Result<Self, AddressError> {
        let mut settings = merge(address.settings, environment)?;
        settings.check()?;
        let endpoints = endpoints(&settings, address.default_port, &SOCKET_DIRECTORIES)?;
        fill_defaults(&mut settings, &endpoints)?;
        let tls = encryption::read(&settings, environment)?;
        let mut notes = Vec::new();
        if tls.mode >= SslMode::Require {
            notes.extend(unused_revocation_list(environment));
        }
        let file = password_file(&settings, environment, &mut notes);
        let looked_up: Vec<Option<String>> =
            endpoints.iter().map(|endpoint| look_up(file.as_ref()?, &settings, endpoint)).collect();
        let node = |(endpoint, password): (&Endpoint, &Option<String>)| {
            Node::new(&settings, endpoint, password.as_deref(), &tls)
        };
        let servers = endpoints.iter().zip(&looked_up).map(node).collect();
        if let Some(file) = file.filter(|_| looked_up.iter().any(Option::is_some)) {
            settings.set_default("password", HIDDEN, &Source::PasswordFile(file.path));
        }
        let places: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
        Ok(Self {
            nodes: servers,
            order: order(&settings),
            prefer_standby: settings.text("target_session_attrs") == Some("prefer-standby"),
            display: name(&settings, &places.join(",")),
            parts: settings.iter().map(|(keyword, value)| part(keyword, value)).collect(),
            notes,
        })
    }
}

/// The address over the service over the environment.
fn merge(mut settings: Settings, environment: Environment<'_>) -> Result<Settings, AddressError> {
    let variables = environment.settings();
    // Which service is meant may be said by the environment, which is weaker than what the service says.
    let mut wanted = settings.clone();
    wanted.fill(variables.clone());
    settings.fill(service::find(&wanted, environment)?);
    settings.fill(variables);
    Ok(settings)
}

/// What nobody has said. The database is left to the server.
fn fill_defaults(settings: &mut Settings, endpoints: &[Endpoint]) -> Result<(), AddressError> {
    if let Some(endpoint) = endpoints.first() {
        if settings.text("hostaddr").is_none() {
            settings.set_default("host", endpoint.host.as_deref().unwrap_or_default(), &Source::Default);
        }
        settings.set_default("port", &endpoint.port.to_string(), &Source::Default);
    }
    if settings.text("user").is_none() {
        let unknown = || AddressError::Looking("the operating system has no name for you: say user=NAME".to_owned());
        settings.set_default("user", &system_user().ok_or_else(unknown)?, &Source::OperatingSystem);
    }
    let named = settings.get("fallback_application_name").cloned();
    let named = named.unwrap_or(Value { text: "contend".to_owned(), source: Source::Default });
    settings.set_default("application_name", &named.text, &named.source);
    if endpoints.iter().any(|endpoint| !endpoint.is_socket()) {
        let mode = encryption::default_mode(settings).to_string();
        settings.set_default("sslmode", &mode, &Source::Default);
    }
    Ok(())
}

/// The password file, where there is no password otherwise.
fn password_file(settings: &Settings, environment: Environment<'_>, notes: &mut Vec<String>) -> Option<PasswordFile> {
    if settings.text("password").is_some() {
        return None;
    }
    let path = settings.text("passfile").map(Into::into).or_else(|| environment.home(".pgpass"))?;
    PasswordFile::read(path, notes)
}

/// The password for one server. Where no database is named, that of the user's name is looked for.
fn look_up(file: &PasswordFile, settings: &Settings, endpoint: &Endpoint) -> Option<String> {
    let user = settings.text("user")?;
    let names = endpoint.names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    file.password(&names, endpoint.port, settings.text("dbname").unwrap_or(user), user)
}

fn order(settings: &Settings) -> Option<Order> {
    match settings.text("load_balance_hosts")? {
        "random" => Some(Order::Random),
        _ => Some(Order::InOrder),
    }
}

/// libpq heeds a list of revoked certificates in this place without having been asked to.
fn unused_revocation_list(environment: Environment<'_>) -> Option<String> {
    let file = environment.home(".postgresql/root.crl").filter(|file| file.exists())?;
    Some(format!("{} is not used: contend does not check revocation lists", file.display()))
}

fn part(keyword: &Keyword, value: &Value) -> Part {
    let shown = if keyword.secret { HIDDEN.to_owned() } else { in_one_line(&value.text) };
    Part { keyword: keyword.name.to_owned(), value: shown, source: value.source.clone() }
}
