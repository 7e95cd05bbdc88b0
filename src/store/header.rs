//! What does a saved history begin with? Its version, and what is needed to understand the lines below it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::recorded::Sizes;
use crate::history::{Collection, Shape, State, Table};
use crate::plan::{Bank, CAP, FIRST_BATCH, PORTION, Plan};
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

    /// The header of a run. What the tables held, and how many attempts there are, is known when they are written.
    #[must_use]
    pub fn new(
        run: &str,
        started: String,
        plan: &Plan,
        saved: SavedPlan,
        server: Server,
        stopped_at: Option<u64>,
    ) -> Self {
        let Bank { accounts, balance, .. } = plan.bank;
        let table = |table: Table, rows, initial| (table.name().to_owned(), SavedTable { rows, initial });
        let tables = [
            (true, table(Table::Accounts, accounts, balance)),
            (plan.mix.has(Shape::Skew), table(Table::Pairs, 2 * plan.bank.customers(), PORTION)),
            (plan.mix.has(Shape::Batch), table(Table::Tills, plan.bank.tills(), FIRST_BATCH)),
        ];
        let shapes = plan.mix.shapes();
        Self {
            contend_history: Self::FORMAT,
            run: run.to_owned(),
            contend: env!("CARGO_PKG_VERSION").to_owned(),
            started,
            plan: saved,
            server,
            mix: plan.mix.weights().map(|(shape, weight)| (shape.name().to_owned(), weight)).collect(),
            tables: tables.into_iter().filter_map(|(used, table)| used.then_some(table)).collect(),
            invariant: shapes.iter().map(|shape| (shape.name().to_owned(), invariant(*shape))).collect(),
            stopped_at_ns: stopped_at,
            before: Vec::new(),
            after: None,
            attempts: 0,
            operations: 0,
        }
    }

    /// The shapes of the mix.
    #[must_use]
    pub fn shapes(&self) -> Vec<Shape> {
        Shape::ALL.into_iter().filter(|shape| self.mix.contains_key(shape.name())).collect()
    }

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

/// What has to be true of a shape, in a sentence.
fn invariant(shape: Shape) -> String {
    match shape {
        Shape::Transfer | Shape::Absolute | Shape::Peek => {
            "the sum of all balances in accounts does not change, and none is below zero".to_owned()
        }
        Shape::Skew => "of the rows 2c - 1 and 2c of pairs the balances together are never below zero".to_owned(),
        Shape::Audit => "none of its own".to_owned(),
        Shape::Batch => "no receipt is added to a batch that a report has listed".to_owned(),
        Shape::Cap => format!("no group has more than {CAP} members"),
        Shape::Fresh => "of two transactions, n and n + 1 with n even, at least one sees the other's row".to_owned(),
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
