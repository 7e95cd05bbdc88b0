//! Which one to use? One rule, its evidence, and one sentence.
//!
//! The rule: of the candidates that finish what they begin (they give up on at most one transaction in a hundred more
//! than the one that gives up least), find the best in the objective, and those that are neither significantly worse than it
//! nor measured 10 % worse. Of these take the lowest p99, or the highest goodput where the objective is another one; of those
//! within 5 % of that, the fewest attempts for a commit; of those within 5 % again, the fewest settings.

use serde::{Deserialize, Serialize};

use super::analysis::Setting;
use super::words::{count, list, percent, time};
use super::{Candidate, Comparison, Objective};
use crate::retry::{Delays, Restart};
use crate::stats::Estimate;

/// What such an experiment is made to find: whoever is this much behind, by what was measured, is no peer of the best, whether
/// or not that is significant.
const BEHIND: f64 = 1.10;
/// Nobody would choose a policy for less.
const NEARLY: f64 = 1.05;
/// As shares of transactions that were given up: this much more than the least is still finishing.
pub(super) const FINISHING: f64 = 0.01;

/// What to use, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The candidate.
    pub candidate: usize,
    /// What the best is best in.
    pub objective: Objective,
    /// Its goodput. Without repetitions it has no rounds and nothing to go by.
    pub goodput_tps: Estimate,
    /// Its p99; over no rounds where nothing was committed.
    pub p99_ns: Estimate,
    /// Its share of wasted time.
    pub wasted_share: Estimate,
    /// A candidate that is significantly worse: the tutorial where it is one of them, or else the next best.
    pub than: Option<Than>,
    /// Those to which no significant difference was found, best first.
    pub same: Vec<usize>,
    /// One that is better in the objective, and does not finish what it begins; with the share that it gives up on.
    pub gives_up: Option<(usize, f64)>,
}

/// What the recommended one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Than {
    /// The other candidate.
    pub candidate: usize,
    /// The recommended one's objective divided by the other's.
    pub comparison: Comparison,
}

impl Recommendation {
    pub(super) fn of(setting: &Setting<'_>) -> Self {
        let finishing = finishing(setting);
        let best = finishing.first().copied().unwrap_or(setting.order[0]);
        let candidate = choose(setting, &finishing, best);
        let estimates = &setting.estimates[candidate];
        let first = setting.order[0];
        let is_better = first != best && setting.comparisons.is_worse(candidate, first);
        let gives_up = is_better.then(|| (first, setting.totals[first].given_up()));
        Self {
            candidate,
            objective: setting.design.objective,
            goodput_tps: estimates.goodput_tps,
            p99_ns: estimates.p99_ns,
            wasted_share: estimates.wasted_share,
            than: than(setting, candidate),
            same: same(setting, candidate),
            gives_up,
        }
    }

    /// In one sentence. The names are those of the candidates, by their indices.
    #[must_use]
    pub fn sentence(&self, names: &[&str]) -> String {
        let name = |candidate: usize| names.get(candidate).copied().unwrap_or("?");
        if self.p99_ns.n == 0 {
            return "Use none of these: nothing was committed.".to_owned();
        }
        let ends = |low: Option<f64>, high: Option<f64>, unit: fn(f64) -> String| {
            low.zip(high).map_or_else(String::new, |(low, high)| format!(" ({} to {})", unit(low), unit(high)))
        };
        let Estimate { mean, low, high, n } = self.goodput_tps;
        let mut parts = vec![format!("Use {}: {} tx/s{}", name(self.candidate), count(mean), ends(low, high, count))];
        if let Some(Than { candidate, comparison }) = &self.than {
            parts.push(format!(", {} {}", difference(self.objective, &comparison.ratio), name(*candidate)));
        }
        parts.push(format!(
            ", p99 {}, n = {n} {}",
            time(self.p99_ns.mean / 1e9),
            if n == 1 { "round" } else { "rounds" }
        ));
        let same: Vec<&str> = self.same.iter().map(|candidate| name(*candidate)).collect();
        if !same.is_empty() {
            parts.push(format!("; no significant difference to {}", list(&same)));
        }
        if let Some((candidate, share)) = self.gives_up {
            let better = match self.objective {
                Objective::Goodput => "commits more",
                Objective::P99 => "has a lower p99",
                Objective::Wasted => "wastes less",
            };
            let (name, share) = (name(candidate), percent(share));
            parts.push(format!("; {name} {better}, but gives up on {share} of its transactions"));
        }
        parts.concat() + "."
    }
}

/// Best first.
fn finishing(setting: &Setting<'_>) -> Vec<usize> {
    let commits = |candidate: &usize| setting.totals[*candidate].committed > 0;
    let committing: Vec<usize> = setting.order.iter().copied().filter(commits).collect();
    let least = committing.iter().map(|c| setting.totals[*c].given_up()).fold(1.0, f64::min);
    committing.into_iter().filter(|c| setting.totals[*c].given_up() <= least + FINISHING).collect()
}

