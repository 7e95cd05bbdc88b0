//! What is a transfer? The tutorial's `transfer_funds`: check the source's balance, debit it, credit the target. And two
//! that are like it: absolute writes the balances that it has computed, peek looks at an account that it does not write.

use super::{Refusal, Step, balance_read};
use crate::history::{Access, Key, Operation, Shape};
use crate::plan::LockOrder;

/// Move money between two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Transfer, absolute or peek.
    pub shape: Shape,
    /// The account that is debited.
    pub from: i64,
    /// The account that is credited, never the same.
    pub to: i64,
    /// How much is moved.
    pub amount: i64,
    /// Which account is written first.
    pub lock_order: LockOrder,
    /// For peek: the account that is read and not written.
    pub peek: Option<i64>,
    /// The ticket under which the transfer is noted in the ledger table, if it is.
    pub post: Option<u64>,
}

impl Transfer {
    pub(super) fn step(&self, seen: &[Operation], statements: &mut Vec<Access>) -> Step {
        let Self { from, amount, .. } = *self;
        let Some(have) = balance_read(Key::account(from), seen) else {
            self.reads(statements);
            return Step::Continue;
        };
        if have < amount {
            return Step::Decline(Refusal { account: from, have, need: amount });
        }
        self.writes(have, seen, statements);
        Step::Commit
    }

    /// The whole transaction at once: what it needs to read, and one statement that moves the money if it is there. Not
    /// for absolute, which computes its balances from what it has read.
    pub(super) fn at_once(&self, statements: &mut Vec<Access>) -> bool {
        let Self { shape, from, to, amount, peek, post, .. } = *self;
        if shape == Shape::Absolute {
            return false;
        }
        statements.extend(peek.map(|account| Access::Read { key: Key::account(account) }));
        statements.push(Access::Move { from, to, amount });
        statements.extend(post.map(|ticket| Access::Post { ticket, from, to, amount }));
        true
    }

    fn reads(&self, statements: &mut Vec<Access>) {
        let also = if self.shape == Shape::Absolute { Some(self.to) } else { self.peek };
        let keys = [Some(self.from), also].into_iter().flatten();
        statements.extend(keys.map(|account| Access::Read { key: Key::account(account) }));
    }

    fn writes(&self, have: i64, seen: &[Operation], statements: &mut Vec<Access>) {
        let Self { shape, from, to, amount, lock_order, post, .. } = *self;
        let write = |account: i64, delta: i64, balance: Option<i64>| {
            let key = Key::account(account);
            match balance.filter(|_| shape == Shape::Absolute) {
                Some(balance) => Access::Set { key, from: balance, to: balance + delta },
                None => Access::Add { key, delta },
            }
        };
        let debit = write(from, -amount, Some(have));
        let credit = write(to, amount, balance_read(Key::account(to), seen));
        match lock_order {
            LockOrder::Sorted if to < from => statements.extend([credit, debit]),
            LockOrder::Sorted | LockOrder::Random => statements.extend([debit, credit]),
        }
        statements.extend(post.map(|ticket| Access::Post { ticket, from, to, amount }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Row;

    const NINE_TO_THREE: Transfer = Transfer {
        shape: Shape::Transfer,
        from: 9,
        to: 3,
        amount: 7,
        lock_order: LockOrder::Random,
        peek: None,
        post: None,
    };

    fn read(account: i64, balance: i64) -> Operation {
        Operation::Read { key: Key::account(account), row: Row { balance, version: 0, writer: 0 } }
    }

    fn reads(account: i64) -> Access {
        Access::Read { key: Key::account(account) }
    }

    fn add(account: i64, delta: i64) -> Access {
        Access::Add { key: Key::account(account), delta }
    }

    fn statements_of(transfer: &Transfer, seen: &[Operation]) -> (Step, Vec<Access>) {
        let mut statements = Vec::new();
        (transfer.step(seen, &mut statements), statements)
    }

    #[test]
    fn a_transfer_reads_the_source_then_debits_and_credits() {
        assert_eq!(statements_of(&NINE_TO_THREE, &[]), (Step::Continue, vec![reads(9)]));
        let (step, writes) = statements_of(&NINE_TO_THREE, &[read(9, 7)]);
        assert_eq!((step, writes), (Step::Commit, vec![add(9, -7), add(3, 7)]));
    }

    #[test]
    fn sorted_lock_order_writes_the_smaller_id_first() {
        let sorted = Transfer { lock_order: LockOrder::Sorted, ..NINE_TO_THREE };
        assert_eq!(statements_of(&sorted, &[read(9, 100)]).1, [add(3, 7), add(9, -7)]);
    }

    #[test]
    fn short_funds_are_declined_in_words() {
        let (step, writes) = statements_of(&NINE_TO_THREE, &[read(9, 5)]);
        let Step::Decline(refusal) = step else { panic!("{step:?}") };
        assert_eq!(refusal.to_string(), "insufficient funds in account 9: have 5, need 7");
        assert!(writes.is_empty());
    }

    #[test]
    fn absolute_reads_both_and_writes_what_it_computed() {
        let absolute = Transfer { shape: Shape::Absolute, ..NINE_TO_THREE };
        assert_eq!(statements_of(&absolute, &[]).1, [reads(9), reads(3)]);
        let set = |account, from, to| Access::Set { key: Key::account(account), from, to };
        assert_eq!(statements_of(&absolute, &[read(9, 10), read(3, 20)]).1, [set(9, 10, 3), set(3, 20, 27)]);
    }

    #[test]
    fn at_once_it_is_one_move_and_absolute_never_is() {
        let at_once = |transfer: Transfer| {
            let mut statements = Vec::new();
            transfer.at_once(&mut statements).then_some(statements)
        };
        let moves = Access::Move { from: 9, to: 3, amount: 7 };
        assert_eq!(at_once(NINE_TO_THREE), Some(vec![moves]));
        let note = Access::Post { ticket: 12, from: 9, to: 3, amount: 7 };
        let peek = Transfer { shape: Shape::Peek, peek: Some(5), post: Some(12), ..NINE_TO_THREE };
        assert_eq!(at_once(peek), Some(vec![reads(5), moves, note]));
        assert_eq!(at_once(Transfer { shape: Shape::Absolute, ..NINE_TO_THREE }), None);
    }

    #[test]
    fn peek_reads_an_account_that_it_does_not_write() {
        let peek = Transfer { shape: Shape::Peek, peek: Some(5), ..NINE_TO_THREE };
        assert_eq!(statements_of(&peek, &[]).1, [reads(9), reads(5)]);
        assert_eq!(statements_of(&peek, &[read(9, 10), read(5, 1)]).1, [add(9, -7), add(3, 7)]);
    }

    #[test]
    fn in_ledger_mode_the_transfer_is_noted_last() {
        let posted = Transfer { post: Some(12), ..NINE_TO_THREE };
        let note = Access::Post { ticket: 12, from: 9, to: 3, amount: 7 };
        assert_eq!(statements_of(&posted, &[read(9, 10)]).1, [add(9, -7), add(3, 7), note]);
    }
}
