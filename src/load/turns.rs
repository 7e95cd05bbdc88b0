//! When does a worker take part? In the steps that have so many workers.

use std::time::Duration;

use super::clock::nanos;
use crate::history::Nanos;
use crate::plan::{Load, Stepped, Steps};

/// The steps of a closed loop, whose workers come and go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turns {
    steps: Steps,
    /// When the first one begins. The warm-up before it has its load.
    from: Nanos,
}

/// When a worker takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// In the present step.
    Now,
    /// Not before this time.
    At(Nanos),
    /// In no step any more.
    Over,
}

impl Turns {
    /// None where every worker takes part all the time.
    pub(super) fn new(load: &Load, from: Nanos) -> Option<Self> {
        let steps = load.steps.filter(|steps| steps.levels.of == Stepped::Workers)?;
        Some(Self { steps, from })
    }

    /// When this worker takes part, as seen from now. In a step of n workers those with the numbers below n do.
    pub(super) fn of(self, worker: u32, now: Nanos) -> Turn {
        let Self { steps, from } = self;
        let takes_part = |step: &u32| worker < steps.level(*step);
        let present = steps.at(Duration::from_nanos(now.saturating_sub(from)));
        if takes_part(&present) {
            return Turn::Now;
        }
        let next = (present + 1..steps.count()).find(takes_part);
        next.map_or(Turn::Over, |step| Turn::At(from.saturating_add(nanos(steps.begin(step)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_waits_for_the_first_step_that_has_so_many_and_ends_after_the_highest() {
        let steps = Steps { levels: "2..6 x3".parse().unwrap(), each: Duration::from_nanos(100) };
        let turns = Turns { steps, from: 1_000 };
        // 2, 4, 6 and then 2 workers, from 1000, 1100, 1200 and 1300 on.
        for (worker, now, turn) in [
            (0, 0, Turn::Now),
            (1, 1_399, Turn::Now),
            (2, 0, Turn::At(1_100)),
            (3, 1_099, Turn::At(1_100)),
            (3, 1_100, Turn::Now),
            (4, 1_100, Turn::At(1_200)),
            (5, 1_299, Turn::Now),
            (2, 1_300, Turn::Over),
            (5, 1_300, Turn::Over),
            (1, 9_999, Turn::Now),
        ] {
            assert_eq!(turns.of(worker, now), turn, "worker {worker} at {now}");
        }
    }
}
