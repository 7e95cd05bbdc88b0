//! What does it come to? All checks in their order, and which levels are left.

use std::collections::BTreeMap;

use serde::Serialize;

use super::anomaly::Anomaly;
use super::chains::Chains;
use super::findings::Findings;
use super::graph::Graph;
use super::level::{Level, Levels};
use super::name::Name;
use super::readers::Readers;
use super::sets::Sets;
use super::stale::StaleReads;
use super::{cycles, durable, predicates, resolve, rows, strays};
use crate::check::history::{History, Outcome};

/// The answer for one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing in the history contradicts the level.
    Holds,
    /// Something does.
    Violated,
    /// Nothing was committed: there is nothing to judge.
    Inconclusive,
}

/// Everything that is known about a history.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What was found, the worst first; of what was found very often only a part.
    pub anomalies: Vec<Anomaly>,
    /// How often each name was given, a lower bound for cycles: one for each component of the graph.
    pub counts: BTreeMap<Name, u64>,
    /// The levels that the history violates.
    pub violated: Levels,
    /// Transactions that were judged: confirmed, or proven by what others saw.
    pub committed: u32,
    /// Ambiguous transactions that were proven to have committed.
    pub proven: u32,
    /// Ambiguous transactions of which nothing is known: left out.
    pub unresolved: u32,
    /// How many transactions depend on each other in a circle in the largest component, 0 without one.
    pub largest: usize,
    /// Stale reads of one row or set: every one is counted here, also where `anomalies` tells something worse, or nothing,
    /// of the same transactions. Not part of `counts`.
    pub stale: StaleReads,
}

/// Judges a history.
#[must_use]
pub fn check(history: &History) -> Judgement {
    let fates = resolve::resolve(history);
    let chains = Chains::new(history, &fates);
    let sets = Sets::new(history, &fates);
    let mut findings = Findings::default();
    let reads = rows::check(history, &fates, &chains, &mut findings);
    strays::check(history, &fates, &chains, &reads.strays, &mut findings);
    predicates::check(history, &fates, &sets, &mut findings);
    durable::check(history, &fates, &mut findings);
    let graph = Graph::new(history, &fates, &chains, Readers::new(chains.slots(), &reads.readers), &sets);
    drop(reads);
    let verdict = cycles::check(&graph, &mut findings);
    let violated = findings.violated().and(verdict.violated);
    let (anomalies, counts) = findings.into_parts(|anomaly| graph.span(&anomaly.transactions));
    let count = |wanted: &dyn Fn(u32) -> bool| (0..history.len()).map(|txn| u32::from(wanted(txn))).sum();
    let fate = |txn: u32| fates[txn as usize];
    Judgement {
        anomalies,
        counts,
        violated,
        committed: count(&|txn| fate(txn) == Outcome::Ok),
        proven: count(&|txn| fate(txn) == Outcome::Ok && history.outcome(txn) == Outcome::Info),
        unresolved: count(&|txn| fate(txn) == Outcome::Info),
        largest: verdict.largest,
        stale: verdict.stale,
    }
}

impl Judgement {
    /// The answer for one level.
    #[must_use]
    pub fn verdict(&self, level: Level) -> Verdict {
        if self.violated.contains(level) {
            Verdict::Violated
        } else if self.committed == 0 {
            Verdict::Inconclusive
        } else {
            Verdict::Holds
        }
    }

    /// The strongest levels that the history is consistent with: none, one, or two that are incomparable.
    #[must_use]
    pub fn strongest(&self) -> Vec<Level> {
        self.violated.strongest_outside()
    }
}
