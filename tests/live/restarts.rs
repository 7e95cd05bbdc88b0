//! Does each way to restart do what it says? It holds, takes as many round trips as it should, leaves nothing open, and is
//! refused where it cannot work.

use contend::run::{Run, WorkerTime};

use crate::support::{Contend, Server};

const FLIGHTS: [&str; 3] = ["sequential", "pipelined", "single"];
/// Few accounts, so that most transactions are tried again.
const CROWD: &str = "--workers 12 --accounts 12 --lock-order sorted --warmup 0s --duration 1s --quiet";
/// One transaction after the other, of which none is tried again.
const ALONE: &str =
    "--workers 1 --accounts 100 --amount 1..2 --transactions 40 --warmup 0s --audit off --mix transfer --quiet";

fn run(server: &Server, flags: &str, code: i32) -> Run {
    let database = server.database();
    if server.superuser() == "postgres" {
        database.sql().run(&format!("ALTER DATABASE {} SET deadlock_timeout = '20ms'", database.name));
    }
    Contend::run().on(&database.address).flags(flags).finish().expect(code).saved()
}

fn check_the_round_trips(server: &Server, restart: &str, expected: [u64; 3]) {
    for (flight, trips) in FLIGHTS.into_iter().zip(expected) {
        for protocol in ["prepared", "simple"] {
            let how = format!("--restart {restart} --flight {flight} --protocol {protocol}");
            let counts = run(server, &format!("{ALONE} {how}"), 3).counts;
            assert_eq!((counts.committed, counts.round_trips), (40, 40 * trips), "{how}: {counts:?}");
        }
    }
}

/// Answers with what ran last.
fn check_that_a_crowd_holds(server: &Server, restart: &str, flights: &[&str]) -> Run {
    let runs: Vec<Run> = flights
        .iter()
        .map(|flight| {
            let run = run(server, &format!("{CROWD} --restart {restart} --flight {flight}"), 0);
            let (counts, WorkerTime { busy_s, backoff_s, held_s, open_s, .. }) = (&run.counts, run.time);
            assert!(counts.committed > 20 && counts.retries > 0, "{restart} {flight}: {counts:?}");
            assert_eq!(counts.failed + counts.ambiguous, 0, "{restart} {flight}: {counts:?}");
            assert!((open_s - (busy_s - backoff_s + held_s)).abs() < 1e-6, "{:?}", run.time);
            assert_eq!(run.plan.restart, restart);
            run
        })
        .collect();
    runs.into_iter().next_back().unwrap()
}

fn made(run: &Run) -> u64 {
    run.server.hosts.iter().map(|host| host.connections).sum()
}

pub fn check_reconnect(server: &Server) {
    check_the_round_trips(server, "reconnect", [5, 2, 1]);
    let reconnected = check_that_a_crowd_holds(server, "reconnect", &["pipelined", "sequential"]);
    // What gave up has lost its connection too, and what was retried before anything was measured is not counted.
    let most = reconnected.counts.retries + reconnected.counts.exhausted + 24;
    assert!((reconnected.counts.retries..=most).contains(&(made(&reconnected) - 12)), "{reconnected:?}");
    assert_eq!(made(&check_that_a_crowd_holds(server, "rollback", &["sequential"])), 12);
}

pub fn check_single(server: &Server) {
    let counts = run(server, &format!("{ALONE} --restart single"), 3).counts;
    assert_eq!((counts.committed, counts.round_trips), (40, 40), "{counts:?}");
    let crowd = run(server, &format!("{CROWD} --mix transfer --balance 100 --restart single"), 0);
    let counts = &crowd.counts;
    assert!(counts.committed > 50 && counts.declined > 0 && counts.failed + counts.ambiguous == 0, "{counts:?}");
    assert_eq!((crowd.plan.flight.as_str(), crowd.time.held_s), ("single", 0.0));
    assert_eq!(counts.attempts, counts.round_trips, "there is nothing to roll back");
}

pub fn check_savepoint(server: &Server) {
    // BEGIN, SAVEPOINT, a read, two writes, RELEASE, COMMIT.
    check_the_round_trips(server, "savepoint", [7, 2, 1]);
    let held = check_that_a_crowd_holds(server, "savepoint", &["pipelined", "sequential"]);
    assert!(held.time.held_s > 0.0 && held.time.held_s <= held.time.backoff_s, "{:?}", held.time);
    // Who gives up leaves nothing open, which the next BEGIN on that connection would trip over.
    let given_up = run(server, &format!("{CROWD} --restart savepoint --max-attempts 2 --retry immediate"), 0);
    let counts = &given_up.counts;
    assert!(counts.exhausted > 0 && counts.failed + counts.ambiguous == 0, "{counts:?}");
}

#[test]
fn every_retry_has_a_connection_of_its_own_with_reconnect() {
    check_reconnect(Server::postgres());
}

#[test]
fn a_transaction_is_one_statement_with_single_and_has_the_level_that_was_asked_for() {
    let server = Server::postgres();
    check_single(server);
    for level in ["serializable", "repeatable read"] {
        let run = run(server, &format!("{ALONE} --restart single --isolation {}", level.replace(' ', "-")), 3);
        assert_eq!(run.server.isolation.granted, [level]);
    }
}

#[test]
fn savepoint_is_refused_where_it_does_not_help() {
    let database = Server::postgres().database();
    let ended = Contend::run().on(&database.address).flags("--restart savepoint --quiet").finish().expect(4);
    let error = ended.only_error();
    assert!(error.contains("--restart savepoint") && error.contains("this is PostgreSQL"), "{error}");
    assert_eq!(database.sql().text("SELECT count(*) FROM pg_namespace WHERE nspname = 'contend'"), "0");
}

#[test]
fn what_is_no_single_statement_is_refused() {
    for (flags, wanted) in [
        ("", "--mix transfer"),
        ("--mix transfer=1,peek=1", "--mix transfer"),
        ("--mix transfer --flight pipelined", "leave --flight out"),
        ("--mix transfer --think 1ms", "--think"),
        ("--mix transfer --verify ledger", "--verify history"),
        ("--mix transfer --protocol simple", "--protocol simple"),
    ] {
        let ended = Contend::run().flags("sim://serializable --restart single").flags(flags).finish().expect(2);
        assert!(ended.only_error().contains(wanted), "{flags}: {}", ended.stderr);
    }
}

/// Whatever is broken between two attempts, also when the answers to RELEASE and to COMMIT behind it are lost.
#[test]
fn a_simulation_restarts_in_every_way() {
    for (restart, trips) in [("savepoint", [7, 2, 1]), ("reconnect", [5, 2, 1]), ("single", [1, 1, 1])] {
        for (flight, trips) in FLIGHTS.into_iter().zip(trips) {
            let flight = if restart == "single" { "single" } else { flight };
            let how = format!("--mix transfer --restart {restart} --flight {flight}");
            let alone = Contend::run().on("sim://serializable").flags(&how);
            let alone = alone.flags("--workers 1 --amount 1..2 --transactions 50 --quiet").finish().expect(3).saved();
            assert_eq!(alone.counts.round_trips, trips * alone.counts.transactions, "{how}");
            let crowd = Contend::run().on("sim://serializable?ambiguous=0.02&retries=0").flags(&how);
            let crowd = crowd.flags("--accounts 8 --transactions 3000 --quiet --seed 3").finish().expect(0).saved();
            assert!(crowd.counts.retries > 100 && crowd.counts.ambiguous > 10, "{how}: {:?}", crowd.counts);
            assert_eq!(crowd.time.held_s > 0.0, restart == "savepoint", "{how}: {:?}", crowd.time);
        }
    }
}
