//! Does a run survive that the server cuts its connections?

use std::time::{Duration, Instant};

use crate::support::{Contend, Ended, Server, Sql, until};

/// The connections of contend in this database, the control connection, which is the oldest, first.
const BACKENDS: &str = "SELECT pid FROM pg_stat_activity \
                        WHERE datname = current_database() AND application_name = 'contend' ORDER BY backend_start";

fn kill(sql: &Sql, choice: &str) -> i64 {
    sql.number(&format!("SELECT count(pg_terminate_backend(pid)) FROM ({BACKENDS} {choice}) AS chosen"))
}

/// A run during which some of its connections are cut, again and again.
fn run_and_kill(choice: &str, more: &str) -> Ended {
    let database = Server::postgres().database();
    let sql = database.sql();
    let flags = "--workers 16 --accounts 50 --lock-order sorted --warmup 200ms --duration 3s --quiet";
    let mut run = Contend::run().on(&database.address).flags(flags).flags(more).spawn();
    until("transactions are being committed", || sql.writes() > 20);
    let end = Instant::now() + Duration::from_secs(2);
    let mut killed = 0;
    while Instant::now() < end {
        assert!(run.is_running());
        killed += kill(&sql, choice);
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(killed > 3, "the test has killed {killed}");
    run.wait()
}

#[test]
fn cut_connections_are_made_again_and_nothing_is_lost() {
    let run = run_and_kill("OFFSET 1 LIMIT 5", "").expect(0).saved();
    assert_eq!((run.verdict.status.as_str(), run.counts.failed), ("holds", 0), "{:?}", run.counts);
    let lost = |sqlstate: &str| ["08006", "57P01"].contains(&sqlstate);
    let lost: u64 = run.counts.retries_by.iter().filter(|cause| lost(&cause.sqlstate)).map(|cause| cause.count).sum();
    assert!(lost + run.counts.ambiguous > 0, "{:?}", run.counts);
    assert!(run.counts.committed > 100, "{:?}", run.counts);
}

#[test]
fn all_connections_may_be_cut_at_once() {
    let run = run_and_kill("OFFSET 1", "").expect(0).saved();
    assert_eq!(run.verdict.status, "holds", "{:?}", run.counts);
    assert!(run.counts.committed > 0, "{:?}", run.counts);
}

#[test]
fn the_control_connection_may_be_cut_too() {
    let run = run_and_kill("LIMIT 1", "").expect(0).saved();
    assert_eq!(run.verdict.status, "holds", "{:?}", run.verdict);
}

/// The mix of all shapes that write accounts, and a row in the ledger for each transfer: what became of lost answers is
/// checked against both.
#[test]
fn flights_that_are_cut_off_are_neither_lost_nor_flown_twice() {
    for flight in ["pipelined", "single"] {
        let more = format!("--flight {flight} --mix transfer=2,absolute=1,peek=1 --verify ledger");
        let run = run_and_kill("OFFSET 1", &more).expect(0).saved();
        assert_eq!((run.verdict.status.as_str(), run.counts.failed), ("holds", 0), "{flight}: {:?}", run.counts);
        let lost = |sqlstate: &str| ["08006", "57P01"].contains(&sqlstate);
        let retried = run.counts.retries_by.iter().filter(|cause| lost(&cause.sqlstate)).map(|cause| cause.count);
        assert!(retried.sum::<u64>() + run.counts.ambiguous > 0, "{flight}: {:?}", run.counts);
        assert!(run.counts.committed > 100, "{flight}: {:?}", run.counts);
    }
}
