//! How is a transaction of a recorded run written out? Who ran it, when, and what it saw and made.

use super::anomaly::Item;
use crate::check::history::{History, Operation, Outcome};

/// So many operations are written out; of more than that, those that the anomaly is about.
const SHOWN: usize = 8;

/// `T812.2 = worker 4, skew, try 2 [12.532104 .. 15.436007 s]  read account 6@41 (=100), wrote account 7@40 (=-100)`.
#[must_use]
pub fn describe(history: &History, txn: u32, about: &[Item]) -> String {
    let names = history.names();
    let mut who = vec![names.session(history.session(txn))];
    who.extend(history.shape(txn).and_then(|shape| names.shape(shape)).map(str::to_owned));
    who.extend(history.attempt(txn).map(|attempt| format!("try {attempt}")));
    match history.outcome(txn) {
        Outcome::Ok => {}
        Outcome::Abort => who.push("aborted".to_owned()),
        Outcome::Info => who.push("ambiguous".to_owned()),
    }
    let when = names.interval(history.start(txn), history.end(txn));
    format!("{} = {} {when}  {}", history.name(txn), who.join(", "), operations(history, txn, about))
}

fn operations(history: &History, txn: u32, about: &[Item]) -> String {
    let all = history.operation_numbers(txn);
    let few = all.len() <= SHOWN;
    let chosen = all.clone().filter(|number| few || about.iter().any(|item| is_about(history, *number, *item)));
    let mut shown: Vec<String> = chosen.take(SHOWN).map(|number| operation(history, number, about)).collect();
    let more = all.len() - shown.len();
    match (shown.is_empty(), more) {
        (true, 0) => return "nothing".to_owned(),
        (true, _) => shown.push(format!("{more} operations")),
        (false, 0) => {}
        (false, _) => shown.push(format!("and {more} more")),
    }
    shown.join(", ")
}

/// Whether an operation touches the row or set of an item.
#[must_use]
pub fn is_about(history: &History, number: u32, item: Item) -> bool {
    match (history.operation(number), item) {
        (Operation::Read { key, .. } | Operation::Write { key, .. }, Item::Key { key: of, .. }) => key == of,
        (Operation::ReadSet { set, .. } | Operation::Add { set, .. }, Item::Member { set: of, .. }) => set == of,
        _ => false,
    }
}

/// Whether an operation read or wrote exactly this version, or read this set or added this member.
#[must_use]
pub fn is_exactly(history: &History, number: u32, item: Item) -> bool {
    match (history.operation(number), item) {
        (
            Operation::Read { key, version, .. } | Operation::Write { key, version },
            Item::Key { key: of, version: wanted },
        ) => (key, version) == (of, wanted),
        (Operation::ReadSet { set, .. }, Item::Member { set: of, .. }) => set == of,
        (Operation::Add { set, member }, Item::Member { set: of, member: wanted }) => (set, member) == (of, wanted),
        _ => false,
    }
}

/// One operation in words.
#[must_use]
pub fn operation(history: &History, number: u32, about: &[Item]) -> String {
    let names = history.names();
    let value = || history.value(number).map_or_else(String::new, |value| format!(" (={value})"));
    match history.operation(number) {
        Operation::Read { key, version, .. } => format!("read {}@{version}{}", names.key(key), value()),
        Operation::Write { key, version } => format!("wrote {}@{version}{}", names.key(key), value()),
        Operation::Add { set, member } => format!("added {} to {}", names.member(member), names.set(set)),
        Operation::ReadSet { set, members } => {
            format!("found {} in {}", found(history, members, set, about), names.set(set))
        }
    }
}

/// Everything, or what the anomaly is about, if it was there, and how much there was besides.
fn found(history: &History, members: &[u32], set: u32, about: &[Item]) -> String {
    let asked = |member: u32| about.contains(&Item::Member { set, member });
    let few = members.len() <= SHOWN;
    let chosen = members.iter().copied().filter(|member| few || asked(*member));
    let names: Vec<String> = chosen.map(|member| history.names().member(member)).collect();
    match members.len() - names.len() {
        0 => format!("{{{}}}", names.join(", ")),
        all if names.is_empty() => format!("{all} members"),
        more => format!("{{{}}} and {more} more", names.join(", ")),
    }
}
