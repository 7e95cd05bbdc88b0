//! Is every fault named? Clean recorded runs, one change in each, and the name that it has to get.

use contend::check::history::{FinalRow, Header, Outcome};
use contend::check::isolation::Level;

use super::simulator::{BLIND, Op, Run, TWICE, Txn, run};

const COUNT: u32 = 160;

/// Runs with different seeds.
fn runs() -> impl Iterator<Item = Run> {
    (0..12).map(|seed| run(seed, COUNT))
}

/// The read or write of a key in a transaction.
fn place(txn: &Txn, key: u32, wanted: fn(&Op) -> bool) -> Option<usize> {
    let of_key = |op: &Op| matches!(op, Op::Read { key: of, .. } | Op::Write { key: of, .. } if *of == key);
    txn.ops.iter().position(|op| of_key(op) && wanted(op))
}

fn is_read(op: &Op) -> bool {
    matches!(op, Op::Read { .. })
}

fn is_write(op: &Op) -> bool {
    matches!(op, Op::Write { .. })
}

/// The read that would have found the version before, with its writer and value.
fn before(run: &Run, read: &Op) -> Option<Op> {
    let Op::Read { key, writer, version, .. } = read else { return None };
    let writer = (*writer > 0).then(|| &run.txns[run.signed(*writer)])?;
    let before = writer.ops.iter().find(|op| is_read(op) && matches!(op, Op::Read { key: of, .. } if of == key))?;
    matches!(before, Op::Read { version: found, .. } if found + 1 == *version).then(|| before.clone())
}

#[test]
fn unmutated_runs_are_strictly_serializable() {
    for run in runs() {
        let judgement = run.judge();
        assert_eq!(run.names(), Vec::<String>::new());
        assert_eq!((judgement.strongest(), judgement.stale.count), (vec![Level::StrictSerializable], 0));
        assert!(judgement.committed > 100);
    }
}

