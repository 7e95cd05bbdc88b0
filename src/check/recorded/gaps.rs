//! Which versions of a row did no committed attempt make, and what is known of the versions around them?

use std::collections::HashMap;

use crate::check::history::{History, Operation, Outcome, mark};

/// A version that no committed attempt made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    pub(super) version: u32,
    /// Somebody found this version or made a later one. Otherwise only an ambiguous attempt says so.
    pub(super) is_sure: bool,
    /// When it was there at the latest: somebody who had ended by then had found it or a later one.
    pub(super) by: i64,
    /// Whose it is has been found.
    pub(super) is_taken: bool,
}

/// A row that an ambiguous attempt may have written.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// How many ambiguous writes there are to it: as many gaps at most can be explained.
    claims: usize,
    /// The highest version that an ambiguous attempt says there is.
    claimed: u32,
    made: Vec<u32>,
    /// The highest version that is known to be there.
    highest: u32,
    /// Whether somebody looked at the end: whoever wrote the row is in one of the gaps.
    pub(super) is_closed: bool,
    /// Ascending.
    pub(super) gaps: Vec<Gap>,
}

/// All of them, by the number of the row.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    rows: HashMap<u32, Row>,
    /// What versions beside gaps held, and gaps that were read, by row and version.
    values: HashMap<(u32, u32), i64>,
    /// The [`mark`] of what versions behind gaps were computed from.
    bases: HashMap<(u32, u32), u32>,
}

impl Gaps {
    /// One more ambiguous write to a row, by an attempt that knows of this version of it.
    pub(super) fn ask(&mut self, key: u32, version: u32) {
        self.rows.entry(key).or_default().claims += 1;
        self.claimed(key, version);
    }

    /// An ambiguous attempt says that there is this version.
    pub(super) fn claimed(&mut self, key: u32, version: u32) {
        if let Some(row) = self.rows.get_mut(&key) {
            row.claimed = row.claimed.max(version);
        }
    }

    /// Looks for the gaps in the rows that were asked for.
    pub(super) fn look(&mut self, history: &History) {
        for_each(history, |_, operation| match operation {
            Operation::Write { key, version } => self.made(key, version),
            Operation::Read { key, version, .. } => self.raise(key, version),
            Operation::ReadSet { .. } | Operation::Add { .. } => {}
        });
        for txn in (0..history.len()).filter(|txn| history.outcome(*txn) == Outcome::Info) {
            for operation in history.operations(txn) {
                if let Operation::Read { key, version, .. } = operation {
                    self.claimed(key, version);
                }
            }
        }
        for (key, row) in &mut self.rows {
            row.find(history.initial(*key), history.last(*key).map(|last| last.version));
        }
        self.look_around(history);
        self.look_at_the_times(history);
    }

    fn look_around(&mut self, history: &History) {
        for_each(history, |number, operation| match operation {
            Operation::Write { key, version } => {
                self.value(key, version, history.value(number));
                if let Some(base) = history.base(number).filter(|_| self.is_gap(key, version.wrapping_sub(1))) {
                    self.bases.insert((key, version), base);
                }
            }
            Operation::Read { key, version, writer } => {
                self.value(key, version, history.value(number));
                self.signed(key, version, writer.unwrap_or(0));
            }
            Operation::ReadSet { .. } | Operation::Add { .. } => {}
        });
        let keys: Vec<u32> = self.rows.keys().copied().collect();
        for key in keys {
            self.value(key, history.initial(key), history.initial_value(key));
            if let Some(last) = history.last(key) {
                self.value(key, last.version, history.last_value(key));
                self.signed(key, last.version, last.writer);
            }
        }
    }

    /// Whoever has signed a gap has made it, and nobody else.
    fn signed(&mut self, key: u32, version: u32, writer: u32) {
        if let Some(gap) = self.gap_mut(key, version).filter(|_| writer != 0) {
            gap.is_taken = true;
        }
    }

    fn made(&mut self, key: u32, version: u32) {
        self.raise(key, version);
        if let Some(row) = self.rows.get_mut(&key) {
            row.made.push(version);
        }
    }

    fn raise(&mut self, key: u32, version: u32) {
        if let Some(row) = self.rows.get_mut(&key) {
            row.highest = row.highest.max(version);
        }
    }

