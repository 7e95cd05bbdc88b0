//! Which transactions must come before which? The dependencies, looked up when they are asked for and never stored.

use super::anomaly::{Edge, Item, Kind};
use super::chains::Chains;
use super::components::{self, DONE, UNVISITED};
use super::readers::Readers;
use super::sets::Sets;
use crate::check::history::{History, Operation, Outcome};

/// A choice of kinds of edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// Writes over writes.
    pub const WRITES: Self = Self::of(&[Kind::Ww]);
    /// Where information flows: writes and reads of writes.
    pub const FLOW: Self = Self::of(&[Kind::Ww, Kind::Wr, Kind::WrPredicate]);
    /// And anti-dependencies through rows.
    pub const ROWS: Self = Self::of(&[Kind::Ww, Kind::Wr, Kind::WrPredicate, Kind::Rw]);
    /// And through predicates: all that the data says.
    pub const DATA: Self = Self::ROWS.with(Kind::RwPredicate);
    /// And the order in each session.
    pub const SESSIONS: Self = Self::DATA.with(Kind::Session);
    /// And real time.
    pub const ALL: Self = Self::SESSIONS.with(Kind::RealTime);

    const fn of(kinds: &[Kind]) -> Self {
        let (mut made, mut index) = (Self(0), 0);
        while index < kinds.len() {
            made = made.with(kinds[index]);
            index += 1;
        }
        made
    }

    /// And this kind.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// Whether a kind is chosen.
    #[must_use]
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }
}

const NONE: u32 = u32::MAX;

/// The dependency graph of the committed transactions (Adya's direct serialization graph, with sessions and real time).
pub struct Graph<'a> {
    /// What happened.
    pub history: &'a History,
    /// What became of each transaction.
    pub fates: &'a [Outcome],
    /// The order of the writes.
    pub chains: &'a Chains,
    /// The reads.
    pub readers: Readers,
    /// The predicates.
    pub sets: &'a Sets,
    /// The next committed transaction of the same session.
    next: Vec<u32>,
}

impl<'a> Graph<'a> {
    /// Puts together what is known, and the order of the sessions.
    #[must_use]
    pub fn new(
        history: &'a History,
        fates: &'a [Outcome],
        chains: &'a Chains,
        readers: Readers,
        sets: &'a Sets,
    ) -> Self {
        Self { history, fates, chains, readers, sets, next: next_in_session(history, fates) }
    }

    /// Whether a transaction belongs to the graph.
    #[must_use]
    pub fn has(&self, txn: u32) -> bool {
        self.fates[txn as usize] == Outcome::Ok
    }

    /// Whether a transaction was over at its end: the effect of one that was only later proven committed may have come
    /// after, so that nothing has to follow it.
    #[must_use]
    pub fn is_settled(&self, txn: u32) -> bool {
        self.history.outcome(txn) == Outcome::Ok
    }

    /// Whether one session ran one transaction before another, and it was over.
    #[must_use]
    pub fn precedes_in_session(&self, from: u32, to: u32) -> bool {
        let history = self.history;
        history.session(from) == history.session(to) && history.start(from) < history.start(to) && self.is_settled(from)
    }

    /// Whether one transaction was over before another started.
    #[must_use]
    pub fn precedes_in_time(&self, from: u32, to: u32) -> bool {
        self.history.end(from) < self.history.start(to) && self.is_settled(from)
    }

    /// The time between the first start and the last end: what is close together is easier to understand.
    #[must_use]
    pub fn span(&self, transactions: &[u32]) -> i64 {
        let first = transactions.iter().map(|txn| self.history.start(*txn)).min().unwrap_or_default();
        let last = transactions.iter().map(|txn| self.history.end(*txn)).max().unwrap_or_default();
        last.saturating_sub(first)
    }

    /// All edges of some kinds that leave a transaction, but for real time; the same successor may come repeatedly.
    #[inline]
    pub fn each_edge(&self, txn: u32, kinds: Kinds, mut each: impl FnMut(Edge)) {
        let mut wrote = false;
        for number in self.history.operation_numbers(txn) {
            match self.history.operation(number) {
                Operation::Write { key, version } => {
                    wrote = true;
                    self.after_write(txn, kinds, key, version, &mut each);
                }
                Operation::Read { key, version, .. } => {
                    let is_own = || wrote && self.history.has_written(txn, number, key);
                    if kinds.has(Kind::Rw) && self.was_there(key, version) && !is_own() {
                        self.overwriter(txn, Kind::Rw, key, version, &mut each);
                    }
                }
                Operation::ReadSet { set, members } => {
                    if kinds.has(Kind::RwPredicate) {
                        self.after_set_read(txn, set, members, &mut each);
                    }
                }
                Operation::Add { set, member } => {
                    if kinds.has(Kind::WrPredicate) {
                        let (kind, item) = (Kind::WrPredicate, Item::Member { set, member });
                        self.sets.finders(set, member).for_each(|to| each(Edge { from: txn, to, kind, item }));
                    }
                }
            }
        }
        if kinds.has(Kind::Session) {
            self.after_in_session(txn, &mut each);
        }
    }

    #[inline]
    fn after_write(&self, txn: u32, kinds: Kinds, key: u32, version: u32, each: &mut impl FnMut(Edge)) {
        if self.chains.is_contested(key, version) {
            return;
        }
        self.overwriter(txn, Kind::Ww, key, version, each);
        if !kinds.has(Kind::Wr) {
            return;
        }
        if let Some(slot) = self.chains.slot(key, version) {
            let item = Item::Key { key, version };
            self.readers.of(slot).iter().for_each(|to| each(Edge { from: txn, to: *to, kind: Kind::Wr, item }));
        }
    }

