//! Which of several hosts is it?

use nix::sys::signal::Signal;

use crate::case::{Case, check};
use crate::home::Home;
use crate::secure::{Certificates, Dead, Silent, TlsServer};
use crate::support::{Contend, PASSWORD};

fn list(hosts: &str, query: &str) -> String {
    format!("postgres://trusted@{hosts}/postgres?{query}")
}

#[test]
fn a_dead_host_is_passed_over() {
    let (server, dead, silent) = (TlsServer::shared(), Dead::new(), Silent::new());
    let (port, dead, silent) = (server.port, dead.port, silent.port);
    let live = format!("localhost:{port}");
    let pairs = format!("host=127.0.0.1,localhost port={dead},{port} user=trusted dbname=postgres");
    check(
        server,
        [
            Case::new("hosts: dead, live", list(&format!("127.0.0.1:{dead},{live}"), "")).tls(),
            Case::new("hosts: live, dead", list(&format!("{live},127.0.0.1:{dead}"), "")).tls(),
            Case::new("hosts: dead, live, as pairs", pairs).tls(),
            Case::new("hosts: unknown name, live", list(&format!("no-such-host.invalid:1,{live}"), "")).tls(),
            Case::new("hosts: silent, live", list(&format!("127.0.0.1:{silent},{live}"), "connect_timeout=5")).tls(),
            Case::new(
                "hosts: one port for all",
                format!("host=no-such-host.invalid,localhost port={port} user=trusted"),
            )
            .tls(),
            Case::new("hosts: no socket, live", format!("host=/nowhere,localhost port={port} user=trusted")).tls(),
            Case::new("hosts: PGHOST and PGPORT", "user=trusted")
                .env("PGHOST", "127.0.0.1,localhost")
                .env("PGPORT", format!("{dead},{port}"))
                .tls(),
        ],
    );
}

#[test]
fn dead_hosts_alone_are_told() {
    let (server, one, other) = (TlsServer::shared(), Dead::new(), Dead::new());
    let (one, other) = (one.port, other.port);
    check(
        server,
        [
            Case::new("hosts: dead", list(&format!("127.0.0.1:{one}"), "")).refused(&["refused"]),
            Case::new("hosts: dead, dead", list(&format!("127.0.0.1:{one},127.0.0.1:{other}"), ""))
                .refused(&["refused"]),
            Case::new("hosts: unknown name", list("no-such-host.invalid", "")).refused(&["no-such-host.invalid"]),
            Case::new("hosts: no socket", format!("host={} port=1", server.directory.display()))
                .refused(&["No such file"]),
        ],
    );
}

#[test]
fn an_address_number_stands_in_for_the_name() {
    let (server, home) = (TlsServer::shared(), Home::new());
    let root = home.file("root.crt", &Certificates::get().root());
    let port = server.port;
    let case = |form: &str, pairs: &str| {
        Case::new(format!("hostaddr: {form}"), format!("{pairs} port={port} user=trusted sslrootcert={root}"))
    };
    check(
        server,
        [
            case("alone", "hostaddr=127.0.0.1").tls(),
            case("for an unknown name", "host=no-such-host.invalid hostaddr=127.0.0.1").tls(),
            case("the name is checked", "host=localhost hostaddr=127.0.0.1 sslmode=verify-full").tls(),
            case("a wrong name is found", "host=db.example hostaddr=127.0.0.1 sslmode=verify-full")
                .refused(&["name|valid for"]),
            case("verify-full of a number", "host=127.0.0.1 sslmode=verify-full").tls(),
            case("verify-full without a name", "hostaddr=127.0.0.1 sslmode=verify-full")
                .tls()
                .differs("contend checks the number, which is in the certificate"),
            case("for a socket's directory", "host=/nowhere hostaddr=127.0.0.1 sslmode=require").tls(),
            case("several", "host=a.invalid,b.invalid hostaddr=127.0.0.1,127.0.0.1").tls(),
        ],
    );
}

