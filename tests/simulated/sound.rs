//! The sound levels: whatever the seed, nothing is found that they promise to prevent.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use contend::check::Status;
use contend::check::history::{Operation, Outcome};
use contend::check::isolation::{Level, Levels};
use contend::retry::Restart;

use super::experiment::{Experiment, Found};

/// Of each level.
const SEEDS: u64 = 10_000;

/// What many runs showed together.
#[derive(Debug, Default)]
struct Sum {
    committed: u64,
    ambiguous: u64,
    lost: Lost,
    violated: Levels,
    /// Names of anomalies, causes of aborts, and rules that were broken.
    happened: BTreeSet<String>,
}

/// Attempts whose writes were not answered.
#[derive(Debug, Default)]
struct Lost {
    all: u64,
    /// It was found that they committed, and where they wrote.
    found: u64,
    /// Nobody knows where they wrote.
    open: u64,
    /// Of these: in transactions of a single statement, which say nothing by what they read.
    open_alone: u64,
}

impl Sum {
    fn add(&mut self, found: Found, restart: Restart) {
        for txn in 0..found.history.len() {
            self.committed += u64::from(found.history.outcome(txn) == Outcome::Ok);
            self.ambiguous += u64::from(found.history.outcome(txn) == Outcome::Info);
        }
        let writes = |txn| found.history.operations(txn).any(|one| matches!(one, Operation::Write { .. }));
        self.lost.all += found.lost().count() as u64;
        self.lost.found += found.lost().filter(|attempt| writes(found.transaction(attempt))).count() as u64;
        let open = u64::from(found.history.doubts().0);
        self.lost.open += open;
        self.lost.open_alone += if restart == Restart::Single { open } else { 0 };
        self.violated = self.violated.and(found.judgement.violated);
        self.happened.extend(found.causes);
        self.happened.extend(found.judgement.counts.keys().map(ToString::to_string));
        let broken = found.rules.checks.iter().filter(|check| check.status == Status::Violated);
        self.happened.extend(broken.map(|check| format!("{} is broken", check.name)));
    }

    /// They were no idle runs, what the level permits did happen, and nothing else.
    #[track_caller]
    fn expect(&self, permitted: &[Level], happened: &[&str], never: &[&str]) {
        assert!(self.committed > 10 * SEEDS && self.ambiguous > SEEDS / 10, "{self:?}");
        let Lost { all, found, open, open_alone } = self.lost;
        // Half of them commit.
        assert!(all > SEEDS / 10 && found > all / 4 && open - open_alone < all / 10, "{self:?}");
        // Where nothing was read in front of them, less is known of them.
        assert!(open < all / 5, "{self:?}");
        let violated: Vec<Level> = Level::ALL.into_iter().filter(|level| self.violated.contains(*level)).collect();
        assert_eq!(violated, permitted, "{self:?}");
        for name in happened {
            assert!(self.happened.contains(*name), "{name} never happened: {self:?}");
        }
        for name in never {
            assert!(!self.happened.contains(*name), "{name} happened: {self:?}");
        }
    }
}

/// Runs all seeds of a level, on all cores; the first problem ends the test, with the command that shows it again.
fn all_seeds(level: &str) -> Sum {
    let (next, sum, problem) = (AtomicU64::new(0), Mutex::new(Sum::default()), Mutex::new(None));
    let one = |seed| {
        let experiment = Experiment::drawn(level, seed);
        let found = experiment.run();
        if let Some(text) = experiment.problem(&found) {
            next.store(SEEDS, Ordering::Relaxed);
            *problem.lock().unwrap() = Some(format!("{text}\n\nrun it again with:\n  {}", experiment.command()));
        }
        sum.lock().unwrap().add(found, experiment.plan.retry.restart);
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < SEEDS) {
                    one(seed);
                }
            });
        }
    });
    if let Some(problem) = problem.into_inner().unwrap() {
        panic!("{problem}");
    }
    sum.into_inner().unwrap()
}

const DEADLOCK: &str = "40P01 deadlock";
const WRITE_WRITE: &str = "40001 write-write";
const PIVOT: &str = "40001 pivot";

#[test]
fn serializable_is_strictly_so_in_every_run() {
    all_seeds("serializable").expect(&[], &[DEADLOCK, WRITE_WRITE, PIVOT], &[]);
}

#[test]
fn snapshot_permits_write_skew_and_nothing_else() {
    let permitted =
        [Level::RepeatableRead, Level::Serializable, Level::StrongSessionSerializable, Level::StrictSerializable];
    let broken = ["skew is broken", "batch is broken", "cap is broken", "fresh is broken"];
    let happened: Vec<&str> = ["G2-item", "G2", DEADLOCK, WRITE_WRITE].into_iter().chain(broken).collect();
    all_seeds("snapshot").expect(&permitted, &happened, &[PIVOT, "lost-update", "G-single"]);
}

#[test]
fn read_committed_permits_what_its_name_does_not_rule_out() {
    let is_stronger = |level: &Level| level.implies(Level::ReadCommitted) && *level != Level::ReadCommitted;
    let permitted: Vec<Level> = Level::ALL.into_iter().filter(is_stronger).collect();
    let happened = ["lost-update", "G-single", "G2-item", "G2", DEADLOCK, "total-balance is broken"];
    all_seeds("read-committed").expect(&permitted, &happened, &[PIVOT, WRITE_WRITE, "G1a", "G1b", "G1c", "G0"]);
}

/// What is printed of a seed that fails is a command that fails.
#[test]
fn the_command_of_a_seed_runs_it_again() {
    let experiment = Experiment::drawn("lost-updates", 4);
    let problem = experiment.problem(&experiment.run()).unwrap();
    let command = experiment.command();
    let (address, flags) = command.strip_prefix("contend run '").unwrap().split_once("' ").unwrap();
    let ended = super::support::Contend::run().on(address).flags(flags).finish().expect(1);
    let worst = problem.lines().next().unwrap().split(':').next().unwrap();
    assert!(ended.report().contains(worst), "{worst}\n{}", ended.stdout);
}
