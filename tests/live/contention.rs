//! Are deadlocks told from serialization failures, and does the advice against them help?

use contend::run::Run;

use crate::support::{Contend, Ended, Server};

fn run(lock_order: &str) -> Ended {
    let database = Server::postgres().database();
    let flags = "--accounts 10 --workers 16 --duration 5s --drain-timeout 5s --quiet --lock-order";
    Contend::run().on(&database.address).flags(flags).arg(lock_order).finish().expect(0)
}

fn retries(run: &Run, sqlstate: &str) -> u64 {
    run.counts.retries_by.iter().filter(|cause| cause.sqlstate == sqlstate).map(|cause| cause.count).sum()
}

#[test]
fn deadlocks_are_counted_apart_and_sorting_the_locks_pays() {
    let random = run("random");
    let (report, random) = (random.report(), random.saved());
    assert!(retries(&random, "40001") > 0 && retries(&random, "40P01") > 0, "{:?}", random.counts.retries_by);
    assert!(report.contains("40P01 deadlock") && report.contains("try --lock-order sorted"), "{report}");

    let sorted = run("sorted");
    let (report, sorted) = (sorted.report(), sorted.saved());
    assert_eq!(retries(&sorted, "40P01"), 0, "who locks in order does not deadlock: {:?}", sorted.counts.retries_by);
    assert!(!report.contains("--lock-order sorted"), "the advice has been taken: {report}");
    assert!(
        sorted.goodput_tps >= 3.0 * random.goodput_tps,
        "{} tx/s sorted, {} tx/s in random order",
        sorted.goodput_tps,
        random.goodput_tps
    );
}

#[test]
fn read_committed_is_what_it_says_it_is() {
    let database = Server::postgres().database();
    let flags = "--isolation read-committed --level promised --lock-order sorted --accounts 20 --balance 1000000 --warmup 200ms --duration 1s --quiet";
    let ended = Contend::run().on(&database.address).flags(flags).finish().expect(0);
    let run = ended.saved();
    assert_eq!(run.server.isolation.asked, "read-committed");
    assert_eq!(run.server.isolation.granted, ["read committed"]);
    assert!(!run.server.isolation.weaker && run.counts.committed > 0);
    assert!(ended.report().contains("Isolation read committed"), "{}", ended.stdout);
}

#[test]
fn sequential_scans_are_found_out_where_they_are_not_switched_off() {
    let run = |planner: &str| {
        let database = Server::postgres().database();
        let flags = "--accounts 20 --lock-order sorted --warmup 0s --duration 3s --quiet --planner";
        Contend::run().on(&database.address).flags(flags).arg(planner).finish().expect(0)
    };
    let scans = run("default");
    assert!(scans.saved().server.relation_locks && scans.report().contains("sequential scans"), "{}", scans.stdout);
    let keys = run("primary-key");
    assert!(!keys.saved().server.relation_locks && !keys.report().contains("sequential scans"), "{}", keys.stdout);
}
