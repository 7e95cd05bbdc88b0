//! Does a run end by itself when the server does not: when it is frozen, and answers nothing any more?

use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::support::{Contend, Process, Server, processes_in, until};

/// The rest of the run, its drain, the reading of the balances with a new connection, and much for a busy machine.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

fn servers(directory: &Path) -> Vec<Process> {
    processes_in(directory).into_iter().filter(|process| process.name == "postgres").collect()
}

/// Stops the one that forks first, so that the others are all there are.
fn freeze(directory: &Path) -> usize {
    for process in servers(directory).iter().filter(|process| process.is_postmaster()) {
        process.signal(Signal::SIGSTOP);
    }
    let all = servers(directory);
    for process in &all {
        process.signal(Signal::SIGSTOP);
    }
    all.len()
}

fn thaw(directory: &Path) {
    for process in servers(directory) {
        process.signal(Signal::SIGCONT);
    }
}

#[test]
fn a_frozen_server_ends_the_run_with_a_report_and_one_line() {
    let server = Server::new_postgres();
    let database = server.database();
    let sql = database.sql();
    let directory = server.host().0;
    let timeouts = "--statement-timeout 2s --drain-timeout 2s --duration 5s --warmup 0s --lock-order sorted --quiet";
    let run = Contend::run().on(&database.address).flags(timeouts).spawn();
    until("transactions are being committed", || sql.writes() > 20);
    // The postmaster, its helpers, and 16 connections and more.
    assert!(freeze(Path::new(&directory)) > 17);
    let frozen = Instant::now();
    let ended = run.wait();
    let took = frozen.elapsed();
    thaw(Path::new(&directory));

    let ended = ended.expect(4);
    assert!(took < ENDS_WITHIN, "it took {took:?}");
    assert!(ended.stdout.starts_with("INCONCLUSIVE"), "{}", ended.stdout);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    let error = ended.error();
    assert!(
        error.contains("did not answer") || error.contains("no answer") || error.contains("no connection"),
        "{error}"
    );
    let run = ended.saved();
    assert_eq!(run.verdict.status, "inconclusive");
    assert!(run.counts.committed > 0, "what came before is in the report: {:?}", run.counts);
    assert!(run.counts.ambiguous + run.counts.failed + run.counts.retries + run.counts.exhausted > 0);
    assert!(sql.writes() > 20, "the server goes on where it stopped");
}
