//! What is drawn? Transactions in the lanes of those who ran them, places that are none, and arrows between them.
//!
//! Both formats, SVG and DOT, are made of this value.

use std::collections::{BTreeMap, BTreeSet};

use super::text::clean;
use super::{places, words};
use crate::check::history::{Clock, History, Outcome};
use crate::check::isolation::{Anomaly, Edge, Item, Kind, describe, explain, later_version, nickname};

/// Transactions of one anomaly that are drawn; of more than that the first ones.
const SHOWN: usize = 12;
/// Stands for the transactions that are not drawn.
const MORE: u32 = u32::MAX;
/// Operations of one transaction that are written out.
const OPERATIONS: usize = 6;

/// One anomaly, ready to be laid out.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    /// Name and nickname.
    pub(super) title: String,
    /// Why it is a contradiction, in one sentence.
    pub(super) sentence: String,
    /// The whole explanation, line by line, for those who cannot see the picture.
    pub(super) explanation: Vec<String>,
    /// Who ran the transactions; places have lanes of their own.
    pub(super) lanes: Vec<String>,
    pub(super) nodes: Vec<Node>,
    pub(super) arrows: Vec<Arrow>,
    /// What times mean.
    pub(super) clock: Clock,
}

/// A transaction, or a place that is none.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) lane: usize,
    pub(super) sort: Sort,
    pub(super) head: String,
    /// What it read and wrote, or what is to be found there.
    pub(super) lines: Vec<Words>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Transaction { from: i64, to: i64, outcome: Outcome },
    Place(Where),
}

/// Where on the way from left to right a place stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// Before everything.
    Beginning,
    /// Outside of time.
    Anywhere,
    /// After everything.
    End,
}

/// Something that is written in one piece, if there is room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) text: String,
    /// Whether it is what the anomaly is about.
    pub(super) strong: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    /// None is no dependency: what happened to something.
    pub(super) kind: Option<Kind>,
    pub(super) label: String,
    /// Whether it is the step that contradicts the others.
    pub(super) closing: bool,
}

impl Figure {
    pub(super) fn new(history: &History, anomaly: &Anomaly) -> Self {
        let nickname = nickname(anomaly).map_or_else(String::new, |nickname| format!(" ({nickname})"));
        let mut figure = Self {
            title: format!("{}{nickname}", anomaly.name),
            sentence: clean(&words::sentence(history, anomaly)),
            explanation: explain(history, anomaly).iter().map(|line| clean(line)).collect(),
            lanes: Vec::new(),
            nodes: Vec::new(),
            arrows: Vec::new(),
            clock: history.names().clock,
        };
        figure.fill(history, anomaly);
        if let Some(last) = figure.arrows.last_mut() {
            last.closing = true;
        }
        figure
    }

    fn fill(&mut self, history: &History, anomaly: &Anomaly) {
        let nodes = self.transactions(history, anomaly);
        let node = |txn: u32| nodes.get(&txn).or_else(|| nodes.get(&MORE)).copied();
        for edge in &anomaly.edges {
            if let (Some(from), Some(to)) = (node(edge.from), node(edge.to))
                && from != to
            {
                self.arrow(from, to, Some(edge.kind), &label(history, *edge));
            }
        }
        if !anomaly.is_cycle() {
            places::add(self, history, anomaly, &node);
        }
    }

    /// Adds the transactions, or the first of them and a place that stands for the others. Answers with their nodes.
    fn transactions(&mut self, history: &History, anomaly: &Anomaly) -> BTreeMap<u32, usize> {
        let ends = anomaly.edges.iter().flat_map(|edge| [edge.from, edge.to]);
        let mut known = BTreeSet::new();
        let all = anomaly.transactions.iter().copied().chain(ends).filter(|txn| known.insert(*txn));
        let all: Vec<u32> = all.collect();
        let shown = if all.len() > SHOWN { SHOWN - 1 } else { SHOWN };
        let mut nodes = BTreeMap::new();
        for txn in all.iter().copied().take(shown) {
            let lane = self.lane(clean(&history.names().session(history.session(txn))));
            nodes.insert(txn, self.nodes.len());
            self.nodes.push(transaction(history, txn, anomaly, lane));
        }
        if all.len() > shown {
            let order = if anomaly.is_cycle() { ", each before the next" } else { "" };
            let line = format!("{} transactions more{order}", all.len() - shown);
            nodes.insert(MORE, self.place(Where::Anywhere, "and so on", &[line]));
        }
        nodes
    }

