//! `contend setup`: the statements that create a database, a user and its grants, for others to run.
//!
//! What is printed is SQL for `cockroach sql` or psql, and everything else in it is a comment. No password is ever
//! invented or printed.

use std::fmt::Write;

use super::Exit;
use super::connect::named_if_any;
use super::exit::{self, Stop};
use super::flags::SetupFlags;
use crate::db::{Control, Dialect, Existing, Identifier, Target};

/// Below the flags.
pub(super) const NEXT: &str = "\
contend runs none of it. Pipe it into the server's own shell, as somebody who may create users and databases:
  contend setup | cockroach sql --insecure
  contend setup --for postgres | psql -U postgres";

pub(super) async fn execute(flags: &SetupFlags) -> Result<Exit, Stop> {
    let SetupFlags { target, dialect, user, database } = flags;
    if user.is_everybody() {
        return Err(Stop::usage(format!("--user {user}: the server keeps this name for itself; choose another one")));
    }
    // Who says which dialect it is wants no server to be asked, whatever the environment names.
    let target = if dialect.is_some() { None } else { named_if_any(target)? };
    let (dialect, user, found, url, place) = if let Some(target) = &target {
        let control = Control::connect(target).await?;
        let dialect = Dialect::from(control.server().product);
        let user = dialect.user(user);
        let existing = Existing::ask(&control, &user, database).await?;
        let found = found(&control, target, &existing, &user, database);
        let place = if control.encryption().starts_with("TLS") { Place::Encrypted } else { Place::Plain };
        let url = target.url_for(&user, database);
        (dialect, user, found, url, place)
    } else {
        let dialect = dialect.unwrap_or_default();
        let user = dialect.user(user);
        let url = url_on_this_machine(dialect, &user, database);
        (dialect, user, String::new(), url, Place::Unknown)
    };
    let statements = dialect.statements(&user, database);
    exit::print(&format!("{}{found}\n{statements}\n{}", usage(dialect), next(dialect, &user, &url, place)))?;
    Ok(Exit::Holds)
}

fn usage(dialect: Dialect) -> String {
    let shell = match dialect {
        Dialect::Cockroach => "cockroach sql",
        Dialect::Postgres => "psql",
    };
    format!(
        "-- For {shell}, as somebody who may create users and databases.\n\
         -- It can be run again: what is there already stays as it is.\n"
    )
}

/// What the server has already, in comments.
fn found(control: &Control, target: &Target, existing: &Existing, user: &Identifier, database: &Identifier) -> String {
    let is_there = |is| if is { "is there already" } else { "is not there yet" };
    let may = if existing.may_create { "may create users and databases" } else { "may not create both of them" };
    let lines = [
        format!("{} at {}:", control.server(), target.display),
        format!("  user {user} {}", is_there(existing.user)),
        format!("  database {database} {}", is_there(existing.database)),
        format!("  {} {may}", existing.asking),
    ];
    lines.iter().fold(String::new(), |mut text, line| {
        // The server's words stay within the comment.
        let line: String = line.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
        let _ = writeln!(text, "-- {line}");
        text
    })
}

/// How the user logs in, and how contend is run then, in comments.
fn next(dialect: Dialect, user: &Identifier, url: &str, place: Place) -> String {
    match dialect {
        Dialect::Postgres => format!(
            "-- Where the server wants a password, psql asks for it with:\n--   \\password {user}\n\
             -- Then, with PGPASSWORD where there is a password:\n--   contend run '{url}'\n"
        ),
        Dialect::Cockroach => {
            let insecure =
                format!("-- Then, on an insecure cluster:\n--   contend run '{}'\n", with_mode(url, "disable"));
            let secure = secure(user, url);
            match place {
                Place::Unknown => secure + &insecure,
                Place::Encrypted => secure,
                Place::Plain => format!(
                    "-- A secure cluster wants a password first, here in place of the dots:\n\
                     --   ALTER USER {user} WITH PASSWORD '...';\n\
                     -- Then, with PGPASSWORD where there is a password:\n--   contend run '{url}'\n"
                ),
            }
        }
    }
}

fn secure(user: &Identifier, url: &str) -> String {
    let (name, word) = (user.as_str(), shell_word(user));
    let [by_password, verified] = ["require", "verify-full"].map(|mode| with_mode(url, mode));
    let root = if verified.contains("sslrootcert=") { "" } else { "&sslrootcert=certs/ca.crt" };
    let by_certificate = format!("{verified}{root}&sslcert=certs/client.{name}.crt&sslkey=certs/client.{name}.key");
    format!(
        "-- On a secure cluster with a password, here in place of the dots, then in PGPASSWORD:\n\
         --   ALTER USER {user} WITH PASSWORD '...';\n\
         --   contend run '{by_password}'\n\
         -- On a secure cluster with a certificate, made in a shell:\n\
         --   cockroach cert create-client {word} --certs-dir=certs --ca-key=my-safe-directory/ca.key\n\
         --   contend run '{by_certificate}'\n"
    )
}

/// The URL with this sslmode, where it does not have one.
fn with_mode(url: &str, mode: &str) -> String {
    match url.split_once('?') {
        _ if url.contains("sslmode=") => url.to_owned(),
        None => format!("{url}?sslmode={mode}"),
        Some((address, options)) => format!("{address}?sslmode={mode}&{options}"),
    }
}

/// What is known of the server.
#[derive(Clone, Copy)]
enum Place {
    Unknown,
    Plain,
    Encrypted,
}

/// Plain names are words of a shell too.
fn shell_word(name: &Identifier) -> String {
    let plain = name.to_string() == name.as_str();
    if plain { name.to_string() } else { format!("'{}'", name.as_str().replace('\'', "'\\''")) }
}

/// Where the tutorial, and PostgreSQL, have their servers.
fn url_on_this_machine(dialect: Dialect, user: &Identifier, database: &Identifier) -> String {
    let url = |port| Target::url_on(&[format!("localhost:{port}")], user, database);
    match dialect {
        Dialect::Cockroach => url(26257),
        Dialect::Postgres => url(5432),
    }
}
