//! How is a judgement written for programs? One JSON document.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use super::anomaly::{Anomaly, Edge, Item};
use super::explain::because;
use super::judgement::{Judgement, Verdict};
use super::level::{Level, Levels};
use super::name::Name;
use crate::check::history::History;

/// A judgement with names instead of numbers.
#[derive(Debug, Serialize)]
pub struct Document {
    verdict: Verdict,
    level: Level,
    anomalies: Vec<Entry>,
    levels: ByLevel,
    strongest: Vec<Level>,
}

/// One anomaly with names instead of numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its most severe name.
    pub name: String,
    /// Other names that the same transactions earn.
    pub also: Vec<String>,
    /// The transactions, in the order of the cycle.
    pub transactions: Vec<String>,
    /// The steps, each beginning where the one before ends.
    pub cycle: Vec<Step>,
}

/// One step of a cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The earlier transaction.
    pub from: String,
    /// The later transaction.
    pub to: String,
    /// Why: the name of the edge's kind.
    pub edge: String,
    /// The row or set that it goes through.
    pub key: Option<String>,
    /// Why, in words.
    pub explanation: String,
}

/// `holds` or `violated` by the name of the level.
#[derive(Debug)]
struct ByLevel(Levels);

impl Serialize for ByLevel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Level::ALL.len()))?;
        for level in Level::ALL {
            let verdict = if self.0.contains(level) { Verdict::Violated } else { Verdict::Holds };
            map.serialize_entry(&level, &verdict)?;
        }
        map.end()
    }
}

impl Document {
    /// What there is to say about a history, asked about one level.
    #[must_use]
    pub fn new(history: &History, judgement: &Judgement, level: Level) -> Self {
        Self {
            verdict: judgement.verdict(level),
            level,
            anomalies: judgement.anomalies.iter().map(|anomaly| Entry::new(history, anomaly)).collect(),
            levels: ByLevel(judgement.violated),
            strongest: judgement.strongest(),
        }
    }

    /// The same, violated in any case: not by the level, but by what a server promised.
    #[must_use]
    pub fn violated(self) -> Self {
        Self { verdict: Verdict::Violated, ..self }
    }
}

impl Entry {
    /// An anomaly of a history.
    #[must_use]
    pub fn new(history: &History, anomaly: &Anomaly) -> Self {
        Self {
            name: anomaly.name.to_string(),
            also: anomaly.also.iter().map(Name::to_string).collect(),
            transactions: anomaly.transactions.iter().map(|txn| history.name(*txn)).collect(),
            cycle: anomaly.edges.iter().map(|edge| Step::new(history, *edge)).collect(),
        }
    }
}

impl Step {
    fn new(history: &History, edge: Edge) -> Self {
        let names = history.names();
        Self {
            from: history.name(edge.from),
            to: history.name(edge.to),
            edge: edge.kind.name().to_owned(),
            key: match edge.item {
                Item::Time => None,
                Item::Key { key, .. } => Some(names.key(key)),
                Item::Member { set, .. } => Some(names.set(set)),
            },
            explanation: because(history, edge),
        }
    }
}
