//! Who wrote each version, and who wrote the next? The committed writers of every key in the order of the versions.

use std::collections::HashSet;

use crate::check::history::{History, Operation, Outcome};

/// No entry of another table.
const NONE: u32 = u32::MAX;

/// The versions of one key.
#[derive(Clone, Copy)]
struct Chain {
    /// The slot of the first version.
    base: u32,
    length: u32,
    /// The first version; the others follow without a gap unless `numbers` says otherwise.
    first: u32,
    /// Where the versions stand in `Chains::numbers`, or `NONE`.
    numbers: u32,
}

/// Two committed transactions made one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Which key.
    pub key: u32,
    /// Which version.
    pub version: u32,
    /// Whose write the order goes by.
    pub first: u32,
    /// The other one.
    pub second: u32,
}

/// The committed writers. A *slot* is the place of one key's version in the order of keys and versions.
pub struct Chains {
    /// By key.
    keys: Vec<Chain>,
    writers: Vec<u32>,
    numbers: Vec<u32>,
    /// Slots of versions that their own transaction replaced.
    intermediate: HashSet<u32>,
    /// Key and version of the duplicates.
    contested: HashSet<(u32, u32)>,
    duplicates: Vec<Duplicate>,
}

impl Chains {
    /// Sorts the writes of all transactions whose fate is `Ok`.
    #[must_use]
    pub fn new(history: &History, fates: &[Outcome]) -> Self {
        let (keys, rewrites) = measure(history, fates);
        let writes = keys.iter().map(|chain| chain.length as usize).sum();
        let mut made = Self {
            keys,
            writers: vec![NONE; writes],
            numbers: Vec::new(),
            intermediate: HashSet::new(),
            contested: HashSet::new(),
            duplicates: Vec::new(),
        };
        let irregular = made.fill(history, fates);
        if irregular.iter().any(|is| *is) {
            made.fill_irregular(history, fates, &irregular);
        }
        made.contested = made.duplicates.iter().map(|duplicate| (duplicate.key, duplicate.version)).collect();
        for (txn, key) in rewrites {
            made.mark_intermediate(history, txn, key);
        }
        made
    }

    /// Puts each write into its place where versions are dense; says for which keys that does not work.
    fn fill(&mut self, history: &History, fates: &[Outcome]) -> Vec<bool> {
        let mut irregular: Vec<bool> = self.keys.iter().map(|chain| chain.numbers != NONE).collect();
        for_each_write(history, fates, |txn, key, version| {
            let chain = self.keys[key as usize];
            if irregular[key as usize] {
                return;
            }
            let writer = &mut self.writers[(chain.base + (version - chain.first)) as usize];
            if *writer != NONE && *writer != txn {
                irregular[key as usize] = true;
            }
            *writer = txn;
        });
        irregular
    }

    fn fill_irregular(&mut self, history: &History, fates: &[Outcome], irregular: &[bool]) {
        let mut writes = Vec::new();
        for_each_write(history, fates, |txn, key, version| {
            if irregular[key as usize] {
                writes.push((key, version, txn));
            }
        });
        writes.sort_unstable();
        writes.dedup();
        for of_key in writes.chunk_by(|one, next| one.0 == next.0) {
            let key = of_key[0].0;
            let mut chain = self.keys[key as usize];
            (chain.length, chain.first, chain.numbers) = (0, of_key[0].1, index(self.numbers.len()));
            for same in of_key.chunk_by(|one, next| one.1 == next.1) {
                let (_, version, first) = same[0];
                self.writers[(chain.base + chain.length) as usize] = first;
                self.numbers.push(version);
                chain.length += 1;
                let duplicate = |second: &(u32, u32, u32)| Duplicate { key, version, first, second: second.2 };
                self.duplicates.extend(same[1..].iter().map(duplicate));
            }
            self.keys[key as usize] = chain;
        }
    }

