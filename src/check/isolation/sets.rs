//! Who added each member, and who found it? The committed adds and predicate reads, sorted.

use std::collections::{BTreeSet, HashMap};

use crate::check::history::{History, Operation, Outcome};

/// Adds by transactions that did not commit, or of which nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uncommitted {
    /// An aborted transaction that added the member.
    pub aborted: Option<u32>,
    /// A transaction that may have committed added it.
    pub unknown: bool,
}

/// Sets with what was added to them and found in them.
#[derive(Default)]
pub struct Sets {
    /// Set, member and committed adder, sorted.
    adds: Vec<(u32, u32, u32)>,
    /// Set, member and committed reader that found it, sorted; only members that exactly one other transaction added.
    found: Vec<(u32, u32, u32)>,
    uncommitted: HashMap<(u32, u32), Uncommitted>,
    /// Set and member: found by a committed transaction and added by none at all.
    initial: BTreeSet<(u32, u32)>,
}

impl Sets {
    /// Sorts what is there; a history without sets costs nothing.
    #[must_use]
    pub fn new(history: &History, fates: &[Outcome]) -> Self {
        let mut sets = Self::default();
        if history.sets() == 0 {
            return sets;
        }
        for txn in 0..history.len() {
            for operation in history.operations(txn) {
                if let Operation::Add { set, member } = operation {
                    let committed = fates[txn as usize] == Outcome::Ok;
                    sets.note_add(txn, if committed { Outcome::Ok } else { history.outcome(txn) }, set, member);
                }
            }
        }
        sets.adds.sort_unstable();
        sets.adds.dedup();
        for txn in (0..history.len()).filter(|txn| fates[*txn as usize] == Outcome::Ok) {
            for operation in history.operations(txn) {
                if let Operation::ReadSet { set, members } = operation {
                    sets.note_found(txn, set, members);
                }
            }
        }
        sets.found.sort_unstable();
        sets.found.dedup();
        sets
    }

    fn note_add(&mut self, txn: u32, fate: Outcome, set: u32, member: u32) {
        match fate {
            Outcome::Ok => self.adds.push((set, member, txn)),
            Outcome::Abort => self.uncommitted.entry((set, member)).or_default().aborted = Some(txn),
            Outcome::Info => self.uncommitted.entry((set, member)).or_default().unknown = true,
        }
    }

    fn note_found(&mut self, txn: u32, set: u32, members: &[u32]) {
        for member in members.iter().copied() {
            if self.only_adder(set, member).is_some_and(|adder| adder != txn) {
                self.found.push((set, member, txn));
            } else if self.adders(set, member).is_empty() && !self.uncommitted.contains_key(&(set, member)) {
                self.initial.insert((set, member));
            }
        }
    }

    /// Members and adders of a set, ascending.
    #[must_use]
    pub fn adds(&self, set: u32) -> &[(u32, u32, u32)] {
        let begin = self.adds.partition_point(|add| add.0 < set);
        let end = self.adds.partition_point(|add| add.0 <= set);
        &self.adds[begin..end]
    }

    /// The committed transactions that added a member.
    #[must_use]
    pub fn adders(&self, set: u32, member: u32) -> &[(u32, u32, u32)] {
        equal(&self.adds, set, member)
    }

    /// The one committed transaction that added a member; nothing when there are several, and nobody knows which counts.
    #[must_use]
    pub fn only_adder(&self, set: u32, member: u32) -> Option<u32> {
        match self.adders(set, member) {
            [(_, _, adder)] => Some(*adder),
            _ => None,
        }
    }

    /// Other committed transactions that found what one transaction alone had added.
    pub fn finders(&self, set: u32, member: u32) -> impl Iterator<Item = u32> {
        equal(&self.found, set, member).iter().map(|found| found.2)
    }

    /// The members that a set had before the first transaction, as far as anybody found them.
    pub fn initial(&self, set: u32) -> impl Iterator<Item = u32> {
        self.initial.range((set, 0)..=(set, u32::MAX)).map(|entry| entry.1)
    }

    /// Who else added a member, without a known commit.
    #[must_use]
    pub fn uncommitted(&self, set: u32, member: u32) -> Uncommitted {
        self.uncommitted.get(&(set, member)).copied().unwrap_or_default()
    }
}

fn equal(list: &[(u32, u32, u32)], set: u32, member: u32) -> &[(u32, u32, u32)] {
    let begin = list.partition_point(|entry| (entry.0, entry.1) < (set, member));
    let end = list.partition_point(|entry| (entry.0, entry.1) <= (set, member));
    &list[begin..end]
}