#[test]
fn ctrl_c_is_heard_while_a_server_says_nothing() {
    let silent = Silent::new();
    for subcommand in ["run", "seed", "balances", "clean", "ping", "setup", "tutorial"] {
        let address = format!("postgres://me@127.0.0.1:{}/bank?connect_timeout=60", silent.port);
        let mut running = Contend::new(subcommand).on(&address).env("HOME", "/nonexistent").spawn();
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(running.is_running(), "{subcommand} is to be waiting");
        running.signal(Signal::SIGINT);
        let ended = running.wait();
        // What listens for no signals is ended by them.
        assert!([130, -(Signal::SIGINT as i32)].contains(&ended.code), "{subcommand}: {}", ended.code);
    }
}

#[test]
fn ipv6_is_spoken_where_the_machine_has_it() {
    let server = TlsServer::shared();
    if std::net::TcpStream::connect(("::1", server.port)).is_err() {
        eprintln!("SKIPPED: there is no IPv6 here");
        return;
    }
    let home = Home::new();
    let root = home.file("root.crt", &Certificates::get().root());
    let query = format!("sslmode=verify-full&sslrootcert={root}");
    check(
        server,
        [
            Case::new("[::1], verify-full", list(&format!("[::1]:{}", server.port), &query)).tls(),
            Case::new("host=::1", format!("host=::1 port={} user=trusted", server.port)).tls(),
        ],
    );
}

#[test]
fn the_kind_of_session_is_looked_for() {
    let server = TlsServer::shared();
    let case = |attribute: &str| {
        let query = format!("target_session_attrs={attribute}");
        Case::new(query.clone(), server.url("trusted", &query))
    };
    check(server, ["any", "read-write", "primary", "prefer-standby"].map(|attribute| case(attribute).tls()));
    check(
        server,
        [
            case("read-only").refused(&["read-only|read only"]),
            case("standby").refused(&["standby|read-only|read only"]),
        ],
    );
    let both = format!("host=localhost,127.0.0.1 port={} user=trusted target_session_attrs=read-write", server.port);
    check(server, [Case::new("hosts: read-write among two", both).tls()]);
}

#[test]
fn settings_of_a_session_are_sent() {
    let server = TlsServer::shared();
    check(
        server,
        [
            Case::new("options=-c", server.url("trusted", "options=-c%20statement_timeout%3D60000")).tls(),
            Case::new("options=-c, no such setting", server.url("trusted", "options=-c%20no_such%3D1"))
                .refused(&["no_such"]),
            Case::new(
                "options=-c, as pairs",
                format!("host=localhost port={} user=trusted options='-c no_such=1'", server.port),
            )
            .refused(&["no_such"]),
            Case::new("options over PGOPTIONS", server.url("trusted", "options=-c%20work_mem%3D1MB"))
                .env("PGOPTIONS", "-c no_such=1")
                .tls(),
            Case::new(
                "read-only by options",
                server
                    .url("trusted", "options=-c%20default_transaction_read_only%3Don&target_session_attrs=read-write"),
            )
            .refused(&["read-write|writes|read-only"]),
            Case::new(
                "keepalives",
                server.url(
                    "trusted",
                    "keepalives=1&keepalives_idle=30&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=9000",
                ),
            )
            .tls(),
        ],
    );
}

#[test]
fn each_host_has_its_own_password() {
    let (server, home, dead) = (TlsServer::shared(), Home::new(), Dead::new());
    home.file(".pgpass", &format!("127.0.0.1:*:*:*:wrong\nlocalhost:*:*:*:{PASSWORD}\n"));
    let hosts = format!("127.0.0.1:{},localhost:{}", dead.port, server.port);
    let address = format!("postgres://scram@{hosts}/postgres");
    check(server, [Case::new("hosts: dead, live, each with its own password", address).home(&home).tls()]);
}
