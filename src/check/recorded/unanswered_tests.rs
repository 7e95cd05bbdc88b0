//! Whose is a version of which the answer was lost? Each rule, with a case on both sides.

use super::tests::{accounts, attempt, read, sizes};
use super::*;
use crate::check::history::Operation as Made;
use crate::check::isolation::{Level, Verdict, check};
use crate::check::{HistoryEvidence, Standard, judge_history};
use crate::plan::Flight;

/// An account of 100 that nobody has written yet.
const NEW: Row = Row { balance: 100, version: 0, writer: 0 };

/// Everybody is a worker of his own.
fn row(balance: i64, version: i64, ticket: u32) -> Row {
    Row { balance, version, writer: super::tests::writer(ticket, ticket) }
}

fn done(ticket: u32, times: [Nanos; 2], operations: Vec<Operation>) -> Recorded {
    attempt(ticket.into(), ticket, times, operations)
}

fn ambiguous(attempt: Recorded) -> Recorded {
    Recorded { outcome: AttemptOutcome::Ambiguous, ..attempt }
}

/// Its writes were sent, by account and amount, and not answered.
fn lost(ticket: u32, times: [Nanos; 2], writes: &[(i64, i64)]) -> Recorded {
    let write = |(id, delta): &(i64, i64)| wrote(*id, *delta, row(0, 0, ticket));
    ambiguous(done(ticket, times, writes.iter().map(write).collect()))
}

fn wrote(id: i64, delta: i64, row: Row) -> Operation {
    Operation::Write { key: Key::account(id), delta, row }
}

/// Both accounts hold 100 at first; in the end what is said, where something is.
fn history(after: Option<[Row; 2]>, attempts: &[Recorded]) -> History {
    stopped(None, after, attempts)
}

fn stopped(stopped_at: Option<Nanos>, after: Option<[Row; 2]>, attempts: &[Recorded]) -> History {
    let (before, after) = (accounts(&[NEW, NEW]), after.map(|rows| accounts(&rows)));
    let sizes = Sizes { workers: 5000, ..sizes() };
    let setting = Setting { sizes, before: &before, after: after.as_ref(), stopped_at, restart: Restart::Rollback };
    recorded_history(setting, attempts.iter().cloned().map(Ok::<_, String>)).unwrap()
}

/// Account, version and balance of everything that a transaction wrote.
fn made(history: &History, ticket: u32) -> Vec<(u32, u32, Option<i64>)> {
    let txn = (0..history.len()).find(|txn| history.request(*txn) == Some(ticket)).unwrap();
    let write = |number| match history.operation(number) {
        Made::Write { key, version } => Some((key + 1, version, history.value(number))),
        _ => None,
    };
    history.operation_numbers(txn).filter_map(write).collect()
}

/// Nothing is wrong, and so many ambiguous transactions were proven to have committed.
#[track_caller]
fn holds(history: &History, proven: u32) {
    let judgement = check(history);
    let verdict = judgement.verdict(Level::StrictSerializable);
    assert!(verdict == Verdict::Holds && judgement.anomalies.is_empty(), "{:?}", judgement.anomalies);
    assert_eq!(judgement.proven, proven);
}

#[test]
fn a_signature_that_somebody_found_is_proof() {
    let reader = |found| done(2, [0, 9], vec![read(1, found)]);
    let found = history(None, &[lost(1, [0, 9], &[(1, 5), (2, -5)]), reader(row(105, 1, 1))]);
    assert_eq!(made(&found, 1), [(1, 1, Some(105))], "of account 2 nobody knows");
    holds(&found, 1);
    let other = history(None, &[lost(1, [0, 9], &[(1, 5), (2, -5)]), reader(NEW)]);
    assert_eq!(made(&other, 1), []);
    holds(&other, 0);
}

#[test]
fn what_an_attempt_that_is_set_aside_has_seen_is_proof_too_and_what_it_found_of_its_own_is_none() {
    let mut two = lost(2, [0, 9], &[(2, 7)]);
    two.operations.insert(0, read(1, row(105, 1, 1)));
    let found = history(None, &[lost(1, [0, 9], &[(1, 5)]), two.clone()]);
    assert_eq!((made(&found, 1), made(&found, 2)), (vec![(1, 1, Some(105))], vec![]));
    two.operations[0] = read(2, row(107, 1, 2));
    assert_eq!(made(&history(None, &[two]), 2), []);
}

