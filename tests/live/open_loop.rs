//! Does an open loop keep its schedule on a real server, and show it in full when the server stands still?

use std::path::Path;
use std::time::{Duration, Instant};

use contend::run::{Run, SavedOpenLoop};
use hdrhistogram::Histogram;
use nix::sys::signal::Signal;

use crate::support::{Contend, Database, Process, Server, processes_in, until};

/// Of transactions that do not conflict, far less than a busy machine carries.
const RATE: f64 = 100.0;
/// How long the server stands still.
const STALL: Duration = Duration::from_secs(1);

/// A server that stands still until this is dropped.
struct Frozen<'a>(&'a Path);

impl<'a> Frozen<'a> {
    /// Stops the one that forks first, so that the others are all there are. Each of them is in a session of its own.
    fn freeze(directory: &'a Path) -> Self {
        let frozen = Self(directory);
        for only_first in [true, false] {
            let servers = servers(directory);
            let concerned = servers.iter().filter(|process| !only_first || process.is_postmaster());
            concerned.for_each(|process| process.signal(Signal::SIGSTOP));
        }
        frozen
    }
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        for process in servers(self.0) {
            process.signal(Signal::SIGCONT);
        }
    }
}

fn servers(directory: &Path) -> Vec<Process> {
    processes_in(directory).into_iter().filter(|process| process.name == "postgres").collect()
}

/// Runs for ten measured seconds, in which the server stands still for one. Answers with how long it really did.
fn stalled(server: &Server, database: &Database, flags: &str) -> (Run, f64) {
    let directory = server.host().0;
    let sql = database.sql();
    let base = "--warmup 1s --duration 10s --accounts 10000 --mix transfer --isolation read-committed --audit off \
                --verify balance --quiet";
    let run = Contend::run().on(&database.address).flags(base).flags(flags).spawn();
    until("transactions are being committed", || sql.writes() > 20);
    std::thread::sleep(Duration::from_secs(4));
    let before = Instant::now();
    let frozen = Frozen::freeze(Path::new(&directory));
    std::thread::sleep(STALL);
    drop(frozen);
    let stood_still = before.elapsed().as_secs_f64();
    (run.wait().expect(0).saved(), stood_still)
}

/// How many of all values are above a limit, in seconds.
fn share_above(histogram: &Histogram<u64>, limit: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of seconds")]
    let below = histogram.count_between(0, (limit * 1e9) as u64);
    (histogram.len() - below) as f64 / histogram.len() as f64
}

#[test]
fn a_stall_shows_in_full_in_an_open_loop_and_once_for_each_worker_in_a_closed_one() {
    let server = Server::new_postgres();
    let database = server.database();
    let (run, stall) = stalled(&server, &database, &format!("--rate {RATE}/s --arrivals uniform"));
    let open_loop = run.open_loop.as_ref().unwrap();
    assert_eq!((open_loop.offered, open_loop.started, open_loop.skipped), (1000, 1000, 0));
    assert_eq!(run.counts.transactions, 1000, "{:?}", run.counts);

    // Those that were due in the stall wait for its rest, which is evenly distributed, and then for those before them. So
    // of all responses (stall - t) x rate / 1000 are longer than t, and a share of 0.01 is longer than stall - 0.1 s.
    let response = run.latency_ns.response.histogram.decode();
    // What a busy machine adds to some of them, and takes to stop and to go on.
    let slack = 0.02;
    for limit in [0.2, 0.4, 0.6, 0.8] {
        let (share, expected) = (share_above(&response, limit), (stall - limit) * RATE / 1000.0);
        assert!((share - expected).abs() < slack, "{share} of all above {limit} s, {expected} in theory");
    }
    let p99 = run.latency_ns.response.p99 as f64 / 1e9;
    assert!((stall - 0.25..stall + 1.0).contains(&p99), "p99 is {p99} s, {} s in theory", stall - 0.1);

    let (run, stall) = stalled(&server, &database, "--workers 4");
    let (response, half) = (run.latency_ns.response.histogram.decode(), stall / 2.0);
    let long = share_above(&response, half) * response.len() as f64;
    assert!((1.0..=4.5).contains(&long), "{long} of {} in a stall of {stall} s", response.len());
    assert!(run.latency_ns.response.p99 < 300_000_000, "{} ns", run.latency_ns.response.p99);
    assert!(run.open_loop.is_none() && share_above(&response, half) < 0.004, "as if nothing had happened");
}

