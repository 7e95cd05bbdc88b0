//! What can the user do about it? One hint for each error that a user can mend.

use super::Failure;
use crate::history::Cause;

/// What the server says is more than its SQLSTATE: words in its message, and what follows from them.
///
/// Sources: PostgreSQL 15, auth.c ("no `pg_hba.conf` entry", with the kind of encryption at its end); CockroachDB,
/// pgwire/server.go (a node in secure mode).
const WORDS: [(&[&str], &str); 12] = [
    (&["TLS was not tried"], "mend that first, or say sslmode=disable"),
    (&["no pg_hba.conf entry", "either"], "on the server, pg_hba.conf needs an entry for this user, database and host"),
    (&["no pg_hba.conf entry", "no encryption"], "the server lets nobody in this way without TLS: try sslmode=require"),
    (&["no pg_hba.conf entry", "SSL off"], "the server lets nobody in this way without TLS: try sslmode=require"),
    (&["no pg_hba.conf entry", "SSL"], "try sslmode=disable, or have pg_hba.conf on the server let this user in"),
    (&["SSL connection required"], "the server wants TLS: sslmode=require, or verify-full with sslrootcert"),
    (&["certificate authentication failed"], "the common name (CN) of the client certificate has to be the user's"),
    (&["certificate is for"], "the client certificate (sslcert) is another user's"),
    (&["client certificate"], "name a client certificate and its key: sslcert=FILE and sslkey=FILE"),
    (&["client cert"], "name a client certificate and its key: sslcert=FILE and sslkey=FILE"),
    (&["password"], "check the user and the password in the address (or PGPASSWORD, or the password file)"),
    (&["role", "does not exist"], "create the user (`contend setup` says how), or name another one"),
];

/// A hint for an error, to be put behind it; nothing where there is none.
pub(super) fn advice(failure: &Failure) -> String {
    let Cause { sqlstate, reason } = failure.cause;
    let login = reason == "login refused" || sqlstate.as_str() == "08P01";
    let said = |words: &[&str]| login && words.iter().all(|word| failure.message.contains(word));
    let by_words = WORDS.iter().find(|(words, _)| said(words)).map(|(_, hint)| *hint);
    by_words.or_else(|| by_sqlstate(failure)).map(|hint| format!("; {hint}")).unwrap_or_default()
}

fn by_sqlstate(failure: &Failure) -> Option<&'static str> {
    match failure.cause.sqlstate.as_str() {
        "28P01" => Some("check the user and the password in the address (or PGPASSWORD, or the password file)"),
        "28000" => {
            Some("the server does not let this user in from here this way; check the user, pg_hba.conf, sslmode")
        }
        "3D000" => Some("create the database (`contend setup` says how), or name another one"),
        "42501" => Some("grant the user what it lacks (CREATE on the database, or a schema of its own for --schema)"),
        "25006" => Some("the server accepts no writes: it is a standby, or default_transaction_read_only is on"),
        "42P01" | "3F000" => {
            Some("contend's tables are not there: were they dropped, or do the addresses lead to different databases?")
        }
        "26000" | "42P05" => {
            Some("is there a pooler of transactions, such as PgBouncer, before the server? then use --protocol simple")
        }
        "53100" => Some("free some disk space on the server"),
        "53300" => Some("use fewer --connections, or raise max_connections on the server"),
        "55000" => {
            Some("CockroachDB is still dropping it, and waits some minutes where a node has died; try again later")
        }
        "57P03" => Some("the server is starting, stopping or in recovery; try again in a moment"),
        "08001" if failure.cause.reason == "cannot connect" => {
            Some("is the server running there, and does the address name the right host and port?")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Sqlstate;

    fn hint(sqlstate: &str, message: &str) -> String {
        let reason = if message.contains("restart") || sqlstate.starts_with("42") { "" } else { "login refused" };
        let cause = Cause { sqlstate: Sqlstate::parse(sqlstate).unwrap(), reason };
        advice(&Failure { cause, message: message.to_owned(), lost: true })
    }

    #[test]
    fn the_words_of_the_server_lead_to_the_setting() {
        let hba = "no pg_hba.conf entry for host \"127.0.0.1\", user \"u\", database \"d\", ";
        for (sqlstate, message, expected) in [
            ("28000", format!("{hba}no encryption"), "sslmode=require"),
            ("28000", format!("{hba}SSL off"), "sslmode=require"),
            ("28000", format!("{hba}SSL encryption"), "sslmode=disable"),
            ("28000", format!("{hba}no encryption, and not with TLS either"), "needs an entry"),
            ("08P01", "node is running secure mode, SSL connection required".to_owned(), "sslmode=require"),
            ("28000", "connection requires a valid client certificate".to_owned(), "sslcert"),
            ("28P01", "password authentication failed for user \"u\"".to_owned(), "PGPASSWORD"),
            ("28000", "role \"u\" does not exist".to_owned(), "create the user"),
            ("28000", "something else".to_owned(), "pg_hba.conf"),
            ("3D000", "database \"d\" does not exist".to_owned(), "create the database"),
        ] {
            let found = hint(sqlstate, &message);
            assert!(found.contains(expected), "{message}: {found}");
        }
        assert_eq!(hint("40001", "restart transaction"), "");
        assert_eq!(
            hint("42601", "wrong password of a role that does not exist"),
            "",
            "the words count at the login alone"
        );
    }
}
