//! Does a run end where it was told to, and do what its seed says?

use crate::support::{Contend, Database, Ended, Server};

fn run(database: &Database, flags: &str) -> Ended {
    Contend::run().on(&database.address).flags("--lock-order sorted --quiet").flags(flags).finish()
}

#[test]
fn so_many_transactions_are_measured_and_no_more() {
    let database = Server::postgres().database();
    for flags in ["--warmup 0s", "--warmup 300ms --threads 1", "--warmup 300ms --workers 7"] {
        let run = run(&database, &format!("--transactions 500 {flags}")).expect(0).saved();
        assert_eq!(run.counts.transactions, 500, "{flags}: {:?}", run.counts);
        assert_eq!(run.plan.duration_s, None);
        let all: u64 = run.intervals.iter().map(|second| second.committed + second.not_committed).sum();
        assert_eq!(all > 500, flags.contains("300ms"), "the warm-up is not measured: {all} with {flags}");
    }
}

#[test]
fn one_worker_proves_nothing() {
    let database = Server::postgres().database();
    let ended = run(&database, "--workers 1 --transactions 50 --warmup 0s").expect(3);
    assert!(ended.stdout.starts_with("INCONCLUSIVE"), "{}", ended.stdout);
    let run = ended.saved();
    let open: Vec<&str> =
        run.verdict.checks.iter().filter(|check| check.status != "holds").map(|check| check.name.as_str()).collect();
    assert_eq!((run.verdict.status.as_str(), open), ("inconclusive", vec!["activity"]), "{:?}", run.verdict);
}

#[test]
fn a_run_without_a_commit_proves_nothing() {
    let database = Server::postgres().database();
    let run = run(&database, "--mix transfer --balance 0 --transactions 100 --warmup 0s").expect(3).saved();
    assert_eq!((run.counts.committed, run.counts.declined), (0, 100), "{:?}", run.counts);
    assert_eq!(run.verdict.status, "inconclusive");
}

#[test]
fn the_same_seed_makes_the_same_requests() {
    let database = Server::postgres().database();
    let balances = |seed: u32| {
        let flags = format!("--seed {seed} --workers 1 --threads 1 --transactions 200 --fresh --warmup 0s");
        let ended = run(&database, &flags).expect(3);
        assert_eq!(ended.saved().plan.seed, u64::from(seed));
        database.sql().accounts().into_iter().map(|[_, balance, ..]| balance).collect::<Vec<_>>()
    };
    let first = balances(42);
    assert_eq!(first, balances(42));
    assert_ne!(first, balances(43));
}

#[test]
fn the_saved_flags_make_the_same_plan_again() {
    let database = Server::postgres().database();
    let first = run(&database, "--transactions 100 --warmup 0s --keys zipf:1.1 --retry constant:5ms").expect(0).saved();
    let again = Contend::run().on(&database.address).flags(&first.plan.flags.join(" ")).finish().expect(0).saved();
    assert_eq!(first.plan, again.plan);
}

#[test]
fn what_does_not_end_in_time_is_cut_off() {
    let database = Server::postgres().database();
    let flags = "--mix transfer --think 300s --workers 8 --duration 300ms --warmup 0s --drain-timeout 300ms";
    let run = run(&database, flags).expect(3).saved();
    assert_eq!((run.counts.transactions, run.counts.failed), (8, 8), "{:?}", run.counts);
    assert_eq!(database.sql().writes(), 0, "nothing of them is left");
}
