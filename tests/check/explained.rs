//! What is said about recorded runs? Workers, shapes, attempts, seconds and balances.

use contend::check::history::{Builder, Clock, Header, History, Names, Outcome, Span};
use contend::check::isolation::{Document, Judgement, Level, check, explain};
use contend::check::{HistoryEvidence, Standard, Verdict};
use contend::plan::Flight;
use contend::run::{SavedJudgement, SavedVerdict};

fn names() -> Names {
    Names {
        spans: vec![Span { first_key: 0, label: "account".to_owned(), first_id: 1 }],
        session_label: Some("worker".to_owned()),
        shapes: vec!["transfer".to_owned(), "skew".to_owned(), "audit".to_owned()],
        clock: Clock::Nanoseconds,
        ..Names::default()
    }
}

fn attempt(request: u32, attempt: u8, shape: u8, session: u32, micros: [i64; 2]) -> Header {
    let [start, end] = micros.map(|micros| micros * 1_000);
    let header = Header::new(session, start, end, Outcome::Ok);
    Header { request: Some(request), attempt, shape: Some(shape), ..header }
}

fn finish(builder: Builder) -> (History, Judgement) {
    let history = builder.finish(names()).unwrap();
    let judgement = check(&history);
    (history, judgement)
}

#[test]
fn write_skew_of_two_workers() {
    let mut builder = Builder::new();
    for (header, key, version, left) in [
        (attempt(812, 2, 1, 4, [12_532_104, 15_436_007]), 6, 40, -100),
        (attempt(790, 1, 1, 9, [12_533_000, 15_110_000]), 5, 42, 0),
    ] {
        builder.begin(header);
        builder.read_value(5, 41, 0, Some(100));
        builder.read_value(6, 39, 0, Some(0));
        builder.write_value(key, version, Some(left));
    }
    builder.initial(vec![41, 41, 41, 41, 41, 41, 39]);
    let (history, judgement) = finish(builder);
    assert_eq!(
        explain(&history, &judgement.anomalies[0]),
        [
            "G2-item (write skew): 2 transactions, account 6, account 7, between 12.532104 s and 15.436007 s",
            "  T812.2 = worker 4, skew, try 2 [12.532104 .. 15.436007 s]  read account 6@41 (=100), read account 7@39 (=0), \
             wrote account 7@40 (=-100)",
            "  T790.1 = worker 9, skew, try 1 [12.533000 .. 15.110000 s]  read account 6@41 (=100), read account 7@39 (=0), \
             wrote account 6@42 (=0)",
            "  - T812.2 < T790.1, because T812.2 read version 41 of account 6, which T790.1 replaced by version 42.",
            "  - However, T790.1 < T812.2, because T790.1 read version 39 of account 7, which T812.2 replaced by version 40: a \
             contradiction!",
            "  Forbidden by repeatable-read, serializable, strong-session-serializable, strict-serializable; allowed by \
             read-uncommitted, read-committed, snapshot.",
        ]
    );
    let json = serde_json::to_value(Document::new(&history, &judgement, Level::Serializable)).unwrap();
    assert_eq!(json["anomalies"][0]["transactions"], serde_json::json!(["T812.2", "T790.1"]));
    assert_eq!(json["anomalies"][0]["cycle"][0]["key"], "account 6");
}

/// Three transactions write one account; the first read it before the others wrote.
fn overtaken(amounts: [i64; 3], other_leg: Option<(i64, i64)>) -> Vec<String> {
    let mut builder = Builder::new();
    let mut balance = 40;
    for (request, amount) in [(1, amounts[0]), (2, amounts[1])] {
        builder.begin(attempt(request, 1, 0, request, [0, 9]));
        builder.read_value(2, 16 + request, 0, Some(balance));
        balance += amount;
        builder.write_value(2, 17 + request, Some(balance));
    }
    builder.begin(attempt(3, 1, 0, 3, [0, 9]));
    builder.read_value(2, 17, 0, Some(40));
    if let Some((read, written)) = other_leg {
        builder.read_value(1, 17, 0, Some(read));
        builder.write_value(1, 18, Some(written));
    }
    builder.write_value(2, 20, Some(amounts[2]));
    builder.initial(vec![17; 3]);
    let (history, judgement) = finish(builder);
    let lost = judgement.anomalies.iter().find(|anomaly| anomaly.name.to_string() == "lost-update").unwrap();
    let lines = explain(&history, lost);
    let telling = lines.iter().filter(|line| line.contains("balance"));
    telling.map(|line| line.trim().trim_start_matches("- ").to_owned()).collect()
}

