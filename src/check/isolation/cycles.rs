//! Which cycles are there, and which levels do they break? From the largest graph to the smallest, then class by class.

use std::collections::HashSet;

use super::anomaly::{Anomaly, Kind};
use super::enumerate;
use super::findings::Findings;
use super::graph::{Graph, Kinds};
use super::level::{Level, Levels};
use super::name::{Name, Needs, Phenomenon};
use super::search::{Class, Closing, Search, Shape};
use super::stale::{self, StaleReads};

/// Steps that the enumeration of all small components may take together: some seconds.
const STEPS: u64 = 20_000_000;
/// And that of one component.
const STEPS_OF_ONE: u64 = 500_000;

/// Transactions of a component that are listed where no cycle can be shown.
const LISTED: usize = 100;

/// The components of each relation, each relation within the one before.
struct Relations {
    real_time: Vec<Vec<u32>>,
    sessions: Vec<Vec<u32>>,
    data: Vec<Vec<u32>>,
    /// What repeatable read forbids.
    rows: Vec<Vec<u32>>,
    /// What snapshot isolation forbids.
    nonadjacent: Vec<Vec<u32>>,
    flow: Vec<Vec<u32>>,
    writes: Vec<Vec<u32>>,
}

/// What cycles say about a history.
pub struct Verdict {
    /// The levels that cycles violate; exact, whatever the searches for examples found.
    pub violated: Levels,
    /// How many transactions depend on each other in the largest component of the data alone.
    pub largest: usize,
    /// Stale reads, whatever else is wrong.
    pub stale: StaleReads,
}

/// Finds the components, then an example of each class in each of them.
pub fn check(graph: &Graph<'_>, findings: &mut Findings) -> Verdict {
    let relations = Relations::of(graph);
    let verdict = Verdict {
        violated: relations.violated(),
        largest: relations.data.iter().map(Vec::len).max().unwrap_or(0),
        stale: stale::find(graph, &relations.real_time),
    };
    let enumerated = relations.enumerate(graph, findings);
    let mut search = Search::new(graph);
    relations.search_data(&mut search, &enumerated, findings);
    relations.search_orders(&mut search, &enumerated, findings);
    relations.summarize(findings);
    verdict
}

fn flat(components: &[Vec<u32>]) -> Vec<u32> {
    let mut nodes = components.concat();
    nodes.sort_unstable();
    nodes
}

impl Relations {
    /// One pass over everything; the others only look where that one found something.
    fn of(graph: &Graph<'_>) -> Self {
        let within = |components: &[Vec<u32>], kinds| {
            if components.is_empty() { Vec::new() } else { graph.components_of(&flat(components), kinds) }
        };
        let real_time = graph.components_in_real_time();
        let sessions = within(&real_time, Kinds::SESSIONS);
        let data = within(&sessions, Kinds::DATA);
        let rows = within(&data, Kinds::ROWS);
        let nonadjacent = if data.is_empty() { Vec::new() } else { graph.components_without_adjacent(&flat(&data)) };
        let flow = within(&data, Kinds::FLOW);
        let writes = within(&flow, Kinds::WRITES);
        Self { real_time, sessions, data, rows, nonadjacent, flow, writes }
    }

    fn violated(&self) -> Levels {
        self.levels()
            .into_iter()
            .filter(|(components, ..)| !components.is_empty())
            .fold(Levels::default(), |violated, (_, level, _)| violated.and(Levels::from(level)))
    }

    /// Each relation, the weakest level that forbids its cycles, and what those are called in general.
    fn levels(&self) -> [(&[Vec<u32>], Level, Name); 7] {
        let plain = Name::plain;
        let needing = |needs| Name { needs, phenomenon: Phenomenon::G2 };
        [
            (&self.writes, Level::ReadUncommitted, plain(Phenomenon::G0)),
            (&self.flow, Level::ReadCommitted, plain(Phenomenon::G1c)),
            (&self.nonadjacent, Level::Snapshot, plain(Phenomenon::GNonadjacent)),
            (&self.rows, Level::RepeatableRead, plain(Phenomenon::G2Item)),
            (&self.data, Level::Serializable, plain(Phenomenon::G2)),
            (&self.sessions, Level::StrongSessionSerializable, needing(Needs::Session)),
            (&self.real_time, Level::StrictSerializable, needing(Needs::RealTime)),
        ]
    }

