//! What has to be there before contend can work? A user, a database, and the right to create a schema in it: the
//! statements that make them, for others to run, and what is there already.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_postgres::config::Host;

use super::identifier::literal;
use super::{Control, Error, Identifier, Node, Product, Source, Target};

/// What stands for itself in a URL, beside letters and digits, is spared.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.');
/// In the query a slash does, too.
const ENCODED_OPTION: &AsciiSet = &ENCODED.remove(b'/');

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// CockroachDB's.
    #[default]
    Cockroach,
    /// PostgreSQL's, with psql's `\gexec`; also for YugabyteDB and other kin.
    Postgres,
}

impl Dialect {
    /// The name that a user gets. CockroachDB makes the letters small, also those between quotes (its documentation, "CREATE
    /// USER").
    #[must_use]
    pub fn user(self, name: &Identifier) -> Identifier {
        match self {
            Self::Cockroach => name.lowercase(),
            Self::Postgres => name.clone(),
        }
    }

    /// Statements that create what is missing; they can be run again.
    ///
    /// GRANT ALL ON DATABASE includes CREATE, which is what a schema needs. Whoever creates that owns the tables in it.
    #[must_use]
    pub fn statements(self, user: &Identifier, database: &Identifier) -> String {
        let grant = format!("GRANT ALL ON DATABASE {database} TO {user};\n");
        match self {
            Self::Cockroach => format!(
                "CREATE USER IF NOT EXISTS {user};\n\
                 CREATE DATABASE IF NOT EXISTS {database};\n\
                 {grant}"
            ),
            // There is no IF NOT EXISTS for either, and no CREATE DATABASE within a transaction or a DO block.
            Self::Postgres => {
                let create_user = literal(&format!("CREATE USER {user}"));
                let create_database = literal(&format!("CREATE DATABASE {database}"));
                let (user, database) = (literal(user.as_str()), literal(database.as_str()));
                format!(
                    "\\set ON_ERROR_STOP on\n\
                     SELECT {create_user} WHERE NOT EXISTS\n  \
                     (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = {user})\\gexec\n\
                     SELECT {create_database} WHERE NOT EXISTS\n  \
                     (SELECT 1 FROM pg_catalog.pg_database WHERE datname = {database})\\gexec\n\
                     {grant}"
                )
            }
        }
    }
}

impl From<Product> for Dialect {
    fn from(product: Product) -> Self {
        match product {
            Product::Cockroach => Self::Cockroach,
            Product::Postgres | Product::Yugabyte | Product::Other => Self::Postgres,
        }
    }
}

/// Why a text is no dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cockroach or postgres is needed")]
pub struct ParseDialectError;

impl FromStr for Dialect {
    type Err = ParseDialectError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "cockroach" => Ok(Self::Cockroach),
            "postgres" => Ok(Self::Postgres),
            _ => Err(ParseDialectError),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Cockroach => "cockroach",
            Self::Postgres => "postgres",
        })
    }
}

/// What a server has of it already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// Who asks.
    pub asking: String,
    /// The user is there.
    pub user: bool,
    /// The database is there.
    pub database: bool,
    /// Whoever asks may create users, and databases too.
    pub may_create: bool,
}

impl Existing {
    /// Asks the server; every user may.
    pub async fn ask(control: &Control, user: &Identifier, database: &Identifier) -> Result<Self, Error> {
        let doing = "look for the user and the database";
        let sql = "SELECT r.rolname::TEXT, \
                   EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1), \
                   EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = $2), \
                   r.rolsuper OR (r.rolcreaterole AND r.rolcreatedb) \
                   FROM pg_catalog.pg_roles r WHERE r.rolname = current_user";
        let row = control.row(doing, sql, &[user.as_str(), database.as_str()]).await?;
        let flag = |column: usize| row.as_ref().is_some_and(|row| row.try_get(column).unwrap_or(false));
        let asking = row.as_ref().and_then(|row| row.try_get(0).ok()).unwrap_or_default();
        Ok(Self { asking, user: flag(1), database: flag(2), may_create: flag(3) })
    }
}

impl Target {
    /// The URL of the same servers for another user and database: with the way there and how their certificates are
    /// verified, and without a password or a client certificate, which are the user's own.
    #[must_use]
    pub fn url_for(&self, user: &Identifier, database: &Identifier) -> String {
        let servers: Vec<String> = self.nodes.iter().map(server).collect();
        let kept = |keyword: &str| {
            let part = self.parts.iter().find(|part| part.keyword == keyword && part.source != Source::Default)?;
            Some(format!("{keyword}={}", utf8_percent_encode(&part.value, ENCODED_OPTION)))
        };
        let options: Vec<String> =
            ["hostaddr", "options", "sslmode", "sslrootcert"].into_iter().filter_map(kept).collect();
        let query = if options.is_empty() { String::new() } else { format!("?{}", options.join("&")) };
        Self::url_on(&servers, user, database) + &query
    }

    /// A URL of these servers, each with its port.
    #[must_use]
    pub fn url_on(servers: &[String], user: &Identifier, database: &Identifier) -> String {
        format!("postgres://{}@{}/{}", encode(user.as_str()), servers.join(","), encode(database.as_str()))
    }
}

/// `host:port`, as a URL wants it.
fn server(node: &Node) -> String {
    let port = node.config.get_ports().first().copied().unwrap_or(5432);
    match node.config.get_hosts().first() {
        Some(Host::Tcp(name)) if name.contains(':') => format!("[{name}]:{port}"),
        Some(Host::Tcp(name)) => format!("{}:{port}", encode(name)),
        Some(Host::Unix(path)) => format!("{}:{port}", encode(&path.to_string_lossy())),
        None => format!("localhost:{port}"),
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Identifier {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_that_is_not_plain_is_quoted_in_every_place() {
        let [user, database] = ["O'Max", "my-bank"].map(name);
        assert_eq!(
            Dialect::Cockroach.statements(&user, &database),
            "CREATE USER IF NOT EXISTS \"O'Max\";\nCREATE DATABASE IF NOT EXISTS \"my-bank\";\n\
             GRANT ALL ON DATABASE \"my-bank\" TO \"O'Max\";\n"
        );
        let statements = Dialect::Postgres.statements(&user, &database);
        assert!(statements.contains("\nSELECT 'CREATE USER \"O''Max\"' WHERE NOT EXISTS"), "{statements}");
        assert!(statements.contains("rolname = 'O''Max')\\gexec"), "{statements}");
        assert!(statements.contains("datname = 'my-bank')\\gexec"), "{statements}");
    }

    #[test]
    fn the_url_for_another_user_keeps_the_servers_and_no_password() {
        let cases = [
            ("postgres://u:hunter2@h1:1,h2:2/db", "postgres://max%20roach@h1:1,h2:2/bank_1"),
            ("host=/tmp/s port=7 user=u dbname=db", "postgres://max%20roach@%2Ftmp%2Fs:7/bank_1"),
            ("postgres://u@[::1]:26257/db", "postgres://max%20roach@[::1]:26257/bank_1"),
            (
                "postgres://u@h/db?sslmode=verify-ca&sslrootcert=certs/ca.crt&sslcert=a&sslkey=b",
                "postgres://max%20roach@h:5432/bank_1?sslmode=verify-ca&sslrootcert=certs/ca.crt",
            ),
        ];
        for (address, url) in cases {
            let target = Target::resolve(&[address.to_owned()], |_| None).unwrap().unwrap();
            assert_eq!(target.url_for(&name("max roach"), &name("bank_1")), url);
        }
    }
}
