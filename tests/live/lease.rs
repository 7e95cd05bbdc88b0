//! Do two runs keep out of each other's way, and can their writes be told apart?

use std::collections::BTreeSet;

use nix::sys::signal::Signal;

use crate::support::{Contend, Database, Running, Server, until};

/// What is left of a writer's number above its run's epoch: the worker and the attempt.
const BELOW_EPOCH: u32 = 47;

fn start(database: &Database, flags: &str) -> Running {
    let contend = Contend::run().on(&database.address).flags("--accounts 10 --lock-order sorted --warmup 0s --quiet");
    contend.flags(flags).spawn()
}

fn epochs(database: &Database) -> BTreeSet<i64> {
    database.sql().accounts().iter().map(|[_, _, _, writer]| writer >> BELOW_EPOCH).collect()
}

pub fn check_that_the_second_run_is_refused(server: &Server) {
    let database = server.database();
    let sql = database.sql();
    let mut first = start(&database, "--duration 60s");
    until("transactions are being committed", || sql.writes() > 20);
    for subcommand in ["run", "seed", "clean"] {
        let contend = if subcommand == "run" { Contend::run() } else { Contend::new(subcommand) };
        let ended = contend.on(&database.address).finish().expect(4);
        let error = ended.only_error();
        assert!(error.contains(&format!("process {} on ", first.pid())) && error.contains("--schema"), "{error}");
    }
    assert!(first.is_running());
    first.signal(Signal::SIGINT);
    first.wait().expect(0);
    start(&database, "--transactions 100").wait().expect(0);
}

#[test]
fn the_second_run_on_a_schema_is_refused_until_the_first_has_ended() {
    check_that_the_second_run_is_refused(Server::postgres());
}

#[test]
fn two_runs_on_two_schemas_do_not_mind_each_other() {
    let database = Server::postgres().database();
    let both = ["one", "two"].map(|schema| start(&database, &format!("--duration 2s --schema {schema}")));
    for run in both {
        assert!(run.wait().expect(0).saved().counts.committed > 0);
    }
    let total = |schema: &str| database.sql().number(&format!("SELECT sum(balance) FROM {schema}.accounts"));
    assert_eq!(["one", "two"].map(total), [10_000; 2]);
}

/// A seeding may take longer than a lease lasts. Here it waits for a lock on the accounts.
#[test]
fn the_lease_is_renewed_while_a_run_still_looks_at_its_accounts() {
    let database = Server::postgres().database();
    let sql = database.sql();
    Contend::new("seed").on(&database.address).flags("--accounts 10").finish().expect(0);
    sql.run("BEGIN; LOCK TABLE contend.accounts");
    let until_when = "SELECT (extract(epoch FROM lease_until) * 1000)::INT8 FROM contend.meta WHERE lease_holder <> ''";
    let watcher = database.sql();
    let waiting = start(&database, "--duration 1s");
    until("the lease is taken", || !watcher.rows(until_when).is_empty());
    let taken = watcher.number(until_when);
    until("the lease is renewed twice", || watcher.number(until_when) >= taken + 5_000);
    sql.run("COMMIT");
    waiting.wait().expect(0);
}

#[test]
fn the_lease_of_a_killed_run_ends_by_itself() {
    let database = Server::postgres().database();
    let sql = database.sql();
    let killed = start(&database, "--duration 60s");
    until("transactions are being committed", || sql.writes() > 20);
    let pid = killed.pid();
    killed.signal(Signal::SIGKILL);
    killed.wait().expect(-9);
    let seed = || Contend::new("seed").on(&database.address).flags("--accounts 10").finish();
    let refused = seed().expect(4);
    assert!(refused.only_error().contains(&format!("process {pid} on ")), "{}", refused.stderr);
    until("the lease has ended", || seed().code == 0);
}

#[test]
fn a_run_that_loses_its_lease_stops_and_proves_nothing() {
    let database = Server::postgres().database();
    let sql = database.sql();
    let run = start(&database, "--duration 300s");
    until("transactions are being committed", || sql.writes() > 20);
    sql.run("UPDATE contend.meta SET lease_holder = 'somebody else', lease_until = now() + INTERVAL '1 hour'");
    let ended = run.wait().expect(3);
    assert!(ended.stdout.starts_with("INCONCLUSIVE"), "{}", ended.stdout);
    assert_eq!(ended.json()["end"]["reason"], "stopped");
    let lease = ended.saved().verdict.checks.into_iter().find(|check| check.name == "lease");
    assert_eq!(lease.unwrap().status, "inconclusive");
    assert_eq!(sql.text("SELECT lease_holder FROM contend.meta"), "somebody else", "it is not given back for others");
}

#[test]
fn every_write_is_signed_by_its_run() {
    let database = Server::postgres().database();
    start(&database, "--transactions 300").wait().expect(0);
    let accounts = database.sql().accounts();
    assert!(accounts.iter().all(|[_, _, version, writer]| (*version > 0) == (*writer > 0)), "{accounts:?}");
    let first = epochs(&database);
    start(&database, "--transactions 300").wait().expect(0);
    let second = epochs(&database);
    assert_eq!((first.len(), second.len()), (1, 1), "300 transfers write every account: {first:?}, {second:?}");
    assert!(first.first() < second.first() && first.first() > Some(&0), "{first:?}, then {second:?}");
}

#[test]
fn addresses_of_different_databases_are_told() {
    let [one, other] = [(); 2].map(|()| Server::postgres().database());
    for database in [&one, &other] {
        Contend::new("seed").on(&database.address).finish().expect(0);
    }
    let run = Contend::run().on(&one.address).arg(&other.address).flags("--duration 2s --quiet").finish().expect(4);
    assert!(run.only_error().contains("lead to different databases"), "{}", run.stderr);
}
