//! How is a CockroachDB for one run set up?
//!
//! A single node on a port of the system's choosing, which it writes into a file. No certificates: it listens on
//! 127.0.0.1 alone.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::Options;
use super::keeper::Launch;

/// TERM drains and exits; QUIT, which ends PostgreSQL, only makes CockroachDB dump its stacks. An idle server drains in
/// a third of a second, a busy one waits ten for statements whose results nobody will read: it is killed before that.
const STEPS: &str = r#"phase TERM 3 "$@""#;

/// CockroachDB refuses stores below 640 MiB; memory is taken as it fills.
const MEMORY_STORE: &str = "--store=type=mem,size=2GiB";

/// What to run for it.
pub(super) fn launch(program: &Path, directory: &Path, options: &Options) -> Launch {
    let path = directory.display();
    let mut words: Vec<OsString> = vec![program.into()];
    words.extend(
        ["start-single-node", "--insecure", "--listen-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0"].map(Into::into),
    );
    words.push(format!("--listening-url-file={path}/url").into());
    // `--log-dir` is shorter, and deprecated.
    words.push(format!("--log=file-defaults: {{dir: {path}/logs}}").into());
    // Beside a store in memory it would be the system's, where one that is killed leaves its own behind.
    words.push(format!("--temp-dir={path}").into());
    words.push(if options.durable { format!("--store=path={path}/store").into() } else { MEMORY_STORE.into() });
    Launch { steps: STEPS, words }
}

/// How to reach it, once it has said so.
pub(super) fn address(directory: &Path) -> Option<String> {
    let url = fs::read_to_string(directory.join("url")).ok()?;
    let port = port(&url)?;
    Some(format!("postgresql://root@127.0.0.1:{port}/defaultdb?sslmode=disable"))
}

/// The port in `postgresql://root@127.0.0.1:26257/defaultdb?sslmode=disable` and a line end.
///
/// Only the port is taken: the rest is known, and has been spelled differently by different versions. Without its line
/// end the file is still being written.
fn port(url: &str) -> Option<u16> {
    let (_, rest) = url.strip_suffix('\n')?.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    authority.rsplit_once(':')?.1.parse().ok()
}

/// Where it listens and how durable it is, for [`describe`](super::LocalServer::describe).
pub(super) fn circumstances(directory: &Path, durable: bool) -> String {
    let port = fs::read_to_string(directory.join("url")).ok().and_then(|url| port(&url)).unwrap_or_default();
    let durability = if durable {
        format!("on disk in {}", directory.display())
    } else {
        "in memory (--durable: on disk)".to_owned()
    };
    format!("on 127.0.0.1:{port}, {durability}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_every_version_s_url() {
        assert_eq!(port("postgresql://root@127.0.0.1:37423/defaultdb?sslmode=disable\n"), Some(37423));
        assert_eq!(port("postgresql://root@localhost:26257?sslmode=disable\n"), Some(26257));
        assert_eq!(port("postgresql://root@[::1]:26257/defaultdb?options=a:b\n"), Some(26257));
    }

    #[test]
    fn half_a_url_is_none() {
        for text in ["", "postgresql://root@127.0.0.1:374", "postgresql://root@127.0.0.1\n", "\n", "127.0.0.1:9\n"] {
            assert_eq!(port(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_durable_store_lies_in_the_directory() {
        let words = |durable| {
            let options = Options { durable, ..Options::default() };
            launch(Path::new("/bin/cockroach"), Path::new("/tmp/contend-1"), &options).words
        };
        assert!(words(true).contains(&"--store=path=/tmp/contend-1/store".into()));
        assert!(words(false).contains(&"--temp-dir=/tmp/contend-1".into()));
        assert!(words(false).contains(&MEMORY_STORE.into()));
    }
}
