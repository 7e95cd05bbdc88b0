//! Whose versions are those? Reads of versions that nobody committed, and gaps in the order of the versions.

use std::collections::{HashMap, HashSet};

use super::anomaly::{Anomaly, Edge, Item, Kind};
use super::chains::{Chains, Duplicate};
use super::findings::Findings;
use super::name::Phenomenon;
use super::premise::read_value;
use super::rows::Stray;
use crate::check::history::{History, Operation, Outcome, mark};

/// A version that a transaction without a known commit would have made. An ambiguous one that was proven to have aborted
/// stays unaccused: the proof may be as wrong as the database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    key: u32,
    version: u32,
    txn: u32,
    aborted: bool,
}

struct Strays<'a> {
    history: &'a History,
    chains: &'a Chains,
    /// Sorted; only keys that raise questions.
    claims: Vec<Claim>,
    gaps: Vec<u32>,
    /// Transactions that made more versions than they wrote.
    repeated: HashSet<u32>,
}

/// Explains every stray read and every gap, and reports what cannot be explained innocently.
pub fn check(history: &History, fates: &[Outcome], chains: &Chains, strays: &[Stray], findings: &mut Findings) {
    for duplicate in chains.duplicates() {
        let item = Item::Key { key: duplicate.key, version: duplicate.version };
        findings.add_direct(Phenomenon::DuplicateVersion, || {
            Anomaly::direct(Phenomenon::DuplicateVersion, vec![duplicate.first, duplicate.second], item)
        });
        if let Some([lost, later]) = one_after_the_other(history, *duplicate) {
            findings.add_direct(Phenomenon::LostCommit, || {
                Anomaly::direct(Phenomenon::LostCommit, vec![lost, later], item)
            });
        }
    }
    // Whoever is not here may have filled the gaps, and written what nobody here wrote.
    let has_gap = |key: &u32| !history.is_partial() && chains.has_gap(history, *key);
    let gaps: Vec<u32> = (0..history.keys()).filter(has_gap).collect();
    let gapless = history.is_gapless() && !history.is_partial();
    if strays.is_empty() && gaps.is_empty() && !gapless {
        return;
    }
    let claims = claims(history, fates, chains, strays, &gaps);
    let mut questions = Strays { history, chains, claims, gaps, repeated: HashSet::new() };
    questions.explain_reads(fates, strays, findings);
    questions.dirty_updates(strays, findings);
    if gapless {
        questions.last_writers(findings);
        questions.phantom_writers(findings);
    }
}

/// Where every write adds 1, whoever makes a version finds the one below it. So one that was confirmed before the other
/// one began was gone by then.
fn one_after_the_other(history: &History, duplicate: Duplicate) -> Option<[u32; 2]> {
    let Duplicate { first, second, .. } = duplicate;
    let is_before =
        |one: u32, other: u32| history.outcome(one) == Outcome::Ok && history.end(one) < history.start(other);
    let pairs = [[first, second], [second, first]];
    pairs.into_iter().find(|[one, other]| history.is_gapless() && is_before(*one, *other))
}

fn claims(history: &History, fates: &[Outcome], chains: &Chains, strays: &[Stray], gaps: &[u32]) -> Vec<Claim> {
    let mut interesting = vec![false; history.keys() as usize];
    let keys = strays.iter().map(|stray| stray.key).chain(gaps.iter().copied());
    keys.for_each(|key| interesting[key as usize] = true);
    let mut claims = Vec::new();
    for txn in (0..history.len()).filter(|txn| fates[*txn as usize] != Outcome::Ok) {
        for operation in history.operations(txn) {
            let Operation::Write { key, version } = operation else { continue };
            if interesting[key as usize] && chains.slot(key, version).is_none() {
                claims.push(Claim { key, version, txn, aborted: history.outcome(txn) == Outcome::Abort });
            }
        }
    }
    claims.sort_unstable();
    claims
}

