//! Did an ambiguous transaction commit? What the others saw proves it, to a fixed point.
//!
//! In this order, over and over: it committed when a committed transaction read a version or a member that it alone
//! wrote (with signed rows: when its signature was found); it aborted when a committed transaction made one of its
//! versions; it committed when it alone claims a version at or below the last known one. Aborted attempts do not count
//! as rivals: the versions they would have made are made again by others. What stays unknown is neither judged nor used.

use std::collections::HashMap;

use crate::check::history::{History, Operation, Outcome};

/// What an ambiguous transaction may have written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Version { key: u32, version: u32 },
    Member { set: u32, member: u32 },
}

#[derive(Default)]
struct Claim {
    /// Ambiguous transactions that wrote here.
    claimants: Vec<u32>,
    /// A committed transaction wrote here.
    taken: bool,
    /// A committed transaction read this, without saying who wrote it.
    read: bool,
}

struct Resolution<'a> {
    history: &'a History,
    fates: Vec<Outcome>,
    claims: HashMap<Place, Claim>,
    /// Which keys have claims: most operations of a long run are on others and need no search.
    claimed: Vec<bool>,
    /// Per key the highest version that a committed transaction read or wrote, or that was found at the end.
    highest: Vec<u32>,
    by_fingerprint: HashMap<u32, u32>,
    /// Proven by signature, or newly found committed: what they did is still to be looked at.
    proven: Vec<u32>,
}

/// How each transaction ended: `Info` is left only where nothing proves either.
#[must_use]
pub fn resolve(history: &History) -> Vec<Outcome> {
    let mut fates: Vec<Outcome> = (0..history.len()).map(|txn| history.outcome(txn)).collect();
    let mut ambiguous: Vec<u32> = (0..history.len()).filter(|txn| fates[*txn as usize] == Outcome::Info).collect();
    for refuted in ambiguous.extract_if(.., |txn| history.is_refuted(*txn)) {
        fates[refuted as usize] = Outcome::Abort;
    }
    if ambiguous.is_empty() {
        return fates;
    }
    let mut resolution = Resolution::new(history, fates, &ambiguous);
    resolution.look_at_the_committed();
    while resolution.commit_proven() || resolution.pass(&ambiguous) {}
    resolution.fates
}

impl<'a> Resolution<'a> {
    fn new(history: &'a History, fates: Vec<Outcome>, ambiguous: &[u32]) -> Self {
        let mut claims: HashMap<Place, Claim> = HashMap::new();
        let mut by_fingerprint = HashMap::new();
        let mut claimed = vec![false; history.keys() as usize];
        for txn in ambiguous {
            for place in history.operations(*txn).filter_map(written) {
                if let Place::Version { key, .. } = place {
                    claimed[key as usize] = true;
                }
                let claimants = &mut claims.entry(place).or_default().claimants;
                if !claimants.contains(txn) {
                    claimants.push(*txn);
                }
            }
            by_fingerprint.extend(history.fingerprint(*txn).map(|fingerprint| (fingerprint, *txn)));
        }
        let highest = (0..history.keys()).map(|key| history.last(key).map_or(0, |row| row.version)).collect();
        Self { history, fates, claims, claimed, highest, by_fingerprint, proven: Vec::new() }
    }

    fn look_at_the_committed(&mut self) {
        for key in 0..self.history.keys() {
            let signed = self.history.last(key).and_then(|row| self.by_fingerprint.get(&row.writer));
            self.proven.extend(signed);
        }
        for txn in 0..self.history.len() {
            if self.fates[txn as usize] == Outcome::Ok {
                self.look_at(txn);
            }
        }
    }

    fn look_at(&mut self, txn: u32) {
        for operation in self.history.operations(txn) {
            match operation {
                Operation::Read { key, .. } | Operation::Write { key, .. } if !self.claimed[key as usize] => {}
                Operation::Write { key, version } => {
                    self.raise(key, version);
                    self.take(Place::Version { key, version });
                }
                Operation::Read { key, version, writer } => {
                    self.raise(key, version);
                    match writer {
                        Some(writer) => self.proven.extend(self.by_fingerprint.get(&writer)),
                        None if self.history.is_partial() => {}
                        None => self.note_read(txn, Place::Version { key, version }),
                    }
                }
                Operation::Add { set, member } => self.take(Place::Member { set, member }),
                Operation::ReadSet { set, members } => {
                    for member in members.iter().copied() {
                        self.note_read(txn, Place::Member { set, member });
                    }
                }
            }
        }
    }

    fn raise(&mut self, key: u32, version: u32) {
        let highest = &mut self.highest[key as usize];
        *highest = (*highest).max(version);
    }

    fn take(&mut self, place: Place) {
        if let Some(claim) = self.claims.get_mut(&place) {
            claim.taken = true;
        }
    }

    /// What a transaction that is itself ambiguous found of its own proves nothing.
    fn note_read(&mut self, reader: u32, place: Place) {
        if let Some(claim) = self.claims.get_mut(&place).filter(|claim| !claim.claimants.contains(&reader)) {
            claim.read = true;
        }
    }

