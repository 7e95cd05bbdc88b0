//! What does the history say about the run? Judged by the level that was asked about, and by what the server promised.

use bytesize::ByteSize;

use super::discerned::caveat;
use super::history::{History, Outcome};
use super::isolation::{self, Anomaly, Judgement, Level, nickname};
use super::{Check, Promise, Standard, Status};
use crate::history::Shape;
use crate::plan::Flight;

/// Everything that the verdict on a history rests on.
#[derive(Clone, Copy, Debug)]
pub struct HistoryEvidence<'a> {
    /// What happened.
    pub history: &'a History,
    /// What the checker found in it.
    pub judgement: &'a Judgement,
    /// What the exit code judges by.
    pub asked: Standard,
    /// What the server promised; none for a history that was written by hand.
    pub promise: Option<&'a Promise>,
    /// The shapes of which at least one transaction was committed; none for a history that was written by hand.
    pub shapes: Option<&'a [Shape]>,
    /// How they travelled.
    pub flight: Flight,
    /// Where recording stopped before the run did.
    pub partial: Option<Partial>,
}

/// A history that does not tell everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partial {
    /// It ends before the run.
    Stopped {
        /// Nothing that ended later was recorded, in nanoseconds from the beginning.
        until_ns: u64,
        /// What was allowed, in bytes, where that is known.
        limit_bytes: Option<u64>,
    },
    /// What the tables held before it is not known.
    Unread,
}

impl Partial {
    /// What a history lacks, if anything.
    #[must_use]
    pub fn of(history: &History, stopped_at: Option<u64>, limit_bytes: Option<u64>) -> Option<Self> {
        let stopped = stopped_at.map(|until_ns| Self::Stopped { until_ns, limit_bytes });
        stopped.or(history.is_partial().then_some(Self::Unread))
    }

    /// In one clause.
    #[must_use]
    pub fn words(&self) -> String {
        let Self::Stopped { until_ns, limit_bytes } = *self else {
            return "the tables were too large to be read whole, so lost commits and unknown writers could not be found"
                .to_owned();
        };
        let seconds = until_ns as f64 / 1e9;
        let limit = limit_bytes.map_or_else(String::new, |bytes| format!(" at the limit of {}", ByteSize::b(bytes)));
        format!("covers the first {seconds:.1} s; recording stopped{limit}")
    }
}

/// The check named `history`.
#[must_use]
pub fn judge_history(evidence: &HistoryEvidence<'_>) -> Check {
    let judged = judged(evidence);
    let status = evidence.status();
    let detail = match status {
        Status::Inconclusive if evidence.partial.is_some() => {
            "no commit was recorded, so there is nothing to judge".to_owned()
        }
        Status::Inconclusive => "nothing was committed, so there is nothing to judge".to_owned(),
        Status::Violated => format!("{}: {}", list(&evidence.decisive()), evidence.broken()),
        Status::Holds | Status::Permitted => format!("{judged}: {}", evidence.holding()),
    };
    let partial = evidence.partial.map_or_else(String::new, |partial| format!("; {}", partial.words()));
    let doubt = evidence.doubt().map_or_else(String::new, |doubt| format!("; {doubt}"));
    Check { name: "history", status, detail: format!("{detail}{partial}{doubt}") }
}

