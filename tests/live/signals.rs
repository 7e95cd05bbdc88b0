//! What do Ctrl-C and SIGTERM do in the middle of a run?

use nix::sys::signal::Signal;

use crate::support::{Contend, Running, Server, Sql, until};

fn start(server: &Server, flags: &str) -> (Running, Sql) {
    let database = server.database();
    let sql = database.sql();
    let flags = format!("--warmup 0s --duration 60s --lock-order sorted --quiet {flags}");
    let run = Contend::run().on(&database.address).flags(&flags).spawn();
    (run, sql)
}

pub fn check_that_a_signal_ends_the_run_in_good_order(server: &Server, signal: Signal) {
    let (run, sql) = start(server, "");
    until("transactions are being committed", || sql.writes() > 20);
    run.signal(signal);
    let ended = run.wait().expect(0);
    assert!(ended.stdout.starts_with("HOLDS"), "{}", ended.stdout);
    assert!(ended.report().contains("Ended early interrupted"), "{}", ended.stdout);
    assert_eq!(ended.json()["end"]["reason"], "interrupted");
    let run = ended.saved();
    assert!(run.counts.committed > 0 && run.phases.measured_s < 60.0, "{:?}", run.phases);
    assert_eq!(run.counts.failed + run.counts.ambiguous, 0, "what had begun was let end: {:?}", run.counts);
    let holder = sql.text("SELECT lease_holder FROM contend.meta");
    assert_eq!(holder, "", "the lease has been given back");
}

#[test]
fn an_interrupt_ends_the_run_in_good_order() {
    check_that_a_signal_ends_the_run_in_good_order(Server::postgres(), Signal::SIGINT);
}

#[test]
fn a_sigterm_ends_the_run_in_good_order() {
    check_that_a_signal_ends_the_run_in_good_order(Server::postgres(), Signal::SIGTERM);
}

#[test]
fn an_interrupt_in_the_warm_up_leaves_nothing_measured_and_a_verdict() {
    let database = Server::postgres().database();
    let sql = database.sql();
    let run = Contend::run().on(&database.address).flags("--warmup 300s --lock-order sorted --quiet").spawn();
    until("transactions are being committed", || sql.writes() > 20);
    run.signal(Signal::SIGINT);
    let ended = run.wait().expect(0);
    assert!(!ended.stdout.contains("NaN") && !ended.stdout.contains("inf "), "{}", ended.stdout);
    let json = ended.json();
    assert_eq!((json["goodput_tps"].as_f64(), json["throughput_tps"].as_f64()), (Some(0.0), Some(0.0)));
    let run = ended.saved();
    assert_eq!((run.counts.transactions, run.verdict.status.as_str()), (0, "holds"), "{:?}", run.counts);
    assert!(run.intervals.iter().any(|second| second.committed > 0), "{:?}", run.intervals);
}

#[test]
fn an_interrupt_before_the_load_quits_and_the_accounts_are_not_taken_for_whole() {
    let database = Server::postgres().database();
    let sql = database.sql();
    let run = Contend::run().on(&database.address).flags("--accounts 3000000 --quiet").spawn();
    let exists = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = 'contend' AND tablename = 'accounts'";
    until("the accounts are being made", || sql.number(exists) == 1);
    run.signal(Signal::SIGINT);
    let ended = run.wait().expect(130);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    assert_eq!(ended.out.names(), [""; 0]);
    assert_eq!(sql.number("SELECT accounts FROM contend.meta"), 0);
}

#[test]
fn a_second_interrupt_quits_at_once() {
    // Transactions that take longer than this test waits: only by quitting can it end.
    let (mut run, sql) = start(Server::postgres(), "--think 300s --drain-timeout 300s --statement-timeout 300s");
    let thinking = "SELECT count(*) FROM pg_stat_activity \
                    WHERE datname = current_database() AND state = 'idle in transaction'";
    until("every worker is thinking", || sql.number(thinking) == 16);
    run.interrupt_until_it_ends();
    let ended = run.wait().expect(130);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    assert_eq!(ended.out.names(), [""; 0], "nothing half is left in the results folder");
}
