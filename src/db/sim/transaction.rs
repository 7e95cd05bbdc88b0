//! What has a transaction done so far? Nobody else sees it before it commits.

use super::conflicts::{Conflicts, Sequence};
use super::groups::GroupId;
use super::locks::TransactionId;
use super::rows::RowId;
use crate::history::{Posted, Row};

/// One transaction. Begun anew, it keeps its memory.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    pub(super) id: TransactionId,
    /// Taken by its first statement.
    pub(super) snapshot: Option<Sequence>,
    /// What is wrong with the server happens to it.
    pub(super) is_struck: bool,
    pub(super) rows_read: Vec<RowId>,
    pub(super) groups_read: Vec<GroupId>,
    pub(super) writes: Vec<Write>,
    pub(super) joins: Vec<(GroupId, i64)>,
    pub(super) posts: Vec<Posted>,
    /// Rows that it has locked, or waits for.
    pub(super) locks: Vec<RowId>,
    pub(super) conflicts: Conflicts,
}

/// A row as it will be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) id: RowId,
    pub(super) row: Row,
    /// What was added, and not set.
    pub(super) added: i64,
}

impl Transaction {
    /// Begins another one.
    pub(super) fn begin(&mut self, id: TransactionId) {
        self.forget();
        self.locks.clear();
        (self.id, self.snapshot) = (id, None);
    }

    /// Forgets what it has read and written.
    pub(super) fn forget(&mut self) {
        let Self { rows_read, groups_read, writes, joins, posts, .. } = self;
        rows_read.clear();
        groups_read.clear();
        writes.clear();
        joins.clear();
        posts.clear();
        (self.is_struck, self.conflicts) = (false, Conflicts::default());
    }

    /// Whether it would leave anything behind.
    pub(super) fn has_written(&self) -> bool {
        !(self.writes.is_empty() && self.joins.is_empty() && self.posts.is_empty())
    }

    /// A row as it has written it.
    pub(super) fn own(&self, id: RowId) -> Option<Row> {
        self.writes.iter().find(|write| write.id == id).map(|write| write.row)
    }

    pub(super) fn write(&mut self, id: RowId, row: Row, added: i64) {
        match self.writes.iter_mut().find(|write| write.id == id) {
            Some(write) => (write.row, write.added) = (row, write.added + added),
            None => self.writes.push(Write { id, row, added }),
        }
    }
}
