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
    // Who says which dialect it is wants no server to be asked, whatever the environment names.
    let target = if dialect.is_some() { None } else { named_if_any(target)? };
    let (dialect, found, url) = if let Some(target) = &target {
        let control = Control::connect(target).await?;
        let dialect = Dialect::from(control.server().product);
        let user = dialect.user(user);
        let existing = Existing::ask(&control, &user, database).await?;
        let found = found(&control, target, &existing, &user, database);
        (dialect, found, target.url_for(&user, database))
    } else {
        let dialect = dialect.unwrap_or_default();
        (dialect, String::new(), url_on_this_machine(dialect, &dialect.user(user), database))
    };
    let user = dialect.user(user);
    let statements = dialect.statements(&user, database);
    exit::print(&format!("{}{found}\n{statements}\n{}", usage(dialect), next(dialect, &user, &url)))?;
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

/// Passwords, certificates, and how contend is run then, in comments.
fn next(dialect: Dialect, user: &Identifier, url: &str) -> String {
    let login = match dialect {
        Dialect::Cockroach => format!(
            "-- A secure cluster wants a password, here in place of the dots:\n\
             --   ALTER USER {user} WITH PASSWORD '...';\n\
             -- or a certificate, made in a shell:\n\
             --   cockroach cert create-client {} --certs-dir=certs --ca-key=my-safe-directory/ca.key\n",
            shell_word(user)
        ),
        Dialect::Postgres => {
            format!("-- Where the server wants a password, psql asks for it with:\n--   \\password {user}\n")
        }
    };
    format!("{login}-- Then, with PGPASSWORD where there is a password:\n--   contend run '{url}'\n")
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
        Dialect::Cockroach => url(26257) + "?sslmode=disable",
        Dialect::Postgres => url(5432),
    }
}
