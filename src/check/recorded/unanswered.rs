//! Which versions did the writes make whose answers were lost? What others saw and built upon proves it, to a fixed point.
//!
//! An attempt that sends its last writes in one flight with COMMIT may lose the answers to all of them; then it is ambiguous,
//! and the versions that it made, if it did, are not known. Each version of a row was made by somebody, so one that no
//! committed attempt made is a gap that an ambiguous one has filled. In this order, over and over:
//!
//! 1. who has signed a version that somebody else found, committed, and that is its version of the row, and nobody else's;
//! 2. who fits no gap of a row that it would have written did not commit, or wrote nothing;
//! 3. who alone fits a gap committed, and has made that version;
//! 4. who committed and fits only one gap of a row has made that one.
//!
//! An attempt fits a gap when it began before somebody had seen that version, had seen no later one itself, and its amount
//! leads from what was there to what the next one found, where that is known. Nothing is assumed of the isolation level. What
//! stays open is told to the history as a doubt: nobody is accused of such a version.

use std::collections::{HashMap, HashSet};

use super::gaps::Gaps;
use crate::check::history::{History, Operation, Outcome};

/// More pairs of a gap and a write than these are not looked into: what fits by its time is a doubt.
const MOST_PAIRS: usize = 1 << 22;

/// What a write makes of a balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Add(i64),
    Set(i64),
}

/// What an ambiguous attempt may have written to a row.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) key: u32,
    /// None where the write was answered: it made the version in `found`, or none.
    pub(super) change: Option<Change>,
    /// The highest version of the row that the attempt itself has seen or made before.
    pub(super) seen: u32,
    /// The version that it made, if it committed.
    pub(super) found: Option<u32>,
    candidates: Vec<u32>,
}

/// An ambiguous attempt.
#[derive(Clone, Debug)]
pub(super) struct Claimant {
    pub(super) fingerprint: u32,
    pub(super) start: i64,
    /// In the order of its writes.
    pub(super) claims: Vec<Claim>,
    fate: Outcome,
}

/// A version that an attempt found, and who had signed it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    pub(super) reader: u32,
    pub(super) writer: u32,
    pub(super) key: u32,
    pub(super) version: u32,
}

/// A version, and what the row held in it, as far as that is known.
pub(super) type Found = (u32, Option<i64>);

/// What has become of the unanswered writes.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Per attempt and write what it made, as far as that is known.
    pub(super) versions: Vec<Vec<Option<Found>>>,
    /// Those that did not commit, or wrote nothing, by their fingerprints.
    pub(super) refuted: HashSet<u32>,
    /// Attempts of which nobody knows where they wrote.
    pub(super) open: u32,
    /// Rows and versions that may be theirs.
    pub(super) doubts: HashSet<(u32, u32)>,
}

impl Claim {
    pub(super) fn new(key: u32, change: Option<Change>, seen: u32, found: Option<u32>) -> Self {
        Self { key, change, seen, found, candidates: Vec::new() }
    }
}

impl Claimant {
    pub(super) fn new(fingerprint: u32, start: i64, claims: Vec<Claim>) -> Self {
        Self { fingerprint, start, claims, fate: Outcome::Info }
    }
}

/// Finds the versions of attempts that are not in the history, by what is in it and by what they have seen of each other.
pub(super) fn answers(history: &History, unanswered: Vec<Claimant>, sights: &[Sight]) -> Answers {
    let count = unanswered.len();
    let mut search = Search { gaps: Gaps::default(), claimants: unanswered };
    search.claimants.extend(answered(history));
    search.look_for_signatures(history, sights);
    if !history.is_partial() {
        search.look_for_gaps(history, sights);
        search.decide();
    }
    let mut answers = Answers::default();
    for claimant in &search.claimants[..count] {
        let version = |claim: &Claim| claim.found.map(|version| (version, search.gaps.held(claim.key, version)));
        answers.versions.push(claimant.claims.iter().map(version).collect());
        search.doubt(claimant, &mut answers);
        answers.refuted.extend((claimant.fate == Outcome::Abort).then_some(claimant.fingerprint));
    }
    answers
}

/// The ambiguous transactions whose writes were all answered: their versions are known, if they committed.
fn answered(history: &History) -> Vec<Claimant> {
    let ambiguous = (0..history.len()).filter(|txn| history.outcome(*txn) == Outcome::Info);
    let claimant = |txn| {
        let claims = history.operations(txn).filter_map(|operation| match operation {
            Operation::Write { key, version } => Some(Claim::new(key, None, version, Some(version))),
            _ => None,
        });
        Claimant::new(history.fingerprint(txn).unwrap_or(0), history.start(txn), claims.collect())
    };
    ambiguous.map(claimant).filter(|claimant| !claimant.claims.is_empty()).collect()
}

