//! Are the versions right that are found for lost answers? They are taken away from attempts that had them, and found again.

use contend::check::history::{History, Operation as Made, Outcome};
use contend::check::isolation::resolve;
use contend::history::{AttemptOutcome, Operation, Recorded, Row, Shape, Table};

use super::experiment::Experiment;

/// Of each level.
const SEEDS: u64 = 2_000;

/// As if COMMIT and all writes had been one flight, of which no answer came.
fn lose_answers(attempt: &mut Recorded) {
    if attempt.outcome != AttemptOutcome::Ambiguous {
        return;
    }
    for operation in &mut attempt.operations {
        if let Operation::Write { key, row, .. } = operation
            && key.table != Table::Fresh
        {
            let balance = if attempt.shape == Shape::Absolute { row.balance } else { 0 };
            *row = Row { balance, version: 0, writer: row.writer };
        }
    }
}

fn writes(history: &History, txn: u32) -> Vec<(String, u32, Option<i64>)> {
    let write = |number| match history.operation(number) {
        Made::Write { key, version } => Some((history.names().key(key), version, history.value(number))),
        _ => None,
    };
    history.operation_numbers(txn).filter_map(write).collect()
}

#[test]
fn what_is_taken_away_is_found_again_or_left_open() {
    for level in ["serializable", "snapshot", "read-committed"] {
        let (mut committed, mut found) = (0_u32, 0_u32);
        for seed in 0..SEEDS {
            let mut experiment = Experiment::drawn(level, seed);
            experiment.plan.session.flight = contend::plan::Flight::Sequential;
            experiment.plan.retry.restart = contend::retry::Restart::Rollback;
            if experiment.simulation.ambiguous == 0.0 {
                continue;
            }
            let (known, lost) = (experiment.run(), experiment.run_with(lose_answers));
            assert_eq!(experiment.problem(&lost), None, "{}", experiment.command());
            let fates = resolve(&known.history);
            for attempt in lost.lost() {
                let [before, after] = [&known, &lost].map(|of| (&of.history, of.transaction(attempt)));
                let (made, again) = (writes(before.0, before.1), writes(after.0, after.1));
                for write in &again {
                    // Amounts tell apart what versions alone do not: more may be found than was known.
                    let is_right = |(key, version, value): &(String, u32, Option<i64>)| {
                        (key, *version) == (&write.0, write.1) && (write.2.is_none() || *value == write.2)
                    };
                    let is_right = made.iter().any(is_right) && fates[before.1 as usize] != Outcome::Abort;
                    assert!(is_right, "{write:?} of {made:?}: {}", experiment.command());
                }
                committed += u32::from(fates[before.1 as usize] == Outcome::Ok);
                found += u32::from(made == again);
            }
        }
        assert!(committed > 300 && found > committed / 10 * 9, "{level}: {found} of {committed}");
    }
}
