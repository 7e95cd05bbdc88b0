//! What fits into the time that is given? Lengths of blocks, and numbers of rounds.

use std::time::Duration;

use humantime::format_duration;

use super::{Candidate, Design, Objective};

/// Measured time of a block where nobody asks for another: some hundred transactions even of a slow policy.
const BLOCK: Duration = Duration::from_secs(5);
/// No block is made shorter than this to make it fit.
const SHORTEST: Duration = Duration::from_secs(1);
/// Rounds where nobody asks for another number.
const ROUNDS: u32 = 8;
/// No fewer are chosen to make them fit: with 3 the interval of a mean is 4.3 standard errors wide on both sides.
const FEWEST: u32 = 4;
/// A block warms up for this part of its measured time, and no longer than [`LONGEST_WARMUP`].
const WARMUP_PART: u32 = 5;
const LONGEST_WARMUP: Duration = Duration::from_secs(1);
/// This part of the budget may be planned: blocks take a little longer than planned, and then the last round would be
/// missing.
const PLANNED_SHARE: f64 = 0.97;

/// What a design is made of: what is compared, the time, and what the user wants to have so and not otherwise.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The candidates, at least one.
    pub candidates: Vec<Candidate>,
    /// The settings: numbers of workers, at least one.
    pub workers: Vec<u32>,
    /// What the best is best in.
    pub objective: Objective,
    /// The seed of all randomness.
    pub seed: u64,
    /// What a block takes beside being run: an estimate.
    pub overhead: Duration,
    /// The time of the whole experiment.
    pub budget: Duration,
    /// The measured time of a block; chosen where none.
    pub block: Option<Duration>,
    /// How long a block runs before that; chosen where none.
    pub warmup: Option<Duration>,
    /// The rounds; chosen where none.
    pub rounds: Option<u32>,
}

/// Why there is no design.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{candidates} candidates x {settings} numbers of workers x {rounds} rounds of {block} blocks, {each} each with warm-up and \
     overhead, take {needed}, and the budget is {budget}: raise it, or compare fewer"
)]
pub struct TooShort {
    candidates: usize,
    settings: usize,
    rounds: u32,
    block: String,
    each: String,
    needed: String,
    budget: String,
}

impl Design {
    /// 8 rounds of 5 s; where that is too long, blocks are shortened to no less than 1 s, then rounds are left out down
    /// to 4. What the user chose stays. The warm-up is a fifth of a block, at most 1 s.
    pub fn fit(wish: Wish) -> Result<Self, TooShort> {
        let Wish { candidates, workers, objective, seed, overhead, budget, block, warmup, rounds } = wish;
        let chosen = (block, rounds);
        let (block, rounds) = (block.unwrap_or(BLOCK), rounds.unwrap_or(ROUNDS).max(1));
        let first = warmup.unwrap_or(usual_warmup(block));
        let mut design = Self { candidates, workers, block, warmup: first, overhead, rounds, budget, objective, seed };
        if !design.fits() && chosen.0.is_none() {
            design.shorten(warmup);
        }
        while !design.fits() && chosen.1.is_none() && design.rounds > FEWEST {
            design.rounds -= 1;
        }
        if design.fits() { Ok(design) } else { Err(design.too_short()) }
    }

    fn fits(&self) -> bool {
        self.planned() <= self.budget.mul_f64(PLANNED_SHARE)
    }

    /// The longest blocks that fit, in whole tenths of a second.
    fn shorten(&mut self, warmup: Option<Duration>) {
        while !self.fits() && self.block > SHORTEST {
            self.block = self.block.saturating_sub(Duration::from_millis(100)).max(SHORTEST);
            self.warmup = warmup.unwrap_or(usual_warmup(self.block));
        }
    }

    fn too_short(&self) -> TooShort {
        let tenths = |time: Duration| {
            let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            format_duration(Duration::from_millis(millis.div_ceil(100).saturating_mul(100))).to_string()
        };
        TooShort {
            candidates: self.candidates.len(),
            settings: self.workers.len(),
            rounds: self.rounds,
            block: format_duration(self.block).to_string(),
            each: tenths(self.block_time()),
            needed: tenths(self.planned()),
            budget: format_duration(self.budget).to_string(),
        }
    }
}

fn usual_warmup(block: Duration) -> Duration {
    (block / WARMUP_PART).min(LONGEST_WARMUP)
}
