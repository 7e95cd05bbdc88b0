//! Which cycles does a small component have? All of them, so that nothing telling is missed.
//!
//! A cycle is not worth telling when a more severe one that breaks all of its levels is among the same transactions or
//! fewer. That spares most of the work: of the edges between two transactions only those matter that could make the worst
//! cycle, orders are transitive, and one edge of real time is always enough (see `search`).

use std::collections::BTreeMap;

use super::anomaly::{Anomaly, Edge, Item, Kind};
use super::graph::{Graph, Kinds};
use super::name::Name;

/// Components of more transactions are searched instead.
pub const TRANSACTIONS: usize = 24;

/// All cycles of a component, gathered by transactions (bit by bit) and name.
struct Walk<'a> {
    graph: &'a Graph<'a>,
    /// The edges of each transaction, each with the place of the one that it leads to.
    out: Vec<Vec<(usize, Edge)>>,
    path: Vec<Edge>,
    found: BTreeMap<(u32, Name), Anomaly>,
    steps: &'a mut u64,
}

/// The smallest telling cycle of each name in a component, in ascending order of its transactions; nothing when
/// the steps do not suffice.
pub fn enumerate(graph: &Graph<'_>, nodes: &[u32], kinds: Kinds, steps: &mut u64) -> Option<Vec<Anomaly>> {
    let placed = |edge: Edge| Some((nodes.binary_search(&edge.to).ok()?, edge));
    let out = |node: &u32| edges(graph, nodes, *node, kinds).into_iter().filter_map(placed).collect();
    let out = nodes.iter().map(out).collect();
    let mut walk = Walk { graph, out, path: Vec::new(), found: BTreeMap::new(), steps };
    for root in 0..nodes.len() {
        walk.from(root, root, 1 << root)?;
    }
    Some(walk.telling())
}

/// The edges from one transaction to the others that could make the worst cycle: the best of the data and the best order.
fn edges(graph: &Graph<'_>, nodes: &[u32], from: u32, kinds: Kinds) -> Vec<Edge> {
    let mut best: Vec<Edge> = Vec::new();
    graph.each_edge(from, Kinds::DATA, |edge| best.extend(nodes.binary_search(&edge.to).is_ok().then_some(edge)));
    for to in nodes.iter().copied().filter(|to| *to != from) {
        let order = if kinds.has(Kind::Session) && graph.precedes_in_session(from, to) {
            Some(Kind::Session)
        } else if kinds.has(Kind::RealTime) && graph.precedes_in_time(from, to) {
            Some(Kind::RealTime)
        } else {
            None
        };
        best.extend(order.map(|kind| Edge { from, to, kind, item: Item::Time }));
    }
    let is_order = |edge: &Edge| matches!(edge.kind, Kind::Session | Kind::RealTime);
    best.sort_unstable_by_key(|edge| (edge.to, is_order(edge), edge.kind));
    best.dedup_by_key(|edge| (edge.to, is_order(edge)));
    let written: Vec<u32> = best.iter().filter(|edge| edge.kind == Kind::Ww).map(|edge| edge.to).collect();
    best.retain(|edge| !is_order(edge) || written.binary_search(&edge.to).is_err());
    best
}

impl Walk<'_> {
    /// Every cycle through `root` and transactions above it; each is found once, from its lowest.
    fn from(&mut self, root: usize, at: usize, visited: u32) -> Option<()> {
        for index in 0..self.out[at].len() {
            let (to, edge) = self.out[at][index];
            if to < root || (to != root && visited & 1 << to != 0) || self.is_superfluous(edge.kind) {
                continue;
            }
            *self.steps = self.steps.checked_sub(1)?;
            self.path.push(edge);
            if to == root {
                self.note(visited);
            } else {
                self.from(root, to, visited | 1 << to)?;
            }
            self.path.pop();
        }
        Some(())
    }

    fn is_superfluous(&self, kind: Kind) -> bool {
        match kind {
            Kind::Session => self.path.last().is_some_and(|last| last.kind == Kind::Session),
            Kind::RealTime => self.path.iter().any(|edge| edge.kind == Kind::RealTime),
            _ => false,
        }
    }

    fn note(&mut self, visited: u32) {
        let anomaly = Anomaly::cycle(self.path.clone());
        let known = self.found.entry((visited, anomaly.name)).or_insert_with(|| anomaly.clone());
        if known.violates.count() < anomaly.violates.count() {
            *known = anomaly;
        }
    }

    fn telling(self) -> Vec<Anomaly> {
        let is_telling = |(set, anomaly): &(u32, &Anomaly)| {
            !self.found.iter().any(|((other, name), worse)| {
                other & !set == 0 && *name < anomaly.name && worse.violates.and(anomaly.violates) == worse.violates
            })
        };
        let mut smallest: BTreeMap<Name, (u32, i64, &Anomaly)> = BTreeMap::new();
        for (set, anomaly) in self.found.iter().map(|((set, _), anomaly)| (*set, anomaly)).filter(is_telling) {
            let size = (set.count_ones(), self.graph.span(&anomaly.transactions));
            let best = smallest.entry(anomaly.name).or_insert((size.0, size.1, anomaly));
            let weaker = best.2.violates.count() < anomaly.violates.count();
            if weaker || (best.2.violates == anomaly.violates && size < (best.0, best.1)) {
                *best = (size.0, size.1, anomaly);
            }
        }
        smallest.into_values().map(|(_, _, anomaly)| anomaly.clone()).collect()
    }
}
