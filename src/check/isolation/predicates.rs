//! Does each transaction make sense by itself, set by set? Internal reads of sets, and members that were never committed.

use super::anomaly::{Anomaly, Edge, Item, Kind};
use super::findings::Findings;
use super::name::Phenomenon;
use super::sets::Sets;
use crate::check::history::{History, Operation, Outcome};

/// Looks at every committed transaction that reads sets.
pub fn check(history: &History, fates: &[Outcome], sets: &Sets, findings: &mut Findings) {
    if history.sets() == 0 {
        return;
    }
    let reads_sets = |txn: u32| history.operations(txn).any(|operation| matches!(operation, Operation::ReadSet { .. }));
    for txn in (0..history.len()).filter(|txn| fates[*txn as usize] == Outcome::Ok && reads_sets(*txn)) {
        let operations: Vec<Operation<'_>> = history.operations(txn).collect();
        for (at, operation) in operations.iter().enumerate() {
            let Operation::ReadSet { set, members } = operation else { continue };
            if let Some(member) = contradiction(*set, members, &operations[..at]).or_else(|| {
                members.iter().copied().find(|member| is_from_the_future(txn, *set, *member, &operations[..at], sets))
            }) {
                let item = Item::Member { set: *set, member };
                findings.add_direct(Phenomenon::Internal, || Anomaly::direct(Phenomenon::Internal, vec![txn], item));
            }
            if !history.is_partial() {
                aborted_members(txn, *set, members, sets, findings);
                if history.is_gapless() {
                    unknown_members(txn, *set, members, sets, findings);
                } else {
                    missing_initial(txn, *set, members, sets, findings);
                }
            }
        }
    }
}

/// A member that ought to have been found, or ought not, by what the transaction did to the set before.
fn contradiction(set: u32, members: &[u32], before: &[Operation<'_>]) -> Option<u32> {
    let has = |list: &[u32], member: u32| list.binary_search(&member).is_ok();
    let mut added = Vec::new();
    let mut seen = None;
    for operation in before.iter().rev() {
        match operation {
            Operation::Add { set: of, member } if *of == set => added.push(*member),
            Operation::ReadSet { set: of, members } if *of == set => {
                seen = Some(*members);
                break;
            }
            _ => {}
        }
    }
    let missing = added.iter().copied().find(|member| !has(members, *member));
    missing.or_else(|| {
        let seen = seen?;
        let vanished = seen.iter().copied().find(|member| !has(members, *member));
        vanished.or_else(|| members.iter().copied().find(|member| !has(seen, *member) && !added.contains(member)))
    })
}

/// A member that only this transaction adds, and only later.
fn is_from_the_future(txn: u32, set: u32, member: u32, before: &[Operation<'_>], sets: &Sets) -> bool {
    sets.only_adder(set, member) == Some(txn) && !before.contains(&Operation::Add { set, member })
}

fn aborted_members(txn: u32, set: u32, members: &[u32], sets: &Sets, findings: &mut Findings) {
    for member in members.iter().copied().filter(|member| sets.adders(set, *member).is_empty()) {
        let others = sets.uncommitted(set, member);
        if let Some(writer) = others.aborted.filter(|_| !others.unknown) {
            findings.add_direct(Phenomenon::G1a, || {
                let item = Item::Member { set, member };
                let edge = Edge { from: writer, to: txn, kind: Kind::WrPredicate, item };
                Anomaly::direct(Phenomenon::G1a, vec![writer, txn], item).with_edges(vec![edge])
            });
        }
    }
}

/// Where no write is missing, a member that nobody has added was added by somebody unknown.
fn unknown_members(txn: u32, set: u32, members: &[u32], sets: &Sets, findings: &mut Findings) {
    for member in members.iter().copied().filter(|member| sets.adders(set, *member).is_empty()) {
        let others = sets.uncommitted(set, member);
        if others.aborted.is_none() && !others.unknown {
            findings.add_direct(Phenomenon::PhantomWriter, || {
                Anomaly::direct(Phenomenon::PhantomWriter, vec![txn], Item::Member { set, member })
            });
        }
    }
}

/// Nothing removes members: a set without one that it had from the beginning was never there to be read.
fn missing_initial(txn: u32, set: u32, members: &[u32], sets: &Sets, findings: &mut Findings) {
    if let Some(member) = sets.initial(set).find(|member| members.binary_search(member).is_err()) {
        let item = Item::Member { set, member };
        findings.add_direct(Phenomenon::Garbage, || Anomaly::direct(Phenomenon::Garbage, vec![txn], item));
    }
}
