//! Do the connections of a run lead in where that of `ping` does? They are made another way: the socket is contend's own,
//! and the driver only logs in on it.

use crate::home::Home;
use crate::secure::{Certificates, TlsServer};
use crate::support::{Contend, PASSWORD};

/// Contend's own connections come on top of these.
const WORKERS: usize = 3;

/// A database of the test's own.
fn database(name: &str) {
    TlsServer::shared().sql().run(&format!("CREATE DATABASE {name} OWNER scram"));
}

/// A short run. How the server has seen each of its connections: one line of its log.
fn connections_of_a_run(name: &str, address: &str, flight: &str) -> Vec<String> {
    let server = TlsServer::shared();
    let before = server.log().len();
    let flags = format!("--workers {WORKERS} --accounts 50 --warmup 0s --transactions 20 --audit off --quiet");
    let run = Contend::run().on(address).flags(&flags).flags(&format!("--flight {flight}"));
    let ended = run.env("HOME", "/nonexistent").finish();
    // So short a run may prove nothing.
    assert!([0, 3].contains(&ended.code), "{name}, {flight}: {}", ended.stderr);
    let counts = ended.saved().counts;
    assert_eq!((counts.transactions, counts.failed), (20, 0), "{name}, {flight}: {counts:?}");
    let ours = format!("database={name} ");
    let log = server.log();
    let notes = log[before..].lines().filter(|line| line.contains("connection authorized: ") && line.contains(&ours));
    notes.map(str::to_owned).collect()
}

fn check_that_runs_hold(name: &str, address: &str, encrypted: bool) {
    database(name);
    for flight in ["sequential", "pipelined", "single"] {
        let made = connections_of_a_run(name, address, flight);
        assert!(made.len() > WORKERS, "{name}, {flight}: {made:?}");
        assert!(made.iter().all(|line| line.contains("SSL enabled") == encrypted), "{name}, {flight}: {made:?}");
    }
}

fn url(place: &str, name: &str, query: &str) -> String {
    format!("postgres://scram:{PASSWORD}@{place}/{name}?{query}")
}

#[test]
fn over_tls_with_a_password_that_is_bound_to_it() {
    let (server, home) = (TlsServer::shared(), Home::new());
    let root = home.file("root.crt", &Certificates::get().root());
    let query = format!("sslmode=verify-full&sslrootcert={root}&channel_binding=require");
    let address = url(&format!("localhost:{}", server.port), "workers_tls", &query);
    check_that_runs_hold("workers_tls", &address, true);
}

#[test]
fn over_tcp_with_every_option_of_the_socket() {
    let query = "sslmode=disable&keepalives=1&keepalives_idle=30&keepalives_interval=5&keepalives_count=3\
                 &tcp_user_timeout=9000&connect_timeout=9";
    let address = url(&format!("127.0.0.1:{}", TlsServer::shared().port), "workers_tcp", query);
    check_that_runs_hold("workers_tcp", &address, false);
}

#[test]
fn over_a_unix_socket() {
    let address = TlsServer::shared().socket_url(&format!("scram:{PASSWORD}"), "dbname=workers_socket");
    check_that_runs_hold("workers_socket", &address, false);
}

#[test]
fn only_to_a_server_of_the_kind_that_is_wanted() {
    database("workers_kind");
    let place = format!("127.0.0.1:{}", TlsServer::shared().port);
    let made = |kind: &str| {
        let address = url(&place, "workers_kind", &format!("target_session_attrs={kind}"));
        connections_of_a_run("workers_kind", &address, "pipelined").len()
    };
    // The first run of all also makes the accounts.
    made("any");
    let (any, standby) = (made("read-write"), made("prefer-standby"));
    // No standby is there: each connection is refused as one first, and then made again.
    assert_eq!(standby, 2 * any);
}