#[test]
fn the_last_row_is_proof() {
    let lost = [lost(1, [0, 9], &[(1, 5), (2, -5)])];
    let found = history(Some([row(105, 1, 1), row(95, 1, 1)]), &lost);
    assert_eq!(made(&found, 1), [(1, 1, Some(105)), (2, 1, Some(95))]);
    holds(&found, 1);
    let never = history(Some([NEW, NEW]), &lost);
    let judgement = check(&never);
    assert!(made(&never, 1).is_empty() && judgement.counts.is_empty());
    assert_eq!(judgement.unresolved, 0, "it did not commit");
    let by_another = history(Some([row(105, 1, 2), NEW]), &[lost[0].clone()]);
    assert_eq!(made(&by_another, 1), [], "it would have signed it");
    let wrong = history(Some([row(104, 1, 1), row(95, 1, 1)]), &lost);
    assert_eq!(check(&wrong).verdict(Level::Serializable), Verdict::Violated, "it added 5 and not 4");
}

#[test]
fn a_gap_that_one_alone_fits_was_filled_by_it() {
    let over = |base: i64, version| done(2, [0, 9], vec![wrote(1, 1, row(base + 1, version, 2))]);
    let after = |base: i64, version| Some([row(base + 1, version, 2), NEW]);
    let found = history(after(105, 2), &[lost(1, [0, 9], &[(1, 5)]), over(105, 2)]);
    assert_eq!(made(&found, 1), [(1, 1, Some(105))]);
    holds(&found, 1);
    let none = history(after(100, 1), &[lost(1, [0, 9], &[(1, 5)]), over(100, 1)]);
    assert_eq!(made(&none, 1), []);
    holds(&none, 0);
    // Nobody who is here made 107 of 100.
    let unknown = history(after(107, 2), &[lost(1, [0, 9], &[(1, 5)]), over(107, 2)]);
    let names: Vec<String> = check(&unknown).counts.keys().map(ToString::to_string).collect();
    assert_eq!((made(&unknown, 1), names), (vec![], vec!["phantom writer".to_owned()]));
}

#[test]
fn two_are_told_apart_by_their_amounts_or_not_at_all() {
    let judged = |amounts: [i64; 2]| {
        let one = |ticket: u32, amount| lost(ticket, [0, 9], &[(1, amount)]);
        let last = row(106, 2, 3);
        let over = done(3, [0, 9], vec![wrote(1, 1, last)]);
        history(Some([last, NEW]), &[one(1, amounts[0]), one(2, amounts[1]), over])
    };
    let apart = judged([5, 7]);
    assert_eq!((made(&apart, 1), made(&apart, 2)), (vec![(1, 1, Some(105))], vec![]));
    holds(&apart, 1);
    assert_eq!(apart.doubts(), (0, 0));
    let open = judged([5, 5]);
    assert_eq!((made(&open, 1), made(&open, 2), open.doubts()), (vec![], vec![], (2, 1)));
    holds(&open, 0);
    assert_eq!([&apart, &open].map(|history| check(history).unresolved), [0, 2]);
    let (judgement, asked) = (check(&open), Standard::default());
    let evidence = HistoryEvidence {
        history: &open,
        judgement: &judgement,
        asked,
        promise: None,
        shapes: None,
        flight: Flight::Sequential,
        partial: None,
    };
    let expected = "; 2 lost answers leave open who made 1 version, and nobody is accused of those";
    let detail = judge_history(&evidence).detail;
    assert!(detail.ends_with(expected), "{detail}");
}

#[test]
fn whoever_committed_has_written_all_of_its_rows_and_the_other_one_none() {
    let last = [row(106, 2, 3), row(106, 2, 4)];
    let over = |ticket: u32, id: i64, last: Row| done(ticket, [0, 9], vec![wrote(id, 1, last)]);
    let attempts =
        [lost(1, [0, 9], &[(1, 5), (2, 5)]), lost(2, [0, 9], &[(2, 5)]), over(3, 1, last[0]), over(4, 2, last[1])];
    let found = history(Some(last), &attempts);
    assert_eq!((made(&found, 1), made(&found, 2)), (vec![(1, 1, Some(105)), (2, 1, Some(105))], vec![]));
    holds(&found, 1);
    // Account 1 was written by nobody else, so the first has not committed.
    let found = history(Some([NEW, last[1]]), &[&attempts[..2], &attempts[3..]].concat());
    assert_eq!((made(&found, 1), made(&found, 2)), (vec![], vec![(2, 1, Some(105))]));
    holds(&found, 1);
}