fn choose(setting: &Setting<'_>, finishing: &[usize], best: usize) -> usize {
    let objective = setting.design.objective;
    let behind = |candidate: usize| {
        setting.comparisons.get(candidate, best).map_or_else(
            || objective.deficit(measured(setting, objective, candidate) / measured(setting, objective, best)),
            |comparison| objective.deficit(comparison.ratio.mean),
        )
    };
    let is_peer = |candidate: usize| {
        candidate == best
            || (!setting.is_dropped(candidate)
                && !setting.comparisons.is_worse(candidate, best)
                && behind(candidate) < BEHIND.ln())
    };
    let mut peers: Vec<usize> = finishing.iter().copied().filter(|candidate| is_peer(*candidate)).collect();
    let second = if objective == Objective::Goodput { Objective::P99 } else { Objective::Goodput };
    keep(&mut peers, |candidate| second.deficit(measured(setting, second, candidate)));
    keep(&mut peers, |candidate| setting.estimates[candidate].attempts_per_commit.mean.max(1e-9).ln());
    let simplest = peers.iter().min_by_key(|candidate| settings(&setting.design.candidates[**candidate]));
    simplest.copied().unwrap_or(best)
}

/// Those whose logarithm is nearly the lowest.
fn keep(peers: &mut Vec<usize>, logarithm: impl Fn(usize) -> f64) {
    let least = peers.iter().map(|candidate| logarithm(*candidate)).fold(f64::INFINITY, f64::min);
    peers.retain(|candidate| logarithm(*candidate) <= least + NEARLY.ln());
}

/// A mean, positive so that it can be divided by.
fn measured(setting: &Setting<'_>, objective: Objective, candidate: usize) -> f64 {
    let estimates = &setting.estimates[candidate];
    let (mean, least) = match objective {
        Objective::Goodput => (estimates.goodput_tps.mean, 1e-9),
        Objective::P99 if estimates.p99_ns.n == 0 => (f64::MAX, 1.0),
        Objective::P99 => (estimates.p99_ns.mean, 1.0),
        Objective::Wasted => (estimates.wasted_share.mean, 1e-3),
    };
    mean.clamp(least, f64::MAX)
}

/// How many values an application has to set for it.
fn settings(candidate: &Candidate) -> u32 {
    let policy = &candidate.policy;
    let delays = match policy.delays {
        Delays::None | Delays::Immediate => 0,
        Delays::Constant(_) => 1,
        Delays::Tutorial | Delays::Uniform { .. } => 2,
        Delays::Linear { .. } | Delays::Age { .. } => 3,
        Delays::Exponential { .. } => 4,
    };
    let attempts = u32::from(policy.limits.max_attempts != policy.delays.max_attempts());
    let deadline = u32::from(policy.limits.deadline.is_some());
    let shared = 3 * (u32::from(policy.budget.is_some()) + u32::from(policy.aimd.is_some()));
    delays + attempts + deadline + shared + u32::from(candidate.restart != Restart::Rollback)
}

fn than(setting: &Setting<'_>, candidate: usize) -> Option<Than> {
    let worse: Vec<usize> =
        setting.order.iter().copied().filter(|other| setting.comparisons.is_worse(*other, candidate)).collect();
    let tutorial = |other: &&usize| setting.design.candidates[**other].policy.delays == Delays::Tutorial;
    let other = *worse.iter().find(tutorial).or(worse.first())?;
    Some(Than { candidate: other, comparison: setting.comparisons.get(candidate, other)? })
}

fn same(setting: &Setting<'_>, candidate: usize) -> Vec<usize> {
    let is_same = |other: usize| setting.comparisons.get(candidate, other).is_some_and(|c| !c.significant);
    setting.order.iter().copied().filter(|other| *other != candidate && is_same(*other)).collect()
}

/// `38 % (31 to 45 %) more than`, `2.4x (2.1x to 2.7x) as much as`, `62 % (55 to 68 %) lower p99 than`.
fn difference(objective: Objective, ratio: &Estimate) -> String {
    let percents = |value: f64| format!("{:.0}", value * 100.0);
    let range = |low: Option<f64>, high: Option<f64>, write: &dyn Fn(f64) -> String, unit: &str| {
        low.zip(high).map_or_else(String::new, |(low, high)| format!(" ({} to {}{unit})", write(low), write(high)))
    };
    let less = |end: Option<f64>| end.map(|end| 1.0 - end);
    match objective {
        Objective::Goodput if ratio.mean < 2.0 => {
            let more = |end: Option<f64>| end.map(|end| end - 1.0);
            let range = range(more(ratio.low), more(ratio.high), &percents, " %");
            format!("{} %{range} more than", percents(ratio.mean - 1.0))
        }
        Objective::Goodput => {
            let range = range(ratio.low, ratio.high, &count, "");
            format!("{} times{range} as much as", count(ratio.mean))
        }
        Objective::P99 | Objective::Wasted => {
            let range = range(less(ratio.high), less(ratio.low), &percents, " %");
            let what = if objective == Objective::P99 { "lower p99" } else { "less wasted time" };
            format!("{} %{range} {what} than", percents(1.0 - ratio.mean))
        }
    }
}
