//! Does what dbcop is told have a serial order exactly where contend says so? By dbcop's published format, and by its own
//! definition of serializability: all orders that keep the sessions are tried.

use std::collections::HashMap;

use contend::check::history::{History, Outcome, notation};
use contend::check::isolation::{Level, check, resolve};
use serde::Deserialize;

use super::histories::{as_dbcop, files, is_refused, read};
use super::random;

/// As in docs/history-format.md of dbcop; what it does not know it reads over.
#[derive(Debug, Deserialize)]
pub struct File {
    pub params: Params,
    pub info: String,
    pub start: String,
    pub end: String,
    pub data: Vec<Vec<Transaction>>,
    /// Not dbcop's.
    pub variables: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Params {
    pub id: u64,
    pub n_node: usize,
    pub n_variable: usize,
    pub n_transaction: usize,
    pub n_event: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    pub events: Vec<Event>,
    pub committed: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Event {
    Read { variable: u64, version: Option<u64> },
    Write { variable: u64, version: u64 },
}

impl File {
    /// Whether some order of the committed transactions that keeps each session explains every read.
    fn is_serializable(&self) -> bool {
        let sessions: Vec<Vec<&Transaction>> =
            self.data.iter().map(|session| session.iter().filter(|txn| txn.committed).collect()).collect();
        goes_on(&sessions, &mut vec![0; sessions.len()], &HashMap::new())
    }

    /// No other write of a file has its version.
    fn writes_are_unique(&self) -> bool {
        let events = || self.data.iter().flatten().flat_map(|txn| &txn.events);
        let mut versions: Vec<u64> = events()
            .filter_map(|event| match event {
                Event::Write { version, .. } => Some(*version),
                Event::Read { .. } => None,
            })
            .collect();
        let count = versions.len();
        versions.sort_unstable();
        versions.dedup();
        versions.len() == count && !versions.contains(&0)
    }
}

fn goes_on(sessions: &[Vec<&Transaction>], done: &mut [usize], state: &HashMap<u64, u64>) -> bool {
    let mut left = false;
    for session in 0..sessions.len() {
        let Some(next) = sessions[session].get(done[session]) else { continue };
        left = true;
        let Some(state) = after(next, state) else { continue };
        done[session] += 1;
        if goes_on(sessions, done, &state) {
            return true;
        }
        done[session] -= 1;
    }
    !left
}

/// The state that a transaction leaves, if it reads what is there.
fn after(txn: &Transaction, state: &HashMap<u64, u64>) -> Option<HashMap<u64, u64>> {
    let mut state = state.clone();
    for event in &txn.events {
        match *event {
            Event::Write { variable, version } => {
                state.insert(variable, version);
            }
            Event::Read { variable, version } => {
                if state.get(&variable).copied() != version {
                    return None;
                }
            }
        }
    }
    Some(state)
}

fn serializable_by_both(history: &History, text: &str) -> (bool, bool) {
    let file: File = serde_json::from_str(text).unwrap();
    assert!(file.writes_are_unique(), "{text}");
    let told = file.data.iter().flatten().filter(|txn| txn.committed).count();
    let judged = resolve(history).iter().filter(|fate| **fate == Outcome::Ok).count();
    assert_eq!(told, judged, "{text}");
    (!check(history).violated.contains(Level::StrongSessionSerializable), file.is_serializable())
}

#[test]
fn all_orders_agree_on_the_histories_of_this_project() {
    let (mut told, mut wrong) = (0, Vec::new());
    for path in files() {
        let history = read(&path);
        let exported = as_dbcop(&history);
        if is_refused(&exported) {
            continue;
        }
        told += 1;
        let (ours, theirs) = serializable_by_both(&history, &exported.unwrap());
        wrong.extend((ours != theirs).then(|| format!("{}: contend {ours}, orders {theirs}", path.display())));
    }
    assert!(told >= 100, "only {told} can be told");
    assert!(wrong.is_empty(), "{} of {told}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn all_orders_agree_on_random_histories() {
    let (mut told, mut clean) = (0, 0);
    for seed in 0..random::COUNT {
        let text = random::notation(seed);
        let history = notation::parse(&text).unwrap();
        let exported = as_dbcop(&history);
        if is_refused(&exported) {
            continue;
        }
        let exported = exported.unwrap();
        let (ours, theirs) = serializable_by_both(&history, &exported);
        assert_eq!(ours, theirs, "seed {seed}\n{text}\n{exported}");
        (told, clean) = (told + 1, clean + u64::from(ours));
    }
    assert!(told > random::COUNT / 2, "only {told} can be told");
    assert!((told / 10..told * 9 / 10).contains(&clean), "{clean} of {told} are clean: no good mixture");
}

/// The order of the versions is told: without the reads in front of the writes, any order would do.
#[test]
fn a_write_says_what_it_replaces() {
    let text = "T1 s1 [0,1] ok : w(x@2) w(y@1)\nT2 s2 [0,1] ok : w(x@1) w(y@2)";
    let history = notation::parse(text).unwrap();
    let exported = as_dbcop(&history).unwrap();
    let (ours, theirs) = serializable_by_both(&history, &exported);
    assert!(!ours && !theirs, "{exported}");
    let mut file: File = serde_json::from_str(&exported).unwrap();
    for txn in file.data.iter_mut().flatten() {
        txn.events.retain(|event| matches!(event, Event::Write { .. }));
    }
    assert!(file.is_serializable(), "{exported}");
}

#[test]
fn a_file_is_as_dbcop_writes_its_own() {
    let text = "T1 s1 [0,5] ok : r(x@0) r(x@0) w(x@1) add(P,m)\nT2 s2 [5,9] abort : r(x@1) w(x@2)\n\
                T3 s3 [6,8] ok : r(x@1) rs(P,{m}) w(x@2)\nT4 s4 [6,8] abort : w(y@1)\nT5 s4 [9,9] ok : r(y@1)";
    let exported = as_dbcop(&notation::parse(text).unwrap()).unwrap();
    let expected = "{\"params\":{\"id\":0,\"n_node\":3,\"n_variable\":3,\"n_transaction\":2,\"n_event\":3},\"info\":\"contend\",\
        \"start\":\"1970-01-01T00:00:00.000000000Z\",\"end\":\"1970-01-01T00:00:00.000000009Z\",\
        \"variables\":[\"x\",\"P: m\",\"y\"],\"data\":[\n[\n\
        {\"events\":[{\"Read\":{\"variable\":0,\"version\":null}},{\"Write\":{\"variable\":0,\"version\":3}},\
        {\"Write\":{\"variable\":1,\"version\":4}}],\"committed\":true}\n],\n[\n\
        {\"events\":[{\"Read\":{\"variable\":0,\"version\":3}},{\"Read\":{\"variable\":1,\"version\":4}},\
        {\"Write\":{\"variable\":0,\"version\":9}}],\"committed\":true}\n],\n[\n\
        {\"events\":[{\"Write\":{\"variable\":2,\"version\":10}}],\"committed\":false},\n\
        {\"events\":[{\"Read\":{\"variable\":2,\"version\":10}}],\"committed\":true}\n]\n]}\n";
    assert_eq!(exported, expected);
    let File { params, info, start, end, .. } = serde_json::from_str(&exported).unwrap();
    assert_eq!((params.id, params.n_node, params.n_variable, params.n_transaction, params.n_event), (0, 3, 3, 2, 3));
    assert!(info == "contend" && start < end);
}
