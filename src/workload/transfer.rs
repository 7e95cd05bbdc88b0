//! What is a transfer? The tutorial's `transfer_funds`: check the source's balance, debit it, credit the target.

use rand::{Rng, RngExt};

use super::{Access, KeyChooser, Refusal, Step, balance_read};
use crate::history::Operation;
use crate::plan::{Amount, LockOrder, Transfer};

/// What one transaction intends. A retry runs the same request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The account that is debited.
    pub from: i64,
    /// The account that is credited, never the same.
    pub to: i64,
    /// How much is moved.
    pub amount: i64,
    /// Which account is written first.
    pub lock_order: LockOrder,
}

/// Random transfers between random accounts.
#[derive(Clone, Debug)]
pub struct Transfers {
    keys: KeyChooser,
    amount: Amount,
    lock_order: LockOrder,
}

impl Transfers {
    /// Transfers between the accounts 1 to `accounts`, of which there are at least 2.
    #[must_use]
    pub fn new(plan: &Transfer, accounts: u64) -> Self {
        let Transfer { keys, amount, lock_order, think: _ } = *plan;
        Self { keys: KeyChooser::new(keys, accounts), amount, lock_order }
    }

    /// The next request. The ticket is the transaction's run-wide number; transfers need no such number, shapes in
    /// which workers share a group of rows do.
    pub fn next(&self, _ticket: u64, random: &mut impl Rng) -> Request {
        let (from, to) = self.keys.pair(random);
        let amount = random.random_range(self.amount.low..=self.amount.high);
        Request { from, to, amount, lock_order: self.lock_order }
    }
}

impl Request {
    /// The transaction body: what comes next, given everything read and written so far in this attempt.
    pub fn step(&self, seen: &[Operation], statements: &mut Vec<Access>) -> Step {
        let Self { from, to, amount, lock_order } = *self;
        let Some(have) = balance_read(from, seen) else {
            statements.push(Access::Read { account: from });
            return Step::Continue;
        };
        if have < amount {
            return Step::Decline(Refusal { account: from, have, need: amount });
        }
        let debit = Access::Add { account: from, delta: -amount };
        let credit = Access::Add { account: to, delta: amount };
        match lock_order {
            LockOrder::Sorted if to < from => statements.extend([credit, debit]),
            LockOrder::Sorted | LockOrder::Random => statements.extend([debit, credit]),
        }
        Step::Commit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Row;

    fn read(account: i64, balance: i64) -> Operation {
        Operation::Read { account, row: Row { balance, version: 0, writer: 0 } }
    }

    fn statements_of(request: &Request, seen: &[Operation]) -> (Step, Vec<Access>) {
        let mut statements = Vec::new();
        (request.step(seen, &mut statements), statements)
    }

    #[test]
    fn a_transfer_reads_the_source_then_debits_and_credits() {
        let request = Request { from: 9, to: 3, amount: 7, lock_order: LockOrder::Random };
        assert_eq!(statements_of(&request, &[]), (Step::Continue, vec![Access::Read { account: 9 }]));
        let (step, writes) = statements_of(&request, &[read(9, 7)]);
        assert_eq!(step, Step::Commit);
        assert_eq!(writes, [Access::Add { account: 9, delta: -7 }, Access::Add { account: 3, delta: 7 }]);
    }

    #[test]
    fn sorted_lock_order_writes_the_smaller_id_first() {
        let request = Request { from: 9, to: 3, amount: 7, lock_order: LockOrder::Sorted };
        let (_, writes) = statements_of(&request, &[read(9, 100)]);
        assert_eq!(writes, [Access::Add { account: 3, delta: 7 }, Access::Add { account: 9, delta: -7 }]);
    }

    #[test]
    fn short_funds_are_declined_in_words() {
        let request = Request { from: 3, to: 9, amount: 7, lock_order: LockOrder::Random };
        let (step, writes) = statements_of(&request, &[read(3, 5)]);
        let Step::Decline(refusal) = step else { panic!("{step:?}") };
        assert_eq!(refusal.to_string(), "insufficient funds in account 3: have 5, need 7");
        assert!(writes.is_empty());
    }
}
