//! What is batch? Receipts go into the open batch of a till, now and then the batch is closed, and a report lists the
//! receipts of the one that was closed last. None may be added to a batch that was reported: the read-only anomaly
//! (Fekete, O'Neil, O'Neil, "A Read-Only Transaction Anomaly Under Snapshot Isolation", 2004).

use rand::{Rng, RngExt};

use super::{Step, balance_read};
use crate::history::{Access, Collection, Group, Key, Operation, Table};

/// Of ten transactions so many add a receipt.
const RECEIPTS: u32 = 6;
/// And so many close a batch; the others report.
const CLOSINGS: u32 = 2;

/// One transaction on a till.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    till: i64,
    part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Receipt,
    Close,
    Report,
}

/// The receipts of one batch of one till. A till's balance is the number of its open batch, from 1.
#[must_use]
pub fn batch_group(till: i64, batch: i64) -> Group {
    Group { collection: Collection::Receipts, id: (till << 32) | (batch & 0xffff_ffff) }
}

impl Batch {
    pub(super) fn draw(tills: u64, random: &mut impl Rng) -> Self {
        let till = random.random_range(1..=tills).cast_signed();
        let part = match random.random_range(0..10) {
            drawn if drawn < RECEIPTS => Part::Receipt,
            drawn if drawn < RECEIPTS + CLOSINGS => Part::Close,
            _ => Part::Report,
        };
        Self { till, part }
    }

    pub(super) fn step(&self, seen: &[Operation], statements: &mut Vec<Access>) -> Step {
        let key = Key { table: Table::Tills, id: self.till };
        let Some(open) = balance_read(key, seen) else {
            statements.push(Access::Read { key });
            return Step::Continue;
        };
        statements.push(match self.part {
            Part::Receipt => Access::Join { group: batch_group(self.till, open) },
            Part::Close => Access::Add { key, delta: 1 },
            Part::Report => Access::Scan { group: batch_group(self.till, open - 1) },
        });
        Step::Commit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Row;

    #[test]
    fn each_part_reads_the_till_and_then_does_one_thing() {
        let key = Key { table: Table::Tills, id: 3 };
        let seen = [Operation::Read { key, row: Row { balance: 7, version: 6, writer: 0 } }];
        for (part, expected) in [
            (Part::Receipt, Access::Join { group: batch_group(3, 7) }),
            (Part::Close, Access::Add { key, delta: 1 }),
            (Part::Report, Access::Scan { group: batch_group(3, 6) }),
        ] {
            let batch = Batch { till: 3, part };
            let mut statements = Vec::new();
            assert_eq!(batch.step(&[], &mut statements), Step::Continue);
            assert_eq!(statements, [Access::Read { key }]);
            statements.clear();
            assert_eq!(batch.step(&seen, &mut statements), Step::Commit);
            assert_eq!(statements, [expected]);
        }
    }

    #[test]
    fn batches_of_different_tills_are_different_groups() {
        assert_ne!(batch_group(1, 2), batch_group(2, 1));
        assert_ne!(batch_group(1, 0), batch_group(1, 1));
    }
}
