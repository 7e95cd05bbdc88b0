//! Who need not run any more? Candidates that are clearly worse are dropped, and leave their time to the others.
//!
//! The rule: from the fourth round on, after each whole round, a candidate is dropped that was at least 5 % worse than the
//! one that leads now, and for which the paired t test on logarithms says so at a level that keeps the probability of
//! dropping anything wrongly, in all rounds together, below 1 %: look j may spend 1 % / (j (j + 1)), divided among all pairs
//! of those that still run.
//!
//! The shares 1/2, 1/6, 1/12 ... add up to 1 however many looks there are. The leader is chosen by looking, so that all
//! pairs have to be counted, not only those with the leader. Racing is Maron and Moore's word ("Hoeffding Races", NIPS 1993),
//! with a paired test in blocks as in F-Race (Birattari and others, GECCO 2002), but with the corrections it lacks.

use super::score::Scores;
use super::{Block, Design, Objective};
use crate::stats::Paired;

/// The probability of dropping wrongly, for the whole experiment of a setting.
pub(super) const RACE_LEVEL: f64 = 0.01;
/// Nobody is dropped before so many rounds.
const FIRST_LOOK: u32 = 4;
/// What is less than this worse goes on, however sure the difference is: 5 %.
const CLEARLY: f64 = 1.05;

/// A candidate that was dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropped {
    /// The candidate.
    pub candidate: usize,
    /// After so many rounds.
    pub after: u32,
    /// The one that led.
    pub leader: usize,
    /// The p-value against that one, corrected for pairs and looks: at most 1 %.
    pub p: f64,
}

/// Who is dropped from a setting, seen from its blocks alone: the same for whoever asks, during the experiment or later.
#[must_use]
pub fn drops(design: &Design, setting: usize, blocks: &[Block]) -> Vec<Dropped> {
    dropped(
        design.objective,
        design.candidates.len(),
        &Scores::of(design.objective, design.candidates.len(), setting, blocks),
    )
}

pub(super) fn dropped(objective: Objective, candidates: usize, scores: &Scores) -> Vec<Dropped> {
    let mut contenders: Vec<usize> = (0..candidates).collect();
    let mut dropped = Vec::new();
    for (round, number) in scores.looks().filter(|(_, number)| *number >= FIRST_LOOK) {
        if contenders.len() < 2 {
            break;
        }
        // A round that was cut short says nothing: it is looked at when it is whole.
        if scores.has(round, &contenders) {
            let losers = look(objective, scores, &contenders, (round, number));
            contenders.retain(|candidate| losers.iter().all(|loser| loser.candidate != *candidate));
            dropped.extend(losers);
        }
    }
    dropped
}

/// Who is dropped after this round.
fn look(objective: Objective, scores: &Scores, contenders: &[usize], (round, after): (u32, u32)) -> Vec<Dropped> {
    let standing = scores.standing(objective, contenders, round);
    let Some((leader, _)) = standing.first().copied() else { return Vec::new() };
    let pairs = (contenders.len() * (contenders.len() - 1) / 2) as f64;
    let look = f64::from(after - FIRST_LOOK + 1);
    let clearly = |(_, deficit): &(usize, f64)| *deficit >= CLEARLY.ln();
    let loser = |(candidate, _): (usize, f64)| {
        let paired = Paired::of(&scores.pairs(candidate, leader, round))?;
        // One-sided, but for both of a pair: which one leads is seen in the same data.
        let p = (paired.p * pairs * look * (look + 1.0)).min(1.0);
        (p <= RACE_LEVEL).then_some(Dropped { candidate, after, leader, p })
    };
    standing.into_iter().filter(clearly).filter_map(loser).collect()
}
