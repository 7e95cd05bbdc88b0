//! What does a saved history begin with? Its version, and what is needed to understand the lines below it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::recorded::Sizes;
use crate::history::{Collection, State, Table};
use crate::run::{SavedPlan, Server};

/// The first line of `history.jsonl.gz`; docs/history.md describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryHeader {
    /// The version of the format, [`HistoryHeader::FORMAT`].
    pub contend_history: u32,
    /// The run's id.
    pub run: String,
    /// The version of contend.
    pub contend: String,
    /// When the run began, RFC 3339, UTC.
    pub started: String,
    /// What was to be done, as in `run.json`.
    pub plan: SavedPlan,
    /// Against what, as in `run.json`.
    pub server: Server,
    /// The weight of each shape.
    pub mix: BTreeMap<String, u32>,
    /// Every table with a fixed number of rows.
    pub tables: BTreeMap<String, SavedTable>,
    /// What has to be true, in a sentence for each shape.
    pub invariant: BTreeMap<String, String>,
    /// From when on nothing was recorded.
    pub stopped_at_ns: Option<u64>,
    /// The tables that were read before the first transaction.
    pub before: Vec<String>,
    /// Those that were read after the last; null when none could be.
    pub after: Option<Vec<String>>,
    /// Lines of attempts below.
    pub attempts: u64,
    /// Operations in them.
    pub operations: u64,
}

/// A table whose rows have the ids 1 to their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedTable {
    /// How many rows.
    pub rows: u64,
    /// The balance each of them was made with.
    pub initial: i64,
}

impl HistoryHeader {
    /// The version of the format. It grows when a field changes its meaning or goes away.
    pub const FORMAT: u32 = 1;

    /// How large the run was.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        let rows = |table: Table| self.tables.get(table.name()).map_or(0, |table| table.rows);
        Sizes {
            accounts: rows(Table::Accounts),
            pairs: rows(Table::Pairs),
            tills: rows(Table::Tills),
            workers: self.plan.workers,
            // What a damaged header says is no reason to take all memory.
            attempts: usize::try_from(self.attempts).unwrap_or(0).min(MOST_RESERVED),
            operations: usize::try_from(self.operations).unwrap_or(0).min(4 * MOST_RESERVED),
        }
    }
}

/// Room for so many attempts is made in advance.
const MOST_RESERVED: usize = 1 << 22;

/// The tables that a state has read.
#[must_use]
pub(super) fn tables_of(state: &State) -> Vec<String> {
    let State { accounts, pairs, tills, fresh, receipts, members, .. } = state;
    let all = [
        (Table::Accounts.name(), accounts.accounts.is_some()),
        (Table::Pairs.name(), pairs.is_some()),
        (Table::Tills.name(), tills.is_some()),
        (Table::Fresh.name(), fresh.is_some()),
        (Collection::Receipts.name(), receipts.is_some()),
        (Collection::Members.name(), members.is_some()),
    ];
    all.into_iter().filter(|(_, read)| *read).map(|(name, _)| name.to_owned()).collect()
}

/// A state that has read these tables, and found nothing in them yet. Names it does not know are of no use to it.
#[must_use]
pub(super) fn empty_state(tables: &[String]) -> State {
    let read = |name: &str| tables.iter().any(|table| table == name);
    let mut state = State {
        pairs: read(Table::Pairs.name()).then(Vec::new),
        tills: read(Table::Tills.name()).then(Vec::new),
        fresh: read(Table::Fresh.name()).then(Vec::new),
        receipts: read(Collection::Receipts.name()).then(Vec::new),
        members: read(Collection::Members.name()).then(Vec::new),
        ..State::default()
    };
    state.accounts.accounts = read(Table::Accounts.name()).then(Vec::new);
    state
}