    fn mark_intermediate(&mut self, history: &History, txn: u32, key: u32) {
        let versions = || {
            history.operations(txn).filter_map(|operation| match operation {
                Operation::Write { key: written, version } if written == key => Some(version),
                _ => None,
            })
        };
        let Some(last) = versions().max() else { return };
        for version in versions().filter(|version| *version < last) {
            if let Some(slot) = self.slot(key, version).filter(|slot| self.writer(*slot) == txn) {
                self.intermediate.insert(slot);
            }
        }
    }

    /// How many slots there are.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.writers.len()
    }

    /// Who wrote the version in a slot.
    #[must_use]
    pub fn writer(&self, slot: u32) -> u32 {
        self.writers[slot as usize]
    }

    /// The slot of a version that a committed transaction wrote.
    #[must_use]
    pub fn slot(&self, key: u32, version: u32) -> Option<u32> {
        let chain = self.keys[key as usize];
        if chain.numbers == NONE {
            let offset = version.wrapping_sub(chain.first);
            return (offset < chain.length).then(|| chain.base + offset);
        }
        self.versions(chain).binary_search(&version).ok().map(|offset| chain.base + index(offset))
    }

    /// The slot of the first later version that a committed transaction wrote.
    #[must_use]
    pub fn next_slot(&self, key: u32, version: u32) -> Option<u32> {
        let chain = self.keys[key as usize];
        let offset = if chain.numbers != NONE {
            index(self.versions(chain).partition_point(|number| *number <= version))
        } else if version < chain.first {
            0
        } else {
            (version - chain.first).saturating_add(1)
        };
        (offset < chain.length).then(|| chain.base + offset)
    }

    /// Whether two committed transactions made this version: nobody knows what it says about their order.
    #[must_use]
    pub fn is_contested(&self, key: u32, version: u32) -> bool {
        !self.contested.is_empty() && self.contested.contains(&(key, version))
    }

    /// The slot of the first later version that one committed transaction wrote, and no other.
    #[must_use]
    pub fn next_uncontested(&self, key: u32, version: u32) -> Option<u32> {
        let mut next = self.next_slot(key, version);
        while !self.contested.is_empty()
            && let Some(version) =
                next.map(|slot| self.version(key, slot)).filter(|version| self.is_contested(key, *version))
        {
            next = self.next_slot(key, version);
        }
        next
    }

    /// The version in a slot of this key.
    #[must_use]
    pub fn version(&self, key: u32, slot: u32) -> u32 {
        let chain = self.keys[key as usize];
        let offset = slot - chain.base;
        if chain.numbers == NONE { chain.first + offset } else { self.versions(chain)[offset as usize] }
    }

    /// The last version that a committed transaction wrote.
    #[must_use]
    pub fn last(&self, key: u32) -> Option<u32> {
        let chain = self.keys[key as usize];
        (chain.length > 0).then(|| self.version(key, chain.base + chain.length - 1))
    }

    /// Whether a version is missing between the initial and the last one.
    #[must_use]
    pub fn has_gap(&self, history: &History, key: u32) -> bool {
        self.last(key).is_some_and(|last| last.saturating_sub(history.initial(key)) != self.keys[key as usize].length)
    }

    /// Whether the transaction that made this version replaced it itself.
    #[must_use]
    pub fn is_intermediate(&self, slot: u32) -> bool {
        !self.intermediate.is_empty() && self.intermediate.contains(&slot)
    }

    /// Versions that two committed transactions made.
    #[must_use]
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    fn versions(&self, chain: Chain) -> &[u32] {
        &self.numbers[chain.numbers as usize..][..chain.length as usize]
    }
}

/// The builder refuses histories with more operations than 32 bits count.
#[expect(clippy::cast_possible_truncation, reason = "see above")]
fn index(offset: usize) -> u32 {
    offset as u32
}

fn for_each_write(history: &History, fates: &[Outcome], mut each: impl FnMut(u32, u32, u32)) {
    for txn in 0..history.len() {
        if fates[txn as usize] == Outcome::Ok {
            for operation in history.operations(txn) {
                if let Operation::Write { key, version } = operation {
                    each(txn, key, version);
                }
            }
        }
    }
}

