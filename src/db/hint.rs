//! What can the user do about it? One hint for each error that a user can mend.

use crate::history::Sqlstate;

/// A hint for an error that ends a run or keeps it from starting.
#[must_use]
pub fn hint_for(sqlstate: Sqlstate) -> Option<&'static str> {
    match sqlstate.as_str() {
        "28P01" => Some("check the user and the password in the address (or PGPASSWORD)"),
        "28000" => Some("the server does not let this user in from here this way; check the user, pg_hba.conf, TLS"),
        "3D000" => Some("create the database, or name another one at the end of the address"),
        "42501" => Some("grant the user what it lacks (CREATE on the database, or a schema of its own for --schema)"),
        "25006" => Some("the server accepts no writes: it is a standby, or default_transaction_read_only is on"),
        "42P01" | "3F000" => Some("contend's tables are gone; did something drop them meanwhile?"),
        "53100" => Some("free some disk space on the server"),
        "53300" => Some("use fewer --connections, or raise max_connections on the server"),
        "57P03" => Some("the server is starting, stopping or in recovery; try again in a moment"),
        "08001" => Some("is the server running there, and does the address name the right host and port?"),
        _ => None,
    }
}