    /// A worker may be several sessions, one after another: it has one lane.
    fn lane(&mut self, name: String) -> usize {
        let known = self.lanes.iter().position(|lane| *lane == name);
        known.unwrap_or_else(|| {
            self.lanes.push(name);
            self.lanes.len() - 1
        })
    }

    pub(super) fn arrow(&mut self, from: usize, to: usize, kind: Option<Kind>, label: &str) {
        self.arrows.push(Arrow { from, to, kind, label: clean(label), closing: false });
    }

    /// A place in a lane of its own.
    pub(super) fn place(&mut self, place: Where, head: &str, lines: &[String]) -> usize {
        self.lanes.push(String::new());
        let lines = lines.iter().map(|line| Words { text: clean(line), strong: false }).collect();
        self.nodes.push(Node { lane: self.lanes.len() - 1, sort: Sort::Place(place), head: clean(head), lines });
        self.nodes.len() - 1
    }
}

fn transaction(history: &History, txn: u32, anomaly: &Anomaly, lane: usize) -> Node {
    let outcome = history.outcome(txn);
    let mut who = vec![history.name(txn)];
    who.extend(history.shape(txn).and_then(|shape| history.names().shape(shape)).map(str::to_owned));
    who.extend(history.attempt(txn).filter(|attempt| *attempt > 1).map(|attempt| format!("try {attempt}")));
    Node {
        lane,
        sort: Sort::Transaction { from: history.start(txn), to: history.end(txn), outcome },
        head: clean(&format!("{}: {}", who.join(" "), words::outcome(outcome))),
        lines: operations(history, txn, anomaly),
    }
}

/// What matters to the anomaly; of transactions about which nothing does, what they did at all.
fn operations(history: &History, txn: u32, anomaly: &Anomaly) -> Vec<Words> {
    let about: Vec<Item> = anomaly.edges.iter().map(|edge| edge.item).chain([anomaly.item]).collect();
    let matters = |number: &u32| about.iter().any(|item| describe::is_about(history, *number, *item));
    let all = history.operation_numbers(txn);
    let mut chosen: Vec<u32> = all.clone().filter(matters).collect();
    if chosen.is_empty() {
        chosen = all.clone().collect();
    }
    let more = all.len().saturating_sub(chosen.len().min(OPERATIONS));
    let strong = |number: u32| !anomaly.is_cycle() && describe::is_exactly(history, number, anomaly.item);
    let shown = chosen.into_iter().take(OPERATIONS);
    let mut words: Vec<Words> = shown
        .map(|number| Words { text: clean(&describe::operation(history, number, &about)), strong: strong(number) })
        .collect();
    words.extend((more > 0).then(|| Words { text: format!("and {more} more"), strong: false }));
    words
}

/// `rw account 6: 41 to 42`.
fn label(history: &History, edge: Edge) -> String {
    let names = history.names();
    match (edge.kind, edge.item) {
        (Kind::Session, _) => format!("session: {}", names.session(history.session(edge.from))),
        (Kind::RealTime, _) => {
            let wait = history.start(edge.to).saturating_sub(history.end(edge.from));
            format!("real time: {} later", words::time(names.clock, wait))
        }
        (kind, Item::Key { key, version }) => {
            let later = later_version(history, edge.to, key, version).filter(|_| kind != Kind::Wr);
            let to = later.map_or_else(String::new, |later| format!(" to {later}"));
            format!("{} {}: {version}{to}", words::kind(kind), names.key(key))
        }
        (kind, Item::Member { set, member }) => {
            let with = if kind.is_rw() { "without" } else { "with" };
            format!("{} {}: {with} {}", words::kind(kind), names.set(set), names.member(member))
        }
        (kind, Item::Time) => words::kind(kind).to_owned(),
    }
}
