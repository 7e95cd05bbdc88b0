//! What is fresh? Two transactions each insert a row of their own and look for the other's: one of them has to see the
//! other (after Jepsen's G2 test, with the write first).

use super::Step;
use crate::history::{Access, Key, Table};

/// Insert mine, read yours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// The transaction's own number, which is that of its row.
    pub ticket: u64,
}

impl Fresh {
    /// The row that a ticket inserts.
    #[must_use]
    pub fn row(ticket: u64) -> Key {
        Key { table: Table::Fresh, id: ticket.cast_signed() }
    }

    pub(super) fn step(self, statements: &mut Vec<Access>) -> Step {
        let (mine, yours) = (Self::row(self.ticket), Self::row(self.ticket ^ 1));
        statements.extend([Access::Insert { key: mine }, Access::Read { key: yours }]);
        Step::Commit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_neighbors_look_for_each_other() {
        let statements = |ticket| {
            let mut statements = Vec::new();
            assert_eq!(Fresh { ticket }.step(&mut statements), Step::Commit);
            statements
        };
        let (one, two) = (Fresh::row(6), Fresh::row(7));
        assert_eq!(statements(6), [Access::Insert { key: one }, Access::Read { key: two }]);
        assert_eq!(statements(7), [Access::Insert { key: two }, Access::Read { key: one }]);
    }
}
