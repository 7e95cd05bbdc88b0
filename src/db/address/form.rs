//! Which form does a text have: a URL, key=value pairs, or the bare name of a database, as psql takes it?

use super::error::AddressError;
use super::keyword::Keyword;
use super::pairs;
use super::settings::Settings;
use super::source::Source;
use super::url::Url;

/// The port of PostgreSQL.
const POSTGRES_PORT: u16 = 5432;

const FORMS: &str = "an address looks like postgres://user@host:5432/database or \"host=... user=... dbname=...\"";

/// What one text says.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) settings: Settings,
    /// The port that goes without saying.
    pub(super) default_port: u16,
}

impl Address {
    /// No text at all: everything comes from elsewhere.
    pub(super) fn nothing() -> Self {
        Self { settings: Settings::default(), default_port: POSTGRES_PORT }
    }

    pub(super) fn parse(text: &str, source: &Source) -> Result<Self, AddressError> {
        let text = text.trim();
        if let Some(url) = Url::new(text) {
            return Ok(Self { settings: url.parse(source)?, default_port: url.default_port() });
        }
        let settings = if text.contains('=') { pairs::parse(text, source)? } else { bare(text, source)? };
        Ok(Self { settings, default_port: POSTGRES_PORT })
    }

    /// Whether the text itself says which server is meant.
    pub(super) fn names_a_server(&self) -> bool {
        ["host", "hostaddr", "service"].iter().any(|name| self.settings.has(name))
    }
}

/// The name of a database, unless it rather is that of a server.
fn bare(text: &str, source: &Source) -> Result<Settings, AddressError> {
    let wrong = |reason: &str| Err(AddressError::syntax(source, format!("{reason}; {FORMS}")));
    if text.is_empty() {
        return wrong("it is empty");
    }
    if text.starts_with('/') && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter)) {
        return Err(AddressError::syntax(source, format!("it looks like a directory; did you mean host={text}?")));
    }
    if let Some(url) = server(text) {
        return Err(AddressError::syntax(source, format!("it looks like a server; did you mean {url}?")));
    }
    if text.contains(|letter: char| letter.is_whitespace() || ".:/@\\?&".contains(letter)) {
        return wrong("it is neither a URL nor key=value pairs, nor the name of a database");
    }
    let mut settings = Settings::default();
    if let Some(keyword) = Keyword::find("dbname") {
        settings.set(keyword, text, source);
    }
    Ok(settings)
}

/// The URL of a text such as `localhost`, `db.example.com:5432/bank`, where that is what it looks like.
///
/// Anything with an @ in it may hold a password, and is not repeated.
fn server(text: &str) -> Option<String> {
    let (place, database) = text.split_once('/').unwrap_or((text, ""));
    let (host, port) = place.split_once(':').unwrap_or((place, "26257"));
    let plain = |text: &str| text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    let is_host = !host.is_empty() && plain(host) && (host == "localhost" || host.contains('.') || place.contains(':'));
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_host && is_port && plain(database)).then(|| format!("postgres://{host}:{port}/{database}"))
}
