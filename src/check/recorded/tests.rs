use super::*;
use crate::check::history::Operation as Seen;
use crate::check::history::notation::show_transaction;
use crate::check::isolation::{Level, Verdict, check};
use crate::history::{Account, Collection, Group, Member, Phase, Row, Shape, Snapshot};

pub(super) fn row(version: i64, writer: i64) -> Row {
    Row { balance: 100, version, writer }
}

pub(super) fn writer(worker: u32, attempt: u32) -> i64 {
    Writer { epoch: 2, worker, attempt }.number()
}

pub(super) fn accounts(rows: &[Row]) -> State {
    let accounts = (1..).zip(rows).map(|(id, row)| Account { id, row: *row }).collect();
    State { accounts: Snapshot::of(accounts), ..State::default() }
}

pub(super) fn attempt(ticket: u64, worker: u32, times: [Nanos; 2], operations: Vec<Operation>) -> Recorded {
    Recorded {
        ticket,
        worker,
        number: 1,
        shape: Shape::Transfer,
        writer: writer(worker, u32::try_from(ticket).unwrap_or(0)),
        node: 0,
        start: times[0],
        end: times[1],
        outcome: AttemptOutcome::Committed,
        phase: Phase::Commit,
        sqlstate: None,
        operations,
    }
}

pub(super) fn read(id: i64, row: Row) -> Operation {
    Operation::Read { key: Key::account(id), row }
}

fn write(id: i64, row: Row) -> Operation {
    Operation::Write { key: Key::account(id), delta: 0, row }
}

pub(super) fn sizes() -> Sizes {
    Sizes { accounts: 2, pairs: 2, tills: 1, workers: 3, ..Sizes::default() }
}

pub(super) fn convert(
    before: &State,
    after: Option<&State>,
    stopped_at: Option<Nanos>,
    attempts: &[Recorded],
) -> Result<History, RecordedError> {
    let setting = Setting { sizes: sizes(), before, after, stopped_at, restart: Restart::Rollback };
    recorded_history(setting, attempts.iter().cloned().map(Ok::<_, String>))
}

#[test]
fn what_goes_back_to_its_savepoint_began_with_its_first_attempt() {
    let again = |times| Recorded { number: 2, ..attempt(1, 0, times, vec![]) };
    let aborted = Recorded { outcome: AttemptOutcome::Aborted, ..attempt(1, 0, [5, 6], vec![]) };
    let attempts = [aborted, again([8, 9]), attempt(2, 0, [10, 11], vec![])];
    for (restart, starts) in [(Restart::Rollback, [5, 8, 10]), (Restart::Savepoint, [5, 5, 10])] {
        let state = accounts(&[]);
        let setting = Setting { sizes: sizes(), before: &state, after: None, stopped_at: None, restart };
        let history = recorded_history(setting, attempts.iter().cloned().map(Ok::<_, String>)).unwrap();
        let began: Vec<i64> = (0..history.len()).map(|txn| history.start(txn)).collect();
        assert_eq!(began, starts, "{restart}");
    }
}

pub(super) fn shown(history: &History) -> Vec<String> {
    (0..history.len()).map(|txn| show_transaction(history, txn)).collect()
}

