//! Is a transaction the same in one flight, in two and in one per statement? It holds, it takes as many round trips as it
//! should, and what goes wrong on the way is judged alike.

use contend::run::Run;

use crate::levels::{check_that_it_is_serializable, check_that_it_shows, run_shape};
use crate::support::{Contend, Server, Sql};

const FLIGHTS: [&str; 3] = ["sequential", "pipelined", "single"];
const PROTOCOLS: [&str; 2] = ["prepared", "simple"];

fn run(server: &Server, flags: &str, code: i32) -> Run {
    let database = server.database();
    if server.superuser() == "postgres" {
        database.sql().run(&format!("ALTER DATABASE {} SET deadlock_timeout = '20ms'", database.name));
    }
    Contend::run().on(&database.address).flags("--warmup 0s --quiet").flags(flags).finish().expect(code).saved()
}

/// One transaction after the other, so that none has to be tried again; which proves nothing, as the exit code says.
fn round_trips(server: &Server, flight: &str, protocol: &str, mix: &str) -> f64 {
    let alone = "--workers 1 --accounts 100 --amount 1..2 --transactions 40 --audit off";
    let run = run(server, &format!("{alone} --mix {mix} --flight {flight} --protocol {protocol}"), 3);
    let counts = &run.counts;
    assert_eq!((counts.committed, counts.attempts), (40, 40), "{counts:?}");
    counts.round_trips as f64 / 40.0
}

pub fn check_the_round_trips(server: &Server) {
    for protocol in PROTOCOLS {
        // BEGIN, a read, two writes, COMMIT.
        let transfers = FLIGHTS.map(|flight| round_trips(server, flight, protocol, "transfer"));
        assert_eq!(transfers.map(|trips| trips.to_string()), ["5", "2", "1"], "{protocol}");
        // What it writes it computes from what it has read.
        assert_eq!(round_trips(server, "single", protocol, "absolute").to_string(), "2");
        // BEGIN, an insert, a read, COMMIT: nothing in it depends on an answer.
        let fresh = FLIGHTS.map(|flight| round_trips(server, flight, protocol, "fresh"));
        assert_eq!(fresh.map(|trips| trips.to_string()), ["4", "1", "1"], "{protocol}");
    }
}

pub fn check_that_contention_holds(server: &Server) {
    for flight in FLIGHTS {
        for protocol in PROTOCOLS {
            let crowd = "--workers 12 --accounts 12 --balance 200 --duration 1s --lock-order sorted --verify ledger";
            let run = run(server, &format!("{crowd} --flight {flight} --protocol {protocol}"), 0);
            let counts = &run.counts;
            assert!(counts.committed > 50 && counts.failed + counts.ambiguous == 0, "{flight} {protocol}: {counts:?}");
            assert!(counts.declined > 0, "{flight} {protocol}: no account was ever short of money: {counts:?}");
            assert_eq!((run.plan.flight.as_str(), run.plan.protocol.as_str()), (flight, protocol));
        }
    }
}

#[test]
fn a_transfer_takes_five_round_trips_or_two_or_one() {
    check_the_round_trips(Server::postgres());
}

#[test]
fn a_contended_run_holds_in_every_flight() {
    check_that_contention_holds(Server::postgres());
}

pub fn check_the_shapes(server: &Server, shapes: &[&str]) {
    for flight in ["pipelined", "single"] {
        for shape in shapes {
            check_that_it_is_serializable(server, shape, &format!("--flight {flight}"));
        }
    }
}

/// All but batch, which PostgreSQL does not always serialize (docs/postgresql-serializable.md).
#[test]
fn every_shape_is_serializable_in_flights() {
    check_the_shapes(Server::postgres(), &["transfer", "absolute", "peek", "skew", "audit,transfer", "cap", "fresh"]);
}

#[test]
fn a_weak_level_is_found_out_in_flights_too() {
    let flags = "--flight pipelined";
    check_that_it_shows(Server::postgres(), "absolute", "read-committed", flags, &["lost-update"]);
    check_that_it_shows(Server::postgres(), "skew", "repeatable-read", flags, &["G2-item"]);
}

/// Were debit and credit two statements of one flight, the credit would run behind a debit that finds no money.
#[test]
fn where_there_is_no_money_a_single_flight_moves_none() {
    let database = Server::postgres().database();
    let flags = "--accounts 10 --balance 0 --mix transfer --flight single --transactions 200 --warmup 0s --quiet";
    // Nothing was committed, so nothing was proven.
    let ended = Contend::run().on(&database.address).flags(flags).finish().expect(3);
    let counts = &ended.saved().counts;
    assert_eq!((counts.declined, counts.committed), (200, 0), "{counts:?}");
    let sql: Sql = database.sql();
    assert_eq!(sql.text("SELECT sum(balance) || ' ' || sum(version) FROM contend.accounts"), "0 0");
}

#[test]
fn a_row_that_is_gone_is_never_taken_for_a_commit() {
    for flight in ["pipelined", "single"] {
        let database = Server::postgres().database();
        let seed = Contend::new("seed").on(&database.address).flags("--accounts 4 --quiet").finish().expect(0);
        assert!(seed.stderr.is_empty(), "{}", seed.stderr);
        let sql = database.sql();
        // It goes away when the run has counted the rows and begins.
        sql.run(
            "CREATE FUNCTION public.goes() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN IF NEW.id = 3 THEN RETURN NULL; END IF; RETURN NEW; END'; \
             CREATE TRIGGER goes BEFORE UPDATE ON contend.accounts FOR EACH ROW EXECUTE FUNCTION public.goes()",
        );
        let flags = "--accounts 4 --workers 1 --mix transfer --transactions 60 --warmup 0s --quiet --audit off";
        let run = Contend::run().on(&database.address).flags(flags).flags(&format!("--flight {flight}")).finish();
        let counts = &run.saved().counts;
        assert!(counts.ambiguous > 0 && counts.committed > 0, "{flight}: {counts:?}");
        assert_eq!(run.code, 1, "money was made or lost, and that is found: {}", run.stdout);
    }
}

#[test]
fn flags_that_contradict_a_flight_are_refused() {
    let ended = Contend::run().flags("--flight single --think 1ms sim://serializable").finish().expect(2);
    assert!(ended.only_error().contains("--think"), "{}", ended.stderr);
    for (flag, wanted) in [("--flight double", "pipelined"), ("--protocol extended", "simple")] {
        let ended = Contend::run().flags(flag).flags("sim://serializable").finish().expect(2);
        assert!(ended.stderr.contains(wanted), "{}", ended.stderr);
    }
}

#[test]
fn a_simulated_run_has_flights_too() {
    for (flight, trips) in FLIGHTS.into_iter().zip([5, 2, 1]) {
        let flags = format!("--mix transfer --workers 1 --amount 1..2 --transactions 50 --quiet --flight {flight}");
        let run = Contend::run().flags(&flags).flags("sim://serializable").finish().expect(3).saved();
        assert_eq!(run.counts.round_trips, trips * run.counts.transactions, "{flight}");
        assert!(run_shape_holds(flight), "{flight}");
    }
}

fn run_shape_holds(flight: &str) -> bool {
    run_shape(Server::postgres(), "peek", "serializable", &format!("--flight {flight}")).code == 0
}
