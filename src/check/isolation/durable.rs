//! Did everything that was confirmed last, and last once? Lost commits, half and double ones.

use super::anomaly::{Anomaly, Item};
use super::findings::Findings;
use super::name::{Name, Phenomenon};
use crate::check::history::{FinalRow, History, Operation, Outcome};

/// Compares committed writes with what was found in the end, and requests with each other.
pub fn check(history: &History, fates: &[Outcome], findings: &mut Findings) {
    let looked = |history: &History| {
        (0..history.keys()).any(|key| history.last(key).is_some())
            || (0..history.sets()).any(|set| history.last_members(set).is_some())
    };
    if !history.is_partial() && looked(history) {
        for txn in (0..history.len()).filter(|txn| fates[*txn as usize] == Outcome::Ok) {
            lost_writes(history, txn, findings);
        }
    }
    applied_twice(history, fates, findings);
}

/// A confirmed transaction lost a write; one that is only known by its effects took effect in part.
fn lost_writes(history: &History, txn: u32, findings: &mut Findings) {
    for operation in history.operations(txn) {
        let item = match operation {
            Operation::Write { key, version } => Item::Key { key, version },
            Operation::Add { set, member } => Item::Member { set, member },
            Operation::Read { .. } | Operation::ReadSet { .. } => continue,
        };
        if is_gone(history, txn, item) {
            let confirmed = history.outcome(txn) == Outcome::Ok;
            let phenomenon = if confirmed { Phenomenon::LostCommit } else { Phenomenon::HalfTransfer };
            let half = confirmed && is_there_in_part(history, txn);
            findings.add_direct(phenomenon, || Anomaly {
                also: if half { vec![Name::plain(Phenomenon::HalfTransfer)] } else { Vec::new() },
                ..Anomaly::direct(phenomenon, vec![txn], item)
            });
        }
    }
}

/// Whether something else that the transaction made was looked for and is still there.
fn is_there_in_part(history: &History, txn: u32) -> bool {
    history.operations(txn).any(|operation| match operation {
        Operation::Write { key, version } => {
            history.last(key).is_some() && !is_gone(history, txn, Item::Key { key, version })
        }
        Operation::Add { set, member } => {
            history.last_members(set).is_some() && !is_gone(history, txn, Item::Member { set, member })
        }
        Operation::Read { .. } | Operation::ReadSet { .. } => false,
    })
}

/// Whether something that the transaction made was looked for in the end and not found.
fn is_gone(history: &History, txn: u32, made: Item) -> bool {
    match made {
        Item::Key { key, version } => history.last(key).is_some_and(|row| {
            version > row.version || (version == row.version && is_signed_by_another(history, txn, row))
        }),
        Item::Member { set, member } => history.last_members(set).is_some_and(|members| !members.contains(&member)),
        Item::Time => false,
    }
}

fn is_signed_by_another(history: &History, txn: u32, row: FinalRow) -> bool {
    row.writer != 0 && history.fingerprint(txn).is_some_and(|own| own != row.writer)
}

/// Two committed attempts of one request.
fn applied_twice(history: &History, fates: &[Outcome], findings: &mut Findings) {
    let committed = (0..history.len()).filter(|txn| fates[*txn as usize] == Outcome::Ok);
    let mut requests: Vec<(u32, u32)> = committed.filter_map(|txn| Some((history.request(txn)?, txn))).collect();
    requests.sort_unstable();
    for same in requests.chunk_by(|one, next| one.0 == next.0).filter(|same| same.len() > 1) {
        let transactions = same.iter().map(|attempt| attempt.1).collect();
        findings.add_direct(Phenomenon::AppliedTwice, || {
            Anomaly::direct(Phenomenon::AppliedTwice, transactions, Item::Time)
        });
    }
}
