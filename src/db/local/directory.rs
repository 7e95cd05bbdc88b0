//! Where does the server's directory lie?

use std::env;
use std::path::{Path, PathBuf};

/// Where a socket's path may be at most this long: 104 bytes on BSD and macOS, 108 on Linux, one of them a NUL.
const SOCKET_PATH_BYTES: usize = 103;

/// PostgreSQL names its socket after the port it would listen on.
const SOCKET_NAME_BYTES: usize = "/.s.PGSQL.5432".len();

/// A name nobody has used yet, in the system's temporary directory where that can hold a server, else in /tmp.
///
/// Root's server runs as another user, who may be unable to enter a TMPDIR of root's: it always lives in /tmp.
pub(super) fn fresh(as_root: bool) -> PathBuf {
    let name = format!("contend-{:08x}", rand::random::<u32>());
    let directory = env::temp_dir().join(&name);
    if !as_root && can_hold_a_server(&directory) { directory } else { Path::new("/tmp").join(name) }
}

/// Can this path be told to everybody who needs it? It is part of a socket's path, and stands unquoted in lists
/// separated by commas (PostgreSQL's socket directories, CockroachDB's store) and blanks (the address).
fn can_hold_a_server(directory: &Path) -> bool {
    directory.is_absolute()
        && directory.as_os_str().len() + SOCKET_NAME_BYTES <= SOCKET_PATH_BYTES
        && directory.to_str().is_some_and(|text| text.chars().all(is_plain))
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "/._-+".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_directories_differ_and_root_gets_tmp() {
        let (one, other) = (fresh(true), fresh(true));
        assert_ne!(one, other);
        assert_eq!(one.parent(), Some(Path::new("/tmp")));
    }

    #[test]
    fn a_socket_path_of_103_bytes_fits_and_one_more_does_not() {
        let fits = format!("/{}", "d".repeat(SOCKET_PATH_BYTES - SOCKET_NAME_BYTES - 1));
        assert!(can_hold_a_server(Path::new(&fits)));
        assert!(!can_hold_a_server(Path::new(&format!("{fits}d"))));
    }

    #[test]
    fn separators_and_relative_paths_are_refused() {
        assert!(can_hold_a_server(Path::new("/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/contend-1f3a5b7c")));
        for path in ["tmp/contend", "/tmp/my files/contend", "/tmp/a,b", "/tmp/it's", "/tmp/ü", "/tmp/a\\b"] {
            assert!(!can_hold_a_server(Path::new(path)), "{path}");
        }
    }
}
