//! Which transactions took effect? The ambiguous ones are resolved, and who wrote which version is looked up.

use super::notation::{Op, Outcome, Txn};
use std::collections::{BTreeMap, BTreeSet};

/// What became of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Committed,
    Aborted,
    /// Ambiguous and not proven: left out.
    Unknown,
}

/// The transactions with their fates. Transactions are named by index.
pub struct History {
    pub txns: Vec<Txn>,
    pub fates: Vec<Fate>,
    /// Where the rules of the notation do not decide; empty for a clear history.
    pub doubts: BTreeSet<String>,
}

impl History {
    /// Resolves the ambiguous commits to a fixed point:
    /// committed, if a committed transaction read something only this one can have written, or if a version only this
    /// one claims lies at or below the highest version a committed transaction read or wrote;
    /// aborted, if a committed transaction claims one of its versions. Aborted transactions claim nothing.
    pub fn resolve(txns: Vec<Txn>) -> Self {
        let fates = txns
            .iter()
            .map(|txn| match txn.outcome {
                Outcome::Ok => Fate::Committed,
                Outcome::Abort => Fate::Aborted,
                Outcome::Info => Fate::Unknown,
            })
            .collect();
        let mut history = Self { txns, fates, doubts: BTreeSet::new() };
        while let Some((txn, fate)) = history.next_proof() {
            history.fates[txn] = fate;
        }
        history.note_doubts();
        history
    }

    /// Readers first: what was read is certain, what a number implies is not.
    fn next_proof(&mut self) -> Option<(usize, Fate)> {
        let unknown: Vec<usize> = (0..self.txns.len()).filter(|t| self.fates[*t] == Fate::Unknown).collect();
        if let Some(txn) = unknown.iter().find(|t| self.proven_by_reader(**t)) {
            return Some((*txn, Fate::Committed));
        }
        for txn in unknown {
            match (self.proven_by_version(txn), self.contradicted(txn)) {
                (true, true) => {
                    let doubt = "an ambiguous transaction is both implied and contradicted by versions";
                    self.doubts.insert(doubt.into());
                }
                (true, false) => return Some((txn, Fate::Committed)),
                (false, true) => return Some((txn, Fate::Aborted)),
                (false, false) => {}
            }
        }
        None
    }

    fn sole_claimant(&self, txn: usize, key: &str, version: u64) -> bool {
        let mut claimants = self.claimants(key, version);
        claimants.retain(|c| self.fates[*c] != Fate::Aborted);
        claimants == [txn]
    }

    fn proven_by_reader(&self, txn: usize) -> bool {
        self.txns[txn].ops.iter().any(|op| match op {
            Op::Write(key, version) => {
                self.sole_claimant(txn, key, *version)
                    && self.committed().any(|c| self.txns[c].ops.contains(&Op::Read(key.clone(), *version)))
            }
            Op::Add(set, member) => {
                let adders = self.adders(set, member);
                adders.iter().all(|a| *a == txn || self.fates[*a] == Fate::Aborted)
                    && self.committed().any(|c| {
                        self.txns[c]
                            .ops
                            .iter()
                            .any(|op| matches!(op, Op::ReadSet(s, m) if s == set && m.contains(member)))
                    })
            }
            _ => false,
        })
    }

    fn proven_by_version(&self, txn: usize) -> bool {
        self.txns[txn].ops.iter().any(|op| match op {
            Op::Write(key, version) => self.sole_claimant(txn, key, *version) && *version <= self.final_version(key),
            _ => false,
        })
    }

    fn contradicted(&self, txn: usize) -> bool {
        self.txns[txn].ops.iter().any(|op| match op {
            Op::Write(key, version) => self.claimants(key, *version).iter().any(|c| self.fates[*c] == Fate::Committed),
            _ => false,
        })
    }