struct Search {
    gaps: Gaps,
    claimants: Vec<Claimant>,
}

impl Search {
    /// What an attempt finds of its own says nothing about its end.
    fn look_for_signatures(&mut self, history: &History, sights: &[Sight]) {
        let own = |(number, claimant): (usize, &Claimant)| (claimant.fingerprint, number);
        let claims = self.claimants.iter().flat_map(|claimant| &claimant.claims);
        let written: HashSet<u32> = claims.map(|claim| claim.key).collect();
        let claimants: HashMap<u32, usize> = self.claimants.iter().enumerate().map(own).collect();
        let mut signed = |sight: Sight| {
            let number = claimants.get(&sight.writer).filter(|_| sight.reader != sight.writer && sight.writer != 0);
            if let Some(claimant) = number.map(|number| &mut self.claimants[*number]) {
                claimant.is_signed(sight.key, sight.version);
            }
        };
        for txn in 0..history.len() {
            let reader = history.fingerprint(txn).unwrap_or(0);
            for operation in history.operations(txn) {
                if let Operation::Read { key, version, writer: Some(writer) } = operation {
                    signed(Sight { reader, writer, key, version });
                }
            }
        }
        for sight in sights {
            signed(*sight);
        }
        for key in written {
            if let Some(last) = history.last(key) {
                signed(Sight { reader: 0, writer: last.writer, key, version: last.version });
            }
        }
    }

    fn look_for_gaps(&mut self, history: &History, sights: &[Sight]) {
        let Self { gaps, claimants } = self;
        for claim in claimants.iter().flat_map(|claimant| &claimant.claims) {
            gaps.ask(claim.key, claim.seen);
        }
        for sight in sights {
            gaps.claimed(sight.key, sight.version);
        }
        gaps.look(history);
        let is_too_much = gaps.pairs() > MOST_PAIRS;
        for claimant in claimants.iter_mut() {
            let is_committed = claimant.fate == Outcome::Ok;
            for claim in &mut claimant.claims {
                if is_committed {
                    take(gaps, claim);
                }
                if !is_too_much && (claim.change.is_none() || claim.found.is_none()) {
                    claim.candidates = gaps
                        .row(claim.key)
                        .map_or_else(Vec::new, |row| row.fitting(claimant.start, claim.seen, claim.found));
                }
            }
        }
    }

    fn decide(&mut self) {
        let is_decided = |search: &mut Self| {
            let news = [search.drop_what_does_not_fit(), search.reject(), search.fill(), search.settle()];
            news == [false; 4]
        };
        while self.gaps.pairs() <= MOST_PAIRS && !is_decided(self) {}
    }

    /// Takes gaps off the lists of those that cannot have filled them.
    fn drop_what_does_not_fit(&mut self) -> bool {
        let Self { gaps, claimants } = self;
        let mut any = false;
        for claimant in claimants.iter_mut().filter(|claimant| claimant.fate != Outcome::Abort) {
            for claim in &mut claimant.claims {
                let before = claim.candidates.len();
                let Claim { key, change, candidates, .. } = claim;
                candidates.retain(|version| may_be(gaps, *key, *version, *change));
                any |= candidates.len() < before;
            }
        }
        any
    }

    /// Rule 2, where somebody looked at the row in the end: otherwise its version may be one that nobody has seen.
    fn reject(&mut self) -> bool {
        let Self { gaps, claimants } = self;
        let mut any = false;
        for claimant in claimants.iter_mut().filter(|claimant| claimant.fate == Outcome::Info) {
            let is_closed = |key: u32| gaps.row(key).is_some_and(|row| row.is_closed);
            if claimant.claims.iter().any(|claim| claim.candidates.is_empty() && is_closed(claim.key)) {
                claimant.fate = Outcome::Abort;
                claimant.claims.iter_mut().for_each(|claim| claim.candidates.clear());
                any = true;
            }
        }
        any
    }

