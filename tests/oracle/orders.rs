//! Is there an order of the transactions that explains every read? All orders are tried; nothing here knows of cycles.

use super::history::History;
use super::notation::Op;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What an order has to explain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// That versions go up (PL-1).
    Versions,
    /// Also that what was read had been written (PL-2).
    Sources,
    /// Also that what was read of keys, before any own write of them, was current (PL-2.99).
    Items,
    /// Every read.
    All,
}

/// The database: the current version of each key, the members of each set.
#[derive(Clone)]
struct State {
    versions: BTreeMap<String, u64>,
    sets: BTreeMap<String, BTreeSet<String>>,
}

impl State {
    /// The state after these transactions, however they were ordered.
    fn after(history: &History, done: u64) -> Self {
        let mut state = Self { versions: BTreeMap::new(), sets: BTreeMap::new() };
        for txn in &history.txns {
            for op in &txn.ops {
                if let Op::ReadSet(set, _) | Op::Add(set, _) = op {
                    state.sets.entry(set.clone()).or_insert_with(|| history.initial_members(set));
                }
            }
        }
        for txn in (0..history.txns.len()).filter(|t| done & (1 << t) != 0) {
            for (key, version) in history.installs(txn) {
                let current = state.versions.entry(key).or_insert(0);
                *current = (*current).max(version);
            }
            for op in &history.txns[txn].ops {
                if let Op::Add(set, member) = op {
                    state.sets.entry(set.clone()).or_default().insert(member.clone());
                }
            }
        }
        state
    }

    /// Runs one transaction alone on this state: does it read what it says it read, and do its versions go up?
    fn explains(mut self, history: &History, txn: usize, demand: Demand) -> bool {
        let installs = history.installs(txn);
        if installs.iter().any(|(key, version)| self.versions.get(key).is_some_and(|current| current >= version)) {
            return false;
        }
        let mut wrote = BTreeSet::new();
        history.txns[txn].ops.iter().all(|op| match op {
            Op::Read(key, version) => {
                let current = self.versions.get(key).unwrap_or(&0);
                match demand {
                    Demand::Versions => true,
                    Demand::Sources => wrote.contains(key) || current >= version,
                    Demand::Items => wrote.contains(key) || current == version,
                    Demand::All => current == version,
                }
            }
            Op::ReadSet(set, members) => {
                let current = &self.sets[set];
                match demand {
                    Demand::Versions => true,
                    Demand::Sources | Demand::Items => members.is_subset(current),
                    Demand::All => members == current,
                }
            }
            Op::Write(key, version) => {
                wrote.insert(key);
                self.versions.insert(key.clone(), *version);
                true
            }
            Op::Add(set, member) => self.sets.entry(set.clone()).or_default().insert(member.clone()),
        })
    }
}

/// Is there a serial order of the committed transactions that explains what is demanded, in which a comes before b
/// wherever `before(a, b)`?
pub fn serial(history: &History, demand: Demand, before: impl Fn(usize, usize) -> bool) -> bool {
    let committed: Vec<usize> = history.committed().collect();
    extend(history, &committed, demand, &before, 0, &mut HashSet::new())
}

fn extend(
    history: &History,
    committed: &[usize],
    demand: Demand,
    before: &impl Fn(usize, usize) -> bool,
    done: u64,
    dead: &mut HashSet<u64>,
) -> bool {
    let is_done = |t: usize| done & (1 << t) != 0;
    if committed.iter().all(|t| is_done(*t)) {
        return true;
    }
    if !dead.insert(done) {
        return false;
    }
    committed.iter().any(|next| {
        !is_done(*next)
            && committed.iter().all(|c| is_done(*c) || c == next || !before(*c, *next))
            && State::after(history, done).explains(history, *next, demand)
            && extend(history, committed, demand, before, done | 1 << next, dead)
    })
}

/// Is there an order of starts and commits in which every transaction reads the state at its start, and nobody commits a
/// key it writes between its start and its commit (snapshot isolation, Berenson et al.; first committer wins)?
pub fn snapshot(history: &History) -> bool {
    let committed: Vec<usize> = history.committed().collect();
    start_or_commit(history, &committed, (0, 0), &mut HashSet::new())
}

fn start_or_commit(
    history: &History,
    committed: &[usize],
    (started, done): (u64, u64),
    dead: &mut HashSet<(u64, u64)>,
) -> bool {
    if committed.iter().all(|t| done & (1 << t) != 0) {
        return true;
    }
    if !dead.insert((started, done)) {
        return false;
    }
    committed.iter().any(|next| {
        let bit = 1 << next;
        if started & bit == 0 {
            // All lower versions of what it writes must be there at its start; higher ones come after its commit.
            let conflict = history.installs(*next).into_iter().any(|(key, own)| {
                history.version_order(&key).into_iter().any(|(version, writers)| {
                    writers.iter().any(|w| w != next && (version <= own) != (done & (1 << w) != 0))
                })
            });
            !conflict
                && State::after(history, done).explains(history, *next, Demand::All)
                && start_or_commit(history, committed, (started | bit, done), dead)
        } else {
            done & bit == 0 && start_or_commit(history, committed, (started, done | bit), dead)
        }
    })
}
