//! What is the evidence? One anomaly: its names, its transactions, and the steps that contradict each other.

use std::collections::BTreeSet;

use super::level::Levels;
use super::name::{Name, Needs, Phenomenon};

/// Why one transaction comes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It wrote a version that the other replaced.
    Ww,
    /// The same session ran it first.
    Session,
    /// It wrote a version that the other read.
    Wr,
    /// It added a member that the other found in a set.
    WrPredicate,
    /// It read a version that the other replaced.
    Rw,
    /// It did not find a member in a set that the other added.
    RwPredicate,
    /// It had ended before the other started.
    RealTime,
}

impl Kind {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ww => "ww",
            Self::Session => "session",
            Self::Wr => "wr",
            Self::WrPredicate => "wr-predicate",
            Self::Rw => "rw",
            Self::RwPredicate => "rw-predicate",
            Self::RealTime => "realtime",
        }
    }

    /// Whether it is an anti-dependency: a read that would have to come first.
    #[must_use]
    pub fn is_rw(self) -> bool {
        matches!(self, Self::Rw | Self::RwPredicate)
    }
}

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// Nothing but time.
    Time,
    /// A row in the version that the first transaction read or wrote.
    Key {
        /// Which row.
        key: u32,
        /// Which version.
        version: u32,
    },
    /// A member of a set.
    Member {
        /// Which set.
        set: u32,
        /// Which member.
        member: u32,
    },
}

/// `from` comes before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// The earlier transaction.
    pub from: u32,
    /// The later transaction.
    pub to: u32,
    /// Why.
    pub kind: Kind,
    /// Through what.
    pub item: Item,
}

/// One anomaly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// Its most severe name.
    pub name: Name,
    /// Other names that the same transactions earn.
    pub also: Vec<Name>,
    /// The transactions, in the order of the cycle.
    pub transactions: Vec<u32>,
    /// The steps of the cycle, each beginning where the one before ends; for what is no cycle, the steps that show it.
    pub edges: Vec<Edge>,
    /// What it is about, where there are no edges.
    pub item: Item,
    /// The levels that forbid it, under all of its names.
    pub violates: Levels,
}

impl Anomaly {
    /// An anomaly that was seen directly, without a cycle.
    #[must_use]
    pub fn direct(phenomenon: Phenomenon, transactions: Vec<u32>, item: Item) -> Self {
        let name = Name::plain(phenomenon);
        Self { name, also: Vec::new(), transactions, edges: Vec::new(), item, violates: name.violates(false) }
    }

    /// The same, shown by steps.
    #[must_use]
    pub fn with_edges(mut self, edges: Vec<Edge>) -> Self {
        self.edges = edges;
        self
    }

    /// A cycle, named by what its edges are. Steps along one session, or along the versions of one key, become one.
    #[must_use]
    pub fn cycle(edges: Vec<Edge>) -> Self {
        let edges = joined(edges);
        let name = Name { needs: needs(&edges), phenomenon: phenomenon(&edges) };
        let predicate = edges.iter().any(|edge| edge.kind == Kind::RwPredicate);
        Self {
            name,
            also: Vec::new(),
            transactions: edges.iter().map(|edge| edge.from).collect(),
            edges,
            item: Item::Time,
            violates: name.violates(predicate),
        }
    }

    /// Whether the steps lead back to where they begin.
    #[must_use]
    pub fn is_cycle(&self) -> bool {
        match (self.edges.first(), self.edges.last()) {
            (Some(first), Some(last)) => first.from == last.to,
            _ => false,
        }
    }

    /// Severe first: what violates more levels, then the order of the names.
    #[must_use]
    pub fn severity(&self) -> (std::cmp::Reverse<u32>, Name) {
        (std::cmp::Reverse(self.name.violates(self.has_predicate()).count()), self.name)
    }

    /// Whether it is a stale read: something had replaced what was read, and that was over before the reader began. All
    /// about one row, or one member of a set; in real time, or in a session, whose transactions run one after another.
    #[must_use]
    pub fn is_stale_read(&self) -> bool {
        self.name.needs != Needs::Nothing && self.name.phenomenon == Phenomenon::GSingle && self.places() == 1
    }

    /// Whether it is a causal reverse: in the order of the data something comes before what was over when it began, though
    /// no single row was read stale.
    #[must_use]
    pub fn is_causal_reverse(&self) -> bool {
        let has_rw = self.edges.iter().any(|edge| edge.kind.is_rw());
        self.name.needs == Needs::RealTime && has_rw && self.places() > 1
    }

    /// Whether it is a lost update seen as a cycle: one row, read and then written over what another one wrote meanwhile.
    #[must_use]
    pub fn overwrites_what_it_missed(&self) -> bool {
        let kinds = || self.edges.iter().map(|edge| edge.kind);
        self.places() == 1
            && kinds().all(|kind| matches!(kind, Kind::Rw | Kind::Ww))
            && kinds().any(|kind| kind == Kind::Ww)
    }

