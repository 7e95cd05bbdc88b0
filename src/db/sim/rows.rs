//! What did a row hold when? Its committed versions, for as long as somebody may still look at them.

use std::collections::HashMap;

use super::conflicts::{NEVER, Sequence};
use crate::db::layout::Used;
use crate::history::{Account, Key, Row, Snapshot, Table};
use crate::plan::{Bank, FIRST_BATCH, PORTION, Plan};

/// The number of a row, in the order in which they were first asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RowId(u32);

/// A version that was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) row: Row,
    /// The commit that made it.
    pub(super) made: Sequence,
    /// The first commit that overwrote something which the maker of this version had read, if any was before it.
    pub(super) beyond: Sequence,
}

/// The versions of one row.
#[derive(Clone, Debug)]
pub(super) struct Versions {
    newest: Version,
    /// The first one first.
    older: Vec<Version>,
    /// When the newest version was last read by a transaction that was committed: see [`super::conflicts`].
    pub(super) read: Sequence,
}

impl Versions {
    fn new(row: Row) -> Self {
        Self { newest: Version { row, made: 0, beyond: NEVER }, older: Vec::new(), read: 0 }
    }

    pub(super) fn newest(&self) -> Version {
        self.newest
    }

    /// What a snapshot shows.
    pub(super) fn at(&self, snapshot: Sequence) -> Version {
        if self.newest.made <= snapshot {
            return self.newest;
        }
        let behind = self.older.partition_point(|version| version.made <= snapshot);
        self.older.get(behind.saturating_sub(1)).copied().unwrap_or(self.newest)
    }

    /// The version that replaced what a snapshot shows.
    pub(super) fn behind(&self, snapshot: Sequence) -> Option<Version> {
        if self.newest.made <= snapshot {
            return None;
        }
        let behind = self.older.partition_point(|version| version.made <= snapshot);
        Some(self.older.get(behind).copied().unwrap_or(self.newest))
    }

    /// Adds a version, and forgets those that no snapshot from the oldest one on shows.
    pub(super) fn push(&mut self, version: Version, oldest: Sequence) {
        self.older.push(std::mem::replace(&mut self.newest, version));
        self.read = 0;
        let replaced = |index: usize| self.older.get(index + 1).map_or(version.made, |next| next.made);
        let kept = (0..self.older.len()).find(|index| replaced(*index) > oldest).unwrap_or(self.older.len());
        self.older.drain(..kept);
    }
}

/// All rows. One that nobody has asked for holds what it was seeded with.
#[derive(Debug)]
pub(super) struct Rows {
    bank: Bank,
    used: [bool; 4],
    numbers: HashMap<Key, RowId>,
    versions: Vec<Versions>,
}

impl Rows {
    /// Seeded as the tables of a plan are.
    pub(super) fn new(plan: &Plan) -> Self {
        let used = Table::ALL.map(|table| Used::by(plan).table(table));
        Self { bank: plan.bank.clone(), used, numbers: HashMap::new(), versions: Vec::new() }
    }

    /// A row, where its table may have one of this number.
    pub(super) fn find(&mut self, key: Key) -> Option<RowId> {
        if let Some(number) = self.numbers.get(&key) {
            return Some(*number);
        }
        let row = self.seeded(key)?;
        let number = RowId(u32::try_from(self.versions.len()).ok()?);
        self.versions.push(Versions::new(row));
        self.numbers.insert(key, number);
        Some(number)
    }

    pub(super) fn of(&self, row: RowId) -> &Versions {
        &self.versions[row.0 as usize]
    }

    pub(super) fn of_mut(&mut self, row: RowId) -> &mut Versions {
        &mut self.versions[row.0 as usize]
    }

    /// The accounts as they are now; where there are more than so many, only what they are together.
    pub(super) fn accounts(&self, most: i64) -> Snapshot {
        let (count, balance) = self.seeded_rows(Table::Accounts);
        if count <= most {
            return Snapshot::of(self.table(Table::Accounts, most).unwrap_or_default());
        }
        let asked_for = self.numbers.iter().filter(|(key, _)| key.table == Table::Accounts);
        let rows: Vec<Row> = asked_for.map(|(_, row)| self.of(*row).newest.row).collect();
        let as_seeded = count - (rows.len() as u64).cast_signed();
        let balances = || rows.iter().map(|row| row.balance).chain((as_seeded > 0).then_some(balance));
        Snapshot {
            count: count.cast_unsigned(),
            total: i128::from(as_seeded) * i128::from(balance)
                + rows.iter().map(|row| i128::from(row.balance)).sum::<i128>(),
            versions: rows.iter().map(|row| i128::from(row.version)).sum(),
            lowest: balances().min().unwrap_or(0),
            highest: balances().max().unwrap_or(0),
            accounts: None,
        }
    }

