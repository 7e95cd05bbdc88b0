//! Why is that an anomaly? Sentences, with the names, times and versions of the history.

use super::anomaly::{Anomaly, Edge, Item, Kind};
use super::describe::describe;
use super::level::Level;
use super::name::{Needs, Phenomenon};
use super::premise::{premises, read_value};
use crate::check::history::{Clock, History, Operation, notation};

/// Transactions and steps of one anomaly that are written out.
const SHOWN: usize = 12;

/// An anomaly in lines: what it is, who took part, why it is a contradiction, and who forbids it.
#[must_use]
pub fn explain(history: &History, anomaly: &Anomaly) -> Vec<String> {
    let mut lines = vec![headline(history, anomaly)];
    let shown = anomaly.transactions.iter().take(SHOWN);
    lines.extend(shown.map(|txn| format!("  {}", transaction(history, *txn, anomaly))));
    if anomaly.transactions.len() > SHOWN {
        lines.push(format!("  and {} more", anomaly.transactions.len() - SHOWN));
    }
    lines.extend(premises(history, anomaly).into_iter().map(|premise| format!("  - {premise}.")));
    if anomaly.is_cycle() {
        lines.extend(contradiction(history, anomaly));
    } else {
        lines.push(format!("  - {}", direct(history, anomaly)));
    }
    lines.push(format!("  {}", forbidden(anomaly)));
    lines
}

/// As it was written by hand, or in words.
fn transaction(history: &History, txn: u32, anomaly: &Anomaly) -> String {
    match history.names().clock {
        Clock::Ticks => notation::show_transaction(history, txn),
        Clock::Nanoseconds => {
            let about: Vec<Item> = anomaly.edges.iter().map(|edge| edge.item).chain([anomaly.item]).collect();
            describe(history, txn, &about)
        }
    }
}

fn headline(history: &History, anomaly: &Anomaly) -> String {
    let nickname = nickname(anomaly).map(|name| format!(" ({name})")).unwrap_or_default();
    let names = history.names();
    let items = items(history, anomaly);
    let about = if items.is_empty() { String::new() } else { format!(" {},", items.join(", ")) };
    let count = anomaly.transactions.len();
    let who = match count {
        0 => String::new(),
        1 => " 1 transaction,".to_owned(),
        _ => format!(" {count} transactions,"),
    };
    let start = anomaly.transactions.iter().map(|txn| history.start(*txn)).min().unwrap_or_default();
    let end = anomaly.transactions.iter().map(|txn| history.end(*txn)).max().unwrap_or_default();
    let between =
        if count == 0 { String::new() } else { format!(" between {} and {}", names.time(start), names.time(end)) };
    let told = format!("{}{nickname}:{who}{about}{between}", anomaly.name);
    told.trim_end_matches(',').to_owned()
}

/// What the field calls the most frequent forms.
#[must_use]
pub fn nickname(anomaly: &Anomaly) -> Option<&'static str> {
    let edges = &anomaly.edges;
    if anomaly.is_stale_read() {
        return Some("stale read");
    }
    if anomaly.is_causal_reverse() {
        return Some("causal reverse");
    }
    match anomaly.name.phenomenon {
        Phenomenon::G0 => Some("dirty write"),
        Phenomenon::G1a => Some("aborted read"),
        Phenomenon::G1b => Some("intermediate read"),
        Phenomenon::G1c => Some("circular information flow"),
        Phenomenon::GSingle if anomaly.overwrites_what_it_missed() => Some("lost update"),
        Phenomenon::GSingle if anomaly.name.needs == Needs::Nothing => Some("read skew"),
        Phenomenon::GNonadjacent if edges.len() == 4 => Some("long fork"),
        Phenomenon::G2Item if edges.len() == 2 => Some("write skew"),
        Phenomenon::G2 if edges.len() == 2 => Some("phantom"),
        _ => None,
    }
}

/// The rows and sets that an anomaly is about.
fn items(history: &History, anomaly: &Anomaly) -> Vec<String> {
    let mut named: Vec<String> = anomaly
        .edges
        .iter()
        .map(|edge| edge.item)
        .chain([anomaly.item])
        .filter_map(|item| item_name(history, item))
        .collect();
    named.sort();
    named.dedup();
    named
}

fn item_name(history: &History, item: Item) -> Option<String> {
    match item {
        Item::Time => None,
        Item::Key { key, .. } => Some(history.names().key_in_words(key)),
        Item::Member { set, .. } => Some(format!("set {}", history.names().set(set))),
    }
}

