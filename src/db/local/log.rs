//! What did the server say last?

use std::fs::File;
use std::os::unix::fs::FileExt;

/// How much of the log's end is read: the last words of a server that did not start are short.
const TAIL_BYTES: u64 = 8192;

/// The line of a log that best says why its server is not there.
///
/// The file is read through a handle opened at the start: by the time the server is known to have ended, the keeper
/// may have removed the file's name already.
pub(super) fn last_words(log: &File) -> Option<String> {
    let start = log.metadata().ok()?.len().saturating_sub(TAIL_BYTES);
    let mut tail = vec![0; usize::try_from(TAIL_BYTES).ok()?];
    let read = log.read_at(&mut tail, start).ok()?;
    meaningful(&String::from_utf8_lossy(&tail[..read]))
}

/// The last line that names an error, else the last that says anything at all.
fn meaningful(text: &str) -> Option<String> {
    let lines =
        || text.lines().rev().map(|line| line.trim_matches([' ', '*', '\t', '\r'])).filter(|line| !is_noise(line));
    lines().find(|line| names_an_error(line)).or_else(|| lines().next()).map(str::to_owned)
}

fn names_an_error(line: &str) -> bool {
    ["FATAL:", "PANIC:", "ERROR:", "error:"].iter().any(|mark| line.contains(mark))
}

/// What is written after the reason, or because of our own impatience.
fn is_noise(line: &str) -> bool {
    line.is_empty()
        || line.starts_with("Failed running ")
        || line.starts_with("initdb: removing ")
        || line.ends_with("the database system is starting up")
        || line.ends_with("database system is shut down")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_says_fatal_before_it_shuts_down() {
        let text = "LOG:  starting PostgreSQL 15.18\n\
                    LOG:  could not bind Unix address \"/tmp/x/.s.PGSQL.5432\": Permission denied\n\
                    FATAL:  could not create any Unix-domain sockets\n\
                    LOG:  database system is shut down\n";
        assert_eq!(meaningful(text).as_deref(), Some("FATAL:  could not create any Unix-domain sockets"));
    }

    #[test]
    fn initdb_cleans_up_after_its_error() {
        let text =
            "initdb: error: could not create directory \"/x\": Permission denied\ninitdb: removing data directory\n";
        assert_eq!(
            meaningful(text).as_deref(),
            Some("initdb: error: could not create directory \"/x\": Permission denied")
        );
    }

    #[test]
    fn cockroach_frames_its_error_with_stars() {
        let text = "*\n* ERROR: cockroach server exited with error: store size too small\n*\n\n\
                    Failed running \"start-single-node\"\n";
        assert_eq!(
            meaningful(text).as_deref(),
            Some("ERROR: cockroach server exited with error: store size too small")
        );
    }

    #[test]
    fn the_shell_names_no_error_and_is_quoted_all_the_same() {
        let text = "contend-keeper: 51: exec: /opt/pg/initdb: Permission denied\n";
        assert_eq!(meaningful(text).as_deref(), Some(text.trim()));
    }

    #[test]
    fn our_own_probes_are_not_the_servers_last_words() {
        assert_eq!(meaningful("FATAL:  the database system is starting up\n\n"), None);
        assert_eq!(meaningful(""), None);
    }
}
