//! Does a throw-away server answer, and is nothing left of it however its owner ends?
//!
//! Run against the PostgreSQL that is installed, and against CockroachDB where `CONTEND_TEST_COCKROACH` names a binary
//! or `cockroach` is on PATH. Processes are found through /proc: those tests run on Linux alone.
#![cfg(target_os = "linux")]

#[path = "local_server/traces.rs"]
mod traces;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use contend::db::local::{Kind, LocalServer, Options};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpgid, getpgrp};
use tokio_postgres::{NoTls, SimpleQueryMessage};

use traces::{Scratch, directory, is_gone, keepers, parent, processes, servers, shared_memory, wait_until_gone};

/// Set in the environment of a copy of this test program that is to own a server and be killed.
const OWNER: &str = "CONTEND_TEST_OWNER";

fn postgres() -> Options {
    Options { kind: Some(Kind::Postgres), connections: 4, ..Options::default() }
}

/// The options for a CockroachDB, where there is one.
fn cockroach() -> Option<Options> {
    let given = std::env::var_os("CONTEND_TEST_COCKROACH").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path =
        || std::env::split_paths(&path).map(|directory| directory.join("cockroach")).find(|file| file.is_file());
    let binary = given.or_else(on_path);
    if binary.is_none() {
        eprintln!("SKIPPED: no CockroachDB; set CONTEND_TEST_COCKROACH to its binary to run this test");
    }
    binary.map(|binary| Options { cockroach: Some(binary), connections: 4, ..Options::default() })
}

/// Every kind of server this machine can start.
fn kinds() -> Vec<Options> {
    [Some(postgres()), cockroach()].into_iter().flatten().collect()
}

