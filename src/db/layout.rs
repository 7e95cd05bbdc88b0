//! Which tables are contend's own? Their names and columns: what it makes, what it knows again, and what it drops.

use crate::history::{Collection, Shape, Table};
use crate::plan::{Mix, Plan, VerifyMode};

/// The row that says who made the schema.
pub(super) const META: &str = "meta";
/// The table of `contend tutorial`.
pub(super) const TUTORIAL: &str = "tutorial_accounts";
/// The ledger table.
pub(super) const TRANSFERS: &str = "transfers";

/// The columns of a table, and the types that they may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) name: &'static str,
    /// In alphabetical order.
    pub(super) columns: &'static [&'static str],
    pub(super) kinds: &'static [&'static str],
}

const fn layout(name: &'static str, columns: &'static [&'static str]) -> Layout {
    Layout { name, columns, kinds: &["int8"] }
}

const ROW: &[&str] = &["balance", "id", "version", "writer"];
const MEMBER: &[&str] = &["grp", "id"];

/// Every table but `meta`, in the order in which they are dropped.
pub(super) const TABLES: [Layout; 8] = [
    layout("accounts", ROW),
    // The tutorial's INT is what the server, or a setting of CockroachDB, makes of it.
    Layout { name: TUTORIAL, columns: &["balance", "id"], kinds: &["int4", "int8"] },
    layout("pairs", ROW),
    layout("tills", ROW),
    layout("fresh", ROW),
    layout("receipts", MEMBER),
    layout("members", MEMBER),
    layout(TRANSFERS, &["amount", "source", "target", "ticket", "writer"]),
];

/// How a table with rows to read and write by primary key is made.
pub(super) const ROW_COLUMNS: &str =
    "id INT8 PRIMARY KEY, balance INT8 NOT NULL, version INT8 NOT NULL, writer INT8 NOT NULL";
/// How a table that is read by predicate is made: the group is the first part of the key, so that reading it is reading a
/// range of the key.
pub(super) const MEMBER_COLUMNS: &str = "id INT8 NOT NULL, grp INT8 NOT NULL, PRIMARY KEY (grp, id)";
/// How the ledger table is made.
pub(super) const TRANSFER_COLUMNS: &str = "writer INT8 PRIMARY KEY, ticket INT8 NOT NULL, source INT8 NOT NULL, \
                                           target INT8 NOT NULL, amount INT8 NOT NULL";

/// The tables beside the accounts that a run works with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used<'a> {
    mix: &'a Mix,
    pub(super) transfers: bool,
}

impl<'a> Used<'a> {
    pub(super) fn by(plan: &'a Plan) -> Self {
        Self { mix: &plan.mix, transfers: plan.verify.mode == VerifyMode::Ledger }
    }

    pub(super) fn table(self, table: Table) -> bool {
        match table {
            Table::Accounts => true,
            Table::Pairs => self.mix.has(Shape::Skew),
            Table::Tills => self.mix.has(Shape::Batch),
            Table::Fresh => self.mix.has(Shape::Fresh),
        }
    }

    pub(super) fn collection(self, collection: Collection) -> bool {
        self.mix.has(match collection {
            Collection::Receipts => Shape::Batch,
            Collection::Members => Shape::Cap,
        })
    }
}
