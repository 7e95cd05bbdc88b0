//! Which block comes next? Rounds in random order, until all are done or the time is up.

use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use super::{Block, Design, Slot, drops};

/// The order of the blocks of one experiment.
///
/// Each round runs every candidate with every setting once, in an order of its own, so that neither a drift nor a
/// neighbor on the machine meets one candidate more than another, and under one seed, so that all get the same load. Who is
/// dropped leaves its blocks to the others as further rounds: there are never more blocks than were planned.
#[derive(Clone, Debug)]
pub struct Schedule {
    design: Design,
    racing: bool,
    blocks: Vec<Block>,
    /// The round that is run, what is left of it in reverse order, and its seed.
    round: u32,
    left: Vec<(usize, usize)>,
    seed: u64,
    /// Blocks that were given out.
    begun: usize,
}

impl Schedule {
    /// Before the first block.
    #[must_use]
    pub fn new(design: Design) -> Self {
        Self { design, racing: true, blocks: Vec::new(), round: 0, left: Vec::new(), seed: 0, begun: 0 }
    }

    /// Nobody is dropped.
    #[must_use]
    pub fn without_race(self) -> Self {
        Self { racing: false, ..self }
    }

    /// What is run.
    #[must_use]
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// What was measured so far.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// What was measured.
    pub fn add(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// The block that comes next, so much time after the beginning; none at the end. What was measured before it has to
    /// have been added.
    ///
    /// A round is begun only where it can be ended within the budget, going by what blocks have taken so far, but for the
    /// first one. Where blocks take longer than expected the last round breaks off, and counts for those that it ran.
    pub fn next(&mut self, elapsed: Duration) -> Option<Slot> {
        let left = self.design.budget.checked_sub(elapsed)?;
        if self.left.is_empty() {
            self.begin_round(left, elapsed);
        }
        if left < self.design.block_time() {
            return None;
        }
        let (candidate, setting) = self.left.pop()?;
        self.begun += 1;
        Some(Slot { round: self.round, candidate, setting, seed: self.seed })
    }

    fn begin_round(&mut self, left: Duration, elapsed: Duration) {
        let round = if self.begun == 0 { 0 } else { self.round + 1 };
        let mut order = self.round_of(round);
        let expected = self.expected(elapsed).saturating_mul(u32::try_from(order.len()).unwrap_or(u32::MAX));
        let room = self.begun + order.len() <= self.design.blocks();
        if !room || (round > 0 && expected > left) {
            return;
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.design.seed);
        random.set_stream(u64::from(round));
        self.seed = random.next_u64();
        order.shuffle(&mut random);
        (self.round, self.left) = (round, order);
    }

    /// Who takes part in a round: those that are not dropped, and behind the planned rounds those that still have
    /// somebody to be compared with.
    fn round_of(&self, round: u32) -> Vec<(usize, usize)> {
        let mut order = Vec::new();
        for setting in 0..self.design.workers.len() {
            let dropped = if self.racing { drops(&self.design, setting, &self.blocks) } else { Vec::new() };
            let stays = |candidate: &usize| dropped.iter().all(|drop| drop.candidate != *candidate);
            let contenders: Vec<usize> = (0..self.design.candidates.len()).filter(stays).collect();
            if round < self.design.rounds || contenders.len() > 1 {
                order.extend(contenders.into_iter().map(|candidate| (candidate, setting)));
            }
        }
        order
    }

    /// What a block takes, by what they have taken so far.
    fn expected(&self, elapsed: Duration) -> Duration {
        let begun = u32::try_from(self.begun).unwrap_or(u32::MAX);
        elapsed.checked_div(begun).unwrap_or_default().max(self.design.block_time())
    }
}