impl HistoryEvidence<'_> {
    /// The level that is judged by: of `promised`, the one that is.
    #[must_use]
    pub fn level(&self) -> Level {
        match (self.asked, self.promise) {
            (Standard::Level(level), _) => level,
            (Standard::Promised, Some(promise)) => promise.level(),
            (Standard::Promised, None) => Level::Serializable,
        }
    }

    /// The answer.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.judgement.verdict(self.level()) {
            isolation::Verdict::Violated => Status::Violated,
            _ if self.breaks_promise() => Status::Violated,
            isolation::Verdict::Inconclusive => Status::Inconclusive,
            isolation::Verdict::Holds => Status::Holds,
        }
    }

    /// Which levels this mix could not tell apart, in words.
    #[must_use]
    pub fn caveat(&self) -> Option<String> {
        self.shapes.and_then(|shapes| caveat(shapes, self.flight, self.level()))
    }

    /// What lost answers leave open, in words; nothing where all is known.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let (answers, versions) = self.history.doubts();
        let answers = match answers {
            0 => return None,
            1 => "1 lost answer leaves".to_owned(),
            several => format!("{several} lost answers leave"),
        };
        let versions = if versions == 1 { "1 version".to_owned() } else { format!("{versions} versions") };
        Some(format!("{answers} open who made {versions}, and nobody is accused of those"))
    }

    fn breaks_promise(&self) -> bool {
        self.promise.is_some_and(|promise| {
            let broken = |anomaly| promise.is_broken_by(anomaly);
            self.judgement.violated.contains(promise.level()) || self.judgement.anomalies.iter().any(broken)
        }) || self.stale_read().is_some()
    }

    /// A stale read, where the server has promised that there is none, and how many there are. They are looked for on
    /// their own: beside what is worse they have no place among the anomalies.
    fn stale_read(&self) -> Option<(&Anomaly, u64)> {
        let stale = &self.judgement.stale;
        let promised = self.promise.is_some_and(Promise::forbids_stale_reads);
        stale.examples.first().filter(|_| promised).map(|first| (first, stale.count))
    }

    /// What decided that it is violated: one anomaly of each name, the worst first, with how often there was one.
    #[must_use]
    pub fn decisive(&self) -> Vec<(&Anomaly, u64)> {
        let level = self.level();
        let decides = |anomaly: &&Anomaly| {
            let is_broken = self.promise.is_some_and(|promise| promise.is_broken_by(anomaly));
            anomaly.violates.contains(level) || is_broken
        };
        let mut firsts = self.firsts(decides);
        if let Some(stale) = self.stale_read()
            && !firsts.iter().any(|(anomaly, _)| anomaly.is_stale_read())
        {
            firsts.push(stale);
        }
        firsts
    }

    /// What was found, one of each name that satisfies a condition.
    fn firsts(&self, wanted: impl Fn(&&Anomaly) -> bool) -> Vec<(&Anomaly, u64)> {
        let mut firsts: Vec<(&Anomaly, u64)> = Vec::new();
        for anomaly in self.judgement.anomalies.iter().filter(wanted) {
            if firsts.iter().all(|(first, _)| first.name != anomaly.name) {
                let count = self.judgement.counts.get(&anomaly.name).copied().unwrap_or(1);
                firsts.push((anomaly, count));
            }
        }
        firsts
    }

    /// What is violated, and who would have permitted it.
    #[must_use]
    pub fn broken(&self) -> String {
        let level = self.level();
        match (self.judgement.violated.contains(level), self.promise) {
            (true, None) => format!("{level} is violated"),
            (true, Some(promise)) if self.breaks_promise() => {
                format!("{level} is violated, against what {} promises at {}", promise.product(), promise.granted())
            }
            (true, Some(promise)) => format!("{level} is violated, {} permits it", promise.granted()),
            (false, promise) => promise.map_or_else(String::new, |promise| format!("not kept: {}", promise.words())),
        }
    }

    /// What is left standing, and what was found nevertheless.
    #[must_use]
    pub fn holding(&self) -> String {
        let names: Vec<&str> = self.judgement.strongest().into_iter().map(Level::name).collect();
        let strongest = format!("nothing contradicts {}", names.join(" or "));
        let found = self.firsts(|_| true);
        if found.is_empty() {
            return strongest;
        }
        format!("{strongest}; {}", self.permitted(&list(&found)))
    }

    /// Who permits what was found: a level, or a server that promises no order in time.
    fn permitted(&self, found: &str) -> String {
        match self.promise {
            Some(promise) if !self.judgement.violated.contains(Level::Serializable) => {
                format!("found {found}, which {} does not promise to prevent", promise.product())
            }
            _ => format!("found {found}, which {} permits", self.level()),
        }
    }
}

/// An anomaly's name, with what it is called besides.
#[must_use]
pub fn label(anomaly: &Anomaly) -> String {
    nickname(anomaly).map_or_else(|| anomaly.name.to_string(), |nickname| format!("{} ({nickname})", anomaly.name))
}

fn list(firsts: &[(&Anomaly, u64)]) -> String {
    firsts.iter().map(|(anomaly, count)| format!("{count} {}", label(anomaly))).collect::<Vec<_>>().join(", ")
}