#[test]
fn whoever_began_too_late_or_had_seen_a_later_version_is_not_meant() {
    let last = row(106, 2, 3);
    let over = done(3, [0, 9], vec![wrote(1, 1, last)]);
    let late = |start| {
        history(Some([last, NEW]), &[lost(1, [0, 9], &[(1, 5)]), lost(2, [start, 20], &[(1, 5)]), over.clone()])
    };
    assert_eq!((made(&late(10), 1), made(&late(10), 2)), (vec![(1, 1, Some(105))], vec![]));
    holds(&late(10), 1);
    assert_eq!(late(9).doubts(), (2, 1), "it may have been so fast");
    let mut seen = lost(2, [0, 20], &[(1, 5)]);
    seen.operations.insert(0, read(1, last));
    let seen = history(Some([last, NEW]), &[lost(1, [0, 9], &[(1, 5)]), seen, over]);
    assert_eq!((made(&seen, 1), made(&seen, 2)), (vec![(1, 1, Some(105))], vec![]));
}

#[test]
fn a_balance_that_was_set_is_known_whatever_was_there() {
    let set = |ticket: u32, to: i64| Recorded {
        shape: Shape::Absolute,
        operations: vec![wrote(1, to - 100, row(to, 0, ticket))],
        ..lost(ticket, [0, 9], &[])
    };
    let last = row(71, 3, 4);
    let over = |ticket, version, base: i64| done(ticket, [0, 9], vec![wrote(1, 1, row(base + 1, version, ticket))]);
    let first = over(3, 1, 100);
    let found = history(Some([last, NEW]), &[set(1, 70), set(2, 60), first.clone(), over(4, 3, 70)]);
    assert_eq!((made(&found, 1), made(&found, 2)), (vec![(1, 2, Some(70))], vec![]));
    holds(&found, 1);
    let found = history(Some([row(61, 3, 4), NEW]), &[set(1, 70), set(2, 60), first, over(4, 3, 60)]);
    assert_eq!((made(&found, 1), made(&found, 2)), (vec![], vec![(1, 2, Some(60))]));
}

/// What one has found out tells the balance in front of the next.
#[test]
fn one_answer_leads_to_the_next() {
    let last = row(113, 3, 3);
    let over = done(3, [0, 9], vec![wrote(1, 1, last)]);
    let reader = done(4, [0, 9], vec![read(1, row(105, 1, 1))]);
    let two = |amount: i64| [lost(1, [0, 9], &[(1, 5)]), lost(2, [0, 9], &[(1, amount)]), lost(5, [0, 9], &[(1, 8)])];
    let found = history(Some([last, NEW]), &[&two(7)[..], &[over.clone(), reader.clone()]].concat());
    assert_eq!(made(&found, 1), [(1, 1, Some(105))]);
    assert_eq!((made(&found, 2), made(&found, 5)), (vec![(1, 2, Some(112))], vec![]));
    holds(&found, 2);
    // Without the reader the order of the two is not known; both orders lead to the same balance.
    let open = history(Some([last, NEW]), &[&two(7)[..], &[over]].concat());
    assert_eq!((open.doubts(), made(&open, 1)), ((3, 2), vec![]));
    holds(&open, 0);
}

#[test]
fn one_whose_writes_were_answered_and_whose_commit_was_not_is_a_rival() {
    let last = row(106, 2, 3);
    let over = done(3, [0, 9], vec![wrote(1, 1, last)]);
    let known = |ticket: u32| ambiguous(done(ticket, [0, 9], vec![wrote(1, 5, row(105, 1, ticket))]));
    let both = [lost(1, [0, 9], &[(1, 5)]), known(2), over];
    let open = history(Some([last, NEW]), &both);
    assert_eq!((made(&open, 1), open.doubts()), (vec![], (1, 1)));
    holds(&open, 0);
    let reader = |found| done(4, [0, 9], vec![read(1, found)]);
    let found = history(Some([last, NEW]), &[&both[..], &[reader(row(105, 1, 2))]].concat());
    assert_eq!((made(&found, 1), found.doubts()), (vec![], (0, 0)));
    holds(&found, 1);
    let found = history(Some([last, NEW]), &[&both[..], &[reader(row(105, 1, 1))]].concat());
    assert_eq!((made(&found, 1), found.doubts()), (vec![(1, 1, Some(105))], (0, 0)));
    holds(&found, 1);
}

