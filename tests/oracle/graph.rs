//! Which cycles are there? Every edge of the direct serialization graph is written down, every simple cycle walked.

use super::history::History;
use super::names::{self, Levels};
use super::notation::Op;
use std::collections::BTreeSet;

/// Why one transaction must be before another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Edge {
    /// Installs the version after the other's.
    WriteWrite,
    /// Reads what the other installed.
    WriteRead,
    /// Sees a member the other added.
    AddRead,
    /// Reads the version before the one the other installs.
    ReadWrite,
    /// Does not see a member the other adds.
    ReadAdd,
    Session,
    RealTime,
}

impl Edge {
    fn is_anti(self) -> bool {
        matches!(self, Self::ReadWrite | Self::ReadAdd)
    }
}

/// How much counts as an edge.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Only installed versions of committed transactions, each claimed once, read before any own write (Adya).
    Strict,
    /// Also intermediate, aborted, duplicate and unexplained versions, and reads after own writes.
    Lenient,
}

/// One cycle, with its class.
#[derive(Clone, Debug)]
pub struct Cycle {
    pub name: &'static str,
    pub levels: Levels,
    /// The transactions, bit by bit.
    pub members: u64,
    /// The levels, were a seen member to make this a predicate cycle (README, open question 4).
    pub other_levels: Levels,
}

pub type Edges = BTreeSet<(usize, usize, Edge)>;

/// Every edge between committed transactions.
pub fn edges(history: &History, reading: Reading) -> Edges {
    let mut edges = Edges::new();
    for key in history.keys() {
        key_edges(history, &key, reading, &mut edges);
    }
    for reader in history.committed() {
        for op in &history.txns[reader].ops {
            if let Op::ReadSet(set, members) = op {
                set_edges(history, reader, set, members, &mut edges);
            }
        }
    }
    for a in history.committed() {
        for b in history.committed().filter(|b| *b != a) {
            if history.session_before(a, b) {
                edges.insert((a, b, Edge::Session));
            }
            if history.real_time_before(a, b) {
                edges.insert((a, b, Edge::RealTime));
            }
        }
    }
    edges.retain(|(from, to, _)| from != to);
    edges
}

fn key_edges(history: &History, key: &str, reading: Reading, edges: &mut Edges) {
    let order = history.version_order(key);
    let clear = |writers: &Vec<usize>| reading == Reading::Lenient || writers.len() == 1;
    let chain: Vec<(u64, &Vec<usize>)> = order.iter().filter(|(_, w)| clear(w)).map(|(v, w)| (*v, w)).collect();
    for pair in chain.windows(2) {
        for from in pair[0].1 {
            edges.extend(pair[1].1.iter().map(|to| (*from, *to, Edge::WriteWrite)));
        }
    }
    for reader in history.committed() {
        let mut wrote = false;
        for op in &history.txns[reader].ops {
            match op {
                Op::Write(k, _) if k == key => wrote = true,
                Op::Read(k, version) if k == key && (!wrote || reading == Reading::Lenient) => {
                    read_edges(history, key, reader, *version, reading, edges);
                }
                _ => {}
            }
        }
    }
}

fn read_edges(history: &History, key: &str, reader: usize, version: u64, reading: Reading, edges: &mut Edges) {
    let order = history.version_order(key);
    let writers = match reading {
        Reading::Strict => order.get(&version).filter(|w| w.len() == 1).cloned().unwrap_or_default(),
        Reading::Lenient => {
            let mut writers = history.claimants(key, version);
            writers.retain(|w| history.committed().any(|c| c == *w));
            writers
        }
    };
    edges.extend(writers.iter().map(|writer| (*writer, reader, Edge::WriteRead)));
    let own_write = writers.contains(&reader);
    let exists = version == 0 || !writers.is_empty() || reading == Reading::Lenient;
    let next = order.range(version + 1..).next();
    if let Some((_, next)) = next
        && exists
        && !own_write
        && !next.contains(&reader)
        && (next.len() == 1 || reading == Reading::Lenient)
    {
        edges.extend(next.iter().map(|writer| (reader, *writer, Edge::ReadWrite)));
    }
}