    /// Tells all there is to tell of small components, with as many orders as possible; returns their transactions.
    fn enumerate(&self, graph: &Graph<'_>, findings: &mut Findings) -> HashSet<u32> {
        let mut done = HashSet::new();
        let mut left = STEPS;
        let tiers = [(&self.real_time, Kinds::ALL), (&self.sessions, Kinds::SESSIONS), (&self.data, Kinds::DATA)];
        for (components, kinds) in tiers {
            for component in components.iter().filter(|component| component.len() <= enumerate::TRANSACTIONS) {
                let given = STEPS_OF_ONE.min(left);
                let mut steps = given;
                if component.iter().any(|txn| done.contains(txn)) {
                    continue;
                }
                let mut nodes = component.clone();
                nodes.sort_unstable();
                if let Some(anomalies) = enumerate::enumerate(graph, &nodes, kinds, &mut steps) {
                    for anomaly in anomalies {
                        findings.add(anomaly);
                    }
                    done.extend(nodes);
                }
                left -= given - steps;
            }
        }
        done
    }

    fn search_data(&self, search: &mut Search<'_>, enumerated: &HashSet<u32>, findings: &mut Findings) {
        let mut each = |components: &[Vec<u32>], ladder: &[(Kinds, Shape)]| {
            for component in components.iter().filter(|component| !enumerated.contains(&component[0])) {
                let class =
                    |(kinds, shape): &(Kinds, Shape)| Class { kinds: *kinds, shape: *shape, closing: Closing::Data };
                if let Some(cycle) = ladder.iter().find_map(|rung| search.find(component, class(rung))) {
                    findings.add(Anomaly::cycle(cycle));
                }
            }
        };
        each(&self.writes, &[(Kinds::WRITES, Shape::Flow)]);
        each(&self.flow, &[(Kinds::FLOW, Shape::Flow)]);
        each(&self.nonadjacent, &[(Kinds::ROWS, Shape::One), (Kinds::DATA, Shape::One)]);
        each(&self.nonadjacent, &[(Kinds::ROWS, Shape::Nonadjacent), (Kinds::DATA, Shape::Nonadjacent)]);
        each(&self.rows, &[(Kinds::ROWS, Shape::Adjacent)]);
        each(&self.data, &[(Kinds::DATA, Shape::AdjacentPredicate)]);
    }

    /// Cycles that need the order of sessions or real time, where there is no cycle without it: the worst of each.
    fn search_orders(&self, search: &mut Search<'_>, enumerated: &HashSet<u32>, findings: &mut Findings) {
        let mut each = |components: &[Vec<u32>], without: &[Vec<u32>], closing| {
            let explained: HashSet<u32> = without.iter().flatten().chain(enumerated).copied().collect();
            for component in components.iter().filter(|component| !component.iter().any(|txn| explained.contains(txn)))
            {
                let found = ladder().into_iter().find_map(|(kinds, shape)| {
                    search.find(component, Class { kinds: kinds.with(Kind::Session), shape, closing })
                });
                if let Some(cycle) = found {
                    findings.add(Anomaly::cycle(cycle));
                }
            }
        };
        each(&self.sessions, &self.data, Closing::Session);
        each(&self.real_time, &self.sessions, Closing::RealTime);
    }

    /// Says that there is a cycle where the budget was too small to show one.
    fn summarize(&self, findings: &mut Findings) {
        for (components, level, name) in self.levels() {
            if findings.violated().contains(level) {
                continue;
            }
            if let Some(largest) = components.iter().max_by_key(|component| component.len()) {
                let transactions = largest.iter().copied().take(LISTED).collect();
                let violates = Levels::from(level);
                findings.add(Anomaly { name, transactions, violates, ..Anomaly::cycle(Vec::new()) });
            }
        }
    }
}

