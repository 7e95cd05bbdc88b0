//! Which number do a group and a member have? They are numbered as they are met.

use std::collections::HashMap;
use std::hash::Hash;

use super::RecordedError;
use crate::history::{Collection, Group, Writer};

/// Things, numbered from 0 in the order in which they were met.
#[derive(Debug)]
pub(super) struct Numbered<T> {
    numbers: HashMap<T, u32>,
    met: Vec<T>,
}

/// The groups.
pub(super) type Sets = Numbered<Group>;
/// Their members, each the number of the attempt that added it.
pub(super) type Members = Numbered<i64>;

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), met: Vec::new() }
    }
}

impl<T: Copy + Eq + Hash> Numbered<T> {
    /// The number of a thing.
    pub(super) fn number(&mut self, thing: T) -> Result<u32, RecordedError> {
        let next = u32::try_from(self.met.len()).map_err(|_| RecordedError::TooLarge)?;
        let number = *self.numbers.entry(thing).or_insert(next);
        if number == next {
            self.met.push(thing);
        }
        Ok(number)
    }
}

impl<T: Copy + Eq + Hash> Numbered<T> {
    /// The number of a thing that was met.
    pub(super) fn known(&self, thing: T) -> Option<u32> {
        self.numbers.get(&thing).copied()
    }
}

impl Sets {
    /// The numbers of the groups of one table.
    pub(super) fn of(&self, collection: Collection) -> impl Iterator<Item = u32> {
        let of_it = move |(group, number): (&Group, &u32)| (group.collection == collection).then_some(*number);
        self.numbers.iter().filter_map(of_it)
    }

    /// What each group is called. The group of receipts has the till in its upper 32 bits and the batch in the lower ones.
    pub(super) fn names(&self) -> Vec<String> {
        let name = |group: &Group| match group.collection {
            Collection::Receipts => format!("batch {} of till {}", group.id & 0xffff_ffff, group.id >> 32),
            Collection::Members => format!("group {}", group.id),
        };
        self.met.iter().map(name).collect()
    }
}

impl Members {
    /// What each member is called.
    pub(super) fn names(&self) -> Vec<String> {
        self.met.iter().map(|member| Writer::of(*member).to_string()).collect()
    }
}
