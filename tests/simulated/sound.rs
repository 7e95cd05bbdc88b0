//! The sound levels: whatever the seed, nothing is found that they promise to prevent.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use contend::check::isolation::{Level, Levels};

use super::experiment::Experiment;

/// Of each level.
const SEEDS: u64 = 10_000;

/// What many runs showed together.
#[derive(Default)]
struct Sum {
    committed: u64,
    aborted: u64,
    ambiguous: u64,
    violated: Levels,
}

/// Runs all seeds of a level, on all cores; the first problem ends the test, with the command that shows it again.
fn all_seeds(level: &str) -> Sum {
    let (next, sum, problem) = (AtomicU64::new(0), Mutex::new(Sum::default()), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= SEEDS {
                        return;
                    }
                    let experiment = Experiment::drawn(level, seed);
                    let found = experiment.run();
                    if let Some(text) = experiment.problem(&found) {
                        next.store(SEEDS, Ordering::Relaxed);
                        *problem.lock().unwrap() =
                            Some(format!("{text}\n\nrun it again with:\n  {}", experiment.command()));
                        return;
                    }
                    let mut sum = sum.lock().unwrap();
                    let outcomes = (0..found.history.len()).map(|txn| found.history.outcome(txn));
                    for outcome in outcomes {
                        match outcome {
                            contend::check::history::Outcome::Ok => sum.committed += 1,
                            contend::check::history::Outcome::Abort => sum.aborted += 1,
                            contend::check::history::Outcome::Info => sum.ambiguous += 1,
                        }
                    }
                    sum.violated = sum.violated.and(found.judgement.violated);
                }
            });
        }
    });
    if let Some(problem) = problem.into_inner().unwrap() {
        panic!("{problem}");
    }
    sum.into_inner().unwrap()
}

/// They were no idle runs, and what the level permits did happen.
#[track_caller]
fn contended(sum: &Sum, permitted: &[Level]) {
    assert!(sum.committed > 25 * SEEDS && sum.aborted > SEEDS && sum.ambiguous > SEEDS / 10, "{sum:?}");
    let violated: Vec<Level> = Level::ALL.into_iter().filter(|level| sum.violated.contains(*level)).collect();
    assert_eq!(violated, permitted, "{sum:?}");
}

impl std::fmt::Debug for Sum {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { committed, aborted, ambiguous, .. } = self;
        write!(formatter, "{committed} committed, {aborted} aborted, {ambiguous} ambiguous")
    }
}

#[test]
fn serializable_is_strictly_so_in_every_run() {
    contended(&all_seeds("serializable"), &[]);
}

#[test]
fn snapshot_permits_write_skew_and_nothing_else() {
    let permitted =
        [Level::RepeatableRead, Level::Serializable, Level::StrongSessionSerializable, Level::StrictSerializable];
    contended(&all_seeds("snapshot"), &permitted);
}

#[test]
fn read_committed_permits_what_its_name_does_not_rule_out() {
    let permitted: Vec<Level> = Level::ALL
        .into_iter()
        .filter(|level| level.implies(Level::ReadCommitted) && *level != Level::ReadCommitted)
        .collect();
    contended(&all_seeds("read-committed"), &permitted);
}
