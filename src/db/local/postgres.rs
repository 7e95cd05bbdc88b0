//! How is a PostgreSQL for one run set up?
//!
//! Reachable through a Unix socket in its own directory and, unless a port was asked for, no other way: no port to
//! choose, nothing open to others.

use std::ffi::OsString;
use std::path::Path;

use super::Options;
use super::keeper::Launch;

/// TERM lets `initdb` end the server it talks to, which then removes its shared memory. QUIT is PostgreSQL's immediate
/// shutdown: it waits for no client. Children that do not react it kills after five seconds, so ten are enough.
const STEPS: &str = r#"
phase TERM 10 "$1" --pgdata="$dir/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync &&
shift && phase QUIT 10 "$@"
"#;

/// Connection slots beyond those asked for: control connections, `psql` by the side, the superuser's reserve.
const SPARE_CONNECTIONS: u32 = 20;

const FEWEST_CONNECTIONS: u32 = 40;

/// The port is part of the socket's name, also where nothing listens on it.
const PORT: u16 = 5432;

/// What to run for it.
pub(super) fn launch(programs: &Path, directory: &Path, options: &Options) -> Launch {
    let slots = options.connections.saturating_add(SPARE_CONNECTIONS).max(FEWEST_CONNECTIONS);
    let mut words: Vec<OsString> = vec![
        programs.join("initdb").into(),
        programs.join("postgres").into(),
        "-D".into(),
        directory.join("data").into(),
        "-k".into(),
        directory.into(),
    ];
    let mut set = |setting: String| words.extend(["-c".into(), setting.into()]);
    set(format!("port={}", options.port.unwrap_or(PORT)));
    // By number: where there is no IPv6, the other one is enough.
    set(format!("listen_addresses={}", if options.port.is_some() { "127.0.0.1,::1" } else { "" }));
    set(format!("max_connections={slots}"));
    // Conflicts are what we are here for: to log each one with its statement would cost more than to run it.
    set("log_min_messages=log".to_owned());
    set("log_line_prefix=".to_owned());
    if !options.durable {
        // synchronous_commit stays on: without fsync it costs one write to the operating system, and the crash of a
        // backend, which empties the server's own buffers, then loses no acknowledged commit.
        for switch in ["fsync=off", "full_page_writes=off"] {
            set(switch.to_owned());
        }
    }
    Launch { steps: STEPS, words }
}

/// How to reach it.
pub(super) fn address(directory: &Path, options: &Options) -> String {
    let port = options.port.unwrap_or(PORT);
    format!("host={} port={port} user=postgres dbname=postgres sslmode=disable", directory.display())
}

/// Where it listens and how durable it is, for [`describe`](super::LocalServer::describe).
pub(super) fn circumstances(directory: &Path, durable: bool) -> String {
    let durability = if durable { "fsync on" } else { "fsync off (--durable: on)" };
    format!("in {}, {durability}", directory.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(options: &Options) -> Vec<String> {
        let launch = launch(Path::new("/bin"), Path::new("/tmp/contend-1"), options);
        launch.words.into_iter().map(|word| word.into_string().unwrap()).collect()
    }

    #[test]
    fn there_are_slots_to_spare() {
        for (asked, slots) in [(0, 40), (20, 40), (21, 41), (1000, 1020), (u32::MAX, u32::MAX)] {
            let options = Options { connections: asked, ..Options::default() };
            assert!(words(&options).contains(&format!("max_connections={slots}")), "{asked}");
        }
    }

    #[test]
    fn nothing_listens_on_tcp_unless_a_port_is_asked_for() {
        assert!(words(&Options::default()).contains(&"listen_addresses=".to_owned()));
        let options = Options { port: Some(15432), ..Options::default() };
        assert!(words(&options).contains(&"port=15432".to_owned()));
        assert!(address(Path::new("/tmp/contend-1"), &options).contains("host=/tmp/contend-1 port=15432 "));
    }

    #[test]
    fn durability_is_off_unless_asked_for() {
        let off = |durable| {
            words(&Options { durable, ..Options::default() }).iter().filter(|word| word.ends_with("=off")).count()
        };
        assert_eq!(off(false), 2);
        assert_eq!(off(true), 0);
    }
}