/// An audit that sees one leg of a transfer and misses the other one.
#[test]
fn one_read_a_version_back_is_read_skew() {
    let mut tried = 0;
    for run in runs() {
        for audit in run.of_shape("audit", Outcome::Ok) {
            let mut broken = run.clone();
            let reads = &run.txns[audit].ops;
            let both = |op: &Op| match op {
                Op::Read { writer, .. } => {
                    reads.iter().filter(|other| matches!(other, Op::Read { writer: of, .. } if of == writer)).count()
                        == 2
                }
                _ => false,
            };
            let Some((at, older)) =
                reads.iter().enumerate().filter(|(_, op)| both(op)).find_map(|(at, op)| Some((at, before(&run, op)?)))
            else {
                continue;
            };
            broken.txns[audit].ops[at] = older;
            assert!(broken.names().contains(&"G-single".to_owned()), "{:?}", broken.names());
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}

/// A transaction that reads one account, and misses what was over before it began.
#[test]
fn a_read_alone_a_version_back_is_stale() {
    for run in runs() {
        let mut broken = run.clone();
        let audits = run.of_shape("audit", Outcome::Ok);
        let stale = audits.into_iter().rev().find_map(|audit| {
            run.txns[audit].ops.iter().find_map(|op| {
                let Op::Read { writer, .. } = op else { return None };
                let older = before(&run, op)?;
                let over = run.txns[run.signed(*writer)].header.end < run.txns[audit].header.start;
                over.then_some((audit, older))
            })
        });
        let (audit, older) = stale.unwrap();
        broken.txns[audit].ops = vec![older];
        broken.txns[audit].header.session = 99;
        let judgement = broken.judge();
        assert_eq!(broken.names(), ["G-single-realtime"]);
        assert!(judgement.anomalies[0].is_stale_read() && judgement.stale.count == 1);
        assert_eq!(judgement.strongest(), [Level::StrongSessionSerializable]);
    }
}

#[test]
fn two_writes_with_their_versions_exchanged_are_a_write_cycle() {
    for mut run in runs() {
        let puts = run.of_shape("put", Outcome::Ok);
        let (one, other) = (puts[puts.len() / 2], puts[puts.len() / 2 + 1]);
        let [first, second] = [one, other].map(|at| place(&run.txns[at], BLIND[0], is_write).unwrap());
        let (kept, moved) = (run.txns[one].ops[first].clone(), run.txns[other].ops[second].clone());
        run.txns[one].ops[first] = moved;
        run.txns[other].ops[second] = kept;
        assert_eq!(run.names(), ["G0"]);
        assert!(run.judge().strongest().is_empty());
    }
}

#[test]
fn a_read_of_an_aborted_attempt_is_an_aborted_read() {
    let mut tried = 0;
    for run in runs() {
        for aborted in run.of_shape("transfer", Outcome::Abort) {
            let attempt = &run.txns[aborted];
            let Op::Write { key, version, value } = attempt.ops[2] else { panic!("a transfer writes") };
            let signature = attempt.header.fingerprint;
            let found =
                |op: &Op| matches!(op, Op::Read { key: of, version: found, .. } if (*of, *found) == (key, version));
            let audits = run.of_shape("audit", Outcome::Ok);
            let Some((audit, at)) =
                audits.iter().find_map(|audit| Some((*audit, run.txns[*audit].ops.iter().position(found)?)))
            else {
                continue;
            };
            let mut broken = run.clone();
            broken.txns[audit].ops[at] = Op::Read { key, version, writer: signature, value };
            assert_eq!(broken.names(), ["G1a"]);
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried}");
}

#[test]
fn a_read_of_a_version_that_its_writer_replaced_is_an_intermediate_read() {
    for mut run in runs() {
        let audits = run.of_shape("audit", Outcome::Ok);
        let audit = audits[audits.len() - 1];
        let at = place(&run.txns[audit], TWICE, is_read).unwrap();
        let Op::Read { version, value, .. } = &mut run.txns[audit].ops[at] else { panic!("a read") };
        *version -= 1;
        *value -= 1;
        assert_eq!(run.names(), ["G1b"]);
    }
}

#[test]
fn a_confirmed_write_that_the_end_does_not_know_is_a_lost_commit() {
    for mut run in runs() {
        let transfer = *run.of_shape("transfer", Outcome::Ok).last().unwrap();
        let signature = run.txns[transfer].header.fingerprint;
        let last = run.finals.iter().position(|row| row.is_some_and(|row| row.writer == signature));
        // What others did to both accounts afterwards would be lost with it.
        let Some(key) = last else { continue };
        let row = run.finals[key].unwrap();
        run.finals[key] = Some(FinalRow { version: row.version - 1, writer: 0 });
        run.txns.retain(|txn| {
            let read = |op: &Op| matches!(op, Op::Read { writer, .. } if *writer == signature);
            !txn.ops.iter().any(read)
        });
        assert!(run.names().contains(&"lost commit".to_owned()), "{:?}", run.names());
        assert!(
            run.names().iter().all(|name| ["lost commit", "half transfer"].contains(&name.as_str())),
            "{:?}",
            run.names()
        );
        run.finals[key] = None;
        assert_eq!(run.names(), Vec::<String>::new(), "nobody looked");
    }
}

#[test]
fn a_second_attempt_that_commits_too_is_applied_twice() {
    for mut run in runs() {
        let transfer = run.of_shape("transfer", Outcome::Ok)[3];
        let mut again = run.txns[transfer].clone();
        let end = run.txns.iter().map(|txn| txn.header.end).max().unwrap();
        again.header = Header { start: end + 1, end: end + 2, fingerprint: 9_999, attempt: 2, ..again.header };
        for op in &mut again.ops {
            match op {
                Op::Write { key, version, .. } => {
                    let row = run.finals[*key as usize].as_mut().unwrap();
                    *row = FinalRow { version: row.version + 1, writer: 9_999 };
                    *version = row.version;
                }
                Op::Read { key, version, writer, value } => {
                    let row = run.finals[*key as usize].unwrap();
                    (*version, *writer) = (row.version, row.writer);
                    let maker = &run.txns[run.signed(row.writer)];
                    let Op::Write { value: made, .. } = maker.ops[place(maker, *key, is_write).unwrap()] else {
                        panic!("a write")
                    };
                    *value = made;
                }
                _ => {}
            }
        }
        run.txns.push(again);
        assert_eq!(run.names(), ["applied twice"]);
    }
}

#[test]
fn a_commit_that_nobody_confirmed_stays_clean() {
    for run in runs().take(4) {
        for number in (0..run.txns.len()).filter(|number| run.txns[*number].header.outcome == Outcome::Ok) {
            let mut broken = run.clone();
            broken.txns[number].header.outcome = Outcome::Info;
            let judgement = broken.judge();
            assert_eq!(broken.names(), Vec::<String>::new(), "{:?}", run.txns[number]);
            // An audit leaves nothing behind that could prove it.
            let writes = run.txns[number].ops.iter().any(is_write);
            assert!(!writes || judgement.proven == 1, "{:?}", run.txns[number]);
        }
    }
    let mut all = run(1, COUNT);
    all.txns
        .iter_mut()
        .filter(|txn| txn.header.outcome == Outcome::Ok)
        .for_each(|txn| txn.header.outcome = Outcome::Info);
    assert_eq!(all.names(), Vec::<String>::new());
}

#[test]
fn an_aborted_attempt_that_may_have_committed_stays_clean() {
    for mut run in runs() {
        run.txns
            .iter_mut()
            .filter(|txn| txn.header.outcome == Outcome::Abort)
            .for_each(|txn| txn.header.outcome = Outcome::Info);
        let judgement = run.judge();
        assert_eq!((run.names(), judgement.proven), (Vec::new(), 0));
    }
}

#[test]
fn an_observed_writer_that_was_aborted_is_an_aborted_read() {
    for run in runs() {
        let transfer = run.of_shape("transfer", Outcome::Ok)[2];
        let mut broken = run.clone();
        broken.txns[transfer].header.outcome = Outcome::Abort;
        let names = broken.names();
        assert!(names.contains(&"G1a".to_owned()), "{names:?}");
        assert!(names.iter().all(|name| ["G1a", "dirty-update"].contains(&name.as_str())), "{names:?}");
    }
}

#[test]
fn a_start_after_the_end_of_a_reader_breaks_real_time_alone() {
    for mut run in runs() {
        let transfer = run.of_shape("transfer", Outcome::Ok)[2];
        let header = &mut run.txns[transfer].header;
        header.start += 500_000_000;
        header.end += 500_000_000;
        header.session = 99;
        let names = run.names();
        assert!(!names.is_empty() && names.iter().all(|name| name.ends_with("-realtime")), "{names:?}");
        assert_eq!(run.judge().strongest(), [Level::StrongSessionSerializable]);
    }
}

/// Nobody confirmed it, one account shows it, and the other one does not.
#[test]
fn one_leg_without_the_other_is_a_half_transfer() {
    let mut tried = 0;
    for mut run in runs() {
        let Some((transfer, key)) = run.of_shape("transfer", Outcome::Ok).into_iter().rev().find_map(|transfer| {
            let signature = run.txns[transfer].header.fingerprint;
            let is_last = |key: &usize| run.finals[*key].unwrap().writer == signature;
            let unread = |key: usize| {
                let read = |op: &Op| matches!(op, Op::Read { key: of, writer, .. } if (*of as usize, *writer) == (key, signature));
                !run.txns.iter().any(|txn| txn.ops.iter().any(read))
            };
            let key = (0..run.finals.len()).find(|key| is_last(key) && unread(*key))?;
            Some((transfer, key))
        }) else {
            continue;
        };
        run.txns[transfer].header.outcome = Outcome::Info;
        let row = run.finals[key].unwrap();
        run.finals[key] = Some(FinalRow { version: row.version - 1, writer: 0 });
        let seen = run.finals.iter().flatten().any(|row| row.writer == run.txns[transfer].header.fingerprint);
        let read = |op: &Op| matches!(op, Op::Read { writer, .. } if *writer == run.txns[transfer].header.fingerprint);
        if seen || run.txns.iter().any(|txn| txn.ops.iter().any(read)) {
            assert_eq!(run.names(), ["half transfer"]);
            tried += 1;
        }
    }
    assert!(tried > 2, "{tried}");
}

#[test]
fn a_version_that_nobody_wrote_is_a_phantom_writer() {
    for mut run in runs() {
        let transfer = run.of_shape("transfer", Outcome::Ok)[2];
        run.txns.remove(transfer);
        assert_eq!(run.names(), ["phantom writer"]);
    }
}

/// A blind write that the database applies once more behind the first one, so that all later versions count one more.
#[test]
fn a_write_that_was_applied_again_is_applied_twice() {
    for run in runs() {
        let puts = run.of_shape("put", Outcome::Ok);
        for (put, is_last) in [(*puts.last().unwrap(), true), (puts[puts.len() - 2], false)] {
            let mut broken = run.clone();
            for key in BLIND {
                let fingerprint = run.txns[put].header.fingerprint;
                let row = broken.finals[key as usize].as_mut().unwrap();
                row.version += 1;
                let later = run.txns[put].ops[place(&run.txns[put], key, is_write).unwrap()].clone();
                let Op::Write { version: made, .. } = later else { panic!("a put writes") };
                for op in broken.txns.iter_mut().flat_map(|txn| &mut txn.ops) {
                    if let Op::Write { key: of, version, .. } = op
                        && *of == key
                        && *version > made
                    {
                        *version += 1;
                    }
                }
                assert_eq!(row.writer == fingerprint, is_last, "the last of its key");
            }
            // Signed by it in the end; below another write nobody knows whose the version was.
            assert_eq!(broken.names(), [if is_last { "applied twice" } else { "phantom writer" }]);
        }
    }
}

#[test]
fn one_version_of_two_writers_is_a_duplicate_and_a_lost_commit_where_one_came_later() {
    for mut run in runs() {
        let puts = run.of_shape("put", Outcome::Ok);
        let (one, other) = (puts[1], puts[2]);
        let [first, second] = [one, other].map(|at| place(&run.txns[at], BLIND[1], is_write).unwrap());
        run.txns[other].ops[second] = run.txns[one].ops[first].clone();
        // And the version that was to be made is made by nobody.
        assert!(run.txns[one].header.end < run.txns[other].header.start);
        assert_eq!(run.names(), ["duplicate version", "lost commit", "phantom writer"]);
        let mut at_once = run.clone();
        at_once.txns[one].header.end = run.txns[other].header.start;
        assert_eq!(at_once.names(), ["duplicate version", "phantom writer"]);
        // Nobody says that an ambiguous one was there when the other one began.
        run.txns[one].header.outcome = Outcome::Info;
        assert!(!run.names().contains(&"lost commit".to_owned()));
    }
}

#[test]
fn a_wrong_balance_is_garbage() {
    for mut run in runs() {
        let audit = run.of_shape("audit", Outcome::Ok)[4];
        for at in [0, 5] {
            let mut broken = run.clone();
            let Op::Read { value, .. } = &mut broken.txns[audit].ops[at] else { panic!("an audit reads") };
            *value += 1;
            assert_eq!(broken.names(), ["garbage"]);
        }
        // Also where nobody had written yet.
        let first = run.of_shape("audit", Outcome::Ok)[0];
        let unwritten = run.txns[first].ops.iter().position(|op| matches!(op, Op::Read { writer: 0, .. })).unwrap();
        let Op::Read { value, .. } = &mut run.txns[first].ops[unwritten] else { panic!("an audit reads") };
        *value += 1;
        assert_eq!(run.names(), ["garbage"]);
    }
}

#[test]
fn a_member_that_was_added_and_not_found_is_a_phantom() {
    for mut run in runs() {
        let caps = run.of_shape("cap", Outcome::Ok);
        let (one, other) = (caps[1], caps[2]);
        let Op::ReadSet { members } = run.txns[one].ops[0].clone() else { panic!("a cap reads") };
        run.txns[other].ops[0] = Op::ReadSet { members };
        let names = run.names();
        assert!(names.iter().all(|name| name.starts_with("G-single-") || name == "G2"), "{names:?}");
        assert!(!names.is_empty());
    }
}
