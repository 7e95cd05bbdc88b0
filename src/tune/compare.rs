//! Which differences are real? All pairs of candidates, tested together.
//!
//! The best is chosen by looking at the same data that the others are then compared with, so that Holm's correction for the
//! k - 1 comparisons with it would let through too much: of ten equal candidates the one that looks best was lucky, and the
//! one that looks worst was not. So the family is all k (k - 1) / 2 pairs, of which those comparisons are a part whichever
//! of them is the best. The intervals of Hsu's "multiple comparisons with the best" (1981) are narrower, and answer
//! another question: where several are equally good, they may call some of them "no better than the best", which is true.
//!
//! Of the level of 5 %, the race may spend 1 %, and this test has the rest.

use super::race::{Dropped, RACE_LEVEL};
use super::score::Scores;
use super::{Comparison, Objective};
use crate::stats::{LEVEL, Paired, holm};

/// What a p-value that may spend 4 % is multiplied by to be compared with 5 %; and one that may spend 1 %.
const FINAL: f64 = LEVEL / (LEVEL - RACE_LEVEL);
const RACE: f64 = LEVEL / RACE_LEVEL;

/// All pairs of one setting.
#[derive(Clone, Debug)]
pub(super) struct Comparisons {
    objective: Objective,
    /// First candidate, second, and how they compare. Pairs that were run together less than twice are left out.
    pairs: Vec<(usize, usize, Comparison)>,
    drops: Vec<Dropped>,
}

impl Comparisons {
    pub fn of(objective: Objective, candidates: usize, scores: &Scores, drops: Vec<Dropped>) -> Self {
        let all = (0..candidates).flat_map(|first| (0..first).map(move |second| (first, second)));
        let tested: Vec<(usize, usize, Paired)> = all
            .filter_map(|(first, second)| Some((first, second, Paired::of(&scores.pairs(first, second, u32::MAX))?)))
            .collect();
        let corrected = holm(&tested.iter().map(|(_, _, paired)| paired.p).collect::<Vec<f64>>());
        let pair = |((first, second, paired), corrected): ((usize, usize, Paired), f64)| {
            let p_corrected = (corrected * FINAL).min(1.0);
            let Paired { ratio, p } = paired;
            (first, second, Comparison { ratio, p, p_corrected, significant: p_corrected <= LEVEL })
        };
        Self { objective, pairs: tested.into_iter().zip(corrected).map(pair).collect(), drops }
    }

    /// The first compared with the second; none where they were run together less than twice.
    pub fn get(&self, first: usize, second: usize) -> Option<Comparison> {
        let found = self.pairs.iter().find_map(|(a, b, comparison)| match (*a == first, *b == second) {
            (true, true) => Some(*comparison),
            _ if *a == second && *b == first => Some(turned(*comparison)),
            _ => None,
        })?;
        // Who was dropped is worse than the one that led, and so than whoever was not dropped, unless what they did together
        // says otherwise.
        let behind = self.objective.deficit(found.ratio.mean);
        let raced =
            [(first, second, behind), (second, first, -behind)].into_iter().find_map(|(loser, other, behind)| {
                let stays = behind > 0.0 && self.drops.iter().all(|drop| drop.candidate != other);
                self.drops.iter().find(|drop| stays && drop.candidate == loser)
            });
        let Some(drop) = raced else { return Some(found) };
        let p_corrected = found.p_corrected.min(drop.p * RACE);
        Some(Comparison { p_corrected, significant: p_corrected <= LEVEL, ..found })
    }

    /// Whether the first is significantly worse than the second.
    pub fn is_worse(&self, first: usize, second: usize) -> bool {
        self.get(first, second).is_some_and(|c| c.significant && self.objective.deficit(c.ratio.mean) > 0.0)
    }
}

/// The same, seen from the other one of the pair.
fn turned(comparison: Comparison) -> Comparison {
    let inverse = |value: f64| 1.0 / value.clamp(f64::MIN_POSITIVE, f64::MAX / 4.0);
    let mut ratio = comparison.ratio;
    (ratio.low, ratio.high) = (ratio.high.map(inverse), ratio.low.map(inverse));
    ratio.mean = inverse(ratio.mean);
    Comparison { ratio, ..comparison }
}
