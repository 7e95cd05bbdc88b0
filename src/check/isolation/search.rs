//! What is the smallest cycle of a kind? Breadth-first search within one component, under a budget.

use std::collections::{BinaryHeap, HashSet};

use super::anomaly::{Edge, Item, Kind};
use super::graph::{Graph, Kinds};
use super::visits::Visits;

/// Starting points that are tried, those that are closest in time first.
const STARTS: usize = 512;
/// Transactions of one component among which starting points are looked for.
const SCANNED: usize = 200_000;
/// Edges that one search may follow, and all searches of a check together: some seconds.
const BUDGET: u64 = 2_000_000;
const TOTAL_BUDGET: u64 = 30_000_000;
/// Cycles of up to so many edges are looked for from all starting points before longer ones are from any.
const LENGTHS: [usize; 4] = [2, 4, 8, usize::MAX];

/// Which anti-dependencies a cycle has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// None.
    Flow,
    /// Exactly one.
    One,
    /// Several, no two in a row.
    Nonadjacent,
    /// Two in a row.
    Adjacent,
    /// Two in a row, and one through a predicate.
    AdjacentPredicate,
}

/// What a cycle has to contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// An edge that makes its shape: a write, a read of a write, or an anti-dependency.
    Data,
    /// The order within a session.
    Session,
    /// Real time. One such edge is enough: real time is an interval order, so of two such edges in a cycle one can be
    /// replaced by a shortcut (Fishburn 1970: an interval order has no 2+2).
    RealTime,
}

/// A class of cycles.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// Its edges, but for the closing one.
    pub kinds: Kinds,
    /// Its anti-dependencies.
    pub shape: Shape,
    /// Its closing edge.
    pub closing: Closing,
}

/// How far a walk has come: what its shape depends on.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// Anti-dependencies, counted up to 2.
    count: u8,
    last: bool,
    adjacent: bool,
    predicate: bool,
}

impl Progress {
    fn after(self, kind: Kind) -> Self {
        let rw = kind.is_rw();
        Self {
            count: (self.count + u8::from(rw)).min(2),
            last: rw,
            adjacent: self.adjacent || (rw && self.last),
            predicate: self.predicate || kind == Kind::RwPredicate,
        }
    }

    /// A number of its own, below 32.
    fn way(self) -> u32 {
        let flags = [self.last, self.adjacent, self.predicate].map(u32::from);
        u32::from(self.count) << 3 | flags[0] << 2 | flags[1] << 1 | flags[2]
    }
}

impl Shape {
    fn allows(self, progress: Progress, kind: Kind) -> bool {
        match self {
            Self::Flow => !kind.is_rw(),
            Self::One => !(kind.is_rw() && progress.count > 0),
            Self::Nonadjacent => !(kind.is_rw() && progress.last),
            Self::Adjacent | Self::AdjacentPredicate => true,
        }
    }

    /// Whether a walk that closes now has this shape; `joins` says that its ends are two anti-dependencies in a row.
    fn accepts(self, progress: Progress, joins: bool) -> bool {
        let adjacent = progress.count == 2 && (progress.adjacent || joins);
        match self {
            Self::Flow => progress.count == 0,
            Self::One => progress.count == 1,
            Self::Nonadjacent => progress.count == 2 && !adjacent,
            Self::Adjacent => adjacent,
            Self::AdjacentPredicate => adjacent && progress.predicate,
        }
    }
}

/// A walk's step: where it came to, from which step, by which edge.
struct Step {
    node: u32,
    progress: Progress,
    length: usize,
    by: Option<(usize, Edge)>,
}

/// A transaction to start from, by an edge unless the cycle is closed by real time.
type Start = (u32, Option<Edge>);

/// Searches in one graph.
pub struct Search<'a> {
    graph: &'a Graph<'a>,
    left: u64,
}

impl<'a> Search<'a> {
    /// With the whole budget.
    #[must_use]
    pub fn new(graph: &'a Graph<'a>) -> Self {
        Self { graph, left: TOTAL_BUDGET }
    }

    /// The smallest cycle of a class that was found in a component, closest in time among equals. Nothing found in a
    /// small component means that there is none, but for cycles of a weak class that share transactions with worse ones.
    pub fn find(&mut self, component: &[u32], class: Class) -> Option<Vec<Edge>> {
        if class.kinds.has(Kind::RwPredicate) && self.graph.history.sets() == 0 {
            return None; // The class without predicates was the same.
        }
        let mut visits = Visits::new(component);
        let starts = self.starts(component, &visits, class);
        let mut budget = BUDGET.min(self.left);
        let given = budget;
        let mut best: Option<(usize, i64, Vec<Edge>)> = None;
        for longest in LENGTHS {
            for start in &starts {
                let limit = best.as_ref().map_or(longest, |best| best.0);
                let Some(cycle) = self.walk(*start, class, limit, &mut visits, &mut budget) else { continue };
                let transactions: Vec<u32> = cycle.iter().map(|edge| edge.from).collect();
                let size = (cycle.len(), self.graph.span(&transactions));
                if best.as_ref().is_none_or(|best| size < (best.0, best.1)) {
                    best = Some((size.0, size.1, cycle));
                }
            }
            if best.is_some() || budget == 0 {
                break;
            }
        }
        self.left -= given - budget;
        best.map(|best| best.2)
    }

