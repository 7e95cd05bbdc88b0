//! With TLS or without? Where the server has none, insists on it, or will not have it.

use crate::case::{Case, check};
use crate::home::Home;
use crate::secure::{Certificates, TlsServer};
use crate::support::Contend;

const TLS: &[&str] = &["TLS|SSL|encrypt"];

fn case(server: &TlsServer, user: &str, mode: &str) -> Case {
    Case::new(format!("{user}, sslmode={mode}"), server.url(user, &format!("sslmode={mode}")))
}

#[test]
fn a_server_that_insists_on_tls_gets_it_wherever_the_mode_allows_it() {
    let server = TlsServer::shared();
    check(server, ["allow", "prefer", "require"].map(|mode| case(server, "tls_only", mode).tls()));
    check(server, [case(server, "tls_only", "disable").refused(TLS)]);
    check(server, [Case::new("tls_only, no sslmode", server.url("tls_only", "")).tls()]);
}

#[test]
fn a_server_that_refuses_tls_gets_none_where_the_mode_allows_it() {
    let server = TlsServer::shared();
    check(server, ["disable", "allow", "prefer"].map(|mode| case(server, "plain_only", mode).plain()));
    check(server, [case(server, "plain_only", "require").refused(&["encrypt|TLS|SSL|pg_hba"])]);
}

#[test]
fn a_server_without_tls_is_used_as_it_is_or_not_at_all() {
    let server = TlsServer::without_tls();
    let form = |mode: &str| format!("a server without TLS, sslmode={mode}");
    let case = |mode: &str| Case::new(form(mode), server.url("trusted", &format!("sslmode={mode}")));
    check(&server, ["disable", "allow", "prefer"].map(|mode| case(mode).plain()));
    check(&server, [case("require").refused(TLS)]);
    let home = Home::new();
    let root = home.file("root.crt", &Certificates::get().root());
    let full = server.url("trusted", &format!("sslmode=verify-full&sslrootcert={root}"));
    check(&server, [Case::new(form("verify-full"), full).refused(TLS)]);
}

#[test]
fn a_unix_socket_never_has_tls() {
    let server = TlsServer::shared();
    let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
    let case = |mode| {
        Case::new(format!("a Unix socket, sslmode={mode}"), server.socket_url("trusted", &format!("sslmode={mode}")))
    };
    check(server, modes.map(|mode| case(mode).plain()));
}

#[test]
fn versions_of_the_protocol_can_be_chosen() {
    let server = TlsServer::shared();
    let case = |query: &str| Case::new(query, server.url("trusted", &format!("sslmode=require&{query}"))).tls();
    check(
        server,
        [
            case("ssl_max_protocol_version=TLSv1.2").noted("protocol=TLSv1.2"),
            case("ssl_min_protocol_version=TLSv1.3").noted("protocol=TLSv1.3"),
            case("ssl_min_protocol_version=TLSv1.2&ssl_max_protocol_version=TLSv1.3").noted("protocol=TLSv1.3"),
            case("sslsni=0"),
            case("sslcompression=0"),
            case("gssencmode=disable"),
        ],
    );
    let query = "ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2";
    check(server, [Case::new(query, server.url("trusted", query)).fails(&["ssl_m"])]);
}

#[test]
fn ping_tells_product_and_tls() {
    let address = TlsServer::shared().url("trusted", "sslmode=require");
    let ended = Contend::new("ping").on(&address).env("HOME", "/nonexistent").finish().expect(0);
    assert!(ended.stdout.contains("PostgreSQL") && ended.stdout.contains("TLS"), "{}", ended.stdout);
}