fn ladder() -> [(Kinds, Shape); 8] {
    [
        (Kinds::WRITES, Shape::Flow),
        (Kinds::FLOW, Shape::Flow),
        (Kinds::ROWS, Shape::One),
        (Kinds::DATA, Shape::One),
        (Kinds::ROWS, Shape::Nonadjacent),
        (Kinds::DATA, Shape::Nonadjacent),
        (Kinds::ROWS, Shape::Adjacent),
        (Kinds::DATA, Shape::AdjacentPredicate),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::history::{Builder, Header, History, Names, Outcome};
    use crate::check::isolation::chains::Chains;
    use crate::check::isolation::readers::Readers;
    use crate::check::isolation::rows;
    use crate::check::isolation::sets::Sets;
    use proptest::prelude::*;

    /// Session, start, length, and operations: whether it writes, which key, which version it reads.
    type Draft = (u32, i64, i64, Vec<(bool, u32, u32)>);

    /// Writes get the next version of their key; reads find any version.
    fn history(drafts: &[Draft]) -> History {
        let (mut builder, mut versions) = (Builder::new(), [0; 3]);
        for (session, start, length, operations) in drafts {
            let (session, start, end) = (*session, *start, start + length);
            builder.begin(Header::new(session, start, end, Outcome::Ok));
            for (write, key, version) in operations {
                if *write {
                    versions[*key as usize] += 1;
                    builder.write(*key, versions[*key as usize]);
                } else {
                    builder.read(*key, *version, 0);
                }
            }
        }
        builder.finish(Names::default()).expect("a history")
    }

    fn drafts() -> impl Strategy<Value = Vec<Draft>> {
        let operation = (any::<bool>(), 0_u32..3, 0_u32..4);
        prop::collection::vec((0_u32..3, 0_i64..12, 0_i64..8, prop::collection::vec(operation, 1..4)), 2..7)
    }

    proptest! {
        #[test]
        fn searching_finds_the_worst_that_enumeration_finds(drafts in drafts()) {
            let history = history(&drafts);
            let fates = vec![Outcome::Ok; history.len() as usize];
            let (chains, sets) = (Chains::new(&history, &fates), Sets::new(&history, &fates));
            let reads = rows::check(&history, &fates, &chains, &mut Findings::default());
            let readers = Readers::new(chains.slots(), &reads.readers);
            let graph = Graph::new(&history, &fates, &chains, readers, &sets);
            let relations = Relations::of(&graph);
            let (mut searched, mut enumerated) = (Findings::default(), Findings::default());
            let mut search = Search::new(&graph);
            relations.search_data(&mut search, &HashSet::new(), &mut searched);
            relations.search_orders(&mut search, &HashSet::new(), &mut searched);
            let done = relations.enumerate(&graph, &mut enumerated);
            prop_assert_eq!(done.len(), relations.real_time.concat().len());
            prop_assert_eq!(searched.violated(), relations.violated());
            prop_assert_eq!(enumerated.violated(), relations.violated());
            let (searched, _) = searched.into_parts(|_| 0);
            for anomaly in &searched {
                for (edge, next) in anomaly.edges.iter().zip(anomaly.edges.iter().cycle().skip(1)) {
                    prop_assert_eq!(edge.to, next.from);
                    let mut edges = Vec::new();
                    graph.each_edge(edge.from, Kinds::DATA, |edge| edges.push(edge));
                    let order = match edge.kind {
                        Kind::Session => graph.precedes_in_session(edge.from, edge.to),
                        Kind::RealTime => graph.precedes_in_time(edge.from, edge.to),
                        // Steps along one key were joined.
                        Kind::Ww => true,
                        _ => false,
                    };
                    prop_assert!(order || edges.contains(edge));
                }
            }
            let (enumerated, _) = enumerated.into_parts(|_| 0);
            prop_assert_eq!(searched.first().map(|worst| worst.name), enumerated.first().map(|worst| worst.name));
        }
    }
}
