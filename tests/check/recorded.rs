//! Does the checker see what is broken in a recorded run? A clean run of a small simulated store, then one change each.

use contend::check::history::{Builder, FinalRow, Header, History, Names, Outcome};
use contend::check::isolation::{Judgement, Level, check};

#[derive(Clone)]
struct Txn {
    header: Header,
    /// Key, version, writer.
    reads: Vec<(u32, u32, u32)>,
    writes: Vec<(u32, u32)>,
}

struct Run {
    txns: Vec<Txn>,
    finals: Vec<FinalRow>,
}

const KEYS: u32 = 7;

/// Transfers by three workers, one at a time, each of them 10 ns after the one before; every fifth attempt is aborted and
/// its version made again by the next. Versions begin at 5, as on a table that was used before.
fn clean(count: u32) -> Run {
    let mut rows = vec![FinalRow { version: 5, writer: 0 }; KEYS as usize];
    let mut txns = Vec::new();
    for number in 0..count {
        let (one, other) = (number % KEYS, (number * 3 + 1) % KEYS);
        let keys = if one == other { vec![one] } else { vec![one, other] };
        let outcome = if number % 5 == 4 { Outcome::Abort } else { Outcome::Ok };
        let fingerprint = number + 1;
        let seen = |key: u32| (key, rows[key as usize].version, rows[key as usize].writer);
        let reads: Vec<(u32, u32, u32)> = keys.iter().map(|key| seen(*key)).collect();
        let writes = reads.iter().map(|(key, version, _)| (*key, version + 1)).collect();
        if outcome == Outcome::Ok {
            for key in keys {
                let row = &mut rows[key as usize];
                *row = FinalRow { version: row.version + 1, writer: fingerprint };
            }
        }
        let start = i64::from(number) * 20;
        let header =
            Header { fingerprint, request: Some(number), ..Header::new(number % 3, start, start + 10, outcome) };
        txns.push(Txn { header, reads, writes });
    }
    Run { txns, finals: rows }
}

impl Run {
    fn history(&self) -> History {
        let mut builder = Builder::new();
        for txn in &self.txns {
            builder.begin(txn.header);
            txn.reads.iter().for_each(|(key, version, writer)| builder.read(*key, *version, *writer));
            txn.writes.iter().for_each(|(key, version)| builder.write(*key, *version));
        }
        builder.initial(vec![5; KEYS as usize]);
        builder.finals(self.finals.iter().copied().map(Some).collect());
        builder.gapless();
        builder.finish(Names::default()).expect("a history")
    }

    fn judge(&self) -> Judgement {
        check(&self.history())
    }

    fn names(&self) -> Vec<String> {
        let judgement = self.judge();
        let names =
            judgement.anomalies.iter().flat_map(|anomaly| [anomaly.name].into_iter().chain(anomaly.also.clone()));
        let mut names: Vec<String> = names.map(|name| name.to_string()).collect();
        names.sort();
        names.dedup();
        names
    }
}

#[test]
fn a_clean_run_is_strictly_serializable() {
    let judgement = clean(200).judge();
    assert!(judgement.anomalies.is_empty());
    assert_eq!((judgement.strongest(), judgement.committed), (vec![Level::StrictSerializable], 160));
}

#[test]
fn the_order_in_which_transactions_are_given_says_nothing() {
    let mut run = clean(200);
    run.txns.reverse();
    assert!(run.judge().anomalies.is_empty());
    let history = run.history();
    assert!((1..history.len()).all(|txn| history.start(txn - 1) < history.start(txn)));
    assert_eq!((history.fingerprint(3), history.request(3)), (Some(4), Some(3)));
}

#[test]
fn an_earlier_version_read_is_a_stale_read_or_worse() {
    let mut run = clean(200);
    let writer = run.txns[101].reads[0].2;
    run.txns[101].writes.clear();
    run.txns[101].reads.truncate(1);
    let before = &run.txns[writer as usize - 1].clone();
    let key = run.txns[101].reads[0].0;
    let older = before.reads.iter().find(|read| read.0 == key).copied().expect("a transfer reads what it writes");
    run.txns[101].reads[0] = older;
    // Whoever wrote after it wrote over what it would have written: those versions are gone with its writes.
    let names = run.names();
    assert!(names.contains(&"G-single-realtime".to_owned()), "{names:?}");
}

