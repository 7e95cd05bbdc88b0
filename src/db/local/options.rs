//! What may the caller say about the local server?

use std::path::PathBuf;

use super::Kind;

/// What to start, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The product. Without one: that of the path given below; else CockroachDB if it is on PATH; else PostgreSQL.
    pub kind: Option<Kind>,
    /// The `cockroach` binary; without it the one on PATH.
    pub cockroach: Option<PathBuf>,
    /// The directory of PostgreSQL's `initdb` and `postgres`; without it PATH and the usual places.
    pub pg_bin: Option<PathBuf>,
    /// Makes commits survive a crash of the machine. The server is thrown away, so this is for its price alone.
    pub durable: bool,
    /// How many connections the caller is going to open.
    pub connections: u32,
    /// A port of 127.0.0.1 and `::1` that PostgreSQL listens on too; without it, its Unix socket is the only way to it.
    /// For tests of what only goes through TCP: TLS, hosts and ports.
    pub port: Option<u16>,
}
