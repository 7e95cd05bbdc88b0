//! What was found? Every anomaly is counted, some of each name are kept.

use std::collections::{BTreeMap, HashMap};

use super::anomaly::Anomaly;
use super::level::Levels;
use super::name::{Name, Phenomenon};

/// So many of each name are kept; a run that goes wrong goes wrong a million times.
const KEPT: u64 = 100;

/// Anomalies by name.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Anomaly>,
    counts: BTreeMap<Name, u64>,
    violated: Levels,
}

impl Findings {
    /// Counts something that was seen directly, and keeps it while there are few of its name.
    pub fn add_direct(&mut self, phenomenon: Phenomenon, evidence: impl FnOnce() -> Anomaly) {
        let name = Name::plain(phenomenon);
        let count = self.counts.entry(name).or_default();
        *count += 1;
        if *count <= KEPT {
            self.kept.push(evidence());
        }
        self.violated = self.violated.and(name.violates(false));
    }

    /// Counts and perhaps keeps an anomaly.
    pub fn add(&mut self, anomaly: Anomaly) {
        let count = self.counts.entry(anomaly.name).or_default();
        *count += 1;
        self.violated = self.violated.and(anomaly.violates);
        if *count <= KEPT {
            self.kept.push(anomaly);
        }
    }

    /// The levels that what was found violates.
    #[must_use]
    pub fn violated(&self) -> Levels {
        self.violated
    }

    /// Everything that was kept, the worst first, with the names of the same transactions gathered under the most
    /// severe one; and how often each name was given, which is more where not everything was kept.
    #[must_use]
    pub fn into_parts(mut self, span: impl Fn(&Anomaly) -> i64) -> (Vec<Anomaly>, BTreeMap<Name, u64>) {
        let cycle_of_its_own = |anomaly: &Anomaly| {
            // What is told as a lost update already is the least telling of the cycles.
            anomaly.name.phenomenon == Phenomenon::GSingle && anomaly.overwrites_what_it_missed()
        };
        self.kept.sort_by_cached_key(|anomaly| {
            (anomaly.severity(), cycle_of_its_own(anomaly), anomaly.transactions.len(), span(anomaly))
        });
        let mut places: HashMap<Vec<u32>, usize> = HashMap::new();
        let mut merged: Vec<Anomaly> = Vec::new();
        for anomaly in self.kept {
            if anomaly.transactions.len() < 2 {
                merged.push(anomaly);
                continue;
            }
            let mut transactions = anomaly.transactions.clone();
            transactions.sort_unstable();
            let place = *places.entry(transactions).or_insert(merged.len());
            match merged.get_mut(place) {
                Some(same) if same.name == anomaly.name && same.item != anomaly.item => merged.push(anomaly),
                Some(same) => {
                    if same.name != anomaly.name && !same.also.contains(&anomaly.name) {
                        same.also.push(anomaly.name);
                    }
                    same.violates = same.violates.and(anomaly.violates);
                }
                None => merged.push(anomaly),
            }
        }
        (merged, self.counts)
    }
}
