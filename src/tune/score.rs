//! How good was a block? One positive number, so that blocks of a round can be divided by each other.

use std::collections::BTreeMap;

use super::{Block, Measured, Objective};

/// Transactions of a block may end so many seconds behind it.
const DRAIN_S: f64 = 10.0;
/// A smaller share of wasted time is as good as this one: nobody would notice, and the quotient of two of them is noise.
const NO_WASTE: f64 = 0.001;

impl Objective {
    /// What a block has reached. A block without a commit counts as if half a transaction had been committed, with a
    /// response time as long as the longest that a transaction of it can have, and all time wasted: it has to be worse than all others, and to be a number.
    #[must_use]
    pub fn value(self, measured: &Measured) -> f64 {
        let sane = |value: f64, least: f64| if value.is_finite() { value.max(least) } else { least };
        let seconds = sane(measured.seconds, 1e-3);
        let nothing = measured.committed == 0;
        match self {
            Self::Goodput if nothing => 0.5 / seconds,
            Self::Goodput => sane(measured.goodput_tps, 0.5 / seconds),
            Self::P99 if nothing => (seconds + DRAIN_S) * 1e9,
            Self::P99 => sane(measured.p99_ns as f64, 1.0),
            Self::Wasted if nothing => 1.0,
            Self::Wasted => sane(measured.wasted_share(), NO_WASTE),
        }
    }

    /// How much worse something is that has so many times the value: a logarithm, above 0 when it is worse.
    #[must_use]
    pub fn deficit(self, ratio: f64) -> f64 {
        let ratio = ratio.clamp(f64::MIN_POSITIVE, f64::MAX).ln();
        if self == Self::Goodput { -ratio } else { ratio }
    }
}

/// The values of one setting: for each round those of the candidates that were run in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Scores {
    rounds: BTreeMap<u32, Vec<Option<f64>>>,
}

impl Scores {
    /// Of so many candidates. Blocks of others are left out.
    pub fn of(objective: Objective, candidates: usize, setting: usize, blocks: &[Block]) -> Self {
        let mut rounds = BTreeMap::new();
        for block in blocks.iter().filter(|block| block.setting == setting && block.candidate < candidates) {
            let round: &mut Vec<Option<f64>> = rounds.entry(block.round).or_insert_with(|| vec![None; candidates]);
            round[block.candidate] = Some(objective.value(&block.measured));
        }
        Self { rounds }
    }

    /// The rounds, with how many there were up to each.
    pub fn looks(&self) -> impl Iterator<Item = (u32, u32)> {
        self.rounds.keys().zip(1..).map(|(round, number)| (*round, number))
    }

    /// The values of two candidates in the rounds up to this one that both were run in.
    pub fn pairs(&self, first: usize, second: usize, until: u32) -> Vec<(f64, f64)> {
        self.rounds.range(..=until).filter_map(|(_, round)| round[first].zip(round[second])).collect()
    }

    /// Whether all of these were run in a round.
    pub fn has(&self, round: u32, candidates: &[usize]) -> bool {
        self.rounds.get(&round).is_some_and(|values| candidates.iter().all(|candidate| values[*candidate].is_some()))
    }

    /// The last round that a candidate was run in.
    pub fn last(&self, candidate: usize) -> Option<u32> {
        self.rounds.iter().rev().find(|(_, round)| round[candidate].is_some()).map(|(number, _)| *number)
    }

    /// These candidates, best first, each with how much worse than the best it is (see [`Objective::deficit`]): by the
    /// geometric means over the rounds up to this one that all of them were run in, and where there is none, over those that
    /// each was run in.
    pub fn standing(&self, objective: Objective, candidates: &[usize], until: u32) -> Vec<(usize, f64)> {
        let whole: Vec<u32> = self.rounds.range(..=until).map(|(round, _)| *round).collect();
        let whole: Vec<u32> = whole.into_iter().filter(|round| self.has(*round, candidates)).collect();
        let counts = |round: u32| whole.is_empty() || whole.binary_search(&round).is_ok();
        let mean = |candidate: usize| {
            let rounds = self.rounds.iter().filter(|(round, _)| counts(**round));
            let values: Vec<f64> = rounds.filter_map(|(_, values)| values[candidate]).map(f64::ln).collect();
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        let mut standing: Vec<(usize, f64)> =
            candidates.iter().map(|candidate| (*candidate, objective.deficit(mean(*candidate).exp()))).collect();
        standing.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let best = standing.first().map_or(0.0, |(_, deficit)| *deficit);
        standing.into_iter().map(|(candidate, deficit)| (candidate, deficit - best)).collect()
    }
}