fn contradiction(history: &History, anomaly: &Anomaly) -> Vec<String> {
    let last = anomaly.edges.len().saturating_sub(1);
    let hidden = SHOWN.min(last)..last;
    let sentence = |(at, edge): (usize, &Edge)| {
        let (from, to) = (history.name(edge.from), history.name(edge.to));
        let because = because(history, *edge);
        if at == last {
            format!("  - However, {from} < {to}, because {because}: a contradiction!")
        } else {
            format!("  - {from} < {to}, because {because}.")
        }
    };
    let shown = anomaly.edges.iter().enumerate().filter(|(at, _)| !hidden.contains(at));
    let mut lines: Vec<String> = shown.map(sentence).collect();
    if !hidden.is_empty() {
        lines.insert(SHOWN, format!("  - and so on, {} steps more.", hidden.len()));
    }
    lines
}

/// Why the first transaction of an edge comes before the second: a clause without a full stop.
#[must_use]
pub fn because(history: &History, edge: Edge) -> String {
    let names = history.names();
    let (from, to) = (history.name(edge.from), history.name(edge.to));
    match (edge.kind, edge.item) {
        (Kind::Session, _) => {
            format!("session {} ran {from} before {to}", names.session(history.session(edge.from)))
        }
        (Kind::RealTime, _) => {
            let (end, start) = (names.time(history.end(edge.from)), names.time(history.start(edge.to)));
            format!("{from} ended at {end}, before {to} started at {start}")
        }
        (kind, Item::Key { key, version }) => {
            let name = names.key(key);
            let later = || {
                later_version(history, edge.to, key, version)
                    .map_or_else(String::new, |later| format!(" by version {later}"))
            };
            match kind {
                Kind::Ww => format!("{from} wrote version {version} of {name}, which {to} replaced{}", later()),
                Kind::Rw => format!("{from} read version {version} of {name}, which {to} replaced{}", later()),
                _ => format!("{to} read version {version} of {name}, which {from} wrote"),
            }
        }
        (kind, Item::Member { set, member }) => {
            let (set, member) = (names.set(set), names.member(member));
            if kind == Kind::RwPredicate {
                format!("{from} read the set {set} without {member}, which {to} added")
            } else {
                format!("{to} read the set {set} with {member}, which {from} added")
            }
        }
        (_, Item::Time) => format!("{to} followed {from}"),
    }
}

/// The version by which a transaction first replaced another one.
#[must_use]
pub fn later_version(history: &History, txn: u32, key: u32, version: u32) -> Option<u32> {
    let written = history.operations(txn).filter_map(|operation| match operation {
        Operation::Write { key: written, version } if written == key => Some(version),
        _ => None,
    });
    written.filter(|written| *written > version).min()
}

/// What is wrong where there is no cycle: a sentence without a full stop.
#[must_use]
pub fn direct(history: &History, anomaly: &Anomaly) -> String {
    let names = history.names();
    let names_of: Vec<String> = anomaly.transactions.iter().map(|txn| history.name(*txn)).collect();
    let (first, second) = (names_of.first().map_or("", String::as_str), names_of.get(1).map_or("", String::as_str));
    let what = match anomaly.item {
        Item::Key { key, version } => format!("version {version} of {}", names.key(key)),
        Item::Member { set, member } => format!("{} in {}", names.member(member), names.set(set)),
        Item::Time => String::new(),
    };
    match anomaly.name.phenomenon {
        Phenomenon::G1a => format!("{second} read {what}, which {first} wrote, and {first} was aborted"),
        Phenomenon::G1b => format!("{second} read {what}, which {first} itself replaced before it committed"),
        Phenomenon::Internal => {
            format!("{first} read {what}, which contradicts what it had read or written there itself")
        }
        Phenomenon::DirtyUpdate => format!("{first} was aborted, but {second} wrote on top of its {what}"),
        Phenomenon::LostCommit => {
            let again = match anomaly.item {
                _ if !second.is_empty() => format!(": {second} made it again"),
                Item::Key { key, version } if history.last(key).is_some_and(|row| row.version == version) => {
                    ": in the end another one's is there".to_owned()
                }
                _ => String::new(),
            };
            format!("the commit of {first} was confirmed, but {what} is gone{again}")
        }
        Phenomenon::HalfTransfer => format!("{first} took effect elsewhere, but {what} is missing"),
        Phenomenon::DuplicateVersion => format!("both {first} and {second} wrote {what}"),
        Phenomenon::PhantomWriter => format!("nobody in this history wrote {what}"),
        Phenomenon::Garbage if matches!(anomaly.item, Item::Member { .. }) => {
            format!("{first} did not find {what}, which was there from the beginning")
        }
        Phenomenon::Garbage => wrong_value(history, anomaly).unwrap_or_else(|| match second {
            "" => format!("{first} read {what}, which nobody wrote"),
            _ => format!("{second} read {what} signed by {first}, which never wrote it"),
        }),
        Phenomenon::AppliedTwice if matches!(anomaly.item, Item::Key { .. }) => {
            let seen = if second.is_empty() { "in the end".to_owned() } else { second.to_owned() };
            let found = if second.is_empty() { "there was" } else { "found" };
            format!("{first} took effect once more: {seen} {found} {what} signed by it, behind the one that it wrote")
        }
        Phenomenon::AppliedTwice => {
            format!("{} are attempts of one request, and all were committed", names_of.join(", "))
        }
        _ => format!("{} or more transactions depend on each other in a circle, and none is short", names_of.len()),
    }
}