    /// Rule 3.
    fn fill(&mut self) -> bool {
        let mut fitting: HashMap<(u32, u32), Option<(usize, usize)>> = HashMap::new();
        for (number, claimant) in self.claimants.iter().enumerate() {
            for (place, claim) in claimant.claims.iter().enumerate() {
                for version in &claim.candidates {
                    let only = fitting.entry((claim.key, *version)).or_insert(Some((number, place)));
                    *only = only.filter(|only| *only == (number, place));
                }
            }
        }
        let mut filled: Vec<_> = fitting.into_iter().filter_map(|(gap, only)| Some((gap, only?))).collect();
        filled.sort_unstable();
        let mut any = false;
        for ((key, version), (number, place)) in filled {
            let is_sure = self.gaps.gap_mut(key, version).is_some_and(|gap| gap.is_sure);
            let claimant = &mut self.claimants[number];
            let claim = &mut claimant.claims[place];
            if is_sure && !claim.candidates.is_empty() {
                claimant.fate = Outcome::Ok;
                claim.is(version);
                take(&mut self.gaps, claim);
                any = true;
            }
        }
        any
    }

    /// Rule 4; and what has become known of the balance in front of a version that was found tells what it holds.
    fn settle(&mut self) -> bool {
        let Self { gaps, claimants } = self;
        let mut any = false;
        for claimant in claimants.iter_mut().filter(|claimant| claimant.fate == Outcome::Ok) {
            for claim in &mut claimant.claims {
                // What was answered is known; what was not may be a version that nobody has seen.
                let is_known = claim.change.is_none() || gaps.row(claim.key).is_some_and(|row| row.is_closed);
                if let ([version], true) = (&claim.candidates[..], is_known) {
                    let version = *version;
                    claim.is(version);
                    take(gaps, claim);
                    any = true;
                } else if let Some(version) = claim.found.filter(|_| claim.change.is_some())
                    && gaps.held(claim.key, version).is_none()
                {
                    take(gaps, claim);
                    any |= gaps.held(claim.key, version).is_some();
                }
            }
        }
        any
    }

    /// Which versions may be those of an attempt: what fits it, or all gaps where too many were there to be looked into.
    fn doubt(&self, claimant: &Claimant, answers: &mut Answers) {
        let is_too_much = self.gaps.pairs() > MOST_PAIRS;
        let mut is_open = false;
        for claim in claimant.claims.iter().filter(|claim| claim.found.is_none()) {
            let all = self.gaps.row(claim.key).filter(|_| is_too_much).map_or(&[][..], |row| &row.gaps);
            is_open |= !claim.candidates.is_empty() || !all.is_empty();
            // Another attempt on the same row may have named all of them already.
            let named = all.first().is_some_and(|gap| answers.doubts.contains(&(claim.key, gap.version)));
            let all = all.iter().filter(|_| !named).map(|gap| gap.version);
            answers.doubts.extend(claim.candidates.iter().copied().chain(all).map(|version| (claim.key, version)));
        }
        answers.open += u32::from(is_open);
    }
}

impl Claimant {
    /// Somebody found this version of a row under its signature. Who applies a write twice signs two: the first one counts.
    fn is_signed(&mut self, key: u32, version: u32) {
        for claim in self.claims.iter_mut().filter(|claim| claim.key == key) {
            match (claim.change, claim.found) {
                (Some(_), found) => claim.found = Some(found.map_or(version, |found| found.min(version))),
                (None, found) if found == Some(version) => {}
                (None, _) => continue,
            }
            self.fate = Outcome::Ok;
        }
    }
}

impl Claim {
    fn is(&mut self, version: u32) {
        self.found = Some(version);
        self.candidates.clear();
    }
}

/// Whether a gap is open and what a write would have made of it is what the next one found.
fn may_be(gaps: &Gaps, key: u32, version: u32, change: Option<Change>) -> bool {
    gaps.is_open(key, version)
        && made(gaps, key, version, change).is_none_or(|value| gaps.may_precede(key, version, value))
}

/// What a write makes of a row if it makes this version.
fn made(gaps: &Gaps, key: u32, version: u32, change: Option<Change>) -> Option<i64> {
    match change? {
        Change::Set(to) => Some(to),
        Change::Add(delta) => gaps.held(key, version.checked_sub(1)?)?.checked_add(delta),
    }
}

/// A gap is filled by a write whose version was found.
fn take(gaps: &mut Gaps, claim: &Claim) {
    let Some(version) = claim.found else { return };
    if let Some(gap) = gaps.gap_mut(claim.key, version) {
        gap.is_taken = true;
    }
    gaps.value(claim.key, version, made(gaps, claim.key, version, claim.change));
    if let (Some(Change::Add(delta)), Some(held)) = (claim.change, gaps.held(claim.key, version))
        && let Some(base) = held.checked_sub(delta)
    {
        gaps.computed(claim.key, version, base);
    }
}
