//! What does the history say? The judgement, saved, with the worst examples explained.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::isolation::{Anomaly, Entry, Level, Name, explain};
use crate::check::{HistoryEvidence, Partial, indistinct, label};

/// So many examples of each name are kept.
const EXAMPLES: usize = 3;

/// A judgement on a history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedJudgement {
    /// What was asked: a level, or `promised`.
    pub asked: String,
    /// The level that was judged by: for `promised`, the one that is.
    pub level: String,
    /// `holds`, `violated` or `inconclusive`.
    pub verdict: String,
    /// What decided that it is violated, with its nickname: the worst of it.
    pub decisive: Option<String>,
    /// How often that was found.
    pub decisive_count: u64,
    /// What is violated and who permits it, in words; empty when nothing is.
    pub broken: String,
    /// What the server promises, in words; none for a history written by hand.
    pub promise: Option<String>,
    /// The levels that the history violates.
    pub violated: Vec<String>,
    /// The strongest levels that it is consistent with.
    pub strongest: Vec<String>,
    /// Neighboring levels, the stronger one first, that no transaction of the mix could tell apart.
    pub indistinct: Vec<[String; 2]>,
    /// The same in words.
    pub caveat: Option<String>,
    /// Which part of the run was recorded, in words; none for all of it.
    pub partial: Option<String>,
    /// What answers that were lost leave open, in words; none where every version has its writer.
    pub doubt: Option<String>,
    /// Transactions that were judged.
    pub committed: u32,
    /// Ambiguous ones among them, proven to have committed.
    pub proven: u32,
    /// Ambiguous ones of which nothing is known: left out.
    pub unresolved: u32,
    /// How often each name was given.
    pub counts: BTreeMap<String, u64>,
    /// At most three of each name, the worst first.
    pub anomalies: Vec<SavedAnomaly>,
}

/// One anomaly, explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedAnomaly {
    /// Names, transactions and steps.
    #[serde(flatten)]
    pub entry: Entry,
    /// The same in sentences; a line that goes on has spaces in front.
    pub explanation: Vec<String>,
    /// The picture beside the saved run, an SVG file; none when nothing was saved.
    #[serde(default)]
    pub picture: Option<String>,
}

impl From<&HistoryEvidence<'_>> for SavedJudgement {
    fn from(evidence: &HistoryEvidence<'_>) -> Self {
        let HistoryEvidence { history, judgement, asked, promise, shapes, partial, .. } = *evidence;
        let decisive = evidence.decisive();
        let worst = decisive.first();
        let pairs = shapes.map(|shapes| indistinct(shapes, evidence.flight, evidence.level())).unwrap_or_default();
        let explained = |anomaly: &Anomaly| SavedAnomaly {
            entry: Entry::new(history, anomaly),
            explanation: explain(history, anomaly),
            picture: None,
        };
        Self {
            asked: asked.to_string(),
            level: evidence.level().to_string(),
            verdict: evidence.status().to_string(),
            decisive: worst.map(|(anomaly, _)| label(anomaly)),
            decisive_count: worst.map_or(0, |(_, count)| *count),
            broken: if decisive.is_empty() { String::new() } else { evidence.broken() },
            promise: promise.map(crate::check::Promise::words),
            violated: names(Level::ALL.into_iter().filter(|level| judgement.violated.contains(*level))),
            strongest: names(judgement.strongest()),
            indistinct: pairs.iter().map(|(strong, weak)| [strong, weak].map(Level::to_string)).collect(),
            caveat: evidence.caveat(),
            partial: partial.as_ref().map(Partial::words),
            doubt: evidence.doubt(),
            committed: judgement.committed,
            proven: judgement.proven,
            unresolved: judgement.unresolved,
            counts: judgement.counts.iter().map(|(name, count)| (name.to_string(), *count)).collect(),
            anomalies: Self::told(evidence).into_iter().map(explained).collect(),
        }
    }
}

fn names(levels: impl IntoIterator<Item = Level>) -> Vec<String> {
    levels.into_iter().map(|level| level.to_string()).collect()
}

/// The first of each name.
fn examples(anomalies: &[Anomaly]) -> impl Iterator<Item = &Anomaly> {
    let mut taken: BTreeMap<Name, usize> = BTreeMap::new();
    anomalies.iter().filter(move |anomaly| {
        let taken = taken.entry(anomaly.name).or_default();
        *taken += 1;
        *taken <= EXAMPLES
    })
}

/// What decides and is not among the anomalies: a stale read beside something worse.
fn missing<'a>(anomalies: &'a [Anomaly], decisive: &[(&'a Anomaly, u64)]) -> impl Iterator<Item = &'a Anomaly> {
    decisive.iter().map(|(anomaly, _)| *anomaly).filter(|anomaly| !anomalies.contains(anomaly))
}

impl SavedJudgement {
    /// The anomalies that are kept, in their order: at most three of each name.
    #[must_use]
    pub fn told<'e>(evidence: &'e HistoryEvidence<'_>) -> Vec<&'e Anomaly> {
        let anomalies = &evidence.judgement.anomalies;
        examples(anomalies).chain(missing(anomalies, &evidence.decisive())).collect()
    }

    /// How many more of a name were found than are among the examples, under whatever name they stand there.
    #[must_use]
    pub fn more(&self, name: &str) -> u64 {
        let is_it =
            |anomaly: &&SavedAnomaly| anomaly.entry.name == name || anomaly.entry.also.iter().any(|also| also == name);
        let shown = self.anomalies.iter().filter(is_it).count() as u64;
        self.counts.get(name).copied().unwrap_or_default().saturating_sub(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::history::notation;
    use crate::check::{Promise, isolation};
    use crate::history::Shape;
    use crate::plan::{Flight, Isolation};

    #[test]
    fn three_of_each_name_are_kept_and_the_rest_is_counted() {
        let pair = |n: u32| {
            let (one, two) = (2 * n + 1, 2 * n + 2);
            format!(
                "T{one} s{one} [0,9] ok : r(x{n}@0) w(y{n}@1)\n\
                 T{two} s{two} [1,8] ok : r(y{n}@0) w(x{n}@1)\n"
            )
        };
        let text: String = (0..5).map(pair).collect();
        let history = notation::parse(&text).expect("a history");
        let judgement = isolation::check(&history);
        let promise = Promise::of("PostgreSQL", Some(Isolation::RepeatableRead));
        let saved = SavedJudgement::from(&HistoryEvidence {
            history: &history,
            judgement: &judgement,
            asked: crate::check::Standard::default(),
            promise: Some(&promise),
            shapes: Some(&[Shape::Skew]),
            flight: Flight::Sequential,
            partial: None,
        });
        assert_eq!((saved.anomalies.len(), saved.more("G2-item"), saved.more("G0")), (3, 2, 0));
        assert_eq!(saved.decisive.as_deref(), Some("G2-item (write skew)"));
        assert_eq!(saved.decisive_count, 5);
        assert_eq!(saved.broken, "serializable is violated, REPEATABLE READ permits it");
        assert_eq!(saved.indistinct, [["serializable", "repeatable-read"]]);
        assert_eq!((saved.committed, saved.strongest.as_slice()), (10, &["snapshot".to_owned()][..]));
        let text = serde_json::to_string(&saved).expect("JSON");
        assert_eq!(serde_json::from_str::<SavedJudgement>(&text).expect("the same"), saved);
    }
}
