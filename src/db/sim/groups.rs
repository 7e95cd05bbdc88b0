//! Who belonged to a group when? Its members, in the order in which they were committed; none ever leaves.

use std::collections::HashMap;

use super::conflicts::Sequence;
use crate::history::{Collection, Group, Member};

/// The number of a group, in the order in which they were first asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct GroupId(u32);

/// A member that was committed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joined {
    pub(super) member: i64,
    /// The commit that added it.
    pub(super) made: Sequence,
    /// As that of a row's version.
    pub(super) beyond: Sequence,
}

/// The members of one group.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    joined: Vec<Joined>,
    /// When it was last read by a transaction that was committed: see [`super::conflicts`].
    pub(super) read: Sequence,
}

impl Members {
    /// What a snapshot shows.
    pub(super) fn at(&self, snapshot: Sequence) -> impl Iterator<Item = i64> {
        self.joined[..self.first_behind(snapshot)].iter().map(|joined| joined.member)
    }

    /// Everything that a snapshot does not show.
    pub(super) fn behind(&self, snapshot: Sequence) -> &[Joined] {
        &self.joined[self.first_behind(snapshot)..]
    }

    fn first_behind(&self, snapshot: Sequence) -> usize {
        self.joined.partition_point(|joined| joined.made <= snapshot)
    }

    pub(super) fn push(&mut self, joined: Joined) {
        self.joined.push(joined);
    }
}

/// All groups. One that nobody has asked for is empty.
#[derive(Debug, Default)]
pub(super) struct Groups {
    numbers: HashMap<Group, GroupId>,
    members: Vec<Members>,
}

impl Groups {
    pub(super) fn find(&mut self, group: Group) -> GroupId {
        *self.numbers.entry(group).or_insert_with(|| {
            self.members.push(Members::default());
            // There is memory for fewer than that.
            GroupId(u32::try_from(self.members.len() - 1).unwrap_or(u32::MAX))
        })
    }

    pub(super) fn of(&self, group: GroupId) -> &Members {
        &self.members[group.0 as usize]
    }

    pub(super) fn of_mut(&mut self, group: GroupId) -> &mut Members {
        &mut self.members[group.0 as usize]
    }

    /// All members of all groups of a collection.
    pub(super) fn collection(&self, collection: Collection) -> Vec<Member> {
        let mut groups: Vec<(i64, GroupId)> = Vec::new();
        let own = self.numbers.iter().filter(|(group, _)| group.collection == collection);
        groups.extend(own.map(|(group, number)| (group.id, *number)));
        groups.sort_unstable_by_key(|(group, _)| *group);
        let members = |(group, number)| {
            self.of(number).joined.iter().map(move |joined: &Joined| Member { id: joined.member, group })
        };
        groups.into_iter().flat_map(members).collect()
    }
}