fn judged(HistoryEvidence { history, judgement, .. }: &HistoryEvidence<'_>) -> String {
    let ambiguous = (0..history.len()).filter(|txn| history.outcome(*txn) == Outcome::Info).count();
    let committed = judgement.committed;
    if ambiguous == 0 {
        return format!("{committed} transactions");
    }
    let resolved = ambiguous.saturating_sub(judgement.unresolved as usize);
    format!("{committed} transactions, {resolved} of {ambiguous} ambiguous ones resolved")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::history::notation;
    use crate::plan::Isolation;

    const SKEW: &str = "T1 s1 [0,9] ok : r(x@0) w(y@1)\nT2 s2 [1,8] ok : r(y@0) w(x@1)";
    const STALE: &str = "T1 s1 [0,1] ok : w(x@1)\nT2 s2 [2,3] ok : r(x@0)";
    const REVERSE: &str = "T1 s1 [0,1] ok : w(x@1)\nT2 s2 [2,3] ok : w(y@1)\nT3 s3 [0,9] ok : r(x@0) r(y@1)";
    const CLEAN: &str = "T1 s1 [0,1] ok : w(x@1)\nT2 s2 [2,3] ok : r(x@1)\nT3 s3 [2,3] info : w(x@2)\n\
                         T4 s4 [4,5] info : w(z@1)\nT5 s5 [6,7] ok : r(x@2)";

    fn judged(text: &str, asked: &str, product: &str, granted: Isolation) -> (Status, String) {
        let history = notation::parse(text).expect("a history");
        let judgement = isolation::check(&history);
        let promise = Promise::of(product, Some(granted));
        let check = judge_history(&HistoryEvidence {
            history: &history,
            judgement: &judgement,
            asked: asked.parse().expect("a standard"),
            promise: Some(&promise),
            shapes: None,
            flight: Flight::Sequential,
            partial: None,
        });
        assert_eq!(check.name, "history");
        (check.status, check.detail)
    }

    #[test]
    fn write_skew_violates_serializable_also_where_the_server_permits_it() {
        let (status, detail) = judged(SKEW, "serializable", "PostgreSQL", Isolation::RepeatableRead);
        assert_eq!(status, Status::Violated);
        assert_eq!(detail, "1 G2-item (write skew): serializable is violated, REPEATABLE READ permits it");
        let (status, detail) = judged(SKEW, "promised", "PostgreSQL", Isolation::RepeatableRead);
        assert_eq!(status, Status::Holds);
        assert_eq!(
            detail,
            "2 transactions: nothing contradicts snapshot; found 1 G2-item (write skew), which snapshot permits"
        );
    }

    #[test]
    fn a_broken_promise_is_a_violation_at_any_level() {
        for asked in ["promised", "serializable", "read-committed"] {
            assert_eq!(judged(SKEW, asked, "PostgreSQL", Isolation::Serializable).0, Status::Violated, "{asked}");
        }
        let (_, detail) = judged(SKEW, "read-committed", "PostgreSQL", Isolation::Serializable);
        assert!(
            detail.ends_with("not kept: PostgreSQL promises serializable, in real-time order (strict serializability)")
        );
        let (_, detail) = judged(SKEW, "serializable", "PostgreSQL", Isolation::Serializable);
        assert!(detail.ends_with("against what PostgreSQL promises at SERIALIZABLE"), "{detail}");
    }

    #[test]
    fn a_stale_read_fails_cockroachdb_and_a_causal_reverse_does_not() {
        let (status, detail) = judged(STALE, "serializable", "CockroachDB", Isolation::Serializable);
        assert_eq!(status, Status::Violated);
        assert!(detail.starts_with("1 G-single-realtime (stale read): not kept: CockroachDB promises"), "{detail}");
        let (status, detail) = judged(REVERSE, "serializable", "CockroachDB", Isolation::Serializable);
        assert_eq!(status, Status::Holds);
        assert!(detail.ends_with("(causal reverse), which CockroachDB does not promise to prevent"), "{detail}");
        assert_eq!(judged(REVERSE, "strict-serializable", "CockroachDB", Isolation::Serializable).0, Status::Violated);
        assert_eq!(judged(REVERSE, "serializable", "PostgreSQL", Isolation::Serializable).0, Status::Violated);
    }

    #[test]
    fn what_holds_says_of_how_many_and_nothing_at_all_is_inconclusive() {
        let (status, detail) = judged(CLEAN, "serializable", "PostgreSQL", Isolation::Serializable);
        assert_eq!(status, Status::Holds);
        assert_eq!(detail, "4 transactions, 1 of 2 ambiguous ones resolved: nothing contradicts strict-serializable");
        let aborted = "T1 s1 [0,1] abort : w(x@1)";
        assert_eq!(judged(aborted, "promised", "PostgreSQL", Isolation::Serializable).0, Status::Inconclusive);
    }

    #[test]
    fn a_part_of_the_run_is_named_and_so_is_what_the_mix_leaves_open() {
        let history = notation::parse(CLEAN).expect("a history");
        let judgement = isolation::check(&history);
        let evidence = HistoryEvidence {
            history: &history,
            judgement: &judgement,
            asked: Standard::default(),
            promise: None,
            shapes: Some(&[Shape::Transfer]),
            flight: Flight::Sequential,
            partial: Some(Partial::Stopped { until_ns: 12_340_000_000, limit_bytes: Some(2 << 30) }),
        };
        let detail = judge_history(&evidence).detail;
        assert!(detail.ends_with("; covers the first 12.3 s; recording stopped at the limit of 2.0 GiB"), "{detail}");
        assert!(evidence.caveat().is_some_and(|caveat| caveat.contains("snapshot isolation")));
        assert_eq!(HistoryEvidence { shapes: None, ..evidence }.caveat(), None);
    }
}