#[test]
fn attempts_become_transactions_in_the_order_of_their_start() {
    let before = accounts(&[row(5, 0), row(0, 0)]);
    let after = accounts(&[row(6, writer(1, 1)), row(0, 0)]);
    let attempts = [
        attempt(1, 1, [2_000, 3_000], vec![read(1, row(5, 0)), write(1, row(6, writer(1, 1)))]),
        attempt(2, 0, [1_000, 9_000], vec![read(1, row(6, writer(1, 1))), read(2, row(0, 0))]),
    ];
    let history = convert(&before, Some(&after), None, &attempts).unwrap();
    assert_eq!(
        shown(&history),
        [
            "T2.1 worker 0 [0.000001 s,0.000009 s] ok : r(account 1@6) r(account 2@0)",
            "T1.1 worker 1 [0.000002 s,0.000003 s] ok : r(account 1@5) w(account 1@6)",
        ]
    );
    let Some(Seen::Read { writer: Some(seen), .. }) = history.operations(0).next() else { panic!("no writer") };
    assert_eq!((history.fingerprint(1), history.request(1)), (Some(seen), Some(1)));
    assert_eq!((history.initial(0), history.initial(1), history.is_gapless()), (5, 0, true));
    assert_eq!(history.last(0).map(|last| (last.version, last.writer)), Some((6, seen)));
    assert_eq!(check(&history).verdict(Level::StrictSerializable), Verdict::Holds);
}

#[test]
fn an_acknowledged_write_that_is_not_there_at_the_end_is_found() {
    let state = accounts(&[row(5, 0), row(0, 0)]);
    let attempts = [attempt(1, 1, [2, 3], vec![read(1, row(5, 0)), write(1, row(6, writer(1, 1)))])];
    let lost = convert(&state, Some(&state), None, &attempts).unwrap();
    assert_eq!(check(&lost).verdict(Level::Serializable), Verdict::Violated);
    let unknown = convert(&state, None, None, &attempts).unwrap();
    assert_eq!(check(&unknown).verdict(Level::Serializable), Verdict::Holds);
}

#[test]
fn what_was_recorded_in_part_is_neither_gapless_nor_compared_with_the_end() {
    let before = accounts(&[row(5, 0), row(0, 0)]);
    let attempts = [attempt(1, 1, [2, 3], vec![write(1, row(6, writer(1, 1)))])];
    let stopped = convert(&before, Some(&before), Some(4), &attempts).unwrap();
    assert!(!stopped.is_gapless() && stopped.last(0).is_none());
    let unread = convert(&State::default(), Some(&before), None, &attempts).unwrap();
    assert!(!unread.is_gapless() && unread.last(0).is_none());
}

#[test]
fn a_declined_attempt_is_an_abort_whose_reads_are_left_out() {
    let state = accounts(&[row(5, 0), row(0, 0)]);
    let declined = AttemptOutcome::Declined;
    let ends = [declined, AttemptOutcome::Aborted, AttemptOutcome::Failed, AttemptOutcome::Ambiguous];
    let attempts: Vec<Recorded> = (1..)
        .zip(ends)
        .map(|(at, outcome)| Recorded { outcome, ..attempt(at, 0, [at, at], vec![read(1, row(5, 0))]) })
        .collect();
    let history = convert(&state, None, None, &attempts).unwrap();
    let outcomes: Vec<Outcome> = (0..4).map(|txn| history.outcome(txn)).collect();
    assert_eq!(outcomes, [Outcome::Abort, Outcome::Abort, Outcome::Abort, Outcome::Info]);
    let operations: Vec<usize> = (0..4).map(|txn| history.operations(txn).count()).collect();
    assert_eq!(operations, [0, 1, 1, 1]);
}

#[test]
fn a_worker_has_a_new_session_after_an_ambiguous_outcome() {
    let state = accounts(&[row(0, 0)]);
    let ambiguous = Recorded { outcome: AttemptOutcome::Ambiguous, ..attempt(2, 0, [20, 30], vec![]) };
    let attempts = [
        attempt(1, 0, [0, 10], vec![]),
        ambiguous,
        attempt(3, 0, [40, 50], vec![]),
        attempt(4, 0, [50, 60], vec![]),
        attempt(5, 1, [70, 80], vec![]),
    ];
    let history = convert(&state, None, None, &attempts).unwrap();
    let sessions: Vec<u32> = (0..5).map(|txn| history.session(txn)).collect();
    assert_eq!(sessions, [0, 0, 1, 1, 2]);
    assert_eq!([0, 1, 2].map(|session| history.names().session(session)), ["worker 0", "worker 0", "worker 1"]);
}

