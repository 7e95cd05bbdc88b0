//! Who missed what was over before it began? Every stale read, whatever else is wrong with the same transactions.
//!
//! A transaction read a version of a row, or a set without a member, although another transaction that had ended before it
//! started had made, or seen, a later version, or the member. Such a pair is a cycle of an anti-dependency and real
//! time; the search for cycles tells only the worst of each component, but a server may promise exactly this one. So
//! they are looked for on their own, among the transactions of the components, which costs nothing where there are none.

use std::collections::HashMap;

use super::anomaly::{Anomaly, Edge, Item, Kind};
use super::graph::Graph;
use crate::check::history::Operation;

/// So many are kept: those that came longest after what they missed.
const KEPT: usize = 100;

/// The stale reads of a history.
#[derive(Clone, Debug, Default)]
pub struct StaleReads {
    /// How many reads there are, each row or set of a transaction once.
    pub count: u64,
    /// The worst of them, each a cycle; those that came longest after what they missed first.
    pub examples: Vec<Anomaly>,
}

/// A committed version of a row, and a transaction that made or saw it and was over at its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Witness {
    key: u32,
    version: u32,
    end: i64,
    txn: u32,
    /// The version that it made or saw, which is this one or a later one.
    known: u32,
}

/// A read that may be stale.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Read {
    txn: u32,
    key: u32,
    version: u32,
}

struct Search<'a> {
    graph: &'a Graph<'a>,
    /// Ascending; within a key each is replaced by the one that ended first among it and those of later versions.
    witnesses: Vec<Witness>,
    found: Vec<(i64, Vec<Edge>)>,
    count: u64,
}

/// Finds them among the transactions of some components.
#[must_use]
pub fn find(graph: &Graph<'_>, components: &[Vec<u32>]) -> StaleReads {
    let nodes = || components.iter().flatten().copied();
    let (witnesses, mut reads) = rows(graph, nodes());
    reads.sort_unstable();
    reads.dedup();
    let mut search = Search { graph, witnesses: earliest(witnesses), found: Vec::new(), count: 0 };
    for read in reads {
        search.row(read);
    }
    if graph.history.sets() > 0 {
        search.sets(nodes());
    }
    search.found.sort_by_key(|(gap, _)| std::cmp::Reverse(*gap));
    let examples = search.found.into_iter().take(KEPT).map(|(_, edges)| Anomaly::cycle(edges)).collect();
    StaleReads { count: search.count, examples }
}

/// What the transactions made and saw, and what they read before they wrote it themselves.
fn rows(graph: &Graph<'_>, nodes: impl Iterator<Item = u32>) -> (Vec<Witness>, Vec<Read>) {
    let (history, chains) = (graph.history, graph.chains);
    let (mut witnesses, mut reads) = (Vec::new(), Vec::new());
    for txn in nodes {
        for number in history.operation_numbers(txn) {
            let (key, version) = match history.operation(number) {
                Operation::Read { key, version, .. } => {
                    if !graph.was_there(key, version) || history.has_written(txn, number, key) {
                        continue;
                    }
                    reads.push(Read { txn, key, version });
                    (key, version)
                }
                Operation::Write { key, version } => (key, version),
                Operation::ReadSet { .. } | Operation::Add { .. } => continue,
            };
            if graph.is_settled(txn) && chains.slot(key, version).is_some() && !chains.is_contested(key, version) {
                witnesses.push(Witness { key, version, end: history.end(txn), txn, known: version });
            }
        }
    }
    (witnesses, reads)
}

fn earliest(mut witnesses: Vec<Witness>) -> Vec<Witness> {
    witnesses.sort_unstable();
    for at in (1..witnesses.len()).rev() {
        let (later, earlier) = (witnesses[at], &mut witnesses[at - 1]);
        if later.key == earlier.key && later.end < earlier.end {
            (earlier.end, earlier.txn, earlier.known) = (later.end, later.txn, later.known);
        }
    }
    witnesses
}

impl Search<'_> {
    fn row(&mut self, Read { txn, key, version }: Read) {
        let behind = self.witnesses.partition_point(|witness| (witness.key, witness.version) <= (key, version));
        let Some(witness) = self.witnesses.get(behind).copied().filter(|witness| witness.key == key) else { return };
        if witness.end >= self.graph.history.start(txn) {
            return;
        }
        let Some(next) = self.graph.chains.next_uncontested(key, version) else { return };
        let writer = self.graph.chains.writer(next);
        if writer == txn {
            return;
        }
        let item = Item::Key { key, version };
        let mut edges = vec![Edge { from: txn, to: writer, kind: Kind::Rw, item }];
        // Two transactions say more than three.
        if self.graph.precedes_in_time(writer, txn) {
            self.note(txn, writer, edges);
            return;
        }
        let chains = self.graph.chains;
        let maker = chains.slot(key, witness.known).map_or(witness.txn, |slot| chains.writer(slot));
        let mut from = writer;
        for (to, kind, version) in
            [(maker, Kind::Ww, chains.version(key, next)), (witness.txn, Kind::Wr, witness.known)]
        {
            if from != to {
                edges.push(Edge { from, to, kind, item: Item::Key { key, version } });
                from = to;
            }
        }
        self.note(txn, witness.txn, edges);
    }

    fn sets(&mut self, nodes: impl Iterator<Item = u32>) {
        let mut known: HashMap<(u32, u32), Option<u32>> = HashMap::new();
        for txn in nodes {
            for operation in self.graph.history.operations(txn) {
                let Operation::ReadSet { set, members } = operation else { continue };
                let adds = self.graph.sets.adds(set);
                let missed = adds.iter().filter(|add| add.2 != txn && members.binary_search(&add.1).is_err());
                let missed = missed.filter_map(|(_, member, adder)| {
                    let witness = (*known.entry((set, *member)).or_insert_with(|| self.first_to_know(set, *member)))?;
                    self.graph.precedes_in_time(witness, txn).then_some((*member, *adder, witness))
                });
                // One member is enough: it is the set that was stale.
                let worst = missed.min_by_key(|(_, _, witness)| self.graph.history.end(*witness));
                let Some((member, adder, witness)) = worst else { continue };
                let item = Item::Member { set, member };
                let mut edges = vec![Edge { from: txn, to: adder, kind: Kind::RwPredicate, item }];
                if witness != adder {
                    edges.push(Edge { from: adder, to: witness, kind: Kind::WrPredicate, item });
                }
                self.note(txn, witness, edges);
            }
        }
    }

    /// Of the transactions that added a member or found it, the one that was over first.
    fn first_to_know(&self, set: u32, member: u32) -> Option<u32> {
        let adder = self.graph.sets.only_adder(set, member)?;
        let all = self.graph.sets.finders(set, member).chain([adder]).filter(|txn| self.graph.is_settled(*txn));
        all.min_by_key(|txn| (self.graph.history.end(*txn), *txn != adder))
    }

    fn note(&mut self, txn: u32, witness: u32, mut edges: Vec<Edge>) {
        let history = self.graph.history;
        self.count += 1;
        edges.push(Edge { from: witness, to: txn, kind: Kind::RealTime, item: Item::Time });
        self.found.push((history.start(txn).saturating_sub(history.end(witness)), edges));
        if self.found.len() >= 2 * KEPT {
            self.found.sort_by_key(|(gap, _)| std::cmp::Reverse(*gap));
            self.found.truncate(KEPT);
        }
    }
}
