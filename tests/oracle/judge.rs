//! What is the verdict on one history? Names and levels from the definitions, then checked against all orders.

use super::graph::{self, Cycle, Reading};
use super::history::{Fate, History};
use super::names::{self, LEVELS, Levels};
use super::notation::{Outcome, Txn};
use super::orders::Demand;
use super::{direct, orders};
use std::collections::BTreeSet;

/// The verdict.
pub struct Verdict {
    /// Names that must be reported, most severe first.
    pub must: Vec<&'static str>,
    /// Names that may be reported beside them.
    pub may: Vec<&'static str>,
    pub violated: Levels,
    /// Of each ambiguous transaction: its id and its fate.
    pub outcomes: Vec<(String, Fate)>,
    /// Why reasonable readers of the notation could disagree.
    pub doubts: BTreeSet<String>,
    /// The definitions and the orders disagree: the oracle itself is wrong.
    pub broken: Option<String>,
}

/// Judges one history.
pub fn judge(txns: Vec<Txn>) -> Verdict {
    let history = History::resolve(txns);
    let direct = direct::anomalies(&history);
    let count = history.txns.len();
    let cycles = graph::cycles(count, &graph::edges(&history, Reading::Strict));
    let lenient = graph::cycles(count, &graph::edges(&history, Reading::Lenient));

    let mut must: BTreeSet<usize> = direct.iter().filter(|d| d.1).map(|d| names::rank(d.0)).collect();
    must.extend(cycles.iter().filter(|c| graph::is_telling(c, &cycles)).map(|c| names::rank(c.name)));
    let mut may: BTreeSet<usize> = direct.iter().map(|d| names::rank(d.0)).collect();
    may.extend(cycles.iter().chain(&lenient).map(|c| names::rank(c.name)));

    let direct_levels = |sure: bool| {
        let of = direct.iter().filter(|d| d.1 || !sure).map(|d| names::direct_levels(d.0));
        of.fold(0, |all, one| all | one)
    };
    let cycle_levels = |cycles: &[Cycle]| cycles.iter().fold(0, |all, c| all | c.levels);
    let violated = direct_levels(true) | cycle_levels(&cycles);
    let mut doubts = history.doubts.clone();
    if violated != direct_levels(false) | cycle_levels(&cycles) | cycle_levels(&lenient) {
        doubts.insert("the levels depend on whether edges of versions that are not installed count".into());
    }
    let otherwise = cycles.iter().fold(0, |all, c| all | c.other_levels);
    if violated != direct_levels(true) | otherwise {
        doubts.insert("repeatable-read depends on whether seeing a member makes a cycle a predicate cycle".into());
    }
    let mut broken = disagreement(&history, &direct, violated);
    if !doubts.is_empty() {
        doubts.extend(broken.take());
    }
    let outcomes = (0..count)
        .filter(|t| history.txns[*t].outcome == Outcome::Info)
        .map(|t| (history.txns[t].id.clone(), history.fates[t]))
        .collect();
    let named = |ranks: BTreeSet<usize>| ranks.into_iter().map(|r| names::NAMES[r]).collect::<Vec<_>>();
    Verdict {
        may: named(may.difference(&must).copied().collect()),
        must: named(must),
        violated,
        outcomes,
        doubts,
        broken,
    }
}

/// The levels once more, by trying all orders. What breaks a level without spoiling an order: a dirty update (the aborted
/// write is gone from the history), a duplicate of an intermediate version, a read of one, and, where not every read has
/// to be explained, a read of what never was.
fn disagreement(history: &History, direct: &direct::Direct, violated: Levels) -> Option<String> {
    let has = |name| direct.contains(&(name, true));
    let unseen = has("dirty-update") || has("duplicate version");
    let weakly_unseen = unseen || has("garbage") || has("G1a") || has("G1b");
    let none = |_: usize, _: usize| false;
    let session = |a: usize, b: usize| history.session_before(a, b);
    let strict = |a: usize, b: usize| session(a, b) || history.real_time_before(a, b);
    let by_orders = [
        (0, if has("duplicate version") { violated & 1 == 0 } else { orders::serial(history, Demand::Versions, none) }),
        (1, !weakly_unseen && orders::serial(history, Demand::Sources, none)),
        (2, !weakly_unseen && orders::serial(history, Demand::Items, none)),
        (3, !unseen && orders::snapshot(history)),
        (4, !unseen && orders::serial(history, Demand::All, none)),
        (5, !unseen && orders::serial(history, Demand::All, session)),
        (6, !unseen && orders::serial(history, Demand::All, strict)),
    ];
    let wrong = by_orders.iter().find(|(level, explained)| (violated & (1 << level) == 0) != *explained)?;
    Some(format!("{}: by cycles {}, by orders {}", LEVELS[wrong.0], !wrong.1, wrong.1))
}
