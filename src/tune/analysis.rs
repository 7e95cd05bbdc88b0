//! What do the blocks say? Estimates for each candidate, and which differences are real.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::compare::Comparisons;
use super::race::{Dropped, dropped};
use super::score::Scores;
use super::{Block, Design, Measured, Objective, Reason, Recommendation, Totals, front};
use crate::stats::Estimate;

/// What the blocks of one setting say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The index of the setting.
    pub setting: usize,
    /// The candidates by the objective, best first.
    pub ranked: Vec<Ranked>,
    /// Indices of the candidates that none other beats in both goodput and p99: by goodput, highest first.
    pub front: Vec<usize>,
    /// The candidate to use: of those that are not significantly worse than the best, the one that is best in the
    /// second place (see the recommendation's rule).
    pub recommended: usize,
    /// Why, with the numbers behind it.
    #[serde(default)]
    pub recommendation: Option<Recommendation>,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Its index.
    pub candidate: usize,
    /// Its means.
    pub estimates: Estimates,
    /// How it compares with the best in the objective; none for the best itself, and where there are too few rounds.
    pub against_best: Option<Comparison>,
    /// It is the best, or not significantly worse: no difference was found.
    #[serde(default)]
    pub same_as_best: bool,
    /// It was dropped after so many rounds, since it was clearly worse.
    pub dropped_after: Option<u32>,
    /// Why it is not the recommended one, in a few words; none for that.
    pub reason: Option<String>,
}

/// Means over the rounds in which it was run: geometric ones of rates and times, arithmetic ones of shares. Blocks
/// without a commit have no response times and no attempts per commit, and are left out of those.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Measured")]
pub struct Estimates {
    pub goodput_tps: Estimate,
    pub p50_ns: Estimate,
    pub p99_ns: Estimate,
    pub p999_ns: Estimate,
    pub attempts_per_commit: Estimate,
    pub wasted_share: Estimate,
    pub exhausted_share: Estimate,
    pub fairness: Estimate,
}

/// A paired comparison over the rounds that both were run in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The objective of this candidate divided by that of the best (geometric mean of the rounds' ratios).
    /// Its interval is that of this comparison alone.
    pub ratio: Estimate,
    /// The p-value of this comparison alone.
    pub p: f64,
    /// Corrected for all pairs of candidates, and for the looks of the race.
    pub p_corrected: f64,
    /// Whether the difference is significant at 5 %.
    pub significant: bool,
}

/// What the blocks of each setting say that has at least one round in which every candidate was run.
#[must_use]
pub fn analyze(design: &Design, blocks: &[Block]) -> Vec<Analysis> {
    (0..design.workers.len()).filter_map(|setting| Setting::of(design, setting, blocks)).map(|s| s.analysis()).collect()
}

/// What is known of one setting.
pub(super) struct Setting<'a> {
    pub design: &'a Design,
    index: usize,
    /// The candidates, best first; those that were dropped behind the others.
    pub order: Vec<usize>,
    /// By candidate.
    pub estimates: Vec<Estimates>,
    pub totals: Vec<Totals>,
    pub comparisons: Comparisons,
    drops: Vec<Dropped>,
    scores: Scores,
}

impl<'a> Setting<'a> {
    fn of(design: &'a Design, setting: usize, blocks: &[Block]) -> Option<Self> {
        let (objective, all) = (design.objective, design.candidates.len());
        let scores = Scores::of(objective, all, setting, blocks);
        let everyone: Vec<usize> = (0..all).collect();
        if all == 0 || !scores.looks().any(|(round, _)| scores.has(round, &everyone)) {
            return None;
        }
        let measured: Vec<Vec<&Measured>> = everyone.iter().map(|c| measured_of(*c, setting, blocks)).collect();
        let drops = dropped(objective, all, &scores);
        let comparisons = Comparisons::of(objective, all, &scores, drops.clone());
        let estimates = measured.iter().map(|blocks| Estimates::of(blocks)).collect();
        let totals = measured.iter().map(|blocks| Totals::of(blocks)).collect();
        let order = order(objective, &scores, &drops, all);
        Some(Self { design, index: setting, order, estimates, totals, comparisons, drops, scores })
    }