    /// Whether a version was there to be read; what was not orders nobody.
    ///
    /// In a part of a history, whoever is not here may have made it. If it was never committed, then reading it breaks
    /// every level that the order of the reads could.
    #[inline]
    #[must_use]
    pub fn was_there(&self, key: u32, version: u32) -> bool {
        match self.chains.slot(key, version) {
            Some(slot) => !self.chains.is_intermediate(slot),
            None => version <= self.history.initial(key) || self.history.is_partial(),
        }
    }

    #[inline]
    fn overwriter(&self, txn: u32, kind: Kind, key: u32, version: u32, each: &mut impl FnMut(Edge)) {
        let next = self.chains.next_uncontested(key, version).map(|slot| self.chains.writer(slot));
        if let Some(to) = next.filter(|to| *to != txn) {
            each(Edge { from: txn, to, kind, item: Item::Key { key, version } });
        }
    }

    fn after_set_read(&self, txn: u32, set: u32, members: &[u32], each: &mut impl FnMut(Edge)) {
        for (_, member, to) in self.sets.adds(set) {
            if *to != txn && members.binary_search(member).is_err() {
                let item = Item::Member { set, member: *member };
                each(Edge { from: txn, to: *to, kind: Kind::RwPredicate, item });
            }
        }
    }

    /// The next settled transaction of the session and what lies before it; the same start says nothing about order.
    fn after_in_session(&self, txn: u32, each: &mut impl FnMut(Edge)) {
        if !self.is_settled(txn) {
            return;
        }
        let (mut to, mut last) = (self.next[txn as usize], None);
        while to != NONE {
            let start = self.history.start(to);
            if last.is_some_and(|last| last < start) {
                return;
            }
            if start > self.history.start(txn) {
                each(Edge { from: txn, to, kind: Kind::Session, item: Item::Time });
                last = last.or_else(|| self.is_settled(to).then_some(start));
            }
            to = self.next[to as usize];
        }
    }

    /// The edges that leave a transaction, one for each successor, of the kind that makes the most severe cycles.
    pub fn strongest_edges(&self, txn: u32, kinds: Kinds, edges: &mut Vec<Edge>) {
        edges.clear();
        self.each_edge(txn, kinds, |edge| edges.push(edge));
        edges.sort_unstable_by_key(|edge| (edge.to, edge.kind));
        edges.dedup_by_key(|edge| edge.to);
    }

    /// Components of transactions in the graph of some kinds of edges, without real time, among `nodes` alone.
    #[must_use]
    pub fn components_of(&self, nodes: &[u32], kinds: Kinds) -> Vec<Vec<u32>> {
        let mut rank = vec![DONE; self.fates.len()];
        for node in nodes {
            rank[*node as usize] = UNVISITED;
        }
        components::components(rank, nodes.iter().rev().copied(), |node, out| {
            self.each_edge(node, kinds, |edge| out.push(edge.to));
        })
    }

    /// Components of the whole graph with real time, which is exact and costs two edges a transaction.
    ///
    /// Transactions are in the order of their start, so what has to follow a transaction is a suffix. Node `n + i` is
    /// the suffix from `i`: it leads to transaction `i` and to node `n + i + 1`. Going backwards through time, nearly
    /// everything that a node leads to is finished when it is visited.
    #[must_use]
    pub fn components_in_real_time(&self) -> Vec<Vec<u32>> {
        let length = self.history.len();
        let mut rank = vec![UNVISITED; 2 * length as usize];
        for txn in (0..length).filter(|txn| !self.has(*txn)) {
            rank[txn as usize] = DONE;
        }
        let roots = (0..length).rev().flat_map(|txn| [txn, length + txn]);
        let mut found = components::components(rank, roots, |node, out| {
            if node < length {
                self.each_edge(node, Kinds::SESSIONS, |edge| out.push(edge.to));
                if self.is_settled(node) {
                    let after = self.history.first_after(node);
                    out.extend((after < length).then_some(length + after));
                }
            } else {
                out.extend(((node + 1) < 2 * length).then_some(node + 1));
                out.push(node - length);
            }
        });
        for component in &mut found {
            component.retain(|node| *node < length);
            component.sort_unstable();
        }
        found.retain(|component| component.len() > 1);
        found
    }

    /// Transactions on closed walks on which no two anti-dependencies follow each other: what snapshot isolation
    /// forbids. Two nodes for each transaction: `2 * t + 1` was reached by an anti-dependency and may not leave by one.
    #[must_use]
    pub fn components_without_adjacent(&self, nodes: &[u32]) -> Vec<Vec<u32>> {
        let mut rank = vec![DONE; 2 * self.fates.len()];
        for node in nodes {
            rank[2 * *node as usize] = UNVISITED;
            rank[2 * *node as usize + 1] = UNVISITED;
        }
        let roots = nodes.iter().rev().flat_map(|node| [2 * *node, 2 * *node + 1]);
        let mut found = components::components(rank, roots, |node, out| {
            let kinds = if node % 2 == 0 { Kinds::DATA } else { Kinds::FLOW };
            self.each_edge(node / 2, kinds, |edge| out.push(2 * edge.to + u32::from(edge.kind.is_rw())));
        });
        for component in &mut found {
            for node in component.iter_mut() {
                *node /= 2;
            }
            component.sort_unstable();
            component.dedup();
        }
        found
    }
}

fn next_in_session(history: &History, fates: &[Outcome]) -> Vec<u32> {
    let mut next = vec![NONE; fates.len()];
    let mut following = vec![NONE; history.sessions() as usize];
    for txn in (0..history.len()).rev() {
        if fates[txn as usize] == Outcome::Ok {
            next[txn as usize] = std::mem::replace(&mut following[history.session(txn) as usize], txn);
        }
    }
    next
}