/// How many versions each key has and where they begin, and who wrote a key twice. `numbers` is `NONE` where the
/// versions look dense.
fn measure(history: &History, fates: &[Outcome]) -> (Vec<Chain>, Vec<(u32, u32)>) {
    struct Extent {
        count: u32,
        lowest: u32,
        highest: u32,
        writer: u32,
    }
    let nothing = || Extent { count: 0, lowest: u32::MAX, highest: 0, writer: NONE };
    let mut extents: Vec<Extent> = (0..history.keys()).map(|_| nothing()).collect();
    let mut rewrites = Vec::new();
    for_each_write(history, fates, |txn, key, version| {
        let extent = &mut extents[key as usize];
        extent.count += 1;
        extent.lowest = extent.lowest.min(version);
        extent.highest = extent.highest.max(version);
        if extent.writer == txn {
            rewrites.push((txn, key));
        }
        extent.writer = txn;
    });
    let mut base = 0;
    let chains = extents.into_iter().map(|extent| {
        let dense = extent.count == 0 || u64::from(extent.highest - extent.lowest) + 1 == u64::from(extent.count);
        let numbers = if dense { NONE } else { 0 };
        let chain = Chain { base, length: extent.count, first: extent.lowest, numbers };
        base += extent.count;
        chain
    });
    (chains.collect(), rewrites)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::history::notation::parse;

    fn chains(text: &str) -> (History, Chains) {
        let history = parse(text).expect("a history");
        let fates: Vec<Outcome> = (0..history.len()).map(|txn| history.outcome(txn)).collect();
        let chains = Chains::new(&history, &fates);
        (history, chains)
    }

    #[test]
    fn dense_versions_are_found_by_arithmetic() {
        let (history, chains) =
            chains("T1 a [0,1] ok : w(x@1)\nT2 a [2,3] ok : w(x@2) w(y@1)\nT3 a [4,5] abort : w(x@3)");
        assert_eq!(
            (chains.slot(0, 0), chains.slot(0, 1), chains.slot(0, 2), chains.slot(0, 3)),
            (None, Some(0), Some(1), None)
        );
        assert_eq!((chains.next_slot(0, 0), chains.next_slot(0, 1), chains.next_slot(0, 2)), (Some(0), Some(1), None));
        assert_eq!(chains.writer(1), 1);
        assert!(!chains.has_gap(&history, 0));
    }

    #[test]
    fn gaps_and_duplicates_are_found_by_search() {
        let (history, chains) =
            chains("T1 a [0,1] ok : w(x@2)\nT2 a [2,3] ok : w(x@7)\nT3 a [4,5] ok : w(x@7)\nT4 a [6,7] ok : w(y@1)");
        assert_eq!((chains.slot(0, 2), chains.slot(0, 5), chains.slot(0, 7)), (Some(0), None, Some(1)));
        assert_eq!((chains.next_slot(0, 0), chains.next_slot(0, 5), chains.next_slot(0, 7)), (Some(0), Some(1), None));
        assert_eq!(chains.duplicates(), [Duplicate { key: 0, version: 7, first: 1, second: 2 }]);
        assert_eq!((chains.version(0, 1), chains.last(0), chains.last(1)), (7, Some(7), Some(1)));
        assert!(chains.has_gap(&history, 0) && !chains.has_gap(&history, 1));
    }

    #[test]
    fn a_gap_hidden_by_a_duplicate_is_a_gap() {
        let (history, chains) = chains("T1 a [0,1] ok : w(x@1)\nT2 a [2,3] ok : w(x@1)\nT3 a [4,5] ok : w(x@3)");
        assert_eq!(
            (chains.next_slot(0, 1).map(|slot| chains.version(0, slot)), chains.duplicates().len()),
            (Some(3), 1)
        );
        assert!(chains.has_gap(&history, 0));
    }

    #[test]
    fn only_the_last_version_of_a_transaction_is_final() {
        let (_, chains) = chains("T1 a [0,1] ok : w(x@1) w(x@2)\nT2 a [2,3] ok : w(x@3)");
        let intermediate: Vec<bool> = (0..3).map(|slot| chains.is_intermediate(slot)).collect();
        assert_eq!(intermediate, [true, false, false]);
    }
}