#[test]
fn rows_of_all_tables_are_apart_and_a_fresh_row_that_is_not_there_has_version_0() {
    let account = |id, version| Account { id, row: row(version, 0) };
    let before = State {
        pairs: Some(vec![account(1, 3), account(2, 4)]),
        tills: Some(vec![account(1, 7)]),
        fresh: Some(vec![account(40, 1)]),
        ..accounts(&[row(1, 0), row(2, 0)])
    };
    let fresh = |id| Key { table: Table::Fresh, id };
    let till = Key { table: Table::Tills, id: 1 };
    let pair = Key { table: Table::Pairs, id: 2 };
    let operations = vec![
        Operation::Read { key: fresh(41), row: Row::default() },
        Operation::Write { key: fresh(42), delta: 1, row: row(1, 9) },
        Operation::Read { key: fresh(40), row: row(1, 0) },
        Operation::Read { key: till, row: row(7, 0) },
        Operation::Read { key: pair, row: row(4, 0) },
    ];
    let history = convert(&before, Some(&before), None, &[attempt(1, 0, [1, 2], operations)]).unwrap();
    let expected = "ok : r(fresh row 41@0) w(fresh row 42@1) r(fresh row 40@1) r(till 1@7) r(pair account 2@4)";
    assert!(shown(&history)[0].ends_with(expected), "{}", shown(&history)[0]);
    let initial: Vec<u32> = (0..history.keys()).map(|key| history.initial(key)).collect();
    assert_eq!(initial, [1, 2, 3, 4, 7, 0, 0, 1]);
    let last: Vec<Option<u32>> = (0..history.keys()).map(|key| history.last(key).map(|row| row.version)).collect();
    assert_eq!(last, [1, 2, 3, 4, 7, 0, 0, 1].map(Some));
}

#[test]
fn groups_and_members_are_named() {
    let state = accounts(&[row(0, 0)]);
    let group = |collection, id| Group { collection, id };
    let operations = vec![
        Operation::Scan { group: group(Collection::Members, 5), members: vec![writer(2, 9), writer(1, 1)] },
        Operation::Join { group: group(Collection::Receipts, 5), member: writer(0, 1) },
    ];
    let history = convert(&state, None, None, &[attempt(1, 0, [1, 2], operations)]).unwrap();
    assert!(
        shown(&history)[0].ends_with("rs(group 5,{2/2/9,2/1/1}) add(batch 5 of till 0,2/0/1)"),
        "{}",
        shown(&history)[0]
    );
}

#[test]
fn what_does_not_fit_is_refused_in_one_line() {
    let state = accounts(&[row(0, 0)]);
    let too_new = row(i64::from(u32::MAX) + 1, 0);
    for (attempts, expected) in [
        (vec![attempt(1, 0, [1, 2], vec![read(3, row(0, 0))])], "no row accounts/3"),
        (vec![attempt(1, 0, [1, 2], vec![read(0, row(0, 0))])], "no row accounts/0"),
        (vec![attempt(1, 0, [1, 2], vec![read(1, too_new)])], "version 4294967296 of accounts/1"),
        (vec![attempt(1, 0, [1, 2], vec![write(1, row(-1, 0))])], "version -1 of accounts/1"),
        (vec![attempt(1, 3, [1, 2], vec![])], "no worker 3"),
        (vec![attempt(1, 0, [2, 1], vec![])], "worker 0"),
        (vec![attempt(1, 0, [1, 5], vec![]), attempt(2, 0, [4, 6], vec![])], "worker 0"),
        (vec![attempt(u64::MAX, 0, [1, 2], vec![])], "too large"),
        (vec![attempt(1, 0, [1, u64::MAX], vec![])], "too large"),
    ] {
        let error = convert(&state, None, None, &attempts).unwrap_err().to_string();
        assert!(error.contains(expected) && error.lines().count() == 1, "{error}");
    }
    let unreadable = recorded_history(
        Setting { sizes: sizes(), before: &state, after: None, stopped_at: None, restart: Restart::Rollback },
        [Err::<Recorded, _>("torn")],
    );
    assert_eq!(unreadable.unwrap_err().to_string(), "torn");
    let initial = accounts(&[too_new]);
    assert!(convert(&initial, None, None, &[]).is_err());
    let crowded = Sizes { workers: 1 << 20, ..sizes() };
    assert!(
        Conversion::new(Setting {
            sizes: crowded,
            before: &state,
            after: None,
            stopped_at: None,
            restart: Restart::Rollback
        })
        .is_err()
    );
}

