//! Is nothing left of the throw-away server of `contend run --local`, however the run ends?

use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;

use crate::support::{Contend, Running, Sql, keeper_of, processes_in, until};

/// Starts `contend run --local postgres`, and answers as soon as the server has a directory.
fn start(flags: &str) -> (Running, PathBuf) {
    let flags = format!("--local postgres --warmup 0s --duration 60s --lock-order sorted --quiet {flags}");
    let run = Contend::run().flags(&flags).spawn();
    let mut directory = None;
    until("the server's keeper is there", || {
        directory = keeper_of(run.pid());
        directory.as_ref().is_some_and(|directory| directory.exists())
    });
    let directory = directory.unwrap();
    assert!(!processes_in(&directory).is_empty(), "the check below has to be able to fail");
    (run, directory)
}

/// Waits until transactions are being committed.
fn loaded(directory: &Path) -> Sql {
    let address = format!("host={} user=postgres dbname=postgres", directory.display());
    let mut sql = None;
    until("the server answers", || {
        sql = Sql::try_connect(&address);
        sql.is_some()
    });
    let sql = sql.unwrap();
    until("transactions are being committed", || sql.writes() > 20);
    sql
}

pub fn is_gone(directory: &Path) {
    until("nothing is left of the server", || !directory.exists() && processes_in(directory).is_empty());
}

#[test]
fn an_interrupt_ends_run_and_server() {
    let (run, directory) = start("");
    drop(loaded(&directory));
    run.signal(Signal::SIGINT);
    let ended = run.wait().expect(0);
    assert!(!directory.exists() && processes_in(&directory).is_empty(), "it is gone before contend is");
    assert!(ended.stdout.starts_with("HOLDS"), "{}", ended.stdout);
    let server = ended.saved().server;
    assert!(server.local.is_some_and(|local| local.starts_with("PostgreSQL ")), "{}", ended.stdout);
}

#[test]
fn two_interrupts_leave_nothing() {
    let (mut run, directory) = start("--think 300s --drain-timeout 300s --statement-timeout 300s");
    let address = format!("host={} user=postgres dbname=postgres", directory.display());
    until("the run is on", || Sql::try_connect(&address).is_some_and(|sql| sql.schema_exists("contend")));
    run.interrupt_until_it_ends();
    run.wait().expect(130);
    is_gone(&directory);
}

#[test]
fn a_killed_run_leaves_nothing() {
    let (run, directory) = start("");
    drop(loaded(&directory));
    run.signal(Signal::SIGKILL);
    run.wait().expect(-9);
    is_gone(&directory);
}

#[test]
fn an_interrupt_while_the_server_starts_leaves_nothing() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (run, directory) = start("");
        run.signal(signal);
        let ended = run.wait().expect(130);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
        assert_eq!(ended.out.names(), [""; 0]);
        is_gone(&directory);
    }
}

#[test]
fn a_path_without_a_server_is_refused() {
    let ended = Contend::run().flags("--pg-bin /nowhere/at/all").finish().expect(4);
    assert!(ended.only_error().contains("--pg-bin /nowhere/at/all"), "{}", ended.stderr);
    let ended = Contend::run().flags("--cockroach /nowhere/at/all").finish().expect(4);
    assert!(ended.only_error().contains("--cockroach /nowhere/at/all"), "{}", ended.stderr);
}
