//! What must the shapes' own tables hold? Every acknowledged write to them, counted, and what their reports and pairs saw.

use std::collections::HashMap;

use crate::history::{Attempt, AttemptOutcome, Collection, Operation, Shape, Table};

/// So many broken pairs are named.
const NAMED: usize = 5;

/// How many writes were acknowledged, and how many may have been applied or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writes {
    /// In transactions that the server confirmed.
    pub acknowledged: u64,
    /// In transactions of which nobody knows.
    pub ambiguous: u64,
}

/// What one report on a closed batch listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The batch, as the group of its receipts.
    pub group: i64,
    /// How many receipts it saw.
    pub receipts: usize,
}

/// What the shapes with tables of their own did: in one shard, or in a whole run.
#[derive(Clone, Debug, Default)]
pub struct ShapeLedger {
    rows: [Writes; Table::ALL.len()],
    members: [Writes; Collection::ALL.len()],
    /// Every report that was committed.
    pub reports: Vec<Report>,
    /// Fresh rows whose neighbor's transaction has not ended yet, by pair: whether the first one saw nothing.
    open: HashMap<i64, bool>,
    /// Pairs of which neither saw the other.
    pub blind_pairs: u64,
    /// The first of them, by the smaller of their two rows.
    pub first_blind: Vec<i64>,
}

impl ShapeLedger {
    /// Writes to a table's rows.
    #[must_use]
    pub fn rows(&self, table: Table) -> Writes {
        self.rows[table as usize]
    }

    /// Members added to a collection.
    #[must_use]
    pub fn members(&self, collection: Collection) -> Writes {
        self.members[collection as usize]
    }

    /// Takes one attempt; those that were certainly not committed change nothing.
    pub fn add(&mut self, attempt: &Attempt<'_>) {
        let own_tables = matches!(attempt.shape, Shape::Skew | Shape::Batch | Shape::Cap | Shape::Fresh);
        if !own_tables || !matches!(attempt.outcome, AttemptOutcome::Committed | AttemptOutcome::Ambiguous) {
            return;
        }
        let committed = attempt.outcome == AttemptOutcome::Committed;
        for operation in attempt.operations {
            let writes = match operation {
                Operation::Write { key, .. } => &mut self.rows[key.table as usize],
                Operation::Join { group, .. } => &mut self.members[group.collection as usize],
                Operation::Scan { group, members } if committed && group.collection == Collection::Receipts => {
                    self.reports.push(Report { group: group.id, receipts: members.len() });
                    continue;
                }
                Operation::Scan { .. } | Operation::Read { .. } => continue,
            };
            *(if committed { &mut writes.acknowledged } else { &mut writes.ambiguous }) += 1;
        }
        if committed && attempt.shape == Shape::Fresh {
            self.look_for_blind_pairs(attempt.operations);
        }
    }

    /// Both of a pair are run by one shard, so they meet here.
    fn look_for_blind_pairs(&mut self, operations: &[Operation]) {
        let read = operations.iter().find_map(|operation| match operation {
            Operation::Read { key, row } if key.table == Table::Fresh => Some((key.id, row.version == 0)),
            _ => None,
        });
        let Some((other, saw_nothing)) = read else { return };
        let pair = other >> 1;
        match self.open.remove(&pair) {
            None => {
                self.open.insert(pair, saw_nothing);
            }
            Some(first_saw_nothing) if first_saw_nothing && saw_nothing => {
                self.blind_pairs += 1;
                if self.first_blind.len() < NAMED {
                    self.first_blind.push(pair << 1);
                }
            }
            Some(_) => {}
        }
    }

    /// Takes another shard's, too.
    pub fn merge(&mut self, other: Self) {
        let Self { rows, members, reports, open: _, blind_pairs, first_blind } = other;
        for (sum, writes) in self.rows.iter_mut().zip(rows).chain(self.members.iter_mut().zip(members)) {
            sum.acknowledged += writes.acknowledged;
            sum.ambiguous += writes.ambiguous;
        }
        self.reports.extend(reports);
        self.blind_pairs += blind_pairs;
        self.first_blind.extend(first_blind);
        self.first_blind.truncate(NAMED);
    }
}