#[test]
fn a_member_that_was_confirmed_and_is_gone_is_found() {
    let group = Group { collection: Collection::Members, id: 5 };
    let me = writer(0, 1);
    let attempts = [attempt(1, 0, [1, 2], vec![Operation::Join { group, member: me }])];
    let with = |members: Vec<i64>| State {
        members: Some(members.into_iter().map(|id| Member { id, group: 5 }).collect()),
        ..accounts(&[row(0, 0), row(0, 0)])
    };
    let judged = |after: &State| {
        let history = convert(&with(Vec::new()), Some(after), None, &attempts).unwrap();
        check(&history).verdict(Level::Serializable)
    };
    assert_eq!(judged(&with(vec![me])), Verdict::Holds);
    assert_eq!(judged(&with(vec![writer(1, 7)])), Verdict::Violated);
    let unread = State { members: None, ..with(Vec::new()) };
    assert_eq!(judged(&unread), Verdict::Holds, "nobody looked");
}

#[test]
fn rows_of_a_huge_table_are_numbered_as_they_are_met() {
    let sizes = Sizes { accounts: 1 << 40, ..sizes() };
    let setting =
        Setting { sizes, before: &State::default(), after: None, stopped_at: None, restart: Restart::Rollback };
    let far = Operation::Read { key: Key::account(1 << 39), row: row(3, 0) };
    let run = |operation| recorded_history(setting, [Ok::<_, String>(attempt(1, 0, [1, 2], vec![operation]))]);
    let history = run(far).unwrap();
    assert_eq!(history.names().key(history.keys() - 1), "account 549755813888");
    assert!(history.is_partial() && history.keys() < 10);
    let beyond = Operation::Read { key: Key::account((1 << 40) + 1), row: row(3, 0) };
    assert_eq!(run(beyond).unwrap_err().to_string(), "the run has no row accounts/1099511627777");
}

#[test]
fn money_that_does_not_follow_from_what_was_there_is_garbage() {
    let of = |balance, version, writer| Row { balance, version, writer };
    let (mine, before) = (writer(1, 1), accounts(&[of(100, 5, 0), of(100, 0, 0)]));
    let judged = |made: i64, found: i64| {
        let transfer = Operation::Write { key: Key::account(1), delta: -7, row: of(made, 6, mine) };
        let after = accounts(&[of(found, 6, mine), of(100, 0, 0)]);
        let history = convert(&before, Some(&after), None, &[attempt(1, 1, [2, 3], vec![transfer])]).unwrap();
        let judgement = check(&history);
        let told =
            judgement.anomalies.first().map(|anomaly| crate::check::isolation::explain(&history, anomaly).join(" "));
        (judgement.verdict(Level::Serializable), told.unwrap_or_default())
    };
    assert_eq!(judged(93, 93), (Verdict::Holds, String::new()));
    let (verdict, told) = judged(95, 95);
    assert!(verdict == Verdict::Violated && told.contains("does not follow from the version before it"), "{told}");
    let (verdict, told) = judged(93, 90);
    assert!(verdict == Verdict::Violated && told.contains("as 93, and in the end it held 90"), "{told}");
}
