//! Which number does a row have? Accounts, pairs and tills in the order of their ids, then fresh rows, and those of very
//! large tables, as they are met.

use std::collections::HashMap;

use super::fingerprints::Fingerprints;
use super::{RecordedError, Sizes, version_of};
use crate::check::history::{FinalRow, Span};
use crate::history::{Account, Key, State, Table};

/// Tables up to this size have a number for each of their rows; rows of larger ones get one when they are met.
const DENSE: u64 = 1 << 20;

/// The numbers of all rows.
#[derive(Debug)]
pub(super) struct Keys {
    sizes: [(Table, u64); 3],
    /// Tables whose rows have the ids 1 to a number: that number, and the key of row 1.
    dense: Vec<(Table, u32, u32)>,
    /// How many rows they have together.
    dense_rows: u32,
    /// The rows of other tables.
    met: HashMap<Key, u32>,
    /// The same in the order of their numbers.
    in_order: Vec<Key>,
    touched: Vec<Table>,
}

impl Keys {
    pub(super) fn new(sizes: Sizes) -> Self {
        let sizes = [(Table::Accounts, sizes.accounts), (Table::Pairs, sizes.pairs), (Table::Tills, sizes.tills)];
        let (mut dense, mut dense_rows) = (Vec::new(), 0);
        for (table, rows) in sizes {
            if let Some(rows) = u32::try_from(rows).ok().filter(|rows| u64::from(*rows) <= DENSE) {
                dense.push((table, rows, dense_rows));
                dense_rows += rows;
            }
        }
        Self { sizes, dense, dense_rows, met: HashMap::new(), in_order: Vec::new(), touched: Vec::new() }
    }

    /// The number of a row that was read or written.
    pub(super) fn number(&mut self, key: Key) -> Result<u32, RecordedError> {
        if !self.touched.contains(&key.table) {
            self.touched.push(key.table);
        }
        if let Some(number) = self.known(key) {
            return Ok(number);
        }
        let is_there =
            |(table, rows): &(Table, u64)| *table == key.table && (1..=*rows).contains(&key.id.cast_unsigned());
        let is_dense = self.dense.iter().any(|(table, ..)| *table == key.table);
        if is_dense || key.table != Table::Fresh && !self.sizes.iter().any(is_there) {
            return Err(RecordedError::NoSuchRow(key));
        }
        let number = self.dense_rows + u32::try_from(self.in_order.len()).map_err(|_| RecordedError::TooLarge)?;
        self.met.insert(key, number);
        self.in_order.push(key);
        (number < 1 << 30).then_some(number).ok_or(RecordedError::TooLarge)
    }

    /// The number of a row, if it has one.
    fn known(&self, key: Key) -> Option<u32> {
        match self.dense.iter().find(|(table, ..)| *table == key.table) {
            Some((_, rows, first)) => {
                let index = u32::try_from(key.id).ok()?.checked_sub(1)?;
                (index < *rows).then_some(first + index)
            }
            None => self.met.get(&key).copied(),
        }
    }

    fn count(&self) -> usize {
        self.dense_rows as usize + self.in_order.len()
    }

    /// Whether every table that was worked with was read whole.
    pub(super) fn were_read(&self, state: &State) -> bool {
        self.touched.iter().all(|table| rows_of(state, *table).is_some())
    }

    /// Version and balance of each row in a state, by its number; version 0 and no balance for one that is not there.
    pub(super) fn held(&self, state: &State) -> Result<(Vec<u32>, Vec<Option<i64>>), RecordedError> {
        let (mut versions, mut values) = (vec![0; self.count()], vec![None; self.count()]);
        for (key, account) in Table::ALL.into_iter().flat_map(|table| rows(state, table)) {
            if let Some(number) = self.known(key) {
                versions[number as usize] = version_of(key, account.row.version)?;
                values[number as usize] = Some(account.row.balance);
            }
        }
        Ok((versions, values))
    }

    /// What each row holds in a state, by its number; nothing where that was not read. A fresh row that is not there has
    /// version 0.
    pub(super) fn finals(
        &self,
        state: &State,
        fingerprints: &Fingerprints,
    ) -> Result<Vec<Option<FinalRow>>, RecordedError> {
        let mut finals = vec![None; self.dense_rows as usize];
        let absent = |key: &Key| (key.table == Table::Fresh && state.fresh.is_some()).then(FinalRow::default);
        finals.extend(self.in_order.iter().map(absent));
        for (key, account) in Table::ALL.into_iter().flat_map(|table| rows(state, table)) {
            if let Some(last) = self.known(key).and_then(|number| finals.get_mut(number as usize)) {
                let (version, writer) = (version_of(key, account.row.version)?, fingerprints.of(account.row.writer));
                *last = Some(FinalRow { version, writer });
            }
        }
        Ok(finals)
    }

    /// What the rows are called that have numbers before they are met.
    pub(super) fn spans(&self) -> Vec<Span> {
        let with_rows = self.dense.iter().filter(|(_, rows, _)| *rows > 0);
        let span = |(table, _, first): &(Table, u32, u32)| Span {
            first_key: *first,
            label: label(*table).to_owned(),
            first_id: 1,
        };
        with_rows.map(span).collect()
    }

    /// The number of the first row that had none before it was met.
    pub(super) fn first_met(&self) -> u32 {
        self.dense_rows
    }

    /// What those rows are called.
    pub(super) fn met_names(&self) -> Vec<String> {
        self.in_order.iter().map(|key| format!("{} {}", label(key.table), key.id)).collect()
    }
}

/// One row of a table, in words.
fn label(table: Table) -> &'static str {
    match table {
        Table::Accounts => "account",
        Table::Pairs => "pair account",
        Table::Tills => "till",
        Table::Fresh => "fresh row",
    }
}

fn rows_of(state: &State, table: Table) -> Option<&[Account]> {
    match table {
        Table::Accounts => state.accounts.accounts.as_deref(),
        Table::Pairs => state.pairs.as_deref(),
        Table::Tills => state.tills.as_deref(),
        Table::Fresh => state.fresh.as_deref(),
    }
}

fn rows(state: &State, table: Table) -> impl Iterator<Item = (Key, &Account)> {
    rows_of(state, table).unwrap_or_default().iter().map(move |account| (Key { table, id: account.id }, account))
}