impl Strays<'_> {
    fn claims_of(&self, key: u32, version: u32) -> &[Claim] {
        let begin = self.claims.partition_point(|claim| (claim.key, claim.version) < (key, version));
        let end = self.claims.partition_point(|claim| (claim.key, claim.version) <= (key, version));
        &self.claims[begin..end]
    }

    /// Whether one that may have committed could have made a version.
    fn may_be_ambiguous(&self, key: u32, version: u32) -> bool {
        self.history.is_doubtful(key, version) || self.claims_of(key, version).iter().any(|claim| !claim.aborted)
    }

    fn explain_reads(&mut self, fates: &[Outcome], strays: &[Stray], findings: &mut Findings) {
        if strays.is_empty() {
            return;
        }
        let signers = self.signers(&strays.iter().filter_map(|stray| stray.writer).collect());
        for stray in strays {
            let item = Item::Key { key: stray.key, version: stray.version };
            let Some(writer) = stray.writer else {
                self.explain_unsigned(stray, item, findings);
                continue;
            };
            match signers.get(&writer).copied() {
                Some(txn) if fates[txn as usize] != Outcome::Ok => aborted_read(txn, stray.reader, item, findings),
                Some(txn) if self.wrote_before(txn, stray.key, stray.version, self.value_read(stray)) => {
                    self.applied_twice(vec![txn, stray.reader], item, findings);
                }
                Some(txn) => unfounded(Phenomenon::Garbage, vec![txn, stray.reader], item, findings),
                None if self.history.is_partial() => {}
                None => unfounded(Phenomenon::PhantomWriter, vec![stray.reader], item, findings),
            }
        }
    }

    /// Whether a version comes behind one that the transaction wrote, and that nobody else claims, and holds what it ought
    /// to: then it is its own write once more, and nothing that somebody did under its signature.
    fn wrote_before(&self, txn: u32, key: u32, version: u32, found: Option<i64>) -> bool {
        let is_its_own = |number: u32| match self.history.operation(number) {
            Operation::Write { key: of, version: own } if of == key && own < version => {
                own + 1 < version || self.repeats(number, found)
            }
            _ => false,
        };
        self.chains.slot(key, version).is_none() && self.history.operation_numbers(txn).any(is_its_own)
    }

    /// Whether a write that is applied once more makes this value: what was added is added again, what was set stays.
    fn repeats(&self, write: u32, found: Option<i64>) -> bool {
        let (Some(made), Some(found)) = (self.history.value(write), found) else { return true };
        let base_of_both = made.wrapping_sub(found.wrapping_sub(made));
        self.history.base(write).map_or(found == made, |base| base == mark(base_of_both))
    }

    fn value_read(&self, stray: &Stray) -> Option<i64> {
        read_value(self.history, stray.reader, stray.key, stray.version)
    }

    fn applied_twice(&mut self, transactions: Vec<u32>, item: Item, findings: &mut Findings) {
        self.repeated.extend(transactions.first());
        findings.add_direct(Phenomenon::AppliedTwice, || Anomaly::direct(Phenomenon::AppliedTwice, transactions, item));
    }

    /// Innocent as long as one that may have committed could have written it.
    fn explain_unsigned(&self, stray: &Stray, item: Item, findings: &mut Findings) {
        let claims = self.claims_of(stray.key, stray.version);
        if self.may_be_ambiguous(stray.key, stray.version) {
            return;
        }
        match claims.iter().find(|claim| claim.txn != stray.reader) {
            Some(claim) => aborted_read(claim.txn, stray.reader, item, findings),
            None => unfounded(Phenomenon::Garbage, vec![stray.reader], item, findings),
        }
    }

    /// A version below a committed one that only aborted transactions claim, and that nobody found signed by another.
    fn dirty_updates(&self, strays: &[Stray], findings: &mut Findings) {
        let signed = strays.iter().filter_map(|stray| Some(((stray.key, stray.version), stray.writer?)));
        let signed: HashMap<(u32, u32), u32> = signed.collect();
        for same in self.claims.chunk_by(|one, next| (one.key, one.version) == (next.key, next.version)) {
            let Claim { key, version, txn, .. } = same[0];
            let by_one_of_them =
                |found: &u32| same.iter().any(|claim| self.history.fingerprint(claim.txn) == Some(*found));
            // Whoever wrote after the recording had stopped may have made the version again.
            let signed_by_them = signed.get(&(key, version)).map_or(!self.history.is_partial(), by_one_of_them);
            let innocent =
                version <= self.history.initial(key) || self.may_be_ambiguous(key, version) || !signed_by_them;
            let Some(slot) = self.chains.next_slot(key, version).filter(|_| !innocent) else { continue };
            let (item, over) = (Item::Key { key, version }, self.chains.writer(slot));
            findings.add_direct(Phenomenon::DirtyUpdate, || {
                let edge = Edge { from: txn, to: over, kind: Kind::Ww, item };
                Anomaly::direct(Phenomenon::DirtyUpdate, vec![txn, over], item).with_edges(vec![edge])
            });
        }
    }

    /// Who signs so, of those that are wanted: one look at the history for all of them.
    fn signers(&self, wanted: &HashSet<u32>) -> HashMap<u32, u32> {
        let signed = (0..self.history.len()).rev().filter_map(|txn| Some((self.history.fingerprint(txn)?, txn)));
        signed.filter(|(fingerprint, _)| wanted.contains(fingerprint)).collect()
    }

    /// Where every write adds 1, the last row is of the last version that somebody claims.
    fn last_writers(&mut self, findings: &mut Findings) {
        let odd: Vec<(u32, u32, u32)> = (0..self.history.keys()).filter_map(|key| self.behind_the_last(key)).collect();
        let signers = self.signers(&odd.iter().map(|(_, _, writer)| *writer).collect());
        for (key, version, writer) in odd {
            let item = Item::Key { key, version };
            match signers.get(&writer).copied() {
                Some(txn)
                    if self.history.outcome(txn) == Outcome::Ok
                        && self.wrote_before(txn, key, version, self.history.last_value(key)) =>
                {
                    self.applied_twice(vec![txn], item, findings);
                }
                // What was rolled back and is there all the same has a name.
                signer => {
                    let aborted = signer.filter(|txn| self.history.outcome(*txn) == Outcome::Abort);
                    unfounded(Phenomenon::PhantomWriter, aborted.into_iter().collect(), item, findings);
                }
            }
        }
    }

    /// The first version of a row that nobody claims, behind all that are claimed, and the signature in the row.
    fn behind_the_last(&self, key: u32) -> Option<(u32, u32, u32)> {
        let row = self.history.last(key)?;
        let last = self.chains.last(key).unwrap_or(self.history.initial(key));
        let unclaimed = |version: &u32| !self.may_be_ambiguous(key, *version);
        (last.saturating_add(1)..=row.version).find(unclaimed).map(|version| (key, version, row.writer))
    }

    /// And a version that nobody claims below another one was made by somebody unknown.
    fn phantom_writers(&self, findings: &mut Findings) {
        for key in self.gaps.iter().copied() {
            let mut before = self.history.initial(key);
            let mut maker = None;
            while let Some(slot) = self.chains.next_slot(key, before) {
                let after = self.chains.version(key, slot);
                if maker.is_none_or(|maker| !self.repeated.contains(&maker)) {
                    self.phantom_between(key, before, after, slot, findings);
                }
                (before, maker) = (after, Some(self.chains.writer(slot)));
            }
        }
    }

    fn phantom_between(&self, key: u32, before: u32, after: u32, slot: u32, findings: &mut Findings) {
        let is_missing =
            |version: &u32| self.claims_of(key, *version).is_empty() && !self.history.is_doubtful(key, *version);
        let missing = (before + 1..after).find(is_missing);
        if let Some(version) = missing {
            let item = Item::Key { key, version };
            unfounded(Phenomenon::PhantomWriter, vec![self.chains.writer(slot)], item, findings);
        }
    }
}

fn aborted_read(writer: u32, reader: u32, item: Item, findings: &mut Findings) {
    findings.add_direct(Phenomenon::G1a, || {
        let edge = Edge { from: writer, to: reader, kind: Kind::Wr, item };
        Anomaly::direct(Phenomenon::G1a, vec![writer, reader], item).with_edges(vec![edge])
    });
}

fn unfounded(phenomenon: Phenomenon, transactions: Vec<u32>, item: Item, findings: &mut Findings) {
    findings.add_direct(phenomenon, || Anomaly::direct(phenomenon, transactions, item));
}
