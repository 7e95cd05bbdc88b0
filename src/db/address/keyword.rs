//! Which keywords are there, and which values may each one have? libpq's (PostgreSQL documentation, 34.1.2), and what
//! contend does with them.

use super::suggest::{closest, did_you_mean, either};

/// A keyword of an address, as libpq spells it.
#[derive(Debug)]
pub(super) struct Keyword {
    pub(super) name: &'static str,
    /// The variable of the environment that stands in for it (34.15).
    pub(super) variable: Option<&'static str>,
    rule: Rule,
    /// Whether its value is shown to nobody.
    pub(super) secret: bool,
}

/// Which values are taken. An empty one is always taken, and says nothing.
#[derive(Debug)]
enum Rule {
    /// Any.
    Text,
    /// A whole number.
    Number,
    /// One of these words; why not libpq's other ones.
    Word(&'static [&'static str], &'static str),
    /// The same, in capitals or not.
    AnyCase(&'static [&'static str], &'static str),
    /// None, since ignoring it would make the connection less safe or another one than was meant.
    Refused(&'static str),
}

const NO_CRL: &str = "contend does not check revocation lists";
const NO_PEER: &str = "contend cannot tell as whom the server runs";
const NO_METHODS: &str = "contend cannot restrict how the server asks for a login";
const NO_GSS: &str = "contend does not speak GSSAPI";
const NO_INLINE: &str = "contend reads certificates from files alone: sslrootcert, sslcert, sslkey";
const NO_DEMAND: &str = "contend cannot tell whether the server has asked for its certificate";
const NO_OLD_TLS: &str = "contend speaks no older TLS";
const NO_KEY_LOG: &str = "contend writes no keys to files";
const NO_SCRAM_KEYS: &str = "contend logs in with passwords and certificates alone";
const NO_REPLICATION: &str = "contend runs transactions, which a replication connection does not";
const ONE_ENCODING: &str = "contend speaks no other encoding";
const ONE_PROTOCOL: &str = "contend speaks version 3.0 of the protocol";

const TLS_VERSIONS: &[&str] = &["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
const SSL_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
const SESSIONS: &[&str] = &["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];
const NO: &[&str] = &["false", "off", "no", "0"];

/// Every keyword, in the order in which they are shown.
pub(super) const KEYWORDS: [Keyword; 51] = [
    keyword("service", "PGSERVICE", Rule::Text),
    keyword("servicefile", "PGSERVICEFILE", Rule::Text),
    keyword("host", "PGHOST", Rule::Text),
    keyword("hostaddr", "PGHOSTADDR", Rule::Text),
    keyword("port", "PGPORT", Rule::Text),
    keyword("dbname", "PGDATABASE", Rule::Text),
    keyword("user", "PGUSER", Rule::Text),
    secret("password", "PGPASSWORD", Rule::Text),
    keyword("passfile", "PGPASSFILE", Rule::Text),
    keyword("sslmode", "PGSSLMODE", Rule::Word(SSL_MODES, "")),
    keyword("sslrootcert", "PGSSLROOTCERT", Rule::Text),
    keyword("sslcert", "PGSSLCERT", Rule::Text),
    keyword("sslkey", "PGSSLKEY", Rule::Text),
    secret("sslpassword", "", Rule::Text),
    keyword("sslcertmode", "PGSSLCERTMODE", Rule::Word(&["disable", "allow"], NO_DEMAND)),
    keyword("sslsni", "PGSSLSNI", Rule::Word(&["0", "1"], "")),
    keyword("sslnegotiation", "PGSSLNEGOTIATION", Rule::Word(&["postgres", "direct"], "")),
    keyword("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", Rule::AnyCase(TLS_VERSIONS, "")),
    keyword("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", Rule::AnyCase(&["TLSv1.2", "TLSv1.3"], NO_OLD_TLS)),
    keyword("channel_binding", "PGCHANNELBINDING", Rule::Word(&["disable", "prefer", "require"], "")),
    keyword("target_session_attrs", "PGTARGETSESSIONATTRS", Rule::Word(SESSIONS, "")),
    keyword("load_balance_hosts", "PGLOADBALANCEHOSTS", Rule::Word(&["disable", "random"], "")),
    keyword("connect_timeout", "PGCONNECT_TIMEOUT", Rule::Number),
    keyword("application_name", "PGAPPNAME", Rule::Text),
    keyword("fallback_application_name", "", Rule::Text),
    keyword("options", "PGOPTIONS", Rule::Text),
    keyword("keepalives", "", Rule::Number),
    keyword("keepalives_idle", "", Rule::Number),
    keyword("keepalives_interval", "", Rule::Number),
    keyword("keepalives_count", "", Rule::Number),
    keyword("tcp_user_timeout", "", Rule::Number),
    // From here on: taken, and without effect.
    keyword("client_encoding", "PGCLIENTENCODING", Rule::AnyCase(&["UTF8", "auto", "UTF-8", "unicode"], ONE_ENCODING)),
    keyword("gssencmode", "PGGSSENCMODE", Rule::Word(&["disable", "prefer"], NO_GSS)),
    keyword("gssdelegation", "PGGSSDELEGATION", Rule::Text),
    keyword("gsslib", "PGGSSLIB", Rule::Text),
    keyword("krbsrvname", "PGKRBSRVNAME", Rule::Text),
    keyword("sslcompression", "PGSSLCOMPRESSION", Rule::Text),
    keyword("replication", "", Rule::AnyCase(NO, NO_REPLICATION)),
    keyword("min_protocol_version", "PGMINPROTOCOLVERSION", Rule::Word(&["3.0"], ONE_PROTOCOL)),
    keyword("max_protocol_version", "PGMAXPROTOCOLVERSION", Rule::Word(&["3.0", "3.2", "latest"], "")),
    keyword("oauth_issuer", "", Rule::Text),
    keyword("oauth_client_id", "", Rule::Text),
    secret("oauth_client_secret", "", Rule::Text),
    keyword("oauth_scope", "", Rule::Text),
    // From here on: refused.
    keyword("sslcrl", "PGSSLCRL", Rule::Refused(NO_CRL)),
    keyword("sslcrldir", "PGSSLCRLDIR", Rule::Refused(NO_CRL)),
    keyword("sslinline", "", Rule::Refused(NO_INLINE)),
    keyword("sslkeylogfile", "", Rule::Refused(NO_KEY_LOG)),
    keyword("requirepeer", "PGREQUIREPEER", Rule::Refused(NO_PEER)),
    keyword("require_auth", "PGREQUIREAUTH", Rule::Refused(NO_METHODS)),
    secret("scram_client_key", "", Rule::Refused(NO_SCRAM_KEYS)),
];

/// What others call them.
const OTHER_NAMES: [(&str, &str); 14] = [
    ("database", "dbname"),
    ("db", "dbname"),
    ("username", "user"),
    ("hostname", "host"),
    ("server", "host"),
    ("pass", "password"),
    ("passwd", "password"),
    ("pwd", "password"),
    ("ssl", "sslmode"),
    ("tls", "sslmode"),
    ("timeout", "connect_timeout"),
    ("applicationname", "application_name"),
    ("keepalives_retries", "keepalives_count"),
    ("cluster", "options=--cluster"),
];

const fn keyword(name: &'static str, variable: &'static str, rule: Rule) -> Keyword {
    let variable = if variable.is_empty() { None } else { Some(variable) };
    Keyword { name, variable, rule, secret: false }
}

const fn secret(name: &'static str, variable: &'static str, rule: Rule) -> Keyword {
    Keyword { secret: true, ..keyword(name, variable, rule) }
}

impl Keyword {
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        KEYWORDS.iter().find(|keyword| keyword.name == name)
    }

    /// Whether this value can be used; if not, why. The value itself is not repeated.
    pub(super) fn check(&self, value: &str) -> Result<(), String> {
        let name = self.name;
        let one_of = |words: &[&str], why: &str| {
            let since = if why.is_empty() { String::new() } else { format!(" ({why})") };
            format!("{name} has to be {}{since}{}", either(words), did_you_mean(closest(value, words.iter().copied())))
        };
        match &self.rule {
            _ if value.is_empty() => Ok(()),
            Rule::Number if number(value).is_none() => Err(format!("{name} has to be a whole number")),
            Rule::Word(words, why) if !words.contains(&value) => Err(one_of(words, why)),
            Rule::AnyCase(words, why) if !words.iter().any(|word| word.eq_ignore_ascii_case(value)) => {
                Err(one_of(words, why))
            }
            Rule::Refused(why) => Err(format!("{name} is refused, since ignoring it would be wrong: {why}")),
            _ => Ok(()),
        }
    }
}

/// A number as libpq reads one: 32 bits, blanks around it do not matter.
pub(super) fn number(text: &str) -> Option<i32> {
    text.trim().parse().ok()
}

/// What is wrong with a word that is no keyword. A word that may be a piece of a password is not repeated.
pub(super) fn unknown(word: &str, may_be_secret: bool) -> String {
    let other = OTHER_NAMES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, meant)| *meant);
    let meant = other.or_else(|| closest(word, KEYWORDS.iter().map(|keyword| keyword.name)));
    let has_shape = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let shown = if has_shape && !may_be_secret { format!(" {word}") } else { String::new() };
    format!("unknown keyword{shown}{}", did_you_mean(meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_keyword_and_no_variable_is_there_twice() {
        let names: Vec<&str> =
            KEYWORDS.iter().flat_map(|keyword| [Some(keyword.name), keyword.variable]).flatten().collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "{name}");
        }
    }

    #[test]
    fn other_names_lead_to_keywords() {
        for (other, name) in OTHER_NAMES {
            assert!(
                Keyword::find(other).is_none() && Keyword::find(name.split('=').next().unwrap()).is_some(),
                "{other}"
            );
        }
    }

    #[test]
    fn every_keyword_and_variable_is_documented() {
        let page = include_str!("../../../docs/addresses.md");
        for keyword in &KEYWORDS {
            assert!(page.contains(&format!("`{}`", keyword.name)), "{}", keyword.name);
            if let Some(variable) = keyword.variable {
                assert!(page.contains(&format!("`{variable}`")), "{variable}");
            }
        }
    }

    #[test]
    fn a_word_behind_a_password_is_not_repeated() {
        assert_eq!(unknown("hunter", false), "unknown keyword hunter");
        assert_eq!(unknown("hunter", true), "unknown keyword");
        assert_eq!(unknown("sslmod", true), "unknown keyword; did you mean sslmode?");
        assert_eq!(unknown("hunter2", false), "unknown keyword");
        assert_eq!(unknown("database", false), "unknown keyword database; did you mean dbname?");
    }
}
