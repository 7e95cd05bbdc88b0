//! Is a history that was written by hand the same again after it was a table? Read back by the `csv` crate.

use contend::check::history::{History, notation};
use contend::check::isolation::{Level, check};
use contend::report::export::csv_by_hand;

use super::histories::{files, read};

/// The fields of each row, by the names of the columns.
pub fn rows(table: &[u8]) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(table);
    let names = reader.headers().unwrap().clone();
    assert_eq!(names.len(), 22);
    // A row with a field too many or too few is an error.
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| names.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect()).collect()
}

pub fn field<'a>(row: &'a [(String, String)], wanted: &str) -> &'a str {
    &row.iter().find(|(name, _)| name == wanted).unwrap().1
}

/// The notation once more.
fn by_hand(table: &[u8]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for row in rows(table) {
        let get = |name: &str| field(&row, name);
        let (txn, session, outcome) = (get("txn"), get("session"), get("outcome"));
        let begin = format!("{txn} {session} [{},{}] {outcome} :", get("from_ns"), get("to_ns"));
        let (place, version) = (get("place"), get("version"));
        let operation = match get("op") {
            "" => String::new(),
            "rs" => format!(" rs({place},{{{}}})", get("members").replace(' ', ",")),
            "add" => format!(" add({place},{})", get("member")),
            op => format!(" {op}({place}@{version})"),
        };
        match lines.last_mut().filter(|last| last.starts_with(&begin)) {
            Some(last) => last.push_str(&operation),
            None => lines.push(begin + &operation),
        }
    }
    lines.join("\n")
}

fn all(history: &History) -> Vec<String> {
    let transaction = |txn: u32| {
        let names = history.names();
        let operations: Vec<String> = history.operations(txn).map(|operation| format!("{operation:?}")).collect();
        let (name, session) = (history.name(txn), names.session(history.session(txn)));
        let (start, end, outcome) = (history.start(txn), history.end(txn), history.outcome(txn));
        format!("{name} {session} {start} {end} {outcome:?} {}", operations.join(" "))
    };
    (0..history.len()).map(transaction).collect()
}

#[test]
fn every_history_of_this_project_comes_back_as_it_was() {
    let mut operations = 0;
    for path in files() {
        let history = read(&path);
        let mut table = Vec::new();
        csv_by_hand(&history, &mut table).unwrap();
        let again = notation::parse(&by_hand(&table)).unwrap();
        assert_eq!(all(&sorted_like(&again)), all(&sorted_like(&history)), "{}", path.display());
        let (before, after) = (check(&history), check(&again));
        for level in Level::ALL {
            assert_eq!(before.violated.contains(level), after.violated.contains(level), "{}", path.display());
        }
        assert_eq!(before.counts, after.counts, "{}", path.display());
        operations += rows(&table).len();
    }
    assert!(operations > 500, "only {operations}");
}

/// With keys, sets and members numbered in the order of the transactions, as the table has them.
fn sorted_like(history: &History) -> History {
    let mut table = Vec::new();
    csv_by_hand(history, &mut table).unwrap();
    notation::parse(&by_hand(&table)).unwrap()
}
