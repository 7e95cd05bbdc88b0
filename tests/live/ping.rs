//! Does `contend ping` tell what server it is and what it allows, to anybody who may connect, and change nothing?

use crate::refused_server::dead_port;
use crate::support::{Contend, Database, PASSWORD, Server};

fn ping(address: &str) -> String {
    let ended = Contend::new("ping").on(address).finish().expect(0);
    assert_eq!(ended.stderr, "");
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ended.stdout);
    ended.stdout
}

/// What stands behind a label or the name of a setting.
fn entry<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.trim_start().strip_prefix(label)?.strip_prefix("  ").map(str::trim))
}

fn set(database: &Database, setting: &str) {
    database.sql().run(&format!("ALTER DATABASE {} SET {setting}", database.name));
}

#[test]
fn the_server_and_its_limits_are_told() {
    let database = Server::postgres().database();
    let text = ping(&database.address);
    let user = Server::postgres().superuser();
    assert!(entry(&text, "Address").is_some_and(|address| address.starts_with(&user)), "{text}");
    assert!(entry(&text, "Server").is_some_and(|server| server.starts_with("PostgreSQL 1")), "{text}");
    assert_eq!(entry(&text, "User"), Some(user.as_str()));
    assert_eq!(entry(&text, "Database"), Some(database.name.as_str()));
    assert_eq!(entry(&text, "TLS"), Some("none, a Unix socket"));
    assert_eq!(entry(&text, "Read only"), Some("no"));
    assert_eq!(entry(&text, "May create"), Some("a schema, as contend does"));
    assert_eq!(entry(&text, "Isolation"), Some("read committed by default"));
    for level in ["serializable", "repeatable-read", "read-committed"] {
        assert!(text.contains(&format!(" {level} is granted\n")), "{text}");
    }
    assert!(text.contains(" SELECT 1, 20 times, one after another\n"), "{text}");
    let limit = database.sql().text("SHOW max_connections");
    assert_eq!(entry(&text, "max_connections"), Some(limit.as_str()));
    assert_eq!(entry(&text, "deadlock_timeout"), Some("1s"));
    assert_eq!(entry(&text, "statement_timeout"), None, "it is not set");
}

#[test]
fn what_is_set_for_this_database_is_told() {
    let database = Server::postgres().database();
    set(&database, "statement_timeout = '42s'");
    set(&database, "default_transaction_isolation = 'repeatable read'");
    set(&database, "default_transaction_read_only = on");
    let text = ping(&database.address);
    assert_eq!(entry(&text, "statement_timeout"), Some("42s"));
    assert_eq!(entry(&text, "Isolation"), Some("repeatable read by default"));
    assert_eq!(entry(&text, "Read only"), Some("yes: default_transaction_read_only is on"));
}

#[test]
fn free_connections_are_those_of_this_user() {
    let server = Server::postgres();
    let database = server.database();
    server.sql().run("CREATE ROLE five_at_a_time LOGIN CONNECTION LIMIT 5");
    let text = ping(&server.url("five_at_a_time", &database.name));
    assert_eq!(entry(&text, "connections free for this user"), Some("4"), "its own connection is one: {text}");
}

#[test]
fn somebody_without_rights_is_answered_and_nothing_is_made() {
    let server = Server::postgres();
    let database = server.database();
    server.sql().run("CREATE ROLE may_nothing LOGIN");
    let objects = "SELECT (SELECT count(*) FROM pg_catalog.pg_class) + (SELECT count(*) FROM pg_catalog.pg_namespace)";
    let before = database.sql().number(objects);
    let text = ping(&server.url("may_nothing", &database.name));
    assert_eq!(entry(&text, "User"), Some("may_nothing"));
    assert_eq!(entry(&text, "May create"), Some("no schema; `contend setup` shows the grant"));
    assert!(entry(&text, "connections free for this user").is_some_and(|free| free.parse::<u32>().is_ok()), "{text}");
    assert_eq!(database.sql().number(objects), before);
}

/// On CockroachDB, whose cluster only administrators may look at.
pub fn check_what_a_cluster_tells(server: &Server) {
    let database = server.database();
    let text = ping(&database.address);
    assert!(entry(&text, "Server").is_some_and(|server| server.starts_with("CockroachDB v")), "{text}");
    assert!(text.contains(" serializable is granted\n"), "{text}");
    assert_eq!(entry(&text, "nodes"), Some("1"), "{text}");
    assert_eq!(entry(&text, "May create"), Some("a schema, as contend does"), "{text}");
    server.sql().run("CREATE USER IF NOT EXISTS may_nothing");
    let text = ping(&server.url("may_nothing", &database.name));
    assert_eq!(entry(&text, "nodes"), Some("not allowed to ask"), "{text}");
    assert_eq!(entry(&text, "May create"), Some("no schema; `contend setup` shows the grant"), "{text}");
    assert!(!database.sql().schema_exists("contend"));
}

#[test]
fn so_many_round_trips_as_asked_for() {
    let ended = Contend::new("ping").on(&Server::postgres().database().address).flags("--count 7").finish().expect(0);
    assert!(ended.stdout.contains(" SELECT 1, 7 times, one after another\n"), "{}", ended.stdout);
}

#[test]
fn a_dead_port_is_told_in_one_line() {
    let (_socket, port) = dead_port();
    let ended = Contend::new("ping").on(&format!("postgres://me:{PASSWORD}@127.0.0.1:{port}/db")).finish().expect(4);
    let error = ended.only_error();
    assert!(error.contains(&format!("me@127.0.0.1:{port}/db")) && error.contains("refused"), "{error}");
}

#[test]
fn a_wrong_flag_or_no_address_is_refused() {
    for (arguments, named) in [("--count 0", "--count"), ("--json", "--json"), ("", "CONTEND_URL")] {
        let ended = Contend::new("ping").flags(arguments).finish().expect(2);
        assert!(ended.only_error().contains(named), "{}", ended.stderr);
    }
}

#[test]
fn each_of_several_servers_is_asked_and_one_is_enough() {
    let (database, (_socket, port)) = (Server::postgres().database(), dead_port());
    let dead = format!("postgres://me@127.0.0.1:{port}/db");
    let ended = Contend::new("ping").on(&dead).arg(&database.address).arg(&database.address).finish().expect(0);
    let told = format!("note: cannot connect to me@127.0.0.1:{port}/db: ");
    assert!(ended.stderr.starts_with(&told) && ended.stderr.lines().count() == 1, "{}", ended.stderr);
    assert_eq!(ended.stdout.matches("Server ").count(), 2, "{}", ended.stdout);
    let none = Contend::new("ping").on(&dead).arg(&dead).finish().expect(4);
    assert_eq!(
        none.only_error().matches(&format!("127.0.0.1:{port}/db: ")).count(),
        3,
        "each one, and all: {}",
        none.stderr
    );
}