fn set_edges(history: &History, reader: usize, set: &str, seen: &BTreeSet<String>, edges: &mut Edges) {
    for adder in history.committed().filter(|a| *a != reader) {
        for op in &history.txns[adder].ops {
            if let Op::Add(s, member) = op
                && s == set
            {
                edges.insert(if seen.contains(member) {
                    (adder, reader, Edge::AddRead)
                } else {
                    (reader, adder, Edge::ReadAdd)
                });
            }
        }
    }
}

/// Every simple cycle, each found once, from its lowest transaction.
pub fn cycles(count: usize, edges: &Edges) -> Vec<Cycle> {
    assert!(count <= 64, "the oracle judges small histories only");
    let mut out = vec![Vec::new(); count];
    for (from, to, edge) in edges {
        out[*from].push((*to, *edge));
    }
    let mut found = Vec::new();
    for root in 0..count {
        walk(root, root, &out, &mut Vec::new(), 1 << root, &mut found);
    }
    found
}

fn walk(
    root: usize,
    at: usize,
    out: &[Vec<(usize, Edge)>],
    path: &mut Vec<Edge>,
    members: u64,
    found: &mut Vec<Cycle>,
) {
    for (to, edge) in &out[at] {
        path.push(*edge);
        if *to == root {
            found.push(classify(path, members));
        } else if *to > root && members & (1 << to) == 0 {
            walk(root, *to, out, path, members | 1 << to, found);
        }
        path.pop();
    }
}

/// The class of a cycle (Adya; Elle for the number and the neighbourhood of anti-dependencies).
fn classify(kinds: &[Edge], members: u64) -> Cycle {
    let has = |edge: Edge| kinds.contains(&edge);
    let anti = kinds.iter().filter(|k| k.is_anti()).count();
    let adjacent = (0..kinds.len()).any(|i| kinds[i].is_anti() && kinds[(i + 1) % kinds.len()].is_anti());
    let class = match anti {
        0 if !has(Edge::WriteRead) && !has(Edge::AddRead) => 0,
        0 => 1,
        1 => 2,
        _ if !adjacent => 3,
        _ if !has(Edge::ReadAdd) => 4,
        _ => 5,
    };
    let (shift, base) = match (has(Edge::RealTime), has(Edge::Session)) {
        (true, _) => (2, names::STRICT),
        (false, true) => (1, names::SESSION_UP),
        (false, false) => (0, base_levels(class, has(Edge::ReadAdd))),
    };
    let name = CLASSES[shift][class];
    let item_cycle_through_member = anti > 0 && has(Edge::AddRead) && !has(Edge::ReadAdd);
    let other_levels = if item_cycle_through_member { base & !names::REPEATABLE_READ } else { base };
    Cycle { name, levels: base, members, other_levels }
}

const CLASSES: [[&str; 6]; 3] = [
    ["G0", "G1c", "G-single", "G-nonadjacent", "G2-item", "G2"],
    ["G0-session", "G1c-session", "G-single-session", "G-nonadjacent-session", "G2-item-session", "G2-session"],
    ["G0-realtime", "G1c-realtime", "G-single-realtime", "G-nonadjacent-realtime", "G2-item-realtime", "G2-realtime"],
];

fn base_levels(class: usize, predicate: bool) -> Levels {
    let repeatable = if predicate { 0 } else { names::REPEATABLE_READ };
    match class {
        0 => names::ALL,
        1 => names::COMMITTED_UP,
        2 | 3 => names::SNAPSHOT | names::SERIALIZABLE_UP | repeatable,
        _ => names::SERIALIZABLE_UP | repeatable,
    }
}

/// Is a cycle the first thing to say about its transactions? Not if a more severe one, which breaks every level this one
/// breaks, is among the same transactions or fewer.
pub fn is_telling(cycle: &Cycle, all: &[Cycle]) -> bool {
    !all.iter().any(|other| {
        other.members & !cycle.members == 0
            && cycle.levels & !other.levels == 0
            && names::rank(other.name) < names::rank(cycle.name)
    })
}