async fn select_one(server: &LocalServer) -> String {
    let (client, connection) = tokio_postgres::connect(server.address(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let messages = client.simple_query("SELECT 1").await.unwrap();
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    row.unwrap().to_owned()
}

#[tokio::test]
async fn a_server_answers_and_stop_leaves_nothing() {
    for options in kinds() {
        let start = Instant::now();
        let server = LocalServer::start(&options).await.unwrap();
        let started = start.elapsed();
        let place = directory(&server);
        assert_eq!(select_one(&server).await, "1");
        assert!(server.describe().starts_with(server.kind().to_string()[..1].to_uppercase().as_str()));
        assert_eq!(server.describe().lines().count(), 1);
        // The version of an unreleased build has a dash and is long.
        assert!(server.describe().len() <= 80 || server.describe().contains('-'), "{}", server.describe());
        assert!(!is_gone(&place), "the check below has to be able to fail");
        // A Ctrl-C in the terminal goes to our process group. The server has to answer while we finish.
        let ours = getpgrp();
        assert!(processes(&place).iter().all(|pid| getpgid(Some(*pid)).is_ok_and(|group| group != ours)));
        let start = Instant::now();
        server.stop().await;
        eprintln!(
            "{}: started in {started:.1?}, stopped in {:.1?}",
            if options.cockroach.is_some() { "CockroachDB" } else { "PostgreSQL" },
            start.elapsed()
        );
        assert!(is_gone(&place), "{} is left with {:?}", place.display(), processes(&place));
    }
}

#[tokio::test]
async fn a_durable_server_says_so() {
    for options in kinds() {
        let server = LocalServer::start(&Options { durable: true, ..options }).await.unwrap();
        let place = directory(&server);
        match server.kind() {
            Kind::Postgres => assert!(server.describe().ends_with(", fsync on"), "{}", server.describe()),
            Kind::Cockroach => assert!(place.join("store").is_dir(), "{}", server.describe()),
        }
        server.stop().await;
        assert!(is_gone(&place));
    }
}

#[tokio::test]
async fn there_are_as_many_slots_as_connections_were_asked_for() {
    let server = LocalServer::start(&Options { connections: 60, ..postgres() }).await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..60 {
        let (client, connection) = tokio_postgres::connect(server.address(), NoTls).await.unwrap();
        tokio::spawn(connection);
        clients.push(client);
    }
    assert_eq!(select_one(&server).await, "1");
    server.stop().await;
}

#[tokio::test]
async fn a_dropped_server_leaves_nothing() {
    for options in kinds() {
        let server = LocalServer::start(&options).await.unwrap();
        let place = directory(&server);
        drop(server);
        wait_until_gone(&place);
    }
}

#[tokio::test]
async fn two_servers_do_not_meet() {
    let (one, other) = tokio::join!(start(postgres()), start(postgres()));
    let (one_place, other_place) = (directory(&one), directory(&other));
    one.stop().await;
    assert!(is_gone(&one_place));
    assert_eq!(select_one(&other).await, "1");
    other.stop().await;
    assert!(is_gone(&other_place));
}

async fn start(options: Options) -> LocalServer {
    LocalServer::start(&options).await.unwrap()
}

#[tokio::test]
async fn stopped_processes_are_ended_too() {
    for options in kinds() {
        let server = LocalServer::start(&options).await.unwrap();
        let place = directory(&server);
        // A backend of its own, so that more than the background processes are stopped.
        let (_client, connection) = tokio_postgres::connect(server.address(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let stopped = servers(&place);
        assert!(!stopped.is_empty());
        for pid in &stopped {
            kill(*pid, Signal::SIGSTOP).unwrap();
        }
        let start = Instant::now();
        server.stop().await;
        eprintln!("{} stopped processes: ended in {:.1?}", stopped.len(), start.elapsed());
        assert!(is_gone(&place), "{} is left with {:?}", place.display(), processes(&place));
    }
}

/// Its children cannot see a postmaster go that was killed while they were stopped.
#[tokio::test]
async fn a_killed_postmaster_leaves_no_stopped_children() {
    let server = LocalServer::start(&postgres()).await.unwrap();
    let place = directory(&server);
    let pid_file = fs::read_to_string(place.join("data/postmaster.pid")).unwrap();
    let postmaster = Pid::from_raw(pid_file.lines().next().unwrap().parse().unwrap());
    let children: Vec<Pid> = servers(&place).into_iter().filter(|pid| *pid != postmaster).collect();
    assert!(children.len() >= 3, "{children:?}");
    let shared: Vec<PathBuf> = servers(&place).into_iter().flat_map(shared_memory).collect();
    for pid in &children {
        kill(*pid, Signal::SIGSTOP).unwrap();
    }
    kill(postmaster, Signal::SIGKILL).unwrap();
    // The keeper sees the server end and cleans up: nobody has called stop.
    wait_until_gone(&place);
    // But shared memory only the postmaster could have removed, and this is a test that is run often.
    for file in shared {
        let _ = fs::remove_file(file);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_killed_keeper_is_replaced_by_its_watcher() {
    for options in kinds() {
        let server = LocalServer::start(&options).await.unwrap();
        let place = directory(&server);
        let keeper = processes(&place).into_iter().find(|pid| parent(*pid) == std::process::id()).unwrap();
        kill(keeper, Signal::SIGKILL).unwrap();
        assert_eq!(select_one(&server).await, "1");
        server.stop().await;
        assert!(is_gone(&place), "{} is left with {:?}", place.display(), processes(&place));
    }
}

#[tokio::test]
async fn a_start_dropped_half_way_leaves_nothing() {
    for options in kinds() {
        let (mut caught, scratch) = (0, Scratch::new("dropped"));
        // From before there is a keeper to after there is a server.
        for milliseconds in [1, 20, 200, 500, 900] {
            let (options, mark) = marked(&options, &scratch, milliseconds);
            let mut start = Box::pin(LocalServer::start(&options));
            let _ = tokio::time::timeout(Duration::from_millis(milliseconds.into()), &mut start).await;
            let places = keepers(&mark);
            drop(start);
            caught += places.len();
            for place in &places {
                wait_until_gone(place);
            }
        }
        assert!(caught >= 3, "too little was ever started for this to show anything: {caught}");
    }
}

/// Options whose keeper can be told from those of other tests, and the word on its command line that tells it.
fn marked(options: &Options, scratch: &Scratch, number: u32) -> (Options, String) {
    let connections = 2000 + number;
    let options = Options { connections, ..options.clone() };
    let Some(binary) = &options.cockroach else {
        return (options, format!("max_connections={}", connections + 20));
    };
    let mark = scratch.0.join(format!("cockroach-{number}"));
    std::os::unix::fs::symlink(fs::canonicalize(binary).unwrap(), &mark).unwrap();
    let word = mark.to_str().unwrap().to_owned();
    (Options { cockroach: Some(mark), ..options }, word)
}

#[tokio::test]
async fn a_directory_without_programs_is_one_clear_error() {
    let empty = Scratch::new("empty");
    let options = Options { pg_bin: Some(empty.0.clone()), ..Options::default() };
    let error = LocalServer::start(&options).await.unwrap_err().to_string();
    let wanted = "give the directory that has `initdb` and `postgres`";
    assert_eq!(error, format!("--pg-bin {}: there is no executable `initdb` in it; {wanted}", empty.0.display()));

    let nowhere = Options { pg_bin: Some("/nowhere".into()), ..Options::default() };
    let error = LocalServer::start(&nowhere).await.unwrap_err().to_string();
    assert_eq!(error, format!("--pg-bin /nowhere: No such file or directory (os error 2); {wanted}"));

    let nowhere = Options { cockroach: Some("/tmp".into()), ..Options::default() };
    let error = LocalServer::start(&nowhere).await.unwrap_err().to_string();
    assert_eq!(error, "--cockroach /tmp: it is a directory; give the `cockroach` binary");
}

#[tokio::test]
async fn a_server_that_refuses_is_quoted() {
    let options = Options { connections: 300_000, ..postgres() };
    let error = LocalServer::start(&options).await.unwrap_err().to_string();
    assert!(error.starts_with("PostgreSQL did not start"), "{error}");
    assert!(error.contains("FATAL:  300020 is outside the valid range for parameter \"max_connections\""), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

/// A program that ends as CockroachDB does when it cannot start, for machines without one.
#[tokio::test]
async fn a_cockroach_that_ends_at_once_is_quoted_at_once() {
    let text = "#!/bin/sh\necho '*\n* ERROR: ERROR: store size too small\n*' >&2\necho 'Failed running \"start-single-node\"'\nexit 1\n";
    let (_scratch, options) = script("ends", text);
    let start = Instant::now();
    let error = LocalServer::start(&options).await.unwrap_err().to_string();
    assert!(start.elapsed() < Duration::from_secs(5), "noticed by its end, not by a timeout");
    assert!(error.starts_with("CockroachDB did not start"), "{error}");
    assert!(error.ends_with(": ERROR: ERROR: store size too small"), "{error}");
}

/// A program that neither gets ready nor ends when it is asked to.
#[tokio::test]
async fn a_deaf_cockroach_is_killed() {
    let text = "#!/bin/sh\ntrap '' TERM QUIT INT\necho $$ >pid\nwhile :; do sleep 0.2; done\n";
    let (_scratch, options) = script("deaf", text);
    let mut start = Box::pin(LocalServer::start(&options));
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut start).await.is_err());
    let left = keepers(options.cockroach.as_ref().unwrap().to_str().unwrap());
    drop(start);
    assert!(!is_gone(&left[0]), "it is deaf");
    eprintln!("a deaf server: gone {:.1?} after the drop", wait_until_gone(&left[0]));
}

fn script(name: &str, text: &str) -> (Scratch, Options) {
    let scratch = Scratch::new(name);
    let file = scratch.0.join("cockroach");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    (scratch, Options { cockroach: Some(file), ..Options::default() })
}

/// Not a test of its own: what the killed program does. It tells its server's directory and sleeps.
#[tokio::test]
async fn owner_of_a_server() {
    let Ok(connections) = std::env::var(OWNER) else { return };
    let connections = connections.parse().unwrap();
    let cockroach = std::env::var_os("CONTEND_TEST_OWNS").map(PathBuf::from);
    let kind = if cockroach.is_some() { Kind::Cockroach } else { Kind::Postgres };
    let options = Options { kind: Some(kind), cockroach, connections, ..Options::default() };
    let server = LocalServer::start(&options).await.unwrap();
    println!("\nDIRECTORY {}", directory(&server).display());
    tokio::time::sleep(Duration::from_mins(1)).await;
    server.stop().await;
}

fn owner(options: &Options) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "owner_of_a_server", "--nocapture"]).env(OWNER, options.connections.to_string());
    if let Some(binary) = &options.cockroach {
        command.env("CONTEND_TEST_OWNS", binary);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn nothing_outlives_an_owner_that_is_killed() {
    for options in kinds() {
        for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT] {
            let mut owner = owner(&options);
            let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
            let line = lines.map_while(Result::ok).find(|line| line.starts_with("DIRECTORY ")).unwrap();
            let place = PathBuf::from(line.trim_start_matches("DIRECTORY "));
            assert!(!servers(&place).is_empty());
            kill(Pid::from_raw(owner.id().cast_signed()), signal).unwrap();
            owner.wait().unwrap();
            eprintln!("{signal}: gone in {:.1?}", wait_until_gone(&place));
        }
    }
}

/// Killed while `initdb` or the start of the server is under way: there is a keeper by then, and it cleans up.
#[test]
fn nothing_outlives_an_owner_that_is_killed_while_it_starts() {
    for options in kinds() {
        let (mut caught, scratch) = (0, Scratch::new("killed"));
        for milliseconds in [30, 60, 200, 400, 700] {
            let (options, mark) = marked(&options, &scratch, 1000 + milliseconds);
            let mut owner = owner(&options);
            thread::sleep(Duration::from_millis(milliseconds.into()));
            let places = keepers(&mark);
            kill(Pid::from_raw(owner.id().cast_signed()), Signal::SIGKILL).unwrap();
            owner.wait().unwrap();
            caught += places.len();
            for place in &places {
                wait_until_gone(place);
            }
        }
        assert!(caught >= 3, "too little was ever started for this to show anything: {caught}");
    }
}
