//! What does each isolation level let through? Each shape at each level, as the theory and many measured runs say.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Contend, Ended, Server};

/// One run of one shape with much contention: eight accounts make four customers.
pub fn run_shape(server: &Server, shape: &str, isolation: &str, more: &str) -> Ended {
    let database = server.database();
    if server.superuser() == "postgres" {
        database.sql().run(&format!("ALTER DATABASE {} SET deadlock_timeout = '20ms'", database.name));
    }
    let flags = "--accounts 8 --balance 100 --amount 1..60 --workers 12 --warmup 0s --duration 1500ms --quiet --retry immediate";
    let run = Contend::run().on(&database.address).flags(flags).flags(more);
    run.flags(&format!("--mix {shape} --isolation {isolation}")).finish()
}

/// How often each name was given.
fn counts(run: &Value) -> BTreeMap<String, u64> {
    serde_json::from_value(run["judgement"]["counts"].clone()).unwrap()
}

/// The run is violated, and its history shows at least one of these.
pub fn check_that_it_shows(server: &Server, shape: &str, isolation: &str, more: &str, any_of: &[&str]) {
    let ended = run_shape(server, shape, isolation, more).expect(1);
    let counts = counts(&ended.json());
    assert!(any_of.iter().any(|name| counts.contains_key(*name)), "{shape} at {isolation}: {counts:?}");
    assert!(ended.stdout.starts_with("VIOLATED"), "{}", ended.stdout);
    let first = any_of.iter().find(|name| ended.stdout.contains(**name));
    assert!(first.is_some() && ended.stdout.contains("a contradiction!"), "{}", ended.stdout);
}

/// The run holds, and nothing at all was found.
fn check_that_it_is_clean(server: &Server, shape: &str, isolation: &str) {
    let run = run_shape(server, shape, isolation, "").expect(0).json();
    assert_eq!(counts(&run), BTreeMap::new(), "{shape} at {isolation}");
    assert!(run["judgement"]["committed"].as_u64().unwrap() > 50, "{}", run["judgement"]);
}

/// The run holds; what contradicts the order in time may have been found, where the server does not promise that order.
pub fn check_that_it_is_serializable(server: &Server, shape: &str, more: &str) {
    let run = run_shape(server, shape, "serializable", more).expect(0).json();
    let needs_time = |name: &String| name.ends_with("-realtime") || name.ends_with("-session");
    assert!(counts(&run).keys().all(needs_time), "{shape}: {:?}", counts(&run));
    assert!(run["judgement"]["committed"].as_u64().unwrap() > 10, "{}", run["judgement"]);
}

#[test]
fn read_committed_loses_updates_and_skews_reads() {
    let server = Server::postgres();
    check_that_it_shows(server, "transfer", "read-committed", "", &["lost-update", "G-single"]);
    check_that_it_shows(server, "absolute", "read-committed", "", &["lost-update"]);
    check_that_it_shows(server, "skew", "read-committed", "", &["lost-update", "G-single", "G2-item"]);
}

#[test]
fn read_committed_has_phantoms() {
    let server = Server::postgres();
    check_that_it_shows(server, "batch", "read-committed", "", &["G2", "G-single"]);
    check_that_it_shows(server, "cap", "read-committed", "", &["G2"]);
}

#[test]
fn repeatable_read_is_snapshot_isolation() {
    let server = Server::postgres();
    check_that_it_shows(server, "skew", "repeatable-read", "", &["G2-item"]);
    check_that_it_shows(server, "batch", "repeatable-read", "", &["G2"]);
    check_that_it_shows(server, "cap", "repeatable-read", "", &["G2"]);
    check_that_it_shows(server, "fresh", "repeatable-read", "", &["G2-item"]);
}

#[test]
fn repeatable_read_is_enough_for_transfers() {
    let server = Server::postgres();
    check_that_it_is_clean(server, "transfer", "repeatable-read");
    check_that_it_is_clean(server, "absolute", "repeatable-read");
}

/// Not batch: PostgreSQL 15.18 breaks it now and then.
#[test]
fn serializable_lets_nothing_through() {
    for shape in ["transfer", "absolute", "peek", "skew", "cap", "fresh"] {
        check_that_it_is_clean(Server::postgres(), shape, "serializable");
    }
}

#[test]
fn what_the_level_permits_is_said_and_promised_judges_by_it_alone() {
    let server = Server::postgres();
    let asked = run_shape(server, "skew", "repeatable-read", "").expect(1);
    assert!(asked.report().contains("REPEATABLE READ permits"), "{}", asked.stdout);
    let promised = run_shape(server, "skew", "repeatable-read", "--level promised").expect(0);
    assert!(counts(&promised.json()).contains_key("G2-item"), "{}", promised.stdout);
    run_shape(server, "absolute", "read-committed", "--level promised").expect(0);
}

#[test]
fn transfers_cannot_tell_serializable_from_snapshot_and_the_first_lines_say_so() {
    let ended = run_shape(Server::postgres(), "transfer", "serializable", "").expect(0);
    let first: String = ended.report().split("Goodput").next().unwrap().to_owned();
    assert!(first.contains("cannot tell") && first.contains("snapshot"), "{first}");
}
