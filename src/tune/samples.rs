//! Designs and blocks to test with.

use std::time::Duration;

use crate::retry::{Delays, Policy, Restart};
use crate::tune::{Block, Candidate, Design, Measured, Objective};

pub(super) fn candidate(name: &str, delays: Delays) -> Candidate {
    Candidate { name: name.to_owned(), policy: Policy::from(delays), restart: Restart::Rollback }
}

/// The default policy first, then the tutorial, then constants; 8 rounds of 6.5 s.
pub(super) fn design(candidates: usize, workers: &[u32]) -> Design {
    let delays = |index: usize| match index {
        0 => ("default", Delays::default()),
        1 => ("tutorial", Delays::Tutorial),
        2 => ("constant", Delays::Constant(Duration::from_millis(5))),
        _ => ("immediate", Delays::Immediate),
    };
    let candidates = (0..candidates).map(delays).map(|(name, delays)| candidate(name, delays)).collect();
    Design {
        candidates,
        workers: workers.to_vec(),
        block: Duration::from_secs(5),
        warmup: Duration::from_secs(1),
        overhead: Duration::from_millis(500),
        rounds: 8,
        budget: Duration::from_mins(10),
        objective: Objective::Goodput,
        seed: 7,
    }
}

/// 64 workers, 5 s.
pub(super) fn measured(goodput_tps: f64) -> Measured {
    let committed = (goodput_tps.max(0.0) * 5.0).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand")]
    let (committed, attempts) = (committed as u64, (committed * 1.5) as u64);
    Measured {
        seconds: 5.0,
        committed,
        transactions: committed,
        exhausted: 0,
        attempts,
        goodput_tps,
        p50_ns: if committed > 0 { 10_000_000 } else { 0 },
        p99_ns: if committed > 0 { 45_000_000 } else { 0 },
        p999_ns: if committed > 0 { 90_000_000 } else { 0 },
        busy_s: 320.0,
        wasted_s: 40.0,
        backoff_s: 20.0,
        held_s: 0.0,
        fairness: 0.99,
        cause: None,
    }
}

pub(super) fn block(round: u32, candidate: usize, measured: Measured) -> Block {
    Block { round, candidate, setting: 0, started_s: f64::from(round), measured }
}

/// So many rounds, in which each candidate reaches about what is given here, and no two rounds are equal.
pub(super) fn rounds(number: u32, goodputs: &[f64]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for round in 0..number {
        for (candidate, goodput) in goodputs.iter().enumerate() {
            let turn = f64::from((round * 7 + u32::try_from(candidate).unwrap() * 3) % 5);
            let noise = 1.0 + 0.01 * (turn - 2.0) + 0.1 * f64::from(round % 3);
            blocks.push(block(round, candidate, measured(goodput * noise)));
        }
    }
    blocks
}
