//! Which members can a predicate read have found, or missed?

use std::collections::{BTreeMap, HashMap};

use super::translation::{Place, Write};
use super::{ExportError, unsayable};
use crate::check::history::{History, Operation, Outcome};

/// The members that were added to each set by whoever committed, or by somebody whose addition was found.
#[derive(Debug)]
pub(super) struct Members {
    /// Set and member, ascending.
    added: Vec<(u32, u32)>,
}

impl Members {
    /// Members that nobody added were there from the beginning. Each read has to find them: they then order nothing, and
    /// are not told.
    pub(super) fn new(
        history: &History,
        fates: &[Outcome],
        writes: &[Write],
        chain: &[Write],
    ) -> Result<Self, ExportError> {
        let place = |write: &Write| match write.place {
            Place::Member { set, member } => Some((set, member)),
            Place::Row(_) => None,
        };
        let mut claimed: Vec<(u32, u32)> = writes.iter().filter_map(place).collect();
        claimed.dedup();
        let mut added: Vec<(u32, u32)> = chain.iter().filter_map(place).collect();
        let (mut reads, mut initial) = (HashMap::<u32, u32>::new(), BTreeMap::<(u32, u32), u32>::new());
        for txn in (0..history.len()).filter(|txn| fates[*txn as usize] == Outcome::Ok) {
            for operation in history.operations(txn) {
                let Operation::ReadSet { set, members } = operation else { continue };
                *reads.entry(set).or_default() += 1;
                for member in members.iter().map(|member| (set, *member)) {
                    if claimed.binary_search(&member).is_ok() {
                        added.push(member);
                    } else {
                        *initial.entry(member).or_default() += 1;
                    }
                }
            }
        }
        if let Some(((set, member), _)) = initial.iter().find(|((set, _), found)| reads.get(set) != Some(found)) {
            let names = history.names();
            let (member, set) = (names.member(*member), names.set(*set));
            return unsayable(format!(
                "nobody added {member} to {set}, and only some reads find it; choose --format csv, which says it"
            ));
        }
        added.sort_unstable();
        added.dedup();
        Ok(Self { added })
    }

    /// Every member of a set with the version that was found, 0 or 1, where these were found.
    pub(super) fn all(&self, set: u32, found: &[u32]) -> impl Iterator<Item = (u32, u32)> {
        let begin = self.added.partition_point(|(other, _)| *other < set);
        let members = self.added[begin..].iter().take_while(move |(other, _)| *other == set);
        members.map(move |(_, member)| (*member, u32::from(found.binary_search(member).is_ok())))
    }
}
