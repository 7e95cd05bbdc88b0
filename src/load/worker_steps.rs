//! When does a worker take part? In the steps that have so many workers.

use std::time::Duration;

use super::clock::nanos;
use crate::history::Nanos;
use crate::plan::{Load, Stepped, Steps};

/// The steps of a closed loop, whose workers come and go.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkerSteps {
    steps: Steps,
    /// When the first one begins. The warm-up before it has its load.
    from: Nanos,
}

/// When a worker takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// In the present step.
    Now,
    /// Not before this time.
    At(Nanos),
    /// In no step any more.
    Over,
}

impl WorkerSteps {
    /// None where every worker takes part all the time.
    pub(super) fn new(load: &Load, from: Nanos) -> Option<Self> {
        let steps = load.steps.filter(|steps| steps.levels.of == Stepped::Workers)?;
        Some(Self { steps, from })
    }

    /// When this worker takes part, as seen from now. In a step of n workers those with the numbers below n do.
    pub(super) fn of(self, worker: u32, now: Nanos) -> Part {
        let Self { steps, from } = self;
        let takes_part = |step: &u32| worker < steps.level(*step);
        let present = steps.at(Duration::from_nanos(now.saturating_sub(from)));
        if takes_part(&present) {
            return Part::Now;
        }
        let next = (present + 1..steps.count()).find(takes_part);
        next.map_or(Part::Over, |step| Part::At(from.saturating_add(nanos(steps.begin(step)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_waits_for_the_first_step_that_has_so_many_and_ends_after_the_highest() {
        let steps = Steps { levels: "2..6 x3".parse().unwrap(), each: Duration::from_nanos(100) };
        let steps_of_workers = WorkerSteps { steps, from: 1_000 };
        // 2, 4, 6 and then 2 workers, from 1000, 1100, 1200 and 1300 on.
        for (worker, now, turn) in [
            (0, 0, Part::Now),
            (1, 1_399, Part::Now),
            (2, 0, Part::At(1_100)),
            (3, 1_099, Part::At(1_100)),
            (3, 1_100, Part::Now),
            (4, 1_100, Part::At(1_200)),
            (5, 1_299, Part::Now),
            (2, 1_300, Part::Over),
            (5, 1_300, Part::Over),
            (1, 9_999, Part::Now),
        ] {
            assert_eq!(steps_of_workers.of(worker, now), turn, "worker {worker} at {now}");
        }
    }
}