    fn analysis(&self) -> Analysis {
        let recommendation = Recommendation::of(self);
        let recommended = recommendation.candidate;
        let ranked = self.order.iter().map(|candidate| self.ranked(*candidate, recommended)).collect();
        let points: Vec<(f64, f64)> = self.estimates.iter().map(Estimates::point).collect();
        let recommendation = Some(recommendation);
        Analysis { setting: self.index, ranked, front: front(&points), recommended, recommendation }
    }

    fn ranked(&self, candidate: usize, recommended: usize) -> Ranked {
        let best = self.order[0];
        let same_as_best = !self.comparisons.is_worse(candidate, best);
        let reason = (candidate != recommended).then(|| Reason::of(self, candidate, recommended).to_string());
        Ranked {
            candidate,
            estimates: self.estimates[candidate].clone(),
            against_best: if candidate == best { None } else { self.comparisons.get(candidate, best) },
            same_as_best,
            dropped_after: self.dropped_after(candidate),
            reason,
        }
    }

    /// Only where the others went on without it.
    fn dropped_after(&self, candidate: usize) -> Option<u32> {
        let last = self.scores.looks().last().map(|(round, _)| round);
        let went_on = self.scores.last(candidate) < last;
        self.drops.iter().find(|drop| went_on && drop.candidate == candidate).map(|drop| drop.after)
    }

    pub fn is_dropped(&self, candidate: usize) -> bool {
        self.drops.iter().any(|drop| drop.candidate == candidate)
    }
}

/// One measurement for each round: where a block was run twice, the later one.
fn measured_of(candidate: usize, setting: usize, blocks: &[Block]) -> Vec<&Measured> {
    let own = blocks.iter().filter(|block| block.candidate == candidate && block.setting == setting);
    own.map(|block| (block.round, &block.measured)).collect::<BTreeMap<u32, _>>().into_values().collect()
}

/// Best first: those that were not dropped by their means over the rounds that all of them were run in; then the others,
/// who stayed longest first.
fn order(objective: Objective, scores: &Scores, drops: &[Dropped], candidates: usize) -> Vec<usize> {
    let after = |candidate: usize| drops.iter().find(|drop| drop.candidate == candidate).map(|drop| drop.after);
    let stayed: Vec<usize> = (0..candidates).filter(|candidate| after(*candidate).is_none()).collect();
    let mut groups = vec![stayed];
    let mut ends: Vec<u32> = drops.iter().map(|drop| drop.after).collect();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    ends.dedup();
    groups.extend(ends.iter().map(|end| (0..candidates).filter(|c| after(*c) == Some(*end)).collect()));
    let by_mean = |group: Vec<usize>| scores.standing(objective, &group, u32::MAX);
    groups.into_iter().flat_map(by_mean).map(|(candidate, _)| candidate).collect()
}

impl Estimates {
    fn of(blocks: &[&Measured]) -> Self {
        let committing: Vec<&Measured> = blocks.iter().copied().filter(|measured| measured.committed > 0).collect();
        let time = |of: fn(&Measured) -> u64| Estimate::geometric(&each(&committing, |measured| of(measured) as f64));
        let share = |of: fn(&Measured) -> f64| Estimate::share(&each(blocks, of));
        Self {
            goodput_tps: Estimate::geometric(&each(blocks, |measured| measured.goodput_tps)),
            p50_ns: time(|measured| measured.p50_ns),
            p99_ns: time(|measured| measured.p99_ns),
            p999_ns: time(|measured| measured.p999_ns),
            attempts_per_commit: Estimate::geometric(&each(&committing, |m| m.attempts_per_commit().unwrap_or(0.0))),
            wasted_share: share(Measured::wasted_share),
            exhausted_share: share(Measured::exhausted_share),
            fairness: share(|measured| measured.fairness),
        }
    }

    /// Goodput and p99. Where nothing was committed, the p99 is longer than any.
    fn point(&self) -> (f64, f64) {
        (self.goodput_tps.mean, if self.p99_ns.n == 0 { f64::INFINITY } else { self.p99_ns.mean })
    }
}

fn each(blocks: &[&Measured], of: impl Fn(&Measured) -> f64) -> Vec<f64> {
    blocks.iter().map(|measured| of(measured)).collect()
}