    /// Looks at what the newly proven did; whether there were any.
    fn commit_proven(&mut self) -> bool {
        let mut any = false;
        while let Some(txn) = self.proven.pop() {
            if self.fates[txn as usize] == Outcome::Info {
                self.fates[txn as usize] = Outcome::Ok;
                self.look_at(txn);
                any = true;
            }
        }
        any
    }

    /// Applies the first rule that says anything new to all transactions that it says something about.
    fn pass(&mut self, ambiguous: &[u32]) -> bool {
        let open: Vec<u32> = ambiguous.iter().copied().filter(|txn| self.is_open(*txn)).collect();
        let read = open.iter().copied().filter(|txn| self.any(*txn, |_, claim| claim.read && !claim.taken));
        let read: Vec<u32> = read.collect();
        if !read.is_empty() {
            self.proven = read;
            return true;
        }
        let rejected: Vec<u32> = open.iter().copied().filter(|txn| self.is_rejected(*txn)).collect();
        if !rejected.is_empty() {
            for txn in rejected {
                self.fates[txn as usize] = Outcome::Abort;
            }
            return true;
        }
        let filling = |place: Place| match place {
            Place::Version { key, version } => !self.history.is_partial() && version <= self.highest[key as usize],
            Place::Member { .. } => false,
        };
        self.proven =
            open.into_iter().filter(|txn| self.any(*txn, |place, claim| filling(place) && !claim.taken)).collect();
        !self.proven.is_empty()
    }

    fn is_open(&self, txn: u32) -> bool {
        self.fates[txn as usize] == Outcome::Info
    }

    /// Whether a claim that no other open transaction shares is as asked. Nobody knows of what may be a lost answer's.
    fn any(&self, txn: u32, asked: impl Fn(Place, &Claim) -> bool) -> bool {
        self.history.operations(txn).filter_map(written).any(|place| {
            self.claims.get(&place).is_some_and(|claim| {
                let is_doubtful =
                    matches!(place, Place::Version { key, version } if self.history.is_doubtful(key, version));
                let rival = |other: &u32| *other != txn && self.fates[*other as usize] != Outcome::Abort;
                !is_doubtful && asked(place, claim) && !claim.claimants.iter().any(rival)
            })
        })
    }

    /// Whether somebody else certainly made one of its versions, or the row was found below it at the end.
    fn is_rejected(&self, txn: u32) -> bool {
        self.history.operations(txn).filter_map(written).any(|place| {
            let Place::Version { key, version } = place else { return false };
            let beyond = self.history.last(key).is_some_and(|row| row.version < version);
            beyond || self.claims.get(&place).is_some_and(|claim| claim.taken)
        })
    }
}

fn written(operation: Operation<'_>) -> Option<Place> {
    match operation {
        Operation::Write { key, version } => Some(Place::Version { key, version }),
        Operation::Add { set, member } => Some(Place::Member { set, member }),
        Operation::Read { .. } | Operation::ReadSet { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::history::notation::parse;

    fn fates(text: &str) -> String {
        let history = parse(text).expect("a history");
        let letter = |fate: &Outcome| match fate {
            Outcome::Ok => 'c',
            Outcome::Abort => 'a',
            Outcome::Info => '?',
        };
        resolve(&history).iter().map(letter).collect()
    }

    #[test]
    fn what_a_committed_transaction_read_was_committed() {
        assert_eq!(fates("T1 a [0,1] info : w(x@1)\nT2 b [2,3] ok : r(x@1)"), "cc");
        assert_eq!(fates("T1 a [0,1] info : add(P,a)\nT2 b [2,3] ok : rs(P,{a})"), "cc");
        assert_eq!(fates("T1 a [0,1] info : w(x@1)\nT2 b [2,3] abort : r(x@1)"), "?a");
    }

    #[test]
    fn a_version_of_somebody_else_proves_the_abort() {
        assert_eq!(fates("T1 a [0,1] info : w(x@1) w(y@1)\nT2 b [2,3] ok : w(x@1)"), "ac");
    }

    #[test]
    fn a_gap_that_only_one_fills_was_filled_by_it() {
        assert_eq!(fates("T1 a [0,1] info : w(x@1)\nT2 b [2,3] ok : w(x@2)"), "cc");
        assert_eq!(fates("T1 a [0,1] info : w(x@1)\nT2 b [2,3] ok : w(x@3)\nT3 c [4,5] info : w(x@1)"), "?c?");
        assert_eq!(fates("T1 a [0,1] info : w(x@2)\nT2 b [2,3] ok : w(x@1)"), "?c");
    }

    #[test]
    fn one_answer_leads_to_the_next() {
        // T1 is read by T2, which is thereby known to have read T3's version.
        assert_eq!(fates("T1 a [0,1] ok : r(x@1)\nT2 b [2,3] info : w(x@1) r(y@1)\nT3 c [4,5] info : w(y@1)"), "ccc");
        // T2's abort leaves version 1 of y to T3 alone.
        let text = "T1 a [0,1] ok : w(x@1) w(y@2)\nT2 b [2,3] info : w(x@1) w(y@1)\nT3 c [4,5] info : w(y@1)";
        assert_eq!(fates(text), "cac");
    }
}
