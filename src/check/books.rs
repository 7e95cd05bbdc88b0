//! What was acknowledged? Everything that the state in the end is compared with, kept while the load runs.

use super::{Evidence, Ledger, ShapeLedger, Transfers, Verdict, judge, judge_ledger, judge_shapes};
use crate::history::{Attempt, Shape, State};
use crate::plan::CAP;

/// The acknowledged writes of one shard, or of a whole run: memory that grows with the tables, not with the run, but for 8
/// bytes for each transfer in ledger mode, 16 for each report of batch, and some for each fresh row whose neighbor never
/// came.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Writes to accounts.
    pub ledger: Ledger,
    /// Writes to the shapes' own tables.
    pub shapes: ShapeLedger,
    /// In ledger mode: who wrote a row into the ledger table.
    transfers: Option<Transfers>,
}

impl Books {
    /// Empty books for a bank of so many accounts; in ledger mode, or not.
    #[must_use]
    pub fn new(accounts: u64, ledger: bool) -> Self {
        let transfers = ledger.then(Transfers::default);
        Self { ledger: Ledger::new(accounts), shapes: ShapeLedger::default(), transfers }
    }

    /// Takes one attempt.
    pub fn add(&mut self, attempt: &Attempt<'_>) {
        self.ledger.add(attempt);
        self.shapes.add(attempt);
        if let Some(transfers) = &mut self.transfers {
            transfers.add(attempt);
        }
    }

    /// Takes another shard's books, too.
    pub fn merge(&mut self, other: Self) {
        self.ledger.merge(&other.ledger);
        self.shapes.merge(other.shapes);
        if let (Some(transfers), Some(others)) = (&mut self.transfers, other.transfers) {
            transfers.merge(others);
        }
    }

    /// Judges the state in the end. `overlapped` says whether any two transactions overlapped in time.
    #[must_use]
    pub fn judge(self, shapes_of_mix: &[Shape], before: &State, after: &State, overlapped: bool) -> Verdict {
        let Self { ledger, shapes, transfers } = self;
        let evidence = Evidence { before: &before.accounts, after: &after.accounts, ledger: &ledger, overlapped };
        let mut verdict = judge(&evidence);
        judge_shapes(shapes_of_mix, CAP, before, after, &shapes, &mut verdict);
        if let Some(transfers) = transfers {
            judge_ledger(before, after, transfers, &mut verdict);
        }
        verdict
    }
}
