//! What must the accounts hold? Every acknowledged write, added up per account, warm-up included.

use crate::history::{Attempt, AttemptOutcome, Key, Operation, Table};

/// Accounts are followed one by one up to this many; 24 bytes each and shard.
const FOLLOWED_ACCOUNTS: u64 = 1_000_000;

/// The acknowledged writes of one shard, or of a whole run.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Committed attempts that wrote, to whichever table.
    pub commits: u64,
    /// Writes to accounts in them.
    pub writes: u64,
    /// Attempts with an unknown end that had written accounts.
    pub ambiguous_commits: u64,
    /// Writes in those.
    pub ambiguous_writes: u64,
    /// What was added to the balance of account i + 1; empty when there are too many accounts to follow.
    pub deltas: Vec<i64>,
    /// How often account i + 1 was written.
    pub writes_by_account: Vec<u32>,
    /// Whether an attempt with an unknown end wrote account i + 1.
    pub unknown: Vec<bool>,
}

impl Ledger {
    /// An empty ledger for accounts 1 to `accounts`.
    #[must_use]
    pub fn new(accounts: u64) -> Self {
        let followed = if accounts <= FOLLOWED_ACCOUNTS { usize::try_from(accounts).unwrap_or(0) } else { 0 };
        Self {
            deltas: vec![0; followed],
            writes_by_account: vec![0; followed],
            unknown: vec![false; followed],
            ..Self::default()
        }
    }

    /// Takes one attempt; those that were certainly not committed change nothing.
    pub fn add(&mut self, attempt: &Attempt<'_>) {
        match attempt.outcome {
            AttemptOutcome::Committed => self.add_committed(attempt.operations),
            AttemptOutcome::Ambiguous => self.add_ambiguous(attempt),
            AttemptOutcome::Aborted | AttemptOutcome::Declined | AttemptOutcome::Failed => {}
        }
    }

    fn add_committed(&mut self, operations: &[Operation]) {
        let mut wrote = false;
        for operation in operations {
            wrote |= matches!(operation, Operation::Write { .. } | Operation::Join { .. });
            let Operation::Write { key: Key { table: Table::Accounts, id }, delta, .. } = operation else { continue };
            self.writes += 1;
            if let Some(index) = self.index(*id) {
                self.deltas[index] += delta;
                self.writes_by_account[index] += 1;
            }
        }
        self.commits += u64::from(wrote);
    }

    fn add_ambiguous(&mut self, attempt: &Attempt<'_>) {
        let mut wrote = false;
        for operation in attempt.operations {
            let Operation::Write { key: Key { table: Table::Accounts, id }, .. } = operation else { continue };
            wrote = true;
            self.ambiguous_writes += 1;
            if let Some(index) = self.index(*id) {
                self.unknown[index] = true;
            }
        }
        self.ambiguous_commits += u64::from(wrote);
    }

    fn index(&self, account: i64) -> Option<usize> {
        let index = usize::try_from(account.checked_sub(1)?).ok()?;
        (index < self.deltas.len()).then_some(index)
    }

    /// Takes another shard's writes too.
    pub fn merge(&mut self, other: &Self) {
        let Self { commits, writes, ambiguous_commits, ambiguous_writes, deltas, writes_by_account, unknown } = other;
        self.commits += commits;
        self.writes += writes;
        self.ambiguous_commits += ambiguous_commits;
        self.ambiguous_writes += ambiguous_writes;
        self.deltas.iter_mut().zip(deltas).for_each(|(sum, delta)| *sum += delta);
        self.writes_by_account.iter_mut().zip(writes_by_account).for_each(|(sum, count)| *sum += count);
        self.unknown.iter_mut().zip(unknown).for_each(|(seen, unknown)| *seen |= unknown);
    }
}