    /// A table as it is now, in the order of the ids; nothing when the plan has no use for it, or it has more rows than so
    /// many.
    pub(super) fn table(&self, table: Table, most: i64) -> Option<Vec<Account>> {
        if !self.used[table as usize] || self.seeded_rows(table).0 > most {
            return None;
        }
        let ids: Box<dyn Iterator<Item = i64>> = match table {
            Table::Fresh => {
                let mut ids: Vec<i64> =
                    self.numbers.keys().filter(|key| key.table == table).map(|key| key.id).collect();
                ids.sort_unstable();
                Box::new(ids.into_iter())
            }
            _ => Box::new(1..=self.seeded_rows(table).0),
        };
        let account = |id| self.now(Key { table, id }).map(|row| Account { id, row });
        // What was looked for in fresh, and never inserted, has no version.
        let rows = ids.filter_map(account).filter(|account| table != Table::Fresh || account.row.version > 0);
        Some(rows.collect()).filter(|rows: &Vec<Account>| (rows.len() as u64).cast_signed() <= most)
    }

    fn now(&self, key: Key) -> Option<Row> {
        self.numbers.get(&key).map(|row| self.of(*row).newest.row).or_else(|| self.seeded(key))
    }

    /// What a row is seeded with; a version of 0 in fresh says that it is not there.
    fn seeded(&self, key: Key) -> Option<Row> {
        if key.table == Table::Fresh {
            return Some(Row::default());
        }
        let (rows, balance) = self.seeded_rows(key.table);
        (1..=rows).contains(&key.id).then_some(Row { balance, version: 0, writer: 0 })
    }

    /// How many rows a table is seeded with, and what each holds.
    fn seeded_rows(&self, table: Table) -> (i64, i64) {
        let Bank { accounts, balance, .. } = self.bank;
        let (rows, balance) = match table {
            Table::Accounts => (accounts, balance),
            Table::Pairs => (2 * self.bank.customers(), PORTION),
            Table::Tills => (self.bank.tills(), FIRST_BATCH),
            Table::Fresh => (0, 0),
        };
        (if self.used[table as usize] { rows.cast_signed() } else { 0 }, balance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(made: Sequence) -> Version {
        Version { row: Row { balance: 0, version: made.cast_signed(), writer: 0 }, made, beyond: NEVER }
    }

    #[test]
    fn accounts_that_are_not_held_add_up_to_the_same() {
        let mut rows = Rows::new(&super::super::script::plan());
        for (id, balance) in [(3, 1500), (7, 400), (8, 1000)] {
            let row = rows.find(Key::account(id)).unwrap();
            rows.of_mut(row).push(Version { row: Row { balance, version: id, writer: 1 }, made: 1, beyond: NEVER }, 0);
        }
        let (held, summed_up) = (rows.accounts(10), rows.accounts(9));
        assert_eq!(held.accounts.as_ref().map(Vec::len), Some(10));
        assert_eq!((held.total, held.versions, held.lowest, held.highest), (9_900, 18, 400, 1500));
        assert_eq!(Snapshot { accounts: None, ..held }, summed_up);
        assert_eq!(rows.table(Table::Pairs, 10).map(|rows| rows.len()), Some(10));
        assert_eq!(rows.table(Table::Pairs, 9), None);
    }

    #[test]
    fn a_snapshot_shows_the_last_version_before_it_and_what_came_behind() {
        let mut versions = Versions::new(Row::default());
        for made in [3, 5, 9] {
            versions.push(version(made), 0);
        }
        for (snapshot, shown, behind) in
            [(0, 0, Some(3)), (2, 0, Some(3)), (3, 3, Some(5)), (8, 5, Some(9)), (9, 9, None), (99, 9, None)]
        {
            assert_eq!(versions.at(snapshot).made, shown, "at {snapshot}");
            assert_eq!(versions.behind(snapshot).map(|version| version.made), behind, "behind {snapshot}");
        }
    }

    #[test]
    fn versions_that_no_snapshot_shows_are_forgotten() {
        let mut versions = Versions::new(Row::default());
        for made in [3, 5, 9] {
            versions.push(version(made), 0);
        }
        assert_eq!(versions.older.len(), 3);
        versions.push(version(12), 6);
        let kept: Vec<Sequence> = versions.older.iter().map(|version| version.made).collect();
        assert_eq!(kept, [5, 9], "a snapshot of 6 shows 5");
        versions.push(version(15), 15);
        assert!(versions.older.is_empty());
        assert_eq!(versions.at(15).made, 15);
    }
}
