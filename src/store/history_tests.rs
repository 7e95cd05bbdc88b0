use std::io::Write;
use std::sync::Arc;

use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;
use crate::check::history::notation::show_transaction;
use crate::history::{
    Account, Attempt, AttemptOutcome, Cause, Collection, Group, Key, Log, Member, Operation, Phase, Recording, Row,
    Shape, Snapshot, Sqlstate, State, Table, Writer,
};
use crate::run::{GrantedIsolation, SavedPlan, Server};

fn header() -> HistoryHeader {
    let isolation = GrantedIsolation { asked: "serializable".into(), granted: vec![], weaker: false };
    let table = |rows| SavedTable { rows, initial: 100 };
    HistoryHeader {
        contend_history: HistoryHeader::FORMAT,
        run: "20261121T120408Z-run".into(),
        contend: "0.1.0".into(),
        started: "2026-11-21T12:04:08Z".into(),
        plan: SavedPlan {
            mix: "transfer".to_owned(),
            verify: "history".to_owned(),
            level: "serializable".to_owned(),
            flags: vec!["--seed".into(), "7".into()],
            workers: 4,
            connections: 4,
            threads: 2,
            accounts: 2,
            lock_order: "random".into(),
            keys: "uniform".into(),
            retry: "none".into(),
            restart: "rollback".to_owned(),
            flight: "sequential".to_owned(),
            protocol: "prepared".to_owned(),
            rate_tps: None,
            arrivals: None,
            steps: None,
            seed: 7,
            duration_s: Some(1.0),
        },
        server: Server {
            product: "PostgreSQL".into(),
            version: "15.18".into(),
            address: "me@here:5432/db".into(),
            local: None,
            isolation,
            relation_locks: false,
            hosts: vec![],
        },
        mix: [("transfer".into(), 60), ("skew".into(), 15)].into(),
        tables: [("accounts".into(), table(2)), ("tills".into(), table(1))].into(),
        invariant: [("transfer".into(), "the sum of all balances stays 200".into())].into(),
        stopped_at_ns: None,
        before: vec![],
        after: None,
        attempts: 0,
        operations: 0,
    }
}

fn writer(worker: u32, attempt: u32) -> i64 {
    Writer { epoch: 1, worker, attempt }.number()
}

fn state(version: i64, last: i64) -> State {
    let account = |id| Account { id, row: Row { balance: 100, version, writer: last } };
    State {
        tills: Some(vec![account(1)]),
        fresh: Some(vec![]),
        members: Some(vec![Member { id: writer(2, 1), group: 5 }, Member { id: writer(2, 2), group: 7 }]),
        ..State { accounts: Snapshot::of(vec![account(1), account(2)]), ..State::default() }
    }
}

fn operations() -> Vec<Operation> {
    let row = |version, writer| Row { balance: 100, version, writer };
    let till = Key { table: Table::Tills, id: 1 };
    let fresh = Key { table: Table::Fresh, id: 99 };
    let group = Group { collection: Collection::Members, id: 5 };
    vec![
        Operation::Read { key: Key::account(1), row: row(3, 0) },
        Operation::Write { key: Key::account(1), delta: -7, row: row(4, writer(0, 0)) },
        Operation::Write { key: till, delta: 1, row: row(4, writer(3, 3)) },
        Operation::Read { key: fresh, row: Row::default() },
        Operation::Scan { group, members: vec![writer(2, 1), writer(1, 1)] },
        Operation::Join { group, member: writer(0, 0) },
    ]
}

fn log(operations: &[Operation]) -> Log {
    let mut log = Log::new(Recording::new(1 << 20, 1));
    let first = Attempt {
        ticket: 64,
        worker: 0,
        number: 1,
        shape: Shape::Transfer,
        writer: writer(0, 0),
        node: 1,
        start: 1_000,
        end: 2_000,
        outcome: AttemptOutcome::Aborted,
        phase: Phase::Commit,
        cause: Some(Cause { sqlstate: Sqlstate::SERIALIZATION_FAILURE, reason: "pivot" }),
        retry_of: None,
        measured: true,
        in_window: true,
        round_trips: 5,
        operations,
    };
    log.add(&first);
    let outcome = AttemptOutcome::Ambiguous;
    log.add(&Attempt { number: 2, writer: writer(0, 1), start: 3_000, end: 4_000, outcome, cause: None, ..first });
    log
}

fn parts() -> HistoryParts {
    let after = Some(Arc::new(state(4, writer(0, 0))));
    HistoryParts { header: header(), before: Arc::new(state(3, 0)), after, logs: Arc::new(vec![log(&operations())]) }
}

fn text(parts: HistoryParts) -> String {
    let packed = write_history(Vec::new(), parts).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed.as_slice()), &mut text).unwrap();
    text
}