    /// Edges (for real time: transactions) that a cycle of the class must contain one of.
    fn starts(&self, component: &[u32], inside: &Visits, class: Class) -> Vec<Start> {
        let mut nearest: BinaryHeap<(i64, usize)> = BinaryHeap::new();
        let mut starts: Vec<Start> = Vec::new();
        let mut keep = |distance: i64, start: Start| {
            if nearest.len() < STARTS {
                nearest.push((distance, starts.len()));
                starts.push(start);
            } else if let Some(mut farthest) = nearest.peek_mut().filter(|farthest| distance < farthest.0) {
                starts[farthest.1] = start;
                farthest.0 = distance;
            }
        };
        let mut edges = Vec::new();
        for node in component.iter().take(SCANNED).copied() {
            self.graph.strongest_edges(node, class.kinds, &mut edges);
            edges.retain(|edge| inside.contains(edge.to));
            if class.closing == Closing::RealTime {
                let distance = edges.iter().map(|edge| self.backwards(*edge)).min().unwrap_or(i64::MAX);
                keep(distance, (node, None));
                continue;
            }
            for edge in edges.iter().filter(|edge| begins(class, edge.kind)) {
                keep(self.distance(*edge), (edge.to, Some(*edge)));
            }
        }
        nearest.into_sorted_vec().into_iter().map(|(_, place)| starts[place]).collect()
    }

    fn distance(&self, edge: Edge) -> i64 {
        self.graph.history.start(edge.to).saturating_sub(self.graph.history.start(edge.from)).saturating_abs()
    }

    /// How far an edge leads back to a transaction that was over already; more for one that was not.
    fn backwards(&self, edge: Edge) -> i64 {
        let gap = self.graph.history.start(edge.from).saturating_sub(self.graph.history.end(edge.to));
        if gap > 0 { gap } else { (i64::MAX / 2).saturating_sub(gap) }
    }

    /// The shortest walk from a start that closes to a cycle of the class, if it visits no transaction twice.
    fn walk(
        &self,
        (origin, first): Start,
        class: Class,
        longest: usize,
        visits: &mut Visits,
        budget: &mut u64,
    ) -> Option<Vec<Edge>> {
        let progress = first.map_or(Progress::default(), |edge| Progress::default().after(edge.kind));
        let mut steps = vec![Step { node: origin, progress, length: 1, by: None }];
        visits.forget();
        let mut edges = Vec::new();
        let mut at = 0;
        while at < steps.len() {
            let Step { node, progress, length, .. } = steps[at];
            if self.closes(origin, first, class, node, progress)
                && let Some(cycle) = Self::unwind(&steps, at, first)
            {
                return Some(cycle);
            }
            let may_return = first.is_none_or(|edge| edge.from != node);
            if length < longest && *budget > 0 && may_return {
                self.graph.strongest_edges(node, class.kinds, &mut edges);
                *budget = budget.saturating_sub(1 + edges.len() as u64);
                for edge in edges.iter().filter(|edge| class.shape.allows(progress, edge.kind)) {
                    let progress = progress.after(edge.kind);
                    if edge.to != origin && visits.insert(edge.to, progress.way()) {
                        steps.push(Step { node: edge.to, progress, length: length + 1, by: Some((at, *edge)) });
                    }
                }
            }
            at += 1;
        }
        None
    }

    fn closes(&self, origin: u32, first: Option<Edge>, class: Class, node: u32, progress: Progress) -> bool {
        if let Some(edge) = first {
            let joins = edge.kind.is_rw() && progress.last;
            node == edge.from && class.shape.accepts(progress, joins)
        } else {
            self.graph.precedes_in_time(node, origin) && class.shape.accepts(progress, false)
        }
    }

    /// The edges of a walk from its first; real time closes it.
    fn unwind(steps: &[Step], at: usize, first: Option<Edge>) -> Option<Vec<Edge>> {
        let mut cycle = Vec::new();
        let mut place = at;
        while let Some((before, edge)) = steps[place].by {
            cycle.push(edge);
            place = before;
        }
        if let Some(edge) = first {
            cycle.push(edge);
        } else {
            cycle.push(Edge { from: steps[at].node, to: steps[0].node, kind: Kind::RealTime, item: Item::Time });
        }
        cycle.reverse();
        let distinct: HashSet<u32> = cycle.iter().map(|edge| edge.from).collect();
        (distinct.len() == cycle.len()).then_some(cycle)
    }
}

/// Whether a cycle of the class may be looked for from an edge of this kind.
fn begins(class: Class, kind: Kind) -> bool {
    match (class.closing, class.shape) {
        (Closing::Session, _) => kind == Kind::Session,
        (_, Shape::Flow) if class.kinds == Kinds::WRITES => kind == Kind::Ww,
        (_, Shape::Flow) => matches!(kind, Kind::Wr | Kind::WrPredicate),
        _ => kind.is_rw(),
    }
}