    /// How many rows and members the steps are about.
    fn places(&self) -> usize {
        let place = |edge: &Edge| match edge.item {
            Item::Time => None,
            Item::Key { key, .. } => Some((false, key, 0)),
            Item::Member { set, member } => Some((true, set, member)),
        };
        self.edges.iter().filter_map(place).collect::<BTreeSet<_>>().len()
    }

    fn has_predicate(&self) -> bool {
        self.edges.iter().any(|edge| edge.kind == Kind::RwPredicate)
    }
}

/// The order of a session is transitive, and so is that of the versions of a key; two steps are left in any case.
fn joined(edges: Vec<Edge>) -> Vec<Edge> {
    let mut left = edges.len();
    let mut joined: Vec<Edge> = Vec::with_capacity(left);
    for edge in edges {
        match joined.last_mut() {
            Some(last) if left > 2 && continues(*last, edge) => {
                last.to = edge.to;
                left -= 1;
            }
            _ => joined.push(edge),
        }
    }
    if let [first, _, .., last] = &mut joined[..]
        && left > 2
        && continues(*last, *first)
    {
        (first.from, first.item) = (last.from, last.item);
        joined.pop();
    }
    joined
}

fn continues(one: Edge, next: Edge) -> bool {
    match (one.kind, one.item, next.kind, next.item) {
        (Kind::Session, _, Kind::Session, _) => true,
        (Kind::Ww, Item::Key { key, .. }, Kind::Ww, Item::Key { key: same, .. }) => key == same,
        _ => false,
    }
}

fn needs(edges: &[Edge]) -> Needs {
    let has = |kind| edges.iter().any(|edge| edge.kind == kind);
    if has(Kind::RealTime) {
        Needs::RealTime
    } else if has(Kind::Session) {
        Needs::Session
    } else {
        Needs::Nothing
    }
}

fn phenomenon(edges: &[Edge]) -> Phenomenon {
    let kinds = || edges.iter().map(|edge| edge.kind);
    let adjacent = || kinds().zip(kinds().cycle().skip(1)).any(|(one, next)| one.is_rw() && next.is_rw());
    match kinds().filter(|kind| kind.is_rw()).count() {
        0 if kinds().any(|kind| matches!(kind, Kind::Wr | Kind::WrPredicate)) => Phenomenon::G1c,
        0 => Phenomenon::G0,
        1 => Phenomenon::GSingle,
        _ if !adjacent() => Phenomenon::GNonadjacent,
        _ if kinds().any(|kind| kind == Kind::RwPredicate) => Phenomenon::G2,
        _ => Phenomenon::G2Item,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(kinds: &[Kind]) -> String {
        let count = u32::try_from(kinds.len()).expect("few");
        let edges = (0..count).zip(kinds).map(|(from, kind)| Edge {
            from,
            to: (from + 1) % count,
            kind: *kind,
            item: Item::Time,
        });
        Anomaly::cycle(edges.collect()).name.to_string()
    }

    #[test]
    fn steps_along_one_key_or_session_are_one() {
        let written = |from, to, version| Edge { from, to, kind: Kind::Ww, item: Item::Key { key: 3, version } };
        let read = Edge { from: 9, to: 1, kind: Kind::Rw, item: Item::Key { key: 4, version: 0 } };
        let cycle = Anomaly::cycle(vec![written(2, 9, 6), read, written(1, 7, 4), written(7, 2, 5)]);
        assert_eq!(cycle.edges, [written(1, 9, 4), read].map(|edge| edge));
        let both = vec![written(1, 2, 4), written(2, 1, 5)];
        assert_eq!(Anomaly::cycle(both.clone()).edges, both);
    }

    #[test]
    fn a_cycle_is_named_by_its_edges() {
        use Kind::{RealTime, Rw, RwPredicate, Session, Wr, WrPredicate, Ww};
        for (kinds, name) in [
            (&[Ww, Ww][..], "G0"),
            (&[Ww, Wr], "G1c"),
            (&[WrPredicate, Wr], "G1c"),
            (&[Rw, Wr], "G-single"),
            (&[RwPredicate, Ww], "G-single"),
            (&[Rw, Wr, Rw, Wr], "G-nonadjacent"),
            (&[Rw, Wr, Rw], "G2-item"),
            (&[Rw, Rw], "G2-item"),
            (&[RwPredicate, Rw], "G2"),
            (&[Rw, Session], "G-single-session"),
            (&[Rw, Session, RealTime], "G-single-realtime"),
            (&[Ww, RealTime], "G0-realtime"),
            (&[Rw, Session, Rw, Session], "G-nonadjacent-session"),
        ] {
            assert_eq!(named(kinds), name, "{kinds:?}");
        }
    }
}
