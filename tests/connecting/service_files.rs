//! What does a service file say, and which one is it?

use crate::case::{Case, check};
use crate::home::Home;
use crate::secure::TlsServer;
use crate::support::PASSWORD;

/// Two services; `bank` has everything in it.
fn services() -> String {
    let port = TlsServer::shared().port;
    format!(
        "# of these tests\n\n[other]\nhost=/nowhere\n\n[bank]\nhost=localhost\nport={port}\nuser=scram\n\
         password={PASSWORD}\ndbname=bank\nsslmode=require\n"
    )
}

#[test]
fn the_file_is_found_where_libpq_finds_it() {
    let home = Home::new();
    home.file(".pg_service.conf", &services());
    let (elsewhere, system) = (Home::new(), Home::new());
    let file = elsewhere.file("services", &services());
    system.file("pg_service.conf", &services());
    let cases = [
        Case::new("service=, ~/.pg_service.conf", "service=bank").home(&home),
        Case::new("?service=, ~/.pg_service.conf", "postgres://?service=bank").home(&home),
        Case::of_environment("PGSERVICE, ~/.pg_service.conf").env("PGSERVICE", "bank").home(&home),
        Case::of_environment("PGSERVICE, PGSERVICEFILE").env("PGSERVICE", "bank").env("PGSERVICEFILE", &file),
        Case::new("service=, PGSERVICEFILE", "service=bank").env("PGSERVICEFILE", file),
        Case::new("service=, PGSYSCONFDIR", "service=bank").env("PGSYSCONFDIR", system.path()),
    ];
    check(TlsServer::shared(), cases.map(|case| case.tls().noted("user=scram ").noted("database=bank ")));
}

#[test]
fn the_address_counts_over_the_service_and_that_over_the_environment() {
    let home = Home::new();
    home.file(".pg_service.conf", &services());
    let case = |form, address: &str| Case::new(form, address).home(&home);
    check(
        TlsServer::shared(),
        [
            case("the address over its service", "service=bank user=trusted dbname=postgres sslmode=disable")
                .plain()
                .noted("user=trusted ")
                .noted("database=postgres "),
            case("the service over the environment", "service=bank")
                .env("PGUSER", "trusted")
                .env("PGSSLMODE", "disable")
                .env("PGHOST", "/nowhere")
                .env("PGPORT", "1")
                .tls()
                .noted("user=scram "),
            case("service= over PGSERVICE", "service=bank").env("PGSERVICE", "other").tls().noted("user=scram "),
        ],
    );
}

#[test]
fn what_is_wrong_with_a_service_is_told() {
    let (home, empty) = (Home::new(), Home::new());
    home.file(".pg_service.conf", &services());
    let broken = |name: &str, line: &str| {
        let text = services().replace("dbname=bank", line);
        Case::new(format!("service file: {name}"), "service=bank").env("PGSERVICEFILE", home.file(name, &text))
    };
    let nowhere = "/nowhere/services";
    check(
        TlsServer::shared(),
        [
            Case::new("service=, not in the file", "service=bnak").home(&home).fails(&["bnak"]),
            Case::new("service=, no file", "service=bank").home(&empty).fails(&["bank|service"]),
            Case::new("PGSERVICEFILE: no such file", "service=bank").env("PGSERVICEFILE", nowhere).fails(&[nowhere]),
            broken("typo", "hots=localhost").fails(&["typo", "keyword|parameter|hots"]),
            broken("no =", "localhost").fails(&["unknown|=|line"]),
            broken("service in service", "service=other").fails(&["service"]),
            Case::new("service=, whose host is dead", "service=other").home(&home).refused(&["/nowhere"]),
        ],
    );
}
