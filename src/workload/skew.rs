//! What is skew? A customer's two accounts may go below zero singly, but not together: each transaction reads both and
//! writes one (Berenson et al., "A Critique of ANSI SQL Isolation Levels", 1995, A5B).

use super::{Step, balance_read};
use crate::history::{Access, Key, Operation, Table};
use crate::plan::PORTION;

/// Take a portion from one of the two accounts if both together hold as much, else give one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// The customer, from 1.
    pub customer: i64,
    /// Which account is written: the second, or the first.
    pub second: bool,
}

impl Skew {
    /// The customer's two accounts.
    #[must_use]
    pub fn keys(customer: i64) -> [Key; 2] {
        [2 * customer - 1, 2 * customer].map(|id| Key { table: Table::Pairs, id })
    }

    pub(super) fn step(&self, seen: &[Operation], statements: &mut Vec<Access>) -> Step {
        let Self { customer, second } = *self;
        let keys = Self::keys(customer);
        let [Some(one), Some(two)] = keys.map(|key| balance_read(key, seen)) else {
            // One statement each: at READ COMMITTED a single one would see both at the same instant.
            statements.extend(keys.map(|key| Access::Read { key }));
            return Step::Continue;
        };
        let delta = if one + two >= PORTION { -PORTION } else { PORTION };
        statements.push(Access::Add { key: keys[usize::from(second)], delta });
        Step::Commit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Row;

    #[test]
    fn both_accounts_decide_and_one_is_written() {
        let skew = Skew { customer: 4, second: true };
        let [first, second] = Skew::keys(4);
        assert_eq!((first.id, second.id), (7, 8));
        let read = |key, balance| Operation::Read { key, row: Row { balance, version: 1, writer: 0 } };
        for (balances, delta) in [([100, 0], -100), ([-100, 200], -100), ([-50, 100], 100)] {
            let seen = [read(first, balances[0]), read(second, balances[1])];
            let mut statements = Vec::new();
            assert_eq!(skew.step(&seen, &mut statements), Step::Commit);
            assert_eq!(statements, [Access::Add { key: second, delta }], "{balances:?}");
        }
        let mut statements = Vec::new();
        assert_eq!(skew.step(&[], &mut statements), Step::Continue);
        assert_eq!(statements, [Access::Read { key: first }, Access::Read { key: second }]);
    }
}
