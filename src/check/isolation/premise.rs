//! What did a transaction decide on, and what had become of it? Balances of a row that was read too early to be written.

use super::anomaly::{Anomaly, Item};
use crate::check::history::{History, Operation, Outcome};

/// A row that a transaction read, that others changed, and that it wrote then.
struct Premise {
    txn: u32,
    key: u32,
    /// What it read.
    version: u32,
    checked: i64,
    /// What its write replaced.
    replaced: u32,
    found: i64,
    /// What its write left.
    left: i64,
}

/// A sentence without a full stop for each row of an anomaly that a transaction read and wrote, with versions of others in
/// between; nothing where values were not recorded.
#[must_use]
pub fn premises(history: &History, anomaly: &Anomaly) -> Vec<String> {
    let mut places: Vec<(u32, u32, u32)> = Vec::new();
    for edge in anomaly.edges.iter().filter(|edge| edge.kind.is_rw()) {
        if let Item::Key { key, version } = edge.item
            && !places.contains(&(edge.from, key, version))
        {
            places.push((edge.from, key, version));
        }
    }
    let premises = places.into_iter().filter_map(|(txn, key, version)| premise(history, txn, key, version));
    premises.map(|premise| sentence(history, &premise)).collect()
}

fn premise(history: &History, txn: u32, key: u32, version: u32) -> Option<Premise> {
    let checked = read_value(history, txn, key, version)?;
    let written = written(history, txn, key).filter(|written| *written > version + 1).min()?;
    let left = history.written_value(txn, key, written)?;
    let found = value_near(history, txn, key, written - 1)?;
    Some(Premise { txn, key, version, checked, replaced: written - 1, found, left })
}

/// What a transaction found in a version.
#[must_use]
pub fn read_value(history: &History, txn: u32, key: u32, version: u32) -> Option<i64> {
    let is_it = |number: &u32| matches!(history.operation(*number), Operation::Read { key: of, version: found, .. } if (of, found) == (key, version));
    history.operation_numbers(txn).filter(is_it).find_map(|number| history.value(number))
}

fn written(history: &History, txn: u32, key: u32) -> impl Iterator<Item = u32> {
    history.operations(txn).filter_map(move |operation| match operation {
        Operation::Write { key: of, version } if of == key => Some(version),
        _ => None,
    })
}

/// What was made of a version, by a transaction that is looked for around the one that replaced it. An ambiguous one counts
/// only where no other is there.
fn value_near(history: &History, txn: u32, key: u32, version: u32) -> Option<i64> {
    let mut ambiguous = None;
    for distance in 1..history.len() {
        let around = [txn.checked_sub(distance), txn.checked_add(distance).filter(|after| *after < history.len())];
        for writer in around.into_iter().flatten() {
            match history.outcome(writer) {
                Outcome::Abort => {}
                Outcome::Info => ambiguous = ambiguous.or_else(|| history.written_value(writer, key, version)),
                Outcome::Ok => {
                    if let Some(value) = history.written_value(writer, key, version) {
                        return Some(value);
                    }
                }
            }
        }
    }
    ambiguous
}

fn sentence(history: &History, premise: &Premise) -> String {
    let Premise { txn, key, version, checked, replaced, found, left } = premise;
    let (name, key) = (history.name(*txn), history.names().key(*key));
    if checked != found && moves_what_it_read(history, *txn) {
        return format!(
            "{name} worked out {left} for {key} from version {version} (balance {checked}) and put it in the place of version \
             {replaced} (balance {found}), which is lost"
        );
    }
    let did = match left.cmp(found) {
        std::cmp::Ordering::Less => "debited",
        std::cmp::Ordering::Equal => "wrote",
        std::cmp::Ordering::Greater => "credited",
    };
    format!(
        "{name} checked {key} at version {version} (balance {checked}) but {did} version {replaced} (balance {found}), \
         leaving {left}"
    )
}

/// Whether what a transaction wrote in all is what it read in all, over two rows or more: then it wrote what it had worked
/// out itself, and not a difference to what it found when it wrote.
fn moves_what_it_read(history: &History, txn: u32) -> bool {
    let (mut rows, mut sum) = (0, 0_i128);
    for operation in history.operations(txn) {
        let Operation::Write { key, version } = operation else { continue };
        let read = history.operations(txn).find_map(|operation| match operation {
            Operation::Read { key: of, version, .. } if of == key => read_value(history, txn, key, version),
            _ => None,
        });
        let (Some(read), Some(written)) = (read, history.written_value(txn, key, version)) else { return false };
        rows += 1;
        sum += i128::from(written) - i128::from(read);
    }
    rows > 1 && sum == 0
}
