//! Is a run on a real PostgreSQL told as it was? Its file is read here by `serde_json`, or by contend's own reader, and each
//! export by a reader of its own.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use adya::Workload;
use contend::check::history::{Builder, Header, History, Names, Operation, Outcome};
use contend::check::isolation::{Judgement, Level, check, resolve};
use contend::store::read_history;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::dbcop::{Event, File};
use super::elle::violates;
use super::table::{field, rows};

struct Run(PathBuf);

impl Drop for Run {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Run {
    /// All shapes at REPEATABLE READ, so that there is something to find.
    fn new() -> Self {
        let out = std::env::temp_dir().join(format!("contend_export_{}", std::process::id()));
        let mix = "transfer=30,absolute=10,peek=10,skew=20,audit=10,batch=10,cap=5,fresh=5";
        let mut command = Command::new(env!("CARGO_BIN_EXE_contend"));
        command.args(["run", "--local", "postgres", "--isolation", "repeatable-read", "--mix", mix, "--accounts", "6"]);
        command.args([
            "--warmup",
            "0s",
            "--transactions",
            "400",
            "--balance",
            "60",
            "--workers",
            "8",
            "--quiet",
            "--out",
        ]);
        let ended = command.arg(&out).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(matches!(ended.status.code(), Some(0 | 1)), "{said}");
        Self(out)
    }

    fn folder(&self) -> PathBuf {
        fs::read_dir(&self.0).unwrap().next().unwrap().unwrap().path()
    }