fn refusal(text: &str) -> String {
    let error = read_history(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[test]
fn what_was_saved_comes_back() {
    let (before, after) = (state(3, 0), state(4, writer(0, 0)));
    let read = read_history(write_history(Vec::new(), parts()).unwrap().as_slice()).unwrap();
    assert_eq!((read.before, read.after), (before, Some(after)));
    let tables = ["accounts", "tills", "fresh", "members"].map(str::to_owned).to_vec();
    let whole = HistoryHeader { attempts: 2, operations: 12, before: tables.clone(), after: Some(tables), ..header() };
    assert_eq!(read.header, whole);
    let shown: Vec<String> = (0..read.history.len()).map(|txn| show_transaction(&read.history, txn)).collect();
    let operations = "r(account 1@3) w(account 1@4) w(till 1@4) r(fresh row 99@0) \
                      rs(group 5,{1/2/1,1/1/1}) add(group 5,1/0/0)";
    assert_eq!(
        shown,
        [
            format!("T64.1 worker 0 [0.000001 s,0.000002 s] abort : {operations}"),
            format!("T64.2 worker 0 [0.000003 s,0.000004 s] info : {operations}"),
        ]
    );
    assert_eq!((read.history.request(0), read.history.initial(0)), (Some(64), 3));
}

#[test]
fn a_write_that_was_not_answered_comes_back_as_such() {
    let unanswered = Row { balance: 0, version: 0, writer: writer(0, 1) };
    let operations = [Operation::Write { key: Key::account(1), delta: -7, row: unanswered }];
    let read = |last| {
        let parts =
            HistoryParts { after: Some(Arc::new(state(4, last))), logs: Arc::new(vec![log(&operations)]), ..parts() };
        let text = text(parts);
        let line = r#"{"op":"w","key":"accounts/1","version":0,"balance":0,"delta":-7}"#;
        assert!(text.contains(line), "{text}");
        let second = with_history(text.as_bytes(), |mut history| history.attempts.nth(1)).unwrap();
        assert_eq!(second.unwrap().unwrap().operations, operations);
        show_transaction(&read_history(text.as_bytes()).unwrap().history, 1)
    };
    assert!(read(writer(0, 1)).ends_with("info : w(account 1@4)"), "it has signed the last row");
    assert!(read(writer(1, 7)).ends_with("info :"), "somebody else has");
}

#[test]
fn an_attempt_is_one_readable_line() {
    let text = text(parts());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 3 + 3 + 2, "{text}");
    assert!(lines[0].starts_with(r#"{"contend_history":1,"run":"20261121T120408Z-run","contend":"0.1.0","#), "{text}");
    assert!(lines[1].contains(r#""shape":"before""#) && lines[1].contains(r#""key":"accounts/2","version":3"#));
    assert_eq!(
        lines[lines.len() - 2],
        concat!(
            r#"{"txn":64,"try":1,"worker":0,"shape":"transfer","node":1,"from_ns":1000,"to_ns":2000,"#,
            r#""outcome":"aborted","phase":"commit","sqlstate":"40001","writer":"1/0/0","ops":["#,
            r#"{"op":"r","key":"accounts/1","version":3,"writer":"0/0/0","balance":100},"#,
            r#"{"op":"w","key":"accounts/1","version":4,"balance":100,"delta":-7},"#,
            r#"{"op":"w","key":"tills/1","version":4,"writer":"1/3/3","balance":100,"delta":1},"#,
            r#"{"op":"r","key":"fresh/99","version":0,"writer":"0/0/0","balance":0},"#,
            r#"{"op":"rs","set":"members/5","members":["1/2/1","1/1/1"]},"#,
            r#"{"op":"add","set":"members/5","member":"1/0/0"}]}"#,
        )
    );
}

#[test]
fn a_plain_text_and_one_in_several_parts_are_read_too() {
    let text = text(parts());
    assert_eq!(read_history(text.as_bytes()).unwrap().history.len(), 2);
    assert_eq!(read_history(text.trim_end().as_bytes()).unwrap().history.len(), 2);
    let middle = text.len() / 2;
    let mut packed = Vec::new();
    for part in [&text[..middle], &text[middle..]] {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::new(1));
        encoder.write_all(part.as_bytes()).unwrap();
        packed.extend(encoder.finish().unwrap());
    }
    assert_eq!(read_history(packed.as_slice()).unwrap().history.len(), 2);
}

#[test]
fn what_was_not_read_is_not_taken_for_empty() {
    let before = State { tills: None, members: None, fresh: None, ..state(3, 0) };
    let header = HistoryHeader { stopped_at_ns: Some(9), ..header() };
    let parts = HistoryParts { header, before: Arc::new(before.clone()), after: None, ..parts() };
    let read = read_history(text(parts).as_bytes()).unwrap();
    assert_eq!((read.before, read.after), (before, None));
    assert!(!read.history.is_gapless() && read.history.last(0).is_none());
}

#[test]
fn many_attempts_go_through_many_blocks_in_their_order() {
    let mut long = Log::new(Recording::new(u64::MAX, 1));
    let operations = operations();
    for number in 0..5_000_u32 {
        let at = u64::from(number) * 10;
        long.add(&Attempt {
            ticket: u64::from(number),
            worker: 1,
            number: 1,
            shape: Shape::Transfer,
            writer: writer(1, number),
            node: 0,
            start: at,
            end: at + 5,
            outcome: AttemptOutcome::Committed,
            phase: Phase::Commit,
            cause: None,
            retry_of: None,
            measured: true,
            in_window: true,
            round_trips: 5,
            operations: &operations,
        });
    }
    let packed = write_history(Vec::new(), HistoryParts { logs: Arc::new(vec![long]), ..parts() }).unwrap();
    let history = read_history(packed.as_slice()).unwrap().history;
    let requests: Vec<Option<u32>> = (0..history.len()).map(|txn| history.request(txn)).collect();
    assert_eq!(requests, (0..5_000).map(Some).collect::<Vec<_>>());
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    let packed = write_history(Vec::new(), parts()).unwrap();
    for length in 0..packed.len() {
        let error = read_history(&packed[..length]).unwrap_err().to_string();
        assert!(error.starts_with("line ") && error.lines().count() == 1, "{error}");
    }
    let text = text(parts());
    let lines: Vec<&str> = text.lines().collect();
    let error = refusal(&lines[..lines.len() - 1].join("\n"));
    assert!(error.contains("after 1 of 2 attempts: it is not whole"), "{error}");
}

#[test]
fn a_mistake_is_placed() {
    let text = text(parts());
    let last = text.lines().count();
    for (from, to, expected) in [
        (r#"{"contend_history":1"#, r#"{"contend_history":2"#, "line 1, column 1: format 2 is unknown".to_owned()),
        (r#"{"contend_history":1"#, "{", "line 1, column 1: this is no history of contend".to_owned()),
        (r#""workers":4"#, r#""workers":"4""#, "line 1, column".to_owned()),
        (r#""shape":"before""#, r#""shape":"between""#, "line 2, column 54: the shape of a line is".to_owned()),
        (r#""try":2,"worker":0"#, r#""try":2,"worker":4"#, format!("line {last}, column 1: the run has no worker 4")),
        (r#""try":2,"#, "", format!("line {last}, column 1: an attempt has txn, try")),
        (r#""try":2,"#, r#""try":two,"#, format!("line {last}, column 18: expected ident")),
        (r#""from_ns":3000"#, r#""from_ns":1500"#, format!("line {last}, column 1: the attempts of worker 0")),
        (r#","delta":-7},"#, "},", format!("line {}, column 1: a write has key, version", last - 1)),
        (r#""w","key":"accounts/1""#, r#""w","key":"accounts/3""#, "no row accounts/3".to_owned()),
        (r#""w","key":"accounts/1""#, r#""w","key":"bank/1""#, "a table and a number".to_owned()),
        (r#""version":4,"balance""#, r#""version":9999999999,"balance""#, "version 9999999999 of".to_owned()),
        (r#""sqlstate":"40001""#, r#""sqlstate":"4000""#, "five letters and digits".to_owned()),
        (r#""writer":"1/0/0","ops""#, r#""writer":17,"ops""#, "expected a text".to_owned()),
        (r#""before":["accounts","#, r#""before":["#, "line 2, column 1: the header says".to_owned()),
    ] {
        assert!(text.contains(from), "{from}");
        let error = refusal(&text.replacen(from, to, 1));
        assert!(error.contains(&expected), "{from}: {error}");
    }
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(1, last - 1);
    assert!(refusal(&lines.join("\n")).contains("before has to stand before the first attempt"));
    assert!(refusal("").contains("line 1"));
}

#[test]
fn a_store_saves_the_history_with_the_run_or_not_at_all() {
    let out = std::env::temp_dir().join(format!("contend-history-{}", std::process::id()));
    let store = Store::open(&out, SystemTime::UNIX_EPOCH, "x", true).unwrap();
    let written = store.write_history(parts()).unwrap().unwrap().join().unwrap();
    let path = out.join(".19700101T000000Z-x.unfinished").join("history.jsonl.gz");
    assert_eq!(fs::metadata(&path).unwrap().len(), written.bytes);
    assert_eq!(read_history(fs::File::open(&path).unwrap()).unwrap().history.len(), 2);
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    let error = store.write_history(parts()).unwrap().unwrap().join().unwrap_err().to_string();
    assert!(error.contains("--no-save") && error.lines().count() == 1, "{error}");
    drop(store);
    let unsaved = Store::open(&out, SystemTime::UNIX_EPOCH, "x", false).unwrap();
    assert!(unsaved.write_history(parts()).unwrap().is_none());
    let _ = fs::remove_dir_all(out);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_are_refused_and_nothing_else_happens(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(read_history(bytes.as_slice()).is_err());
        let packed = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], bytes.as_slice()].concat();
        prop_assert!(read_history(packed.as_slice()).is_err());
    }

    #[test]
    fn a_damaged_text_is_read_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0..3_usize) {
        let mut text = text(parts()).into_bytes();
        let at = at.index(text.len());
        text.splice(at..(at + cut).min(text.len()), [byte]);
        if let Err(error) = read_history(text.as_slice()) {
            prop_assert!(error.line >= 1 && error.column >= 1 && error.to_string().lines().count() == 1, "{}", error);
        }
    }
}
