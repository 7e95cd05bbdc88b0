//! What becomes of a COMMIT without an answer? It is ambiguous: counted apart, never tried again, and the verdict allows
//! for both ends.

#[path = "ambiguous/proxy.rs"]
mod proxy;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;

use contend::db::local::{Kind, LocalServer, Options};
use contend::run::Run;

/// The directory of a throw-away server's socket, from its address.
fn socket(address: &str) -> std::path::PathBuf {
    let host = address.split_whitespace().find_map(|pair| pair.strip_prefix("host=")).unwrap();
    Path::new(host).join(".s.PGSQL.5432")
}

/// Runs contend through the proxy, while the proxy runs in this thread.
async fn run_through(port: u16, flight: &'static str) -> (Option<i32>, Run) {
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
    let output = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contend"));
        command.args(["run", &url, "--json", "--no-save", "--quiet", "--warmup", "0s", "--flight", flight]);
        command.args("--workers 8 --accounts 200 --duration 3s --lock-order sorted".split(' ')).output()
    });
    let output = output.await.unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    (output.status.code(), serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{errors}")))
}

#[tokio::test]
async fn a_commit_without_an_answer_is_ambiguous_and_is_not_tried_again() {
    cut_commits("sequential").await;
}

/// With the answer to COMMIT those of the writes in front of it are lost too.
#[tokio::test]
async fn a_flight_without_an_answer_is_ambiguous_and_is_not_flown_again() {
    cut_commits("pipelined").await;
    cut_commits("single").await;
}

async fn cut_commits(flight: &'static str) {
    let options = Options { kind: Some(Kind::Postgres), connections: 20, ..Options::default() };
    let server = LocalServer::start(&options).await.unwrap();
    // contend asks the isolation level back in a transaction of each new connection.
    let cutting = proxy::Cutting { every: 40, spared: 1 };
    let (port, cuts) = proxy::start(socket(server.address()), cutting).await.unwrap();
    let (code, run) = run_through(port, flight).await;
    server.stop().await;

    let counts = &run.counts;
    let cut = u64::from(cuts.answered.load(Ordering::Relaxed) + cuts.swallowed.load(Ordering::Relaxed));
    assert!(cut >= 10, "the proxy cut only {cut} commits: {counts:?}");
    assert!(counts.ambiguous > 0 && counts.ambiguous <= cut, "{} of {cut}: {counts:?}", counts.ambiguous);
    assert_eq!(counts.ambiguous_by[0].sqlstate, "08006", "{counts:?}");
    assert_eq!(counts.failed + counts.exhausted, 0, "{counts:?}");
    // A retry of an ambiguous commit would be a retry of a lost connection; before COMMIT none was lost.
    assert!(counts.retries_by.iter().all(|cause| cause.sqlstate.starts_with("40")), "{counts:?}");
    assert_eq!(counts.transactions, counts.committed + counts.declined + counts.ambiguous);
    assert_eq!(code, Some(0), "{:?}", run.verdict);
    // What others saw decides about nearly all of them, the end about the rest; whatever it is, nobody is accused.
    let judgement = run.judgement.as_ref().expect("a judgement");
    assert!(judgement.counts.is_empty() && u64::from(judgement.proven + judgement.unresolved) <= counts.ambiguous);
    assert!(judgement.proven > 0, "some of the answers that were swallowed were commits: {judgement:?}");
}