    fn export(&self, format: &str) -> String {
        let file = self.0.join(format!("exported.{format}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_contend"));
        command.arg("export").arg(self.folder()).args(["--format", format, "--out"]).arg(&file);
        let ended = command.output().unwrap();
        assert_eq!((ended.status.code(), ended.stdout, ended.stderr), (Some(0), vec![], vec![]));
        let text = fs::read_to_string(&file).unwrap();
        fs::remove_file(file).unwrap();
        text
    }
}

#[test]
fn a_recorded_run_is_told_as_it_was() {
    let run = Run::new();
    let packed = run.folder().join("history.jsonl.gz");
    let history = read_history(fs::File::open(&packed).unwrap()).unwrap().history;
    let judgement = check(&history);
    assert!(judgement.violated.contains(Level::Serializable), "nothing to be found: {:?}", judgement.counts);
    assert!(!judgement.violated.contains(Level::Snapshot), "{:?}", judgement.counts);
    table_is_the_file(&run.export("csv"), &packed);
    events_are_the_history(&run.export("elle"), &history, &judgement);
    variables_are_the_history(&run.export("dbcop"), &history, &judgement);
}

/// Every row against the line that it comes from.
fn table_is_the_file(table: &str, packed: &Path) {
    let mut text = String::new();
    MultiGzDecoder::new(fs::File::open(packed).unwrap()).read_to_string(&mut text).unwrap();
    let mut rows = rows(table.as_bytes()).into_iter();
    for line in text.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let operations = line["ops"].as_array().unwrap().clone();
        let nothing = operations.is_empty().then_some(Value::Null);
        for (number, operation) in (1..).zip(operations.iter().chain(&nothing)) {
            let row = rows.next().unwrap();
            for name in
                ["txn", "try", "worker", "shape", "node", "from_ns", "to_ns", "outcome", "phase", "sqlstate", "writer"]
            {
                assert_eq!(field(&row, name), told(&line[name]), "{name} of {line}");
            }
            for name in ["op", "version", "balance", "delta", "member"] {
                assert_eq!(field(&row, name), told(&operation[name]), "{name} of {operation}");
            }
            let place = operation["key"].as_str().or(operation["set"].as_str()).unwrap_or("/");
            assert_eq!(format!("{}/{}", field(&row, "place"), field(&row, "id")), place);
            let members = operation["members"].as_array().map(|all| all.iter().map(told).collect::<Vec<_>>().join(" "));
            assert_eq!(field(&row, "members"), members.unwrap_or_default());
            let own = if operation["op"] == "w" { told(&line["writer"]) } else { String::new() };
            assert_eq!(field(&row, "signed_by"), operation.get("writer").map_or(own, told));
            let is_state = line["txn"].is_null();
            assert_eq!(
                field(&row, "number"),
                if is_state || nothing.is_some() { String::new() } else { number.to_string() }
            );
            assert_eq!(field(&row, "session").is_empty(), is_state);
        }
    }
    assert!(rows.next().is_none());
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The other checker's verdict, and each read against the version that contend read there.
fn events_are_the_history(text: &str, history: &History, judgement: &Judgement) {
    for (level, name) in [
        (Level::ReadCommitted, "read-committed"),
        (Level::Snapshot, "snapshot-isolation"),
        (Level::Serializable, "serializable"),
        (Level::StrictSerializable, "strict-serializable"),
    ] {
        assert_eq!(violates(text, Workload::ListAppend, name), judgement.violated.contains(level), "{name}");
    }
    let events = events(text);
    assert_eq!(events.len(), 2 * (history.len() as usize + 1));
    // Which version of a row each value is.
    let mut versions: HashMap<(String, u64), u32> = HashMap::new();
    let mut by_start: HashMap<(u64, i64), u32> = HashMap::new();
    for txn in 0..history.len() {
        by_start.insert((u64::from(history.session(txn)), history.start(txn)), txn);
        for number in history.operation_numbers(txn) {
            if let Operation::Write { key, version } = history.operation(number) {
                versions.insert((history.names().key(key), u64::from(number) + 1), version);
            }
        }
    }
    let (mut open, mut reads) = (HashMap::new(), 0);
    for event in events {
        if event.kind == "invoke" {
            open.insert(event.process, event.time);
            continue;
        }
        let start = open.remove(&event.process).unwrap();
        let Some(txn) = by_start.get(&(event.process, start)).copied() else {
            assert_eq!(event.name, "last state");
            continue;
        };
        let kind = match history.outcome(txn) {
            Outcome::Ok => "ok",
            Outcome::Abort => "fail",
            Outcome::Info => "info",
        };
        assert_eq!((event.kind.as_str(), event.time, event.name), (kind, history.end(txn), history.name(txn)));
        if kind != "ok" {
            continue;
        }
        let found = event.reads.into_iter().filter(|(place, _)| !place.contains(": ")).map(|(place, list)| {
            reads += 1;
            let version = list.last().map(|last| versions[&(place.clone(), *last)]);
            (place, version, list.len())
        });
        let expected = history.operations(txn).filter_map(|operation| match operation {
            Operation::Read { key, version, .. } => {
                let initial = history.initial(key);
                let made = Some(version).filter(|version| *version != initial);
                Some((history.names().key(key), made, (version - initial) as usize))
            }
            _ => None,
        });
        assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
    assert!(reads > 300, "only {reads} reads");
}

struct Told {
    kind: String,
    process: u64,
    time: i64,
    name: String,
    /// Place and list.
    reads: Vec<(String, Vec<u64>)>,
}

/// The few forms of EDN that are written, read as JSON: keywords and keys become texts, and spaces commas.
fn events(text: &str) -> Vec<Told> {
    let event = |line: &str| {
        let mut json = String::new();
        let mut is_text = false;
        for letter in line.chars() {
            is_text ^= letter == '"';
            json.push(if letter == ' ' && !is_text { '\n' } else { letter });
        }
        let words =
            json.replace(",\n", "\n").replace('\n', ",").replace("[,", "[").replace(",]", "]").replace("nil", "null");
        let list = words.trim_start_matches('{').trim_end_matches('}');
        let quoted = list.split(',').map(|word| {
            let bare = word.trim_start_matches('[');
            let keyword = bare.strip_prefix(':').map(|name| format!("{}\"{name}\"", &word[..word.len() - bare.len()]));
            keyword.unwrap_or_else(|| word.to_owned())
        });
        let value: Value = serde_json::from_str(&format!("[{}]", quoted.collect::<Vec<_>>().join(","))).unwrap();
        let pairs = value.as_array().unwrap().chunks(2).map(|pair| (pair[0].as_str().unwrap(), &pair[1]));
        let map: HashMap<&str, &Value> = pairs.collect();
        let reads = map["value"].as_array().unwrap().iter().filter(|step| step[0] == "r");
        let values =
            |list: &Value| list.as_array().map(|list| list.iter().map(|value| value.as_u64().unwrap()).collect());
        Told {
            kind: map["type"].as_str().unwrap().to_owned(),
            process: map["process"].as_u64().unwrap(),
            time: map["time"].as_i64().unwrap(),
            name: map["name"].as_str().unwrap().to_owned(),
            reads: reads.map(|step| (told(&step[1]), values(&step[2]).unwrap_or_default())).collect(),
        }
    };
    text.lines().map(event).collect()
}

/// A history made of what dbcop was told: what a write replaces is what its transaction has seen last.
fn variables_are_the_history(text: &str, history: &History, judgement: &Judgement) {
    let file: File = serde_json::from_str(text).unwrap();
    assert_eq!((file.variables.len(), file.data.len()), (file.params.n_variable, file.params.n_node));
    let committed = resolve(history).iter().filter(|fate| **fate == Outcome::Ok).count();
    assert_eq!(file.data.iter().flatten().filter(|txn| txn.committed).count(), committed);
    let again = check(&rebuilt(&file));
    // Nothing is known of real time, and members of sets are rows.
    for level in [Level::ReadUncommitted, Level::ReadCommitted, Level::Snapshot, Level::Serializable] {
        assert_eq!(again.violated.contains(level), judgement.violated.contains(level), "{level}");
    }
    assert_eq!(
        again.violated.contains(Level::StrongSessionSerializable),
        judgement.violated.contains(Level::StrongSessionSerializable)
    );
}

fn rebuilt(file: &File) -> History {
    let mut replaced: BTreeMap<(u64, u64), Option<u64>> = BTreeMap::new();
    for txn in file.data.iter().flatten() {
        let mut seen: HashMap<u64, Option<u64>> = HashMap::new();
        for event in &txn.events {
            match *event {
                Event::Read { variable, version } => seen.insert(variable, version),
                Event::Write { variable, version } => {
                    replaced.insert((variable, version), seen.get(&variable).copied().flatten());
                    seen.insert(variable, Some(version))
                }
            };
        }
    }
    let number = |variable: u64, version: Option<u64>| {
        let (mut number, mut version) = (0_u32, version);
        while let Some(made) = version {
            (number, version) = (number + 1, replaced[&(variable, made)]);
        }
        number
    };
    let mut builder = Builder::new();
    for (session, txns) in (0..).zip(&file.data) {
        for (start, txn) in (0..).zip(txns) {
            let outcome = if txn.committed { Outcome::Ok } else { Outcome::Abort };
            builder.begin(Header::new(session, start, 1_000_000, outcome));
            for event in &txn.events {
                match *event {
                    Event::Read { variable, version } => {
                        builder.read(u32::try_from(variable).unwrap(), number(variable, version), 0);
                    }
                    Event::Write { variable, version } => {
                        builder.write(u32::try_from(variable).unwrap(), number(variable, Some(version)));
                    }
                }
            }
        }
    }
    builder.finish(Names::default()).unwrap()
}