#[test]
fn what_was_decided_on_another_balance_is_told() {
    assert_eq!(
        overtaken([-20, -15, -35], None),
        ["T3.1 checked account 3 at version 17 (balance 40) but debited version 19 (balance 5), leaving -35."]
    );
    assert_eq!(
        overtaken([-20, -15, 12], None),
        ["T3.1 checked account 3 at version 17 (balance 40) but credited version 19 (balance 5), leaving 12."]
    );
    // 40 and 10 became 30 and 20: it wrote what it had worked out.
    assert_eq!(
        overtaken([-20, -15, 30], Some((10, 20))),
        [
            "T3.1 worked out 30 for account 3 from version 17 (balance 40) and put it in the place of version 19 (balance 5), \
             which is lost."
        ]
    );
    // What it checked was there again, and nothing was lost.
    assert_eq!(
        overtaken([-20, 20, 30], Some((10, 20))),
        ["T3.1 checked account 3 at version 17 (balance 40) but debited version 19 (balance 40), leaving 30."]
    );
    // A relative transfer of 40: both rows are moved from where they were.
    assert_eq!(
        overtaken([-20, -15, -35], Some((10, 50))),
        ["T3.1 checked account 3 at version 17 (balance 40) but debited version 19 (balance 5), leaving -35."]
    );
}

#[test]
fn a_balance_that_nobody_made_is_told() {
    let read = |found: i64, version: u32| {
        let mut builder = Builder::new();
        builder.begin(attempt(5, 1, 0, 1, [0, 1]));
        builder.write_value(2, 17, Some(45));
        builder.begin(attempt(6, 1, 2, 2, [2, 3]));
        builder.read_value(2, version, 0, Some(found));
        builder.initial(vec![16; 3]);
        builder.initial_values(vec![None, None, Some(50)]);
        let (history, judgement) = finish(builder);
        let garbage = judgement.anomalies.iter().find(|anomaly| anomaly.name.to_string() == "garbage");
        garbage.map(|anomaly| explain(&history, anomaly).into_iter().find(|line| line.starts_with("  - ")).unwrap())
    };
    assert_eq!(read(45, 17), None);
    assert_eq!(read(40, 17).unwrap(), "  - T6.1 read 40 in version 17 of account 3, which T5.1 wrote as 45");
    assert_eq!(read(50, 16), None);
    assert_eq!(read(40, 16).unwrap(), "  - T6.1 read 40 in version 16 of account 3, which held 50 at the beginning");
}

/// An audit of a hundred accounts is not written out.
#[test]
fn of_a_long_transaction_only_what_matters_is_told() {
    let mut builder = Builder::new();
    builder.begin(attempt(1, 1, 0, 1, [0, 9]));
    builder.write(10, 1);
    builder.write(20, 1);
    builder.begin(attempt(2, 1, 2, 2, [0, 9]));
    for key in 0..100 {
        builder.read(key, u32::from(key == 10), 0);
    }
    let (history, judgement) = finish(builder);
    let lines = explain(&history, &judgement.anomalies[0]);
    let audit = lines.iter().find(|line| line.contains("audit")).unwrap();
    assert_eq!(
        audit,
        "  T2.1 = worker 2, audit, try 1 [0.000000 .. 0.000009 s]  read account 11@1, read account 21@0, and 98 more"
    );
}

#[test]
fn transactions_in_any_order_keep_what_belongs_to_them() {
    let mut builder = Builder::new();
    builder.begin(Header::new(3, 50, 60, Outcome::Ok));
    builder.read(0, 7, 0);
    builder.begin(attempt(9, 255, 1, 4, [0, 0]));
    builder.write_value(0, 7, Some(-1));
    let history = builder.finish(names()).unwrap();
    assert_eq!((history.name(0), history.attempt(0), history.shape(0)), ("T9.255".to_owned(), Some(255), Some(1)));
    assert_eq!((history.name(1), history.attempt(1), history.shape(1)), ("T1".to_owned(), None, None));
    assert_eq!((history.value(0), history.value(1), history.written_value(0, 0, 7)), (Some(-1), None, Some(-1)));
}

#[test]
fn the_report_on_a_recorded_run_is_80_columns_wide() {
    let mut builder = Builder::new();
    for (session, written) in [(4, 5), (9, 6)] {
        builder.begin(attempt(812 + session, 2, 1, session, [12_532_104, 15_436_007]));
        builder.read_value(5, 41, 0, Some(100));
        builder.read_value(6, 39, 0, Some(0));
        builder.write_value(written, 42, Some(-100));
    }
    builder.initial(vec![41, 41, 41, 41, 41, 41, 39]);
    let (history, judgement) = finish(builder);
    let evidence = HistoryEvidence {
        history: &history,
        judgement: &judgement,
        asked: Standard::Level(Level::Serializable),
        promise: None,
        shapes: None,
        flight: Flight::Sequential,
        partial: None,
    };
    let saved = SavedJudgement::from(&evidence);
    let text = contend::report::judgement(
        &saved,
        &SavedVerdict::from(&Verdict::default()),
        None,
        contend::report::Style::default(),
    );
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(
        text.contains(
            "\n  T816.2 = worker 4, skew, try 2 [12.532104 .. 15.436007 s] read account\n      6@41 (=100), "
        ),
        "{text}"
    );
}