    fn look_at_the_times(&mut self, history: &History) {
        for txn in (0..history.len()).filter(|txn| history.outcome(*txn) == Outcome::Ok) {
            for operation in history.operations(txn) {
                let (Operation::Read { key, version, .. } | Operation::Write { key, version }) = operation else {
                    continue;
                };
                if let Some(gap) = self.rows.get_mut(&key).and_then(|row| row.at_or_below(version)) {
                    gap.by = gap.by.min(history.end(txn));
                }
            }
        }
        for row in self.rows.values_mut() {
            let mut by = i64::MAX;
            for gap in row.gaps.iter_mut().rev() {
                by = by.min(gap.by);
                gap.by = by;
            }
        }
    }

    /// Notes what a version held, where that says something about a gap.
    pub(super) fn value(&mut self, key: u32, version: u32, value: Option<i64>) {
        let Some(value) = value else { return };
        if self.is_gap(key, version) || self.is_gap(key, version.wrapping_add(1)) {
            self.values.entry((key, version)).or_insert(value);
        }
    }

    /// What a version held, where that is known.
    pub(super) fn held(&self, key: u32, version: u32) -> Option<i64> {
        self.values.get(&(key, version)).copied()
    }

    /// Whether the next version may have been computed from this value.
    pub(super) fn may_precede(&self, key: u32, version: u32, value: i64) -> bool {
        let next = version.checked_add(1).and_then(|next| self.bases.get(&(key, next)));
        next.is_none_or(|base| *base == mark(value)) && self.held(key, version).is_none_or(|held| held == value)
    }

    /// A write has turned out to have made this version of what the version before held.
    pub(super) fn computed(&mut self, key: u32, version: u32, base: i64) {
        if self.is_gap(key, version.wrapping_sub(1)) {
            self.bases.entry((key, version)).or_insert(mark(base));
        }
    }

    pub(super) fn row(&self, key: u32) -> Option<&Row> {
        self.rows.get(&key)
    }

    pub(super) fn gap_mut(&mut self, key: u32, version: u32) -> Option<&mut Gap> {
        let row = self.rows.get_mut(&key)?;
        row.place(version).map(|place| &mut row.gaps[place])
    }

    /// How many pairs of a gap and an ambiguous write to its row there are.
    pub(super) fn pairs(&self) -> usize {
        self.rows.values().map(|row| row.claims * row.gaps.len()).sum()
    }

    /// Whether nobody knows yet who made a version.
    pub(super) fn is_open(&self, key: u32, version: u32) -> bool {
        let row = self.row(key);
        row.is_some_and(|row| row.place(version).is_some_and(|place| !row.gaps[place].is_taken))
    }

    fn is_gap(&self, key: u32, version: u32) -> bool {
        self.row(key).is_some_and(|row| row.place(version).is_some())
    }
}

impl Row {
    /// Where there are more gaps than ambiguous writes, nothing explains them: then it is as if there were none.
    fn find(&mut self, initial: u32, last: Option<u32>) {
        let sure = last.unwrap_or(self.highest);
        let highest = last.unwrap_or(sure.max(self.claimed));
        self.made.retain(|version| (initial.saturating_add(1)..=highest).contains(version));
        self.made.sort_unstable();
        self.made.dedup();
        let open = (highest.saturating_sub(initial) as usize).saturating_sub(self.made.len());
        if open <= self.claims {
            let is_open = |version: &u32| self.made.binary_search(version).is_err();
            let gap = |version| Gap { version, is_sure: version <= sure, by: i64::MAX, is_taken: false };
            // At most as many as there are claims and versions that were made.
            self.gaps = (initial.saturating_add(1)..=highest).filter(is_open).map(gap).collect();
            self.is_closed = last.is_some();
        }
        self.made = Vec::new();
    }

    /// The gaps that a write may have filled which was sent after this time, by somebody who knew of a version of the row. One
    /// that was answered fits its own version alone.
    pub(super) fn fitting(&self, sent: i64, seen: u32, answered: Option<u32>) -> Vec<u32> {
        let fits = |gap: &&Gap| sent <= gap.by && answered.map_or(gap.version > seen, |own| own == gap.version);
        self.gaps.iter().filter(fits).map(|gap| gap.version).collect()
    }

    fn place(&self, version: u32) -> Option<usize> {
        self.gaps.binary_search_by_key(&version, |gap| gap.version).ok()
    }

    fn at_or_below(&mut self, version: u32) -> Option<&mut Gap> {
        let behind = self.gaps.partition_point(|gap| gap.version <= version);
        self.gaps.get_mut(behind.checked_sub(1)?)
    }
}

/// The operations of all committed transactions.
fn for_each(history: &History, mut each: impl FnMut(u32, Operation<'_>)) {
    for txn in (0..history.len()).filter(|txn| history.outcome(*txn) == Outcome::Ok) {
        for number in history.operation_numbers(txn) {
            each(number, history.operation(number));
        }
    }
}
