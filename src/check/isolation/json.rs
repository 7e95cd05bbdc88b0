//! How is a judgement written for programs? One JSON document.

use serde::{Serialize, Serializer, ser::SerializeMap};

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

#[derive(Debug, Serialize)]
struct Entry {
    name: Name,
    also: Vec<Name>,
    transactions: Vec<String>,
    cycle: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    from: String,
    to: String,
    edge: &'static str,
    key: Option<String>,
    explanation: String,
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
}

impl Entry {
    fn new(history: &History, anomaly: &Anomaly) -> Self {
        let names = history.names();
        Self {
            name: anomaly.name,
            also: anomaly.also.clone(),
            transactions: anomaly.transactions.iter().map(|txn| names.transaction(*txn)).collect(),
            cycle: anomaly.edges.iter().map(|edge| Step::new(history, *edge)).collect(),
        }
    }
}

impl Step {
    fn new(history: &History, edge: Edge) -> Self {
        let names = history.names();
        Self {
            from: names.transaction(edge.from),
            to: names.transaction(edge.to),
            edge: edge.kind.name(),
            key: match edge.item {
                Item::Time => None,
                Item::Key { key, .. } => Some(names.key(key)),
                Item::Member { set, .. } => Some(names.set(set)),
            },
            explanation: because(history, edge),
        }
    }
}
