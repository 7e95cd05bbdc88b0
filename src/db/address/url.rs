//! What does a URL say? libpq's rules (34.1.1.2), with the schemes of CockroachDB, SQLAlchemy and JDBC besides.

use percent_encoding::percent_decode_str;

use super::error::AddressError;
use super::keyword::{Keyword, unknown};
use super::settings::Settings;
use super::source::Source;
use super::suggest::{closest, either};

const POSTGRES: [&str; 2] = ["postgres", "postgresql"];
const COCKROACH: [&str; 3] = ["cockroachdb", "cockroach", "crdb"];

/// What is told where an @ of a password, or one behind it, has made something else of the rest of the URL.
const STRAY_AT: &str = "an @ in a password has to be written as %40, and a / as %2F";

/// A URL, taken apart no further than into its scheme and the rest.
#[derive(Clone, Copy)]
pub(super) struct Url<'a> {
    scheme: &'a str,
    rest: &'a str,
}

impl<'a> Url<'a> {
    /// A text that begins like a URL. `jdbc:` in front of it does not matter.
    pub(super) fn new(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.strip_prefix("jdbc:").unwrap_or(text).split_once("://")?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte);
        let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic()) && scheme.bytes().all(plain);
        is_scheme.then_some(Self { scheme, rest })
    }

    /// The scheme without the driver's name: SQLAlchemy writes `postgresql+psycopg2`.
    fn product(self) -> &'a str {
        self.scheme.split_once('+').map_or(self.scheme, |(product, _)| product)
    }

    /// The port that goes without saying.
    pub(super) fn default_port(self) -> u16 {
        if COCKROACH.contains(&self.product()) { 26257 } else { 5432 }
    }

    pub(super) fn parse(self, source: &Source) -> Result<Settings, AddressError> {
        let syntax = |reason: String| AddressError::syntax(source, reason);
        self.check_scheme().map_err(syntax)?;
        let (login, rest) = split_login(self.rest);
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        if place.contains('@') {
            return Err(AddressError::syntax(source, STRAY_AT));
        }
        let mut settings = Settings::default();
        let read = read(login, place, &mut settings, source).map_err(syntax);
        let read = read.and_then(|()| read_query(query, &mut settings, source));
        // Where there is an @ in the query, what is wrong may be a piece of a password.
        read.map_err(|error| if query.contains('@') { AddressError::syntax(source, STRAY_AT) } else { error })?;
        Ok(settings)
    }

    fn check_scheme(self) -> Result<(), String> {
        let known = || POSTGRES.into_iter().chain(COCKROACH);
        if known().any(|scheme| scheme == self.product()) {
            return Ok(());
        }
        // `contend run` takes sim:// before it comes here, written like that.
        let meant =
            closest(self.product(), known().chain(["sim"])).map(|scheme| format!("; did you mean {scheme}://?"));
        let known: Vec<&str> = known().collect();
        Err(format!("its scheme is {}, not {}{}", self.scheme, either(&known), meant.unwrap_or_default()))
    }
}

/// `user:password` and what stands behind the @. As libpq does, the first @ counts, and none behind a slash.
fn split_login(rest: &str) -> (&str, &str) {
    match rest.find(['@', '/']) {
        Some(at) if rest[at..].starts_with('@') => (&rest[..at], &rest[at + 1..]),
        _ => ("", rest),
    }
}

/// Reads everything in front of the query.
fn read(login: &str, place: &str, settings: &mut Settings, source: &Source) -> Result<(), String> {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',') {
        let (name, port) = split_port(host)?;
        names.push(name);
        ports.push(port);
    }
    let (names, ports) = (names.join(","), ports.join(","));
    // What a URL leaves empty is not set, so that the environment counts.
    for (name, text) in
        [("user", user), ("password", password), ("host", &names), ("port", &ports), ("dbname", database)]
    {
        if let Some(keyword) = Keyword::find(name).filter(|_| !text.is_empty()) {
            settings.set(keyword, decode(text)?, source);
        }
    }
    Ok(())
}

/// `host:port`, the host of which may be an IPv6 address in brackets.
fn split_port(host: &str) -> Result<(&str, &str), String> {
    let Some(address) = host.strip_prefix('[') else {
        let (name, port) = host.split_once(':').unwrap_or((host, ""));
        // What is not shown: a password without its @ stands in the same place.
        return if port.contains(':') {
            Err("an IPv6 address has to be put between [ and ]".to_owned())
        } else {
            Ok((name, port))
        };
    };
    let (address, port) = address.split_once(']').ok_or("a ] is missing behind an IPv6 address")?;
    match port.strip_prefix(':') {
        _ if address.is_empty() => Err("an IPv6 address is missing between [ and ]".to_owned()),
        Some(port) => Ok((address, port)),
        None if port.is_empty() => Ok((address, "")),
        None => Err("behind the ] of an IPv6 address comes a port (:5432) or nothing".to_owned()),
    }
}

/// Reads `key=value&key=value`, which counts over what stands in front of it.
fn read_query(query: &str, settings: &mut Settings, source: &Source) -> Result<(), AddressError> {
    let syntax = |reason: String| AddressError::syntax(source, reason);
    let mut rest = query;
    while !rest.is_empty() {
        let (pair, behind) = rest.split_once('&').unwrap_or((rest, ""));
        rest = behind;
        let (name, value) = split_pair(pair).map_err(syntax)?;
        let (name, value) = (decode(name).map_err(syntax)?, decode(value).map_err(syntax)?);
        let (name, value) = match (name.as_str(), value.as_str()) {
            // As JDBC says it; libpq takes that, too.
            ("ssl", "true") => ("sslmode", "require"),
            pair => pair,
        };
        settings.assign(name, value, source).ok_or_else(|| AddressError::setting(source, unknown(name, false)))?;
    }
    Ok(())
}

fn split_pair(pair: &str) -> Result<(&str, &str), String> {
    let (name, value) =
        pair.split_once('=').ok_or("behind the ? come pairs such as sslmode=require, with & between them")?;
    if value.contains('=') {
        Err("a = in a value behind the ? has to be written as %3D".to_owned())
    } else {
        Ok((name, value))
    }
}

/// Resolves %XX. A `+` is a plus.
fn decode(text: &str) -> Result<String, String> {
    let is_code = |code: &str| {
        let digits = code.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        digits.is_some_and(|digits| digits != "00")
    };
    if !text.split('%').skip(1).all(is_code) {
        return Err("behind a % come two hexadecimal digits other than 00 (a % itself is written as %25)".to_owned());
    }
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| "what %XX stands for is no UTF-8")?;
    Ok(decoded.into_owned())
}
