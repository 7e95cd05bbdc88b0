//! What if the server goes away for good, the table is dropped, or two begin at once?

use nix::sys::signal::Signal;

use crate::support::{Contend, Server, processes_in, until};

#[test]
fn a_server_that_is_gone_for_good_ends_the_run_with_a_report_and_one_line() {
    let server = Server::new_postgres();
    let database = server.database();
    let sql = database.sql();
    let directory = std::path::PathBuf::from(server.host().0);
    let flags = "--lock-order sorted --warmup 0s --duration 4s --drain-timeout 2s --quiet";
    let run = Contend::run().on(&database.address).flags(flags).spawn();
    until("transactions are being committed", || sql.writes() > 20);
    // PostgreSQL's immediate shutdown.
    let postmaster = processes_in(&directory).into_iter().find(|it| it.name == "postgres" && it.is_postmaster());
    postmaster.unwrap().signal(Signal::SIGQUIT);
    let ended = run.wait().expect(4);
    assert!(ended.stdout.starts_with("INCONCLUSIVE"), "{}", ended.stdout);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(
        ended.error().contains(directory.to_str().unwrap()) || ended.error().contains("connect"),
        "{}",
        ended.stderr
    );
    let run = ended.saved();
    assert_eq!(run.verdict.status, "inconclusive");
    assert!(run.counts.committed > 0, "what came before is in the report: {:?}", run.counts);
}

#[test]
fn a_table_that_is_dropped_stops_the_run_early() {
    let database = Server::postgres().database();
    let sql = database.sql();
    let flags = "--lock-order sorted --warmup 0s --duration 300s --quiet";
    let run = Contend::run().on(&database.address).flags(flags).spawn();
    until("transactions are being committed", || sql.writes() > 20);
    sql.run("DROP TABLE contend.accounts");
    let ended = run.wait().expect(4);
    assert!(ended.error().contains("does not exist") && ended.error().contains("42P01"), "{}", ended.stderr);
    let run = ended.saved();
    assert_eq!(ended.json()["end"]["reason"], "stopped");
    assert_eq!(run.verdict.status, "inconclusive");
    assert!(run.counts.failed_by.iter().any(|cause| cause.sqlstate == "42P01"), "{:?}", run.counts);
}

#[test]
fn of_those_who_begin_at_once_one_runs_and_the_others_are_told_of_it() {
    let database = Server::postgres().database();
    let start = || {
        let flags = "--lock-order sorted --warmup 0s --duration 3s --quiet";
        Contend::run().on(&database.address).flags(flags).spawn()
    };
    let all = [start(), start(), start(), start()];
    let ended = all.map(crate::support::Running::wait);
    let (ran, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(|ended| ended.code == 0);
    for ended in &refused {
        assert!(ended.only_error().contains("in use by another contend (process "), "{}", ended.stderr);
    }
    assert_eq!((ran.len(), refused.len()), (1, 3));
}

#[test]
fn a_seeding_that_was_cut_off_is_seen_as_such() {
    let database = Server::postgres().database();
    let sql = database.sql();
    let seed = || Contend::new("seed").on(&database.address).flags("--accounts 1000000 --quiet");
    let cut_off = seed().spawn();
    let exists = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = 'contend' AND tablename = 'accounts'";
    let rows = || if sql.number(exists) == 0 { 0 } else { sql.number("SELECT count(*) FROM contend.accounts") };
    until("some accounts are there", || rows() > 0);
    cut_off.signal(Signal::SIGKILL);
    cut_off.wait().expect(-9);
    assert!((1..1_000_000).contains(&rows()), "{} rows", rows());
    let balances = Contend::new("balances").on(&database.address).finish().expect(4);
    assert!(balances.only_error().contains("contend seed"), "{}", balances.stderr);
    sql.run("UPDATE contend.meta SET lease_until = now()");
    seed().finish().expect(0);
    assert_eq!(rows(), 1_000_000);
}
