//! What does each variable of the environment do?

use std::time::{Duration, Instant};

use crate::case::{Case, check};
use crate::home::Home;
use crate::secure::{Certificates, ClientCertificate, Silent, TlsServer};
use crate::support::PASSWORD;

/// A case whose environment leads to the server as `trusted`, before the one variable.
fn case(variable: &str, value: &str) -> Case {
    let server = TlsServer::shared();
    let first =
        [("PGHOST", "localhost".to_owned()), ("PGPORT", server.port.to_string()), ("PGUSER", "trusted".to_owned())];
    let case = Case::of_environment(format!("{variable}={value}").replace(&server.port.to_string(), "PORT"));
    let case =
        first.into_iter().filter(|(name, _)| *name != variable).fold(case, |case, (name, value)| case.env(name, value));
    case.env(variable, value)
}

#[test]
fn each_variable_says_where_and_as_whom() {
    let server = TlsServer::shared();
    check(
        server,
        [
            case("PGHOST", "localhost").tls().noted("user=trusted ").noted("database=trusted "),
            case("PGHOST", server.directory.to_str().unwrap()).plain(),
            case("PGHOST", "/nowhere").refused(&["/nowhere"]),
            case("PGPORT", &server.port.to_string()).tls(),
            case("PGPORT", "1").refused(&["refused", ":1"]),
            case("PGHOSTADDR", "127.0.0.1").env("PGHOST", "no-such-host.invalid").tls(),
            case("PGDATABASE", "bank").tls().noted("database=bank "),
            case("PGUSER", "plain_only").env("PGDATABASE", "bank").plain().noted("user=plain_only "),
            case("PGPASSWORD", PASSWORD).env("PGUSER", "scram").env("PGDATABASE", "bank").tls().noted("user=scram "),
            case("PGPASSWORD", "wrong").env("PGUSER", "scram").env("PGDATABASE", "bank").refused(&["password"]),
            case("PGAPPNAME", "by its variable").named("by its variable").tls(),
            case("PGOPTIONS", "-c statement_timeout=1min").tls(),
            case("PGOPTIONS", "-c no_such_setting=1").refused(&["no_such_setting"]),
            case("PGTARGETSESSIONATTRS", "read-write").tls(),
            case("PGTARGETSESSIONATTRS", "read-only").refused(&["read-only|read only"]),
            case("PGCLIENTENCODING", "UTF8").tls(),
            case("PGGSSENCMODE", "disable").tls(),
        ],
    );
}

#[test]
fn each_variable_says_how_it_is_encrypted() {
    let (server, home, certificates) = (TlsServer::shared(), Home::new(), Certificates::get());
    let (right, wrong) = (home.file("right", &certificates.root()), home.file("wrong", &certificates.other_root()));
    let alice = certificates.client("alice", ClientCertificate::Good);
    let (certificate, key) = (home.file("alice.crt", &alice.certificate), home.file("alice.key", &alice.key));
    let untrusted = &["authority|signed|issuer|trust"];
    check(
        server,
        [
            case("PGSSLMODE", "disable").plain(),
            case("PGSSLMODE", "require").tls(),
            case("PGSSLMODE", "verify-full").refused(&["root"]),
            case("PGSSLROOTCERT", &right).env("PGSSLMODE", "verify-full").tls(),
            case("PGSSLROOTCERT", &wrong).env("PGSSLMODE", "verify-full").refused(untrusted),
            case("PGSSLCERT", &certificate)
                .env("PGSSLKEY", &key)
                .env("PGUSER", "alice")
                .env("PGDATABASE", "bank")
                .tls(),
            case("PGSSLCERT", &certificate).env("PGSSLMODE", "require").refused(&["key"]),
            case("PGSSLMAXPROTOCOLVERSION", "TLSv1.2").tls().noted("protocol=TLSv1.2"),
            case("PGSSLMINPROTOCOLVERSION", "TLSv1.3").tls().noted("protocol=TLSv1.3"),
            case("PGSSLSNI", "0").tls(),
            case("PGSSLCOMPRESSION", "0").tls(),
            case("PGCHANNELBINDING", "require").refused(&["channel binding|channel_binding"]),
            case("PGCHANNELBINDING", "disable").tls(),
        ],
    );
}

#[test]
fn a_variable_that_cannot_be_meant_is_named() {
    let variables = [
        ("PGSSLMODE", "sometimes"),
        ("PGPORT", "x"),
        ("PGCHANNELBINDING", "maybe"),
        ("PGTARGETSESSIONATTRS", "any1"),
        ("PGCONNECT_TIMEOUT", "soon"),
        ("PGSSLMINPROTOCOLVERSION", "TLSv9"),
    ];
    check(TlsServer::shared(), variables.map(|(name, value)| case(name, value).fails(&[&name[2..], "PG|_|port|mode"])));
}

#[test]
fn the_address_counts_over_the_environment() {
    let server = TlsServer::shared();
    let pairs = format!("host=localhost port={} user=trusted dbname=bank sslmode=disable", server.port);
    let all = [
        ("PGHOST", "/nowhere"),
        ("PGPORT", "1"),
        ("PGUSER", "alice"),
        ("PGDATABASE", "no_such"),
        ("PGSSLMODE", "require"),
    ];
    let over = |form: &str, address: &str| {
        all.iter().fold(Case::new(form, address), |case, (name, value)| case.env(name, *value))
    };
    let url = format!("postgres://trusted@localhost:{}/bank?sslmode=disable", server.port);
    check(
        server,
        [
            over("pairs over the environment", &pairs).plain().noted("user=trusted ").noted("database=bank "),
            over("a URL over the environment", &url).plain().noted("user=trusted ").noted("database=bank "),
        ],
    );
    let rest =
        Case::new("the environment for the rest", "dbname=bank").env("PGHOST", "localhost").env("PGUSER", "trusted");
    check(
        server,
        [rest.env("PGPORT", server.port.to_string()).env("PGSSLMODE", "require").tls().noted("database=bank ")],
    );
}

#[test]
fn a_server_that_is_silent_is_not_waited_for() {
    let silent = Silent::new();
    let start = Instant::now();
    let address = format!("postgres://trusted@127.0.0.1:{}/postgres", silent.port);
    let words: &[&str] = &["within|timeout|timed out|in time"];
    check(
        TlsServer::shared(),
        [
            Case::new("PGCONNECT_TIMEOUT", &*address).env("PGCONNECT_TIMEOUT", "2").refused(words),
            Case::new("connect_timeout", format!("{address}?connect_timeout=2")).refused(words),
        ],
    );
    // Twice two seconds of each program; without the limit contend alone takes longer.
    assert!(start.elapsed() < Duration::from_secs(16), "{:.1?}", start.elapsed());
}