/// A second on the server of all tests.
fn paced(flags: &str) -> (Run, SavedOpenLoop) {
    let database = Server::postgres().database();
    // Each transaction takes so long that it meets the next one: where none ever does, a run proves nothing.
    let base = "--accounts 1000 --mix transfer --isolation read-committed --warmup 500ms --verify balance --quiet \
                --think 20ms";
    let run = Contend::run().on(&database.address).flags(base).flags(flags).finish().expect(0).saved();
    let open_loop = run.open_loop.clone().unwrap();
    (run, open_loop)
}

#[test]
fn the_starts_are_those_that_were_drawn() {
    let (run, uniform) = paced("--rate 200/s --arrivals uniform --duration 2s --threads 2");
    assert_eq!((uniform.offered, uniform.started, uniform.skipped), (400, 400, 0));
    assert_eq!(run.counts.transactions, uniform.started);
    assert!((run.phases.measured_s - 2.0).abs() < 1e-9, "{}", run.phases.measured_s);
    // What ends behind the time because it was due just before its end.
    assert!((uniform.achieved_tps - uniform.offered_tps).abs() < 0.2 * uniform.offered_tps, "{uniform:?}");
    assert!(uniform.lag_ns.count + uniform.waited == 400 && uniform.lag_ns.count > 100, "{uniform:?}");
    assert_eq!((run.plan.workers, run.plan.arrivals.as_deref()), (64, Some("uniform")));

    let drawn = |seed: u32| paced(&format!("--rate 300/s --duration 1s --threads 2 --seed {seed}")).1.offered;
    let (one, other) = (drawn(1), drawn(2));
    assert_eq!(drawn(1), one, "the seed fixes the schedule");
    // Poisson: the deviation of 300 is 17.3.
    assert!([one, other].into_iter().all(|offered| offered.abs_diff(300) < 70), "{one} {other}");
    assert_ne!(one, other);
}

#[test]
fn a_number_of_transactions_are_as_many_scheduled_starts() {
    let (run, open_loop) = paced("--rate 500/s --transactions 151 --threads 2");
    assert_eq!((open_loop.offered, run.counts.transactions), (151, 151));
}

#[test]
fn what_finds_the_queue_full_is_skipped() {
    let (run, open_loop) =
        paced("--rate 400/s --workers 2 --threads 1 --max-queue 6 --duration 2s --drain-timeout 20s");
    assert_eq!(open_loop.offered, open_loop.started + open_loop.skipped);
    assert_eq!(run.counts.transactions, open_loop.started);
    // Two workers carry less than a hundred a second.
    assert!((1..=215).contains(&open_loop.started) && open_loop.skipped > 450, "{open_loop:?}");
    assert!(run.latency_ns.queue.p50 > run.latency_ns.service.p50, "those in front of it are waited for");
}

#[test]
fn ctrl_c_skips_what_waits_and_ends_the_rest() {
    let database = Server::postgres().database();
    let flags = "--rate 400/s --workers 2 --think 20ms --mix transfer --warmup 0s --duration 60s --quiet";
    let run = Contend::run().on(&database.address).flags(flags).spawn();
    let sql = database.sql();
    until("transactions are being committed", || sql.writes() > 40);
    run.signal(Signal::SIGINT);
    let begun = Instant::now();
    let run = run.wait().expect(0).saved();
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    let open_loop = run.open_loop.unwrap();
    assert_eq!(open_loop.offered, open_loop.started + open_loop.skipped);
    assert_eq!(run.counts.transactions, open_loop.started);
    assert!(open_loop.skipped > 10, "{open_loop:?}");
    // Nothing was due behind the end.
    assert!((open_loop.offered_tps - 400.0).abs() < 120.0, "{}", open_loop.offered_tps);
    assert_eq!(run.counts.failed + run.counts.ambiguous, 0);
}