#[test]
fn a_signature_of_an_aborted_attempt_is_an_aborted_read() {
    let mut run = clean(200);
    run.txns[100].reads[0].2 = 5;
    assert!(run.names().contains(&"G1a".to_owned()));
}

#[test]
fn an_unknown_signature_is_a_phantom_writer() {
    let mut run = clean(200);
    run.txns[100].reads[0].2 = 999_999;
    assert_eq!(run.names(), ["phantom writer"]);
}

#[test]
fn an_observed_writer_that_was_aborted_is_read_and_built_upon() {
    let mut run = clean(200);
    run.txns[50].header.outcome = Outcome::Abort;
    assert_eq!(run.names(), ["G1a", "dirty-update"]);
}

#[test]
fn an_observed_writer_that_is_ambiguous_has_committed() {
    let mut run = clean(200);
    for number in [20, 50, 51, 52] {
        run.txns[number].header.outcome = Outcome::Info;
    }
    let judgement = run.judge();
    assert!(judgement.anomalies.is_empty());
    assert_eq!((judgement.proven, judgement.unresolved), (4, 0));
}

#[test]
fn an_aborted_attempt_that_is_ambiguous_is_not_accused() {
    let mut run = clean(200);
    run.txns[54].header.outcome = Outcome::Info;
    let judgement = run.judge();
    assert!(judgement.anomalies.is_empty());
    assert_eq!((judgement.proven, judgement.unresolved), (0, 0));
}

#[test]
fn a_confirmed_write_that_is_gone_is_a_lost_commit() {
    let mut run = clean(200);
    let key = run.txns[198].writes[0].0 as usize;
    run.finals[key].version -= 1;
    assert_eq!(run.names(), ["half transfer", "lost commit"], "the other leg is there");
}

#[test]
fn the_last_version_signed_by_another_is_a_lost_commit() {
    let mut run = clean(200);
    let key = run.txns[198].writes[0].0 as usize;
    run.finals[key].writer = 999_999;
    assert_eq!(run.names(), ["half transfer", "lost commit"], "the other leg is there");
}

#[test]
fn an_ambiguous_transfer_of_which_one_leg_is_there_is_a_half_transfer() {
    let mut run = clean(200);
    run.txns[198].header.outcome = Outcome::Info;
    let gone = run.txns[198].writes[1].0 as usize;
    run.finals[gone] = FinalRow { version: run.finals[gone].version - 1, writer: 0 };
    assert_eq!(run.names(), ["half transfer"]);
}

#[test]
fn two_committed_attempts_of_one_request_were_applied_twice() {
    let mut run = clean(200);
    run.txns[71].header.request = run.txns[70].header.request;
    run.txns[74].header.request = run.txns[70].header.request;
    assert_eq!(run.names(), ["applied twice"]);
    assert_eq!(run.judge().anomalies[0].transactions, [70, 71]);
}

#[test]
fn a_version_that_nobody_made_is_a_phantom_writer() {
    let mut run = clean(200);
    run.txns.remove(100);
    assert!(run.names().contains(&"phantom writer".to_owned()));
    let mut run = clean(200);
    run.finals[3].version += 1;
    // Signed by the last one who wrote the row, it is that one's write once more.
    assert_eq!(run.names(), ["applied twice"]);
    run.finals[3].writer = 0;
    assert_eq!(run.names(), ["phantom writer"]);
}

