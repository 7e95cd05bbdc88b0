//! Does it all hold on CockroachDB, insecure and secure? Where there is a binary.

use crate::case::{Case, check_unseen};
use crate::home::Home;
use crate::secure::SecureCockroach;
use crate::support::{Contend, PASSWORD, Server};

#[test]
fn an_insecure_node_is_reached_without_tls() {
    let Some(server) = Server::cockroach() else { return };
    let (host, port) = server.host();
    let address = |mode| format!("postgres://root@{host}:{}/defaultdb?sslmode={mode}", port.unwrap());
    let connected =
        ["disable", "allow", "prefer"].map(|mode| Case::new(format!("insecure, sslmode={mode}"), address(mode)));
    check_unseen(connected);
    check_unseen([Case::new("insecure, sslmode=require", address("require")).refused(&["TLS|SSL|encrypt"])]);
}

#[test]
fn a_secure_node_is_reached_with_a_certificate_or_a_password() {
    let Some(server) = SecureCockroach::shared() else { return };
    let (home, root, port) = (Home::new(), server.certificate("ca.crt"), server.port);
    let key = std::fs::read_to_string(server.certificate("client.root.key")).unwrap();
    assert!(key.contains("BEGIN RSA PRIVATE KEY"), "PKCS#1 is what users of CockroachDB have");
    let (certificate, key) = (server.certificate("client.root.crt"), home.file("root.key", &key));
    let as_root = format!("postgres://root@localhost:{port}/defaultdb?sslcert={certificate}&sslkey={key}");
    let as_demo = format!("postgres://demo:{PASSWORD}@localhost:{port}/defaultdb");
    let form = |text: &str| format!("secure CockroachDB, {text}");
    check_unseen([
        Case::new(form("certificate, verify-full"), format!("{as_root}&sslmode=verify-full&sslrootcert={root}")),
        Case::new(form("certificate, require"), format!("{as_root}&sslmode=require")),
        Case::new(form("password, require"), format!("{as_demo}?sslmode=require")),
        Case::new(form("password, verify-full"), format!("{as_demo}?sslmode=verify-full&sslrootcert={root}")),
        Case::new(form("password, prefer"), format!("{as_demo}?sslmode=prefer")),
        Case::new(form("password, allow"), format!("{as_demo}?sslmode=allow")),
        Case::new(form("password, no sslmode"), as_demo),
    ]);
}

#[test]
fn what_a_secure_node_refuses_is_told() {
    let Some(server) = SecureCockroach::shared() else { return };
    let port = server.port;
    let address = |login: &str, query: &str| format!("postgres://{login}@localhost:{port}/defaultdb?{query}");
    let demo = format!("demo:{PASSWORD}");
    check_unseen([
        Case::new("secure CockroachDB, sslmode=disable", address(&demo, "sslmode=disable"))
            .refused(&["TLS|SSL|encrypt"]),
        Case::new("secure CockroachDB, wrong password", address("demo:wrong", "sslmode=require"))
            .refused(&["password"]),
        Case::new("secure CockroachDB, unknown user", address("no_such:x", "sslmode=require"))
            .refused(&["password|user|role"]),
        Case::new("secure CockroachDB, root without a certificate", address("root", "sslmode=require"))
            .refused(&["password|certificate"]),
        Case::new("secure CockroachDB, no root certificate", address(&demo, "sslmode=verify-full")).refused(&["root"]),
    ]);
}

/// The form that `cockroach demo` prints.
#[test]
fn a_socket_is_reached_as_demo_prints_it() {
    let Some(server) = SecureCockroach::shared() else { return };
    let directory = server.directory.to_str().unwrap().replace('/', "%2F");
    let address = |more: &str| format!("postgres://demo:{PASSWORD}@?host={directory}&port={}{more}", server.port);
    let modes = ["", "&sslmode=prefer", "&sslmode=require", "&sslmode=disable"];
    // CockroachDB has no database of the user's name, and does not mind.
    check_unseen(modes.map(|mode| Case::new(format!("demo's socket, {mode}"), address(mode))));
}

#[test]
fn the_tutorial_goes_by_certificate_by_password_and_by_socket() {
    let Some(server) = SecureCockroach::shared() else { return };
    let (home, port) = (Home::new(), server.port);
    let key = home.file("root.key", &std::fs::read_to_string(server.certificate("client.root.key")).unwrap());
    let (certificate, root) = (server.certificate("client.root.crt"), server.certificate("ca.crt"));
    let verified = format!("sslmode=verify-full&sslrootcert={root}&sslcert={certificate}&sslkey={key}");
    let directory = server.directory.to_str().unwrap().replace('/', "%2F");
    // One after the other: they share the tutorial's table.
    for address in [
        format!("postgres://root@localhost:{port}/defaultdb?{verified}"),
        format!("postgres://demo:{PASSWORD}@localhost:{port}/defaultdb?sslmode=require"),
        format!("postgres://demo:{PASSWORD}@?host={directory}&port={port}"),
    ] {
        let ended = Contend::new("tutorial").on(&address).env("HOME", home.path()).finish().expect(0);
        let rows: Vec<&str> = ended.stdout.lines().filter(|line| line.starts_with('(')).collect();
        assert_eq!(rows, ["(1, 1000)", "(2, 250)", "(1, 900)", "(2, 350)"], "{address}");
    }
}

#[test]
fn ping_tells_product_and_tls() {
    let Some(server) = SecureCockroach::shared() else { return };
    let address = format!("postgres://demo:{PASSWORD}@localhost:{}/defaultdb?sslmode=require", server.port);
    let ended = Contend::new("ping").on(&address).env("HOME", "/nonexistent").finish().expect(0);
    assert!(ended.stdout.contains("CockroachDB") && ended.stdout.contains("TLS"), "{}", ended.stdout);
}