/// A part of the answers came: the debit's, and not the credit's.
#[test]
fn an_answered_write_beside_an_unanswered_one_is_decided_with_it() {
    let mut half = lost(1, [0, 9], &[(2, 5)]);
    half.operations.insert(0, wrote(1, -5, row(95, 1, 1)));
    let last = [row(95, 1, 1), row(106, 2, 3)];
    let over = done(3, [0, 9], vec![wrote(2, 1, last[1])]);
    let found = history(Some(last), &[half.clone(), over.clone()]);
    assert_eq!(made(&found, 1), [(1, 1, Some(95)), (2, 1, Some(105))]);
    holds(&found, 1);
    let (other, first) = (lost(2, [0, 9], &[(2, 5)]), row(101, 1, 4));
    let instead = done(4, [0, 9], vec![wrote(1, 1, first)]);
    let found = history(Some([first, last[1]]), &[half, other, over, instead]);
    assert_eq!((made(&found, 1), made(&found, 2)), (vec![(1, 1, Some(95))], vec![(2, 1, Some(105))]));
    holds(&found, 1);
}

#[test]
fn an_aborted_claim_on_an_open_version_is_no_accusation() {
    let aborted = Recorded { outcome: AttemptOutcome::Aborted, ..done(4, [0, 9], vec![wrote(1, 5, row(105, 1, 4))]) };
    let last = row(106, 2, 3);
    let over = done(3, [0, 9], vec![wrote(1, 1, last)]);
    let attempts = [lost(1, [0, 9], &[(1, 5)]), lost(2, [0, 9], &[(1, 5)]), over, aborted];
    holds(&history(Some([last, NEW]), &attempts), 0);
    let alone = history(Some([last, NEW]), &attempts[2..]);
    assert_eq!(check(&alone).verdict(Level::ReadCommitted), Verdict::Violated, "a dirty update");
}

#[test]
fn where_nobody_looked_in_the_end_a_version_may_be_one_that_nobody_saw() {
    let over = done(3, [0, 9], vec![wrote(1, 1, row(106, 2, 3))]);
    let found = history(None, &[lost(1, [0, 9], &[(1, 5), (2, -5)]), over]);
    assert_eq!(made(&found, 1), [(1, 1, Some(105))], "the gap has to be filled, account 2 is not looked at");
    holds(&found, 1);
}

#[test]
fn in_a_part_of_a_run_a_signature_is_proof_and_a_gap_is_none() {
    let over = done(2, [0, 9], vec![wrote(1, 1, row(106, 2, 2))]);
    let reader = done(3, [0, 9], vec![read(2, row(95, 1, 1))]);
    let part = stopped(Some(20), None, &[lost(1, [0, 9], &[(1, 5), (2, -5)]), over, reader]);
    assert_eq!((made(&part, 1), part.doubts()), (vec![(2, 1, None)], (0, 0)));
    holds(&part, 1);
}

#[test]
fn too_many_are_not_looked_into_and_nobody_is_accused() {
    let many = 2100;
    let unanswered = (1..=many).map(|ticket| lost(ticket, [0, 9], &[(1, 5)]));
    let version = |ticket: u32| i64::from(ticket - many) * 2;
    let over = |ticket: u32| wrote(1, 1, row(100 + 3 * version(ticket), version(ticket), ticket));
    let others = (many + 1..=2 * many).map(|ticket| done(ticket, [0, 9], vec![over(ticket)]));
    let Operation::Write { row: last, .. } = over(2 * many) else { panic!("a write") };
    let found = history(Some([last, NEW]), &unanswered.chain(others).collect::<Vec<_>>());
    assert_eq!(found.doubts(), (many, many as usize));
    holds(&found, 0);
}

#[test]
fn a_worker_goes_on_in_a_new_session_and_its_times_are_looked_at() {
    let next = |times| Recorded { worker: 1, ..done(2, times, vec![read(2, NEW)]) };
    let found = history(Some([NEW, NEW]), &[lost(1, [0, 9], &[(1, 5)]), next([9, 20])]);
    assert_eq!((found.session(0), found.session(1)), (0, 1));
    let (before, sizes) = (accounts(&[NEW, NEW]), sizes());
    let setting = Setting { sizes, before: &before, after: None, stopped_at: None, restart: Restart::Rollback };
    let overlapping = [lost(1, [0, 9], &[(1, 5)]), next([8, 20])];
    let refused = recorded_history(setting, overlapping.into_iter().map(Ok::<_, String>));
    assert_eq!(refused.unwrap_err(), RecordedError::OutOfOrder(1));
    let unknown = recorded_history(setting, [Ok::<_, String>(lost(1, [0, 9], &[(3, 5)]))]);
    assert_eq!(unknown.unwrap_err(), RecordedError::NoSuchRow(Key::account(3)));
}