/// One look at the history finds the signers of all rows, and not one for each row.
#[test]
fn rows_that_were_all_applied_twice_are_judged_in_time() {
    const COUNT: u32 = 50_000;
    let mut builder = Builder::new();
    for number in 0..COUNT {
        let start = i64::from(number) * 20;
        builder.begin(Header { fingerprint: number + 1, ..Header::new(0, start, start + 10, Outcome::Ok) });
        builder.write(number, 1);
    }
    builder.finals((1..=COUNT).map(|writer| Some(FinalRow { version: 2, writer })).collect());
    builder.gapless();
    let history = builder.finish(Names::default()).unwrap();
    let begun = std::time::Instant::now();
    let judgement = check(&history);
    assert_eq!(judgement.counts.values().sum::<u64>(), u64::from(COUNT));
    // 1.25 billion signatures would be looked at otherwise.
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

#[test]
fn the_same_version_twice_is_a_duplicate() {
    let mut run = clean(200);
    let write = run.txns[100].writes[0];
    run.txns[103].writes.push(write);
    assert!(run.names().contains(&"duplicate version".to_owned()));
}

#[test]
fn two_versions_exchanged_are_a_write_cycle() {
    let mut run = clean(200);
    let (mut early, mut late) = (clean(200).txns[0].clone(), clean(200).txns[0].clone());
    for (txn, number) in [(&mut early, 0), (&mut late, 1)] {
        txn.reads.clear();
        txn.header.fingerprint = 5_000 + number;
        txn.header.request = None;
        txn.header.start = 10_000;
        txn.header.end = 10_010;
        txn.header.session = 5 + number;
        txn.header.outcome = Outcome::Ok;
    }
    let (one, other) = (run.finals[0].version, run.finals[1].version);
    early.writes = vec![(0, one + 1), (1, other + 2)];
    late.writes = vec![(0, one + 2), (1, other + 1)];
    run.finals[0] = FinalRow { version: one + 2, writer: 0 };
    run.finals[1] = FinalRow { version: other + 2, writer: 0 };
    run.txns.extend([early, late]);
    assert_eq!(run.names(), ["G0"]);
    assert!(run.judge().strongest().is_empty());
}

#[test]
fn a_start_after_the_end_of_the_reader_breaks_real_time_only() {
    let mut run = clean(200);
    let writer = (0..100).find(|at| run.txns[*at].header.outcome == Outcome::Ok && at % 3 == 0).expect("a transfer");
    run.txns[writer].header.start += 100_000;
    run.txns[writer].header.end += 100_000;
    run.txns[writer].header.session = 9;
    let judgement = run.judge();
    assert_eq!(judgement.strongest(), [Level::StrongSessionSerializable]);
    assert!(judgement.anomalies.iter().all(|anomaly| anomaly.name.to_string().ends_with("-realtime")));
}

#[test]
fn a_long_chain_of_transactions_is_judged_without_recursion() {
    let mut builder = Builder::new();
    for number in 0..200_000 {
        let start = i64::from(number);
        // All at the same time: the only order is that of the versions, and the first transaction read the last.
        let header = Header::new(number, start, 2_000_000, Outcome::Ok);
        builder.begin(header);
        if number == 0 {
            builder.read(0, 200_000, 0);
        }
        builder.write(0, number + 1);
    }
    let judgement = check(&builder.finish(Names::default()).expect("a history"));
    assert_eq!(judgement.largest, 200_000);
    assert!(!judgement.violated.contains(Level::ReadUncommitted) && judgement.violated.contains(Level::ReadCommitted));
}

#[test]
fn an_ambiguous_version_above_the_last_one_was_never_made() {
    let mut run = clean(200);
    let mut beyond = run.txns[198].clone();
    beyond.header.outcome = Outcome::Info;
    beyond.header.fingerprint = 7_777;
    beyond.header.request = None;
    beyond.reads.clear();
    beyond.writes = vec![(0, run.finals[0].version + 1)];
    run.txns.push(beyond);
    let judgement = run.judge();
    assert_eq!((judgement.anomalies.len(), judgement.proven, judgement.unresolved), (0, 0, 0));
}

/// One transfer took 7 from a row that held 100. The row has one version more, under its signature, and holds this: read by
/// another one, or in the end.
fn once_more(held: i64, read: bool) -> Vec<String> {
    let mut builder = Builder::new();
    builder.begin(Header { fingerprint: 1, ..Header::new(0, 0, 9, Outcome::Ok) });
    builder.read_value(0, 0, 0, Some(100));
    builder.write_over(0, 1, 93, 100);
    if read {
        builder.begin(Header { fingerprint: 2, ..Header::new(1, 10, 19, Outcome::Ok) });
        builder.read_value(0, 2, 1, Some(held));
    }
    builder.initial(vec![0]);
    builder.initial_values(vec![Some(100)]);
    if !read {
        builder.finals(vec![Some(FinalRow { version: 2, writer: 1 })]);
        builder.final_values(vec![Some(held)]);
    }
    builder.gapless();
    let judgement = check(&builder.finish(Names::default()).unwrap());
    judgement.counts.keys().map(ToString::to_string).collect()
}

#[test]
fn a_version_more_is_the_same_write_again_only_where_its_value_is() {
    assert_eq!(once_more(86, true), ["applied twice"]);
    assert_eq!(once_more(86, false), ["applied twice"]);
    assert_eq!(once_more(93, true), ["garbage"]);
    assert_eq!(once_more(93, false), ["phantom writer"]);
}
