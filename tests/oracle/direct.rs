//! Which anomalies are no cycles? One function per definition.

use super::history::{Fate, History};
use super::notation::Op;
use std::collections::{BTreeMap, BTreeSet};

/// A name, and whether it must be reported (else it may be).
pub type Direct = BTreeSet<(&'static str, bool)>;

/// Everything wrong that needs no cycle.
pub fn anomalies(history: &History) -> Direct {
    let mut found = Direct::new();
    for txn in history.committed() {
        reads(history, txn, &mut found);
        internal(history, txn, &mut found);
        lost_update(history, txn, &mut found);
        duplicates(history, txn, &mut found);
    }
    for (txn, fate) in history.fates.iter().enumerate() {
        if *fate == Fate::Aborted {
            dirty_update(history, txn, &mut found);
        }
    }
    found
}

/// G1a: only aborted transactions wrote what was read. G1b: it is not its writer's last version. Garbage: nobody did.
fn reads(history: &History, reader: usize, found: &mut Direct) {
    let fate = |writers: &[usize], wanted: Fate| writers.iter().any(|w| history.fates[*w] == wanted);
    let mut judge = |writers: &[usize], initial: bool| {
        if writers.is_empty() && !initial {
            found.insert(("garbage", true));
        } else if fate(writers, Fate::Aborted) && !fate(writers, Fate::Committed) && !fate(writers, Fate::Unknown) {
            found.insert(("G1a", true));
        }
    };
    for op in &history.txns[reader].ops {
        match op {
            Op::Read(key, version) => judge(&history.claimants(key, *version), *version == 0),
            Op::ReadSet(set, members) => {
                for member in members {
                    judge(&history.adders(set, member), true);
                }
                // A state without an initial member never was: nothing removes members.
                history.initial_members(set).difference(members).for_each(|_| judge(&[], false));
            }
            _ => {}
        }
    }
    for op in &history.txns[reader].ops {
        if let Op::Read(key, version) = op {
            for writer in history.claimants(key, *version) {
                let last = history.installs(writer)[key];
                if writer != reader && history.fates[writer] == Fate::Committed && last != *version {
                    let alone = history.claimants(key, *version).len() == 1;
                    found.insert(("G1b", alone));
                }
            }
        }
    }
}

/// A read that differs from the transaction's own last write or, without one, from its first read.
fn internal(history: &History, txn: usize, found: &mut Direct) {
    let ops = &history.txns[txn].ops;
    let mut items: BTreeMap<&str, u64> = BTreeMap::new();
    let mut sets: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut added: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (at, op) in ops.iter().enumerate() {
        let later = &ops[at + 1..];
        let wrong = match op {
            Op::Write(key, version) => {
                items.insert(key, *version);
                false
            }
            Op::Read(key, version) => {
                *items.entry(key).or_insert(*version) != *version || later.contains(&Op::Write(key.clone(), *version))
            }
            Op::Add(set, member) => {
                added.entry(set).or_default().insert(member.clone());
                if let Some(known) = sets.get_mut(set.as_str()) {
                    known.insert(member.clone());
                }
                false
            }
            Op::ReadSet(set, members) => {
                let own_missing = added.get(set.as_str()).is_some_and(|own| !own.is_subset(members));
                let changed = sets.insert(set, members.clone()).is_some_and(|known| known != *members);
                own_missing || changed || members.iter().any(|m| later.contains(&Op::Add(set.clone(), m.clone())))
            }
        };
        if wrong {
            found.insert(("internal", true));
        }
    }
}

/// P4 of Berenson et al.: read a version, then wrote the key, and another's version lies between.
fn lost_update(history: &History, txn: usize, found: &mut Direct) {
    let ops = &history.txns[txn].ops;
    for (key, own) in history.installs(txn) {
        let order = history.version_order(&key);
        for (at, op) in ops.iter().enumerate() {
            let Op::Read(k, seen) = op else { continue };
            if *k != key || *seen >= own {
                continue;
            }
            let between =
                |writers: usize| order.range(seen + 1..own).any(|(_, w)| !w.contains(&txn) && w.len() <= writers);
            let first_write = ops.iter().position(|o| matches!(o, Op::Write(k, _) if *k == key));
            let before_own_write = first_write.is_none_or(|write| at < write);
            let known = *seen == 0 || order.get(seen).is_some_and(|w| w.len() == 1 && w[0] != txn);
            if between(usize::MAX) {
                found.insert(("lost-update", between(1) && before_own_write && known));
            }
        }
    }
}

/// Two committed transactions claim one version, or one version is written twice.
fn duplicates(history: &History, txn: usize, found: &mut Direct) {
    for op in &history.txns[txn].ops {
        let claimants = match op {
            Op::Write(key, version) => history.claimants(key, *version),
            Op::Add(set, member) => history.adders(set, member),
            _ => continue,
        };
        if claimants.iter().any(|c| *c != txn && history.fates[*c] == Fate::Committed) {
            found.insert(("duplicate version", true));
            // Client-side version numbers turn a lost update into this.
            let read_it = |o: &Op| matches!((o, op), (Op::Read(k, _), Op::Write(key, _)) if k == key);
            if history.txns[txn].ops.iter().any(read_it) {
                found.insert(("lost-update", false));
            }
        }
    }
}

/// A gap claimed by an aborted transaction, with a committed version above it.
fn dirty_update(history: &History, aborted: usize, found: &mut Direct) {
    for op in &history.txns[aborted].ops {
        let Op::Write(key, version) = op else { continue };
        let claimed = history.claimants(key, *version).iter().any(|c| history.fates[*c] != Fate::Aborted);
        if claimed || *version >= history.final_version(key) {
            continue;
        }
        let overwritten = history
            .committed()
            .any(|c| history.txns[c].ops.iter().any(|o| matches!(o, Op::Write(k, v) if k == key && v > version)));
        found.insert(("dirty-update", overwritten));
        // A gap below the final version; the notation ties the name to the aborted claim, so both names may be said.
        found.insert(("phantom writer", false));
    }
}
