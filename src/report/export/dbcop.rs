//! How is a history told to dbcop? As one JSON object: sessions of transactions of reads and writes of numbered variables.
//!
//! dbcop looks for any order of the writes that explains the reads. contend knows that order: every write replaces a version,
//! and a read of that version in front of it leaves no other order.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::translation::{Place, Seen, Step, Translation};
use super::{ExportError, unsayable};
use crate::check::history::Outcome;

/// What is not in the history.
#[derive(Clone, Copy, Debug)]
pub struct Dbcop {
    /// What instant 0 of its clock was; any where nobody knows.
    pub epoch: SystemTime,
    /// Leave out ambiguous transactions of which nothing is known, as contend's judgement does.
    pub leave_out_ambiguous: bool,
}

/// A transaction as dbcop reads it.
#[derive(Serialize)]
struct Transaction {
    events: Vec<Event>,
    committed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
enum Event {
    /// No version is the initial state.
    Read {
        variable: u64,
        version: Option<u32>,
    },
    Write {
        variable: u64,
        version: u32,
    },
}

/// What dbcop's own generator says of a history in front of it.
#[derive(Serialize)]
struct Parameters {
    id: u64,
    n_node: usize,
    n_variable: usize,
    n_transaction: usize,
    n_event: usize,
}

/// Writes a history, and says how many transactions were left out.
pub fn dbcop(translation: &Translation<'_>, options: Dbcop, out: &mut impl Write) -> Result<u32, ExportError> {
    let history = translation.history;
    let is_open = |txn: &u32| translation.fates[*txn as usize] == Outcome::Info;
    let open: Vec<u32> = (0..history.len()).filter(is_open).collect();
    if let Some(first) = open.first().filter(|_| !options.leave_out_ambiguous) {
        let others = if open.len() > 1 { format!(", the first of {}", open.len()) } else { String::new() };
        return unsayable(format!(
            "{} is ambiguous{others}, and dbcop has no word for that: say --leave-out ambiguous, as contend's judgement does, \
             or choose --format elle",
            history.name(*first)
        ));
    }
    let told = told(translation)?;
    let mut sessions: Vec<Vec<u32>> = vec![Vec::new(); history.sessions() as usize];
    for txn in (0..history.len()).filter(|txn| told[*txn as usize]) {
        sessions[history.session(txn) as usize].push(txn);
    }
    for pair in sessions.iter().flat_map(|session| session.windows(2)) {
        follows(translation, pair[0], pair[1])?;
    }
    sessions.retain(|session| !session.is_empty());
    let (mut variables, mut most_events) = (BTreeMap::new(), 0);
    for txn in sessions.iter().flatten() {
        let Transaction { events, .. } = transaction(translation, *txn, &mut variables)?;
        most_events = most_events.max(events.len());
    }
    let parameters = Parameters {
        id: 0,
        n_node: sessions.len(),
        n_variable: variables.len(),
        n_transaction: sessions.iter().map(Vec::len).max().unwrap_or(0),
        n_event: most_events,
    };
    head(translation, options, &parameters, &variables, out)?;
    for (number, session) in sessions.iter().enumerate() {
        out.write_all(if number == 0 { b"[\n" } else { b",\n[\n" })?;
        for (number, txn) in session.iter().enumerate() {
            out.write_all(if number == 0 { b"" } else { b",\n" })?;
            json(out, &transaction(translation, *txn, &mut variables)?)?;
        }
        out.write_all(b"\n]")?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(u32::try_from(open.len()).unwrap_or(u32::MAX))
}

/// A session of dbcop is one transaction after the other.
fn follows(translation: &Translation<'_>, before: u32, txn: u32) -> Result<(), ExportError> {
    let history = translation.history;
    let what = if history.outcome(before) == Outcome::Info {
        "was ambiguous, so that nothing in its session has to follow it, as"
    } else if history.start(before) == history.start(txn) {
        "begins, in its session, at the same instant as"
    } else {
        return Ok(());
    };
    let (before, txn) = (history.name(before), history.name(txn));
    unsayable(format!(
        "{before} {what} {txn}, and dbcop would put one before the other; choose --format csv, which says it"
    ))
}

/// Which transactions are told: those that were committed, and those that they have read from or built upon. dbcop takes what
/// others wrote for installed, too, although they are marked as not committed.
fn told(translation: &Translation<'_>) -> Result<Vec<bool>, ExportError> {
    let mut told: Vec<bool> = translation.fates.iter().map(|fate| *fate == Outcome::Ok).collect();
    for txn in 0..translation.history.len() {
        if translation.fates[txn as usize] != Outcome::Ok {
            continue;
        }
        let Transaction { events, .. } = transaction(translation, txn, &mut BTreeMap::new())?;
        for event in events {
            if let Event::Read { version: Some(version), .. } = event {
                told[translation.writer(version) as usize] = true;
            }
        }
    }
    Ok(told)
}

/// Everything in front of the sessions. dbcop reads over `variables`, which says what each number stands for.
fn head(
    translation: &Translation<'_>,
    options: Dbcop,
    parameters: &Parameters,
    variables: &BTreeMap<Place, u64>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let history = translation.history;
    let instant = |nanos: Option<i64>| {
        let nanos = Duration::from_nanos(u64::try_from(nanos.unwrap_or(0)).unwrap_or(0));
        humantime::format_rfc3339_nanos(options.epoch.checked_add(nanos).unwrap_or(options.epoch)).to_string()
    };
    let start = (!history.is_empty()).then(|| history.start(0));
    let end = (0..history.len()).map(|txn| history.end(txn)).max();
    let mut names: Vec<(u64, Place)> = variables.iter().map(|(place, number)| (*number, *place)).collect();
    names.sort_unstable();
    out.write_all(b"{\"params\":")?;
    json(out, parameters)?;
    write!(out, ",\"info\":\"contend\",\"start\":\"{}\",\"end\":\"{}\"", instant(start), instant(end))?;
    out.write_all(b",\"variables\":[")?;
    for (number, place) in names {
        out.write_all(if number == 0 { b"" } else { b"," })?;
        json(out, &translation.name(place))?;
    }
    Ok(out.write_all(b"],\"data\":[\n")?)
}

fn json(out: &mut impl Write, value: &impl Serialize) -> Result<(), ExportError> {
    serde_json::to_writer(out, value).map_err(|error| ExportError::Io(error.into()))
}

/// Variables are numbered as they are met. A read of what the transaction has read or written last is not told: dbcop takes
/// it for a cycle, or for a read of what was overwritten.
fn transaction(
    translation: &Translation<'_>,
    txn: u32,
    variables: &mut BTreeMap<Place, u64>,
) -> Result<Transaction, ExportError> {
    let committed = translation.fates[txn as usize] == Outcome::Ok;
    let mut events = Vec::new();
    translation.steps(txn, |step| {
        let place = match &step {
            Step::Read(place, _) => *place,
            Step::Write(write) => write.place,
        };
        let next = variables.len() as u64;
        let variable = *variables.entry(place).or_insert(next);
        let known = last_known(&events, variable);
        let is_news = |read: &Event| match (*read, known) {
            (Event::Read { version: Some(read), .. }, Some(Event::Write { version, .. })) => read != version,
            (read, known) => known != Some(read),
        };
        match step {
            Step::Read(_, Seen { last, .. }) => {
                events.extend(Some(Event::Read { variable, version: last }).filter(is_news));
            }
            Step::Write(write) => {
                let replaced = translation.replaced(&write).filter(|_| committed);
                let read = replaced.map(|version| Event::Read { variable, version: Some(version) });
                events.extend(read.filter(is_news));
                events.push(Event::Write { variable, version: write.value });
            }
        }
        Ok(())
    })?;
    Ok(Transaction { events, committed })
}

/// The event that says which version of a variable the transaction has seen, or made, last.
fn last_known(events: &[Event], place: u64) -> Option<Event> {
    let of_it = |event: &&Event| match event {
        Event::Read { variable, .. } | Event::Write { variable, .. } => *variable == place,
    };
    events.iter().rev().find(of_it).copied()
}
