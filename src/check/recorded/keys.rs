//! Which number does a row have? Accounts, pairs and tills in the order of their ids, then fresh rows as they are met.

use std::collections::HashMap;

use super::fingerprints::Fingerprints;
use super::{RecordedError, Sizes, version_of};
use crate::check::history::{FinalRow, Span};
use crate::history::{Account, Key, State, Table};

/// The numbers of all rows.
#[derive(Debug)]
pub(super) struct Keys {
    /// Tables whose rows have the ids 1 to a number: that number, and the key of row 1.
    dense: [(Table, u32, u32); 3],
    /// How many rows they have together.
    dense_rows: u32,
    fresh: HashMap<i64, u32>,
    /// The ids of the fresh rows in the order of their numbers.
    fresh_ids: Vec<i64>,
    touched: Vec<Table>,
}

impl Keys {
    pub(super) fn new(sizes: Sizes) -> Result<Self, RecordedError> {
        let mut dense_rows = 0_u32;
        let mut place = |table, rows: u64| {
            let (first, rows) = (dense_rows, u32::try_from(rows).map_err(|_| RecordedError::TooLarge)?);
            dense_rows = first.checked_add(rows).filter(|sum| *sum <= 1 << 30).ok_or(RecordedError::TooLarge)?;
            Ok::<_, RecordedError>((table, rows, first))
        };
        let dense = [
            place(Table::Accounts, sizes.accounts)?,
            place(Table::Pairs, sizes.pairs)?,
            place(Table::Tills, sizes.tills)?,
        ];
        Ok(Self { dense, dense_rows, fresh: HashMap::new(), fresh_ids: Vec::new(), touched: Vec::new() })
    }

    /// The number of a row that was read or written.
    pub(super) fn number(&mut self, key: Key) -> Result<u32, RecordedError> {
        if !self.touched.contains(&key.table) {
            self.touched.push(key.table);
        }
        if key.table != Table::Fresh {
            return self.known(key).ok_or(RecordedError::NoSuchRow(key));
        }
        let next = self.dense_rows + u32::try_from(self.fresh_ids.len()).map_err(|_| RecordedError::TooLarge)?;
        let number = *self.fresh.entry(key.id).or_insert(next);
        if number == next {
            self.fresh_ids.push(key.id);
        }
        (number < 1 << 30).then_some(number).ok_or(RecordedError::TooLarge)
    }

    /// The number of a row, if it has one.
    fn known(&self, key: Key) -> Option<u32> {
        if key.table == Table::Fresh {
            return self.fresh.get(&key.id).copied();
        }
        let (_, rows, first) = self.dense.iter().find(|(table, ..)| *table == key.table)?;
        let index = u32::try_from(key.id).ok()?.checked_sub(1)?;
        (index < *rows).then_some(first + index)
    }

    fn count(&self) -> usize {
        self.dense_rows as usize + self.fresh_ids.len()
    }

    /// Whether every table that was worked with was read whole.
    pub(super) fn were_read(&self, state: &State) -> bool {
        self.touched.iter().all(|table| rows_of(state, *table).is_some())
    }

    /// Version and balance of each row in a state, by its number; version 0 and no balance for one that is not there.
    pub(super) fn initial(&self, state: &State) -> Result<(Vec<u32>, Vec<Option<i64>>), RecordedError> {
        let mut versions = vec![0; self.count()];
        let mut values = vec![None; self.count()];
        for (key, account) in Table::ALL.into_iter().flat_map(|table| rows(state, table)) {
            if let Some(number) = self.known(key).map(|number| number as usize).filter(|number| *number < self.count())
            {
                versions[number] = version_of(key, account.row.version)?;
                values[number] = Some(account.row.balance);
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
        finals.resize(self.count(), state.fresh.is_some().then(FinalRow::default));
        for (key, account) in Table::ALL.into_iter().flat_map(|table| rows(state, table)) {
            if let Some(last) = self.known(key).and_then(|number| finals.get_mut(number as usize)) {
                let (version, writer) = (version_of(key, account.row.version)?, fingerprints.of(account.row.writer));
                *last = Some(FinalRow { version, writer });
            }
        }
        Ok(finals)
    }

    /// What the rows of the tables with a fixed number of them are called.
    pub(super) fn spans(&self) -> Vec<Span> {
        let with_rows = self.dense.iter().filter(|(_, rows, _)| *rows > 0);
        let span =
            |(table, _, first): &(Table, u32, u32)| Span { first_key: *first, label: label(*table), first_id: 1 };
        with_rows.map(span).collect()
    }

    /// The number of the first fresh row.
    pub(super) fn first_fresh(&self) -> u32 {
        self.dense_rows
    }

    /// What each fresh row is called.
    pub(super) fn fresh_names(&self) -> Vec<String> {
        self.fresh_ids.iter().map(|id| Key { table: Table::Fresh, id: *id }.to_string()).collect()
    }
}

/// One row of a table, in words.
fn label(table: Table) -> String {
    match table {
        Table::Accounts => "account",
        Table::Pairs => "pair account",
        Table::Tills => "till",
        Table::Fresh => "fresh row",
    }
    .to_owned()
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