/// A write that does not fit what was there before it, or what was found in the end.
fn wrong_write(history: &History, txn: u32, key: u32, version: u32, made: i64) -> String {
    let (name, key_name) = (history.name(txn), history.names().key(key));
    let is_last = history.last(key).is_some_and(|row| row.version == version);
    match history.last_value(key).filter(|found| is_last && *found != made) {
        Some(found) => {
            format!("{name} wrote version {version} of {key_name} as {made}, and in the end it held {found}")
        }
        None => format!(
            "{name} made {made} of {key_name} in version {version}, which does not follow from the version before it"
        ),
    }
}

/// What was read in a version, and what ought to have been there, where the two differ.
fn wrong_value(history: &History, anomaly: &Anomaly) -> Option<String> {
    let txn = *anomaly.transactions.last()?;
    if let Item::Key { key, version } = anomaly.item
        && let Some(made) = history.written_value(txn, key, version)
    {
        return Some(wrong_write(history, txn, key, version, made));
    }
    let Item::Key { key, version } = anomaly.item else { return None };
    let (writer, reader) = (*anomaly.transactions.first()?, *anomaly.transactions.last()?);
    let found = read_value(history, reader, key, version)?;
    let what = format!("{} read {found} in version {version} of {}", history.name(reader), history.names().key(key));
    if let Some(made) = history.written_value(writer, key, version) {
        return (made != found).then(|| format!("{what}, which {} wrote as {made}", history.name(writer)));
    }
    let held = history.initial_value(key).filter(|held| version == history.initial(key) && *held != found)?;
    Some(format!("{what}, which held {held} at the beginning"))
}

fn forbidden(anomaly: &Anomaly) -> String {
    let (forbidding, allowing): (Vec<Level>, Vec<Level>) =
        Level::ALL.into_iter().partition(|level| anomaly.violates.contains(*level));
    let list = |levels: Vec<Level>| levels.into_iter().map(Level::name).collect::<Vec<_>>().join(", ");
    if allowing.is_empty() {
        return "Forbidden by every level.".to_owned();
    }
    format!("Forbidden by {}; allowed by {}.", list(forbidding), list(allowing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::isolation::check;

    #[test]
    fn write_skew_is_told_as_a_contradiction() {
        let text = "T1 s1 [0,9] ok : r(x@0) r(y@0) w(y@1)\nT2 s2 [0,9] ok : r(x@0) r(y@0) w(x@1)";
        let history = notation::parse(text).expect("a history");
        let judgement = check(&history);
        assert_eq!(
            explain(&history, &judgement.anomalies[0]),
            [
                "G2-item (write skew): 2 transactions, key x, key y, between 0 and 9",
                "  T1 s1 [0,9] ok : r(x@0) r(y@0) w(y@1)",
                "  T2 s2 [0,9] ok : r(x@0) r(y@0) w(x@1)",
                "  - T1 < T2, because T1 read version 0 of x, which T2 replaced by version 1.",
                "  - However, T2 < T1, because T2 read version 0 of y, which T1 replaced by version 1: a contradiction!",
                "  Forbidden by repeatable-read, serializable, strong-session-serializable, strict-serializable; \
                 allowed by read-uncommitted, read-committed, snapshot.",
            ]
        );
    }
}
