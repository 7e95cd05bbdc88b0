//! What is cap? A group may have at most so many members: who joins counts them first, by a predicate (the phantom of
//! Berenson et al., 1995, A3, with a consequence).

use super::Step;
use crate::history::{Access, Collection, Group, Operation, Shape};
use crate::plan::{CAP, Mix};

/// About so many transactions try to join each group.
const TRIES: u64 = 8;

/// Join a group unless it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The group's number, from 0.
    pub group: i64,
}

/// How many neighboring tickets share a group, so that about [`TRIES`] of them are of this shape.
pub(super) fn span(mix: &Mix) -> u64 {
    let own = mix.weights().find(|(shape, _)| *shape == Shape::Cap).map_or(1, |(_, weight)| weight);
    (TRIES * u64::from(mix.total())).div_ceil(u64::from(own)).max(1)
}

impl Cap {
    pub(super) fn step(self, seen: &[Operation], statements: &mut Vec<Access>) -> Step {
        let group = Group { collection: Collection::Members, id: self.group };
        let counted = seen.iter().find_map(|operation| match operation {
            Operation::Scan { members, .. } => Some(members.len()),
            _ => None,
        });
        match counted {
            None => {
                statements.push(Access::Scan { group });
                Step::Continue
            }
            Some(count) => {
                statements.extend((count < CAP).then_some(Access::Join { group }));
                Step::Commit
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_group_is_left_alone_and_the_read_is_committed() {
        let cap = Cap { group: 5 };
        let group = Group { collection: Collection::Members, id: 5 };
        let mut statements = Vec::new();
        assert_eq!(cap.step(&[], &mut statements), Step::Continue);
        assert_eq!(statements, [Access::Scan { group }]);
        for (members, expected) in [(vec![], 1), (vec![1, 2], 1), (vec![1, 2, 3], 0)] {
            statements.clear();
            assert_eq!(cap.step(&[Operation::Scan { group, members }], &mut statements), Step::Commit);
            assert_eq!(statements.len(), expected);
        }
    }

    #[test]
    fn about_eight_try_each_group() {
        assert_eq!(span(&"cap".parse().unwrap()), 8);
        assert_eq!(span(&"transfer=9,cap=1".parse().unwrap()), 80);
    }
}
