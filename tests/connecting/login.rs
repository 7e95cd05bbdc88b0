//! As whom, with which password, in which database?

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use crate::case::{Case, check};
use crate::secure::{TlsServer, current_user};
use crate::support::PASSWORD;

fn with_password(user: &str, query: &str) -> String {
    TlsServer::shared().url(&format!("{user}:{PASSWORD}"), query)
}

#[test]
fn a_password_is_given_as_the_server_asks_for_it() {
    let case = |user: &str, mode: &str| {
        Case::new(format!("{user} password, sslmode={mode}"), with_password(user, &format!("sslmode={mode}")))
    };
    for user in ["scram", "md5", "clear"] {
        check(TlsServer::shared(), [case(user, "require").tls(), case(user, "disable").plain()]);
    }
    let socket = TlsServer::shared().socket_url(&format!("scram:{PASSWORD}"), "");
    check(TlsServer::shared(), [Case::new("scram password, Unix socket", socket).plain()]);
}

#[test]
fn a_wrong_password_is_told_in_each_mode() {
    let server = TlsServer::shared();
    for user in ["scram", "md5", "clear"] {
        let case = |mode| {
            let address = server.url(&format!("{user}:not-{PASSWORD}"), &format!("sslmode={mode}"));
            Case::new(format!("{user}, wrong password, sslmode={mode}"), address).refused(&["password", user])
        };
        check(server, ["disable", "allow", "prefer", "require"].map(case));
    }
    let none = |user| {
        Case::new(format!("{user}, no password"), server.url(user, "")).refused(&["password", "PGPASSWORD|.pgpass"])
    };
    check(server, ["scram", "md5", "clear"].map(none));
}

#[test]
fn a_password_with_every_sign_in_it_arrives() {
    let server = TlsServer::shared();
    let encoded = percent_encode(TlsServer::ODD_PASSWORD.as_bytes(), NON_ALPHANUMERIC).to_string();
    let quoted = TlsServer::ODD_PASSWORD.replace('\\', r"\\").replace('\'', r"\'");
    let pairs = format!("host=localhost port={} user=odd dbname=postgres", server.port);
    check(
        server,
        [
            Case::new("odd password, URL", server.url(&format!("odd:{encoded}"), "")).tls().noted("user=odd "),
            Case::new("odd password, URL's query", server.url("odd", &format!("password={encoded}"))).tls(),
            Case::new("odd password, pairs", format!("{pairs} password = '{quoted}'")).tls(),
            Case::new("odd password, PGPASSWORD", pairs).env("PGPASSWORD", TlsServer::ODD_PASSWORD).tls(),
        ],
    );
}

#[test]
fn an_unknown_role_or_database_is_told() {
    let server = TlsServer::shared();
    let database = |name: &str| format!("postgres://trusted@localhost:{}/{name}", server.port);
    check(
        server,
        [
            Case::new("unknown role", server.url("no_such", "")).refused(&["no_such", "role|user"]),
            Case::new("unknown database", database("no_such")).refused(&["no_such", "database"]),
            Case::new("a role without a rule", server.url("postgres", "")).refused(&["pg_hba|entry"]),
            Case::new("a database", database("bank")).tls().noted("database=bank "),
            Case::new("no database: that of the user's name", database("")).tls().noted("database=trusted "),
        ],
    );
}

#[test]
fn without_a_user_it_is_that_of_the_operating_system() {
    let server = TlsServer::shared();
    let address = format!("postgres://localhost:{}/postgres", server.port);
    check(server, [Case::new("no user", address).tls().noted(&format!("user={} ", current_user()))]);
}

#[test]
fn a_login_is_bound_to_its_tls_channel() {
    let server = TlsServer::shared();
    let case = |query: &str| Case::new(format!("scram, {query}"), with_password("scram", query));
    let trusted = |query: &str| Case::new(format!("trusted, {query}"), server.url("trusted", query));
    check(
        server,
        [
            case("channel_binding=require").tls(),
            case("sslmode=require&channel_binding=disable").tls(),
            case("sslmode=disable&channel_binding=prefer").plain(),
            case("sslmode=disable&channel_binding=require").fails(&["channel binding|channel_binding"]),
            trusted("sslmode=require&channel_binding=require").refused(&["channel binding|channel_binding"]),
            Case::new("md5, channel_binding=require", with_password("md5", "sslmode=require&channel_binding=require"))
                .refused(&["channel binding|channel_binding"]),
        ],
    );
}

#[test]
fn the_forms_of_an_address_lead_to_the_same_place() {
    let server = TlsServer::shared();
    let port = server.port;
    let case = |address: String| {
        let form = address.replace(&port.to_string(), "PORT");
        Case::new(format!("address {}", form.escape_debug()), address).noted("user=trusted ").noted("database=bank ")
    };
    let addresses = [
        format!("postgresql://trusted@localhost:{port}/bank"),
        format!("postgres://trusted@127.0.0.1:{port}/bank"),
        format!("postgres://trusted@loc%61lhost:{port}/b%61nk"),
        format!("postgres:///bank?host=localhost&port={port}&user=trusted"),
        format!("postgres://somebody@/bank?host=localhost&port={port}&user=trusted"),
        format!("host=localhost port={port} user=trusted dbname=bank"),
        format!("  host = 'localhost'\tport={port}  user='trusted' dbname=b\\ank "),
        format!("dbname=bank user=nobody user=trusted host=localhost port={port}"),
    ];
    check(server, addresses.map(|address| case(address).tls()));
    let required = format!("postgres://trusted@localhost:{port}/bank?ssl=true");
    check(server, [case(required).tls()]);
    let named = server.url("trusted", "application_name=by%20its%20URL");
    check(server, [Case::new("application_name", named).named("by its URL").tls()]);
    let named = server.url("trusted", "fallback_application_name=not%20seen");
    check(server, [Case::new("PGAPPNAME over fallback_application_name", named).tls()]);
}
