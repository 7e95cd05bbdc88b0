//! When does a broken server do what is wrong with it? Now and then, by a die of its own.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::address::Simulation;
use super::level::Level;

/// Workers have the streams from 0 on.
const STREAM: u64 = u64::MAX;

/// What is wrong with a server, and how often.
#[derive(Debug)]
pub(super) struct Faults {
    level: Level,
    share: f64,
    ambiguous: f64,
    random: ChaCha8Rng,
}

impl Faults {
    pub(super) fn new(simulation: &Simulation, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(STREAM);
        Self { level: simulation.level, share: simulation.fault, ambiguous: simulation.ambiguous, random }
    }

    /// Whether it happens now, where that is what is wrong with the server.
    pub(super) fn strike(&mut self, level: Level) -> bool {
        self.level == level && self.share > 0.0 && self.random.random_bool(self.share)
    }

    /// Whether the answer to a COMMIT is lost; and if so, whether the commit took effect.
    pub(super) fn loses_answer(&mut self) -> Option<bool> {
        let is_lost = self.ambiguous > 0.0 && self.random.random_bool(self.ambiguous);
        is_lost.then(|| self.random.random())
    }

    /// How many answers arrive of those in front of a COMMIT that is not answered, in the same flight: mostly none, since a
    /// server sends them together, when the flight is at its end or a buffer is full.
    pub(super) fn answers_that_arrive(&mut self, of: usize) -> usize {
        if of == 0 || self.random.random_bool(0.5) { 0 } else { self.random.random_range(0..=of) }
    }
}