    /// Indices of the transactions that took effect.
    pub fn committed(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.txns.len()).filter(|t| self.fates[*t] == Fate::Committed)
    }

    /// Who wrote this version, whatever became of it.
    pub fn claimants(&self, key: &str, version: u64) -> Vec<usize> {
        let op = Op::Write(key.into(), version);
        (0..self.txns.len()).filter(|t| self.txns[*t].ops.contains(&op)).collect()
    }

    /// Who added this member, whatever became of it.
    pub fn adders(&self, set: &str, member: &str) -> Vec<usize> {
        let op = Op::Add(set.into(), member.into());
        (0..self.txns.len()).filter(|t| self.txns[*t].ops.contains(&op)).collect()
    }

    /// The highest version a committed transaction read or wrote.
    pub fn final_version(&self, key: &str) -> u64 {
        let of = |op: &Op| match op {
            Op::Read(k, v) | Op::Write(k, v) if k == key => Some(*v),
            _ => None,
        };
        self.committed().flat_map(|c| self.txns[c].ops.iter().filter_map(of)).max().unwrap_or(0)
    }

    /// Every key that occurs.
    pub fn keys(&self) -> BTreeSet<String> {
        let of = |op: &Op| match op {
            Op::Read(key, _) | Op::Write(key, _) => Some(key.clone()),
            _ => None,
        };
        self.txns.iter().flat_map(|txn| txn.ops.iter().filter_map(of)).collect()
    }

    /// The members of a set that a committed transaction saw and nobody adds.
    pub fn initial_members(&self, set: &str) -> BTreeSet<String> {
        let mut initial = BTreeSet::new();
        for txn in self.committed() {
            for op in &self.txns[txn].ops {
                if let Op::ReadSet(s, members) = op
                    && s == set
                {
                    initial.extend(members.iter().filter(|m| self.adders(set, m).is_empty()).cloned());
                }
            }
        }
        initial
    }

    /// The last version a transaction wrote of each key: what it installs (Adya).
    pub fn installs(&self, txn: usize) -> BTreeMap<String, u64> {
        let mut last = BTreeMap::new();
        for op in &self.txns[txn].ops {
            if let Op::Write(key, version) = op {
                last.insert(key.clone(), *version);
            }
        }
        last
    }

    /// The version order of a key: installed version -> who installed it (more than one: a duplicate version).
    pub fn version_order(&self, key: &str) -> BTreeMap<u64, Vec<usize>> {
        let mut order: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for txn in self.committed() {
            if let Some(version) = self.installs(txn).get(key) {
                order.entry(*version).or_default().push(txn);
            }
        }
        order
    }

    /// Must the first be before the second in the order of their session?
    /// An ambiguous transaction may take effect later than its session goes on: nothing follows from it.
    pub fn session_before(&self, a: usize, b: usize) -> bool {
        let (first, second) = (&self.txns[a], &self.txns[b]);
        first.session == second.session && first.start < second.start && first.outcome != Outcome::Info
    }

    /// Was the first over before the second began? An ambiguous transaction is never known to be over.
    pub fn real_time_before(&self, a: usize, b: usize) -> bool {
        self.txns[a].end < self.txns[b].start && self.txns[a].outcome != Outcome::Info
    }

    fn note_doubts(&mut self) {
        let mut doubts = BTreeSet::new();
        for (t, txn) in self.txns.iter().enumerate() {
            for (at, op) in txn.ops.iter().enumerate() {
                let later = &txn.ops[at + 1..];
                match op {
                    Op::Write(key, version) => {
                        if later.iter().any(|o| matches!(o, Op::Write(k, v) if k == key && v <= version)) {
                            doubts.insert("a transaction writes versions in falling order".into());
                        }
                    }
                    Op::Read(key, version) => {
                        if later.contains(&Op::Write(key.clone(), *version)) {
                            doubts.insert("a transaction reads a version that it writes later".into());
                        }
                        let mut claimants = self.claimants(key, *version);
                        claimants.retain(|c| self.fates[*c] != Fate::Aborted);
                        let judged = self.fates[t] == Fate::Committed && !claimants.is_empty();
                        if judged && claimants.iter().all(|c| self.fates[*c] == Fate::Unknown) {
                            doubts.insert("a read fits several ambiguous transactions or contradicts one".into());
                        }
                    }
                    Op::ReadSet(set, members) => {
                        if members.iter().any(|m| later.contains(&Op::Add(set.clone(), m.clone()))) {
                            doubts.insert("a transaction reads a member that it adds later".into());
                        }
                        if self.fates[t] == Fate::Committed && !self.initial_members(set).is_subset(members) {
                            doubts.insert("an initial member is missing, although nobody removes members".into());
                        }
                    }
                    Op::Add(set, member) => {
                        if self.adders(set, member).len() > 1 || later.contains(op) {
                            doubts.insert("a member is added twice".into());
                        }
                    }
                }
            }
            for (other_at, other) in self.txns.iter().enumerate() {
                if other_at != t && other.session == txn.session && other.start == txn.start {
                    doubts.insert("two transactions of one session start at the same time".into());
                }
            }
        }
        for key in self.keys() {
            self.note_key_doubts(&key, &mut doubts);
        }
        self.doubts.extend(doubts);
    }

    fn note_key_doubts(&self, key: &str, doubts: &mut BTreeSet<String>) {
        let written = |t: usize| {
            let of = |op: &Op| match op {
                Op::Write(k, v) if k == key => Some(*v),
                _ => None,
            };
            self.txns[t].ops.iter().filter_map(of).collect::<Vec<_>>()
        };
        for txn in 0..self.txns.len() {
            let own = written(txn);
            let (Some(low), Some(high)) = (own.iter().min(), own.iter().max()) else { continue };
            for other in (0..self.txns.len()).filter(|o| *o != txn) {
                let theirs = written(other);
                let shared = low < high && theirs.iter().any(|version| own.contains(version));
                if [txn, other].iter().all(|t| self.fates[*t] == Fate::Committed) && shared {
                    doubts.insert("a duplicate version is one of several versions of its transaction".into());
                }
                if self.fates[txn] == Fate::Committed
                    && self.fates[other] != Fate::Unknown
                    && theirs.iter().any(|v| low < v && v < high)
                {
                    doubts.insert("a version of one transaction lies between two of another".into());
                }
                let info = self.txns[txn].outcome == Outcome::Info;
                if info && self.txns[other].outcome == Outcome::Abort && theirs.iter().any(|v| own.contains(v)) {
                    doubts.insert("an aborted and an ambiguous transaction claim one version".into());
                }
            }
        }
    }
}
