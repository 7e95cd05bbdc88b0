//! When shall transactions begin, and how does the load rise? The flags of an open loop, and of a load in steps.

use std::time::Duration;

use clap::Args;

use super::exit::Stop;
use crate::load::Launch;
use crate::plan::{Arrivals, Levels, Open, Pace, Rate, Stepped, Steps};

/// So many workers are there where no --workers is given: a closed loop has as much load as it has workers,
const WORKERS_OF_A_CLOSED_LOOP: u32 = 16;
/// an open one has as much load as its rate, and needs one for each transaction that is in flight.
const WORKERS_OF_AN_OPEN_LOOP: u32 = 64;

/// What is due when.
#[derive(Debug, Default, Args)]
pub(super) struct PaceFlags {
    /// Begin so many transactions per second, such as 5000/s, however slow the server is (an open loop; default: each
    /// worker begins the next one when its last one has ended)
    #[arg(long, value_name = "N/s")]
    rate: Option<Rate>,
    /// Raise the load in even steps, and go back to the first at last: a rate (`1000..20000/s x10`) or workers (`8..128 x5`);
    /// finds the knee
    #[arg(long, value_name = "STEPS", conflicts_with_all = ["transactions", "rate"])]
    steps: Option<Levels>,
    /// How the starts of an open loop lie in time: poisson (independent of each other) or uniform [default: poisson]
    #[arg(long, value_name = "HOW")]
    arrivals: Option<Arrivals>,
    /// Skip what is due while this many wait for a worker, and count it (default: nothing is skipped)
    #[arg(long, value_name = "N")]
    max_queue: Option<u64>,
}

impl PaceFlags {
    /// What decides when transactions begin. Steps of a rate are those of an open loop, which begins with the first one's.
    pub(super) fn pace(&self) -> Result<Pace, Stop> {
        let Self { rate, steps, arrivals, max_queue } = *self;
        let of_steps = steps.filter(|levels| levels.of == Stepped::Rate);
        let rate = rate.or(of_steps.and_then(|levels| Rate::per_second(levels.from.into())));
        let open = rate.map(|rate| Open { rate, arrivals: arrivals.unwrap_or_default(), max_queue });
        match open {
            Some(open) => Ok(Pace::Open(open)),
            None if arrivals.is_some() => Err(without_a_rate("--arrivals")),
            None if max_queue.is_some() => Err(without_a_rate("--max-queue")),
            None => Ok(Pace::Closed),
        }
    }

    /// How the load rises, where it does.
    pub(super) fn steps(&self, each: Duration) -> Option<Steps> {
        self.steps.map(|levels| Steps { levels, each })
    }

    /// The most workers at a time.
    pub(super) fn workers(&self, asked: Option<u32>) -> Result<u32, Stop> {
        match (self.steps, asked) {
            (Some(Levels { of: Stepped::Workers, .. }), Some(_)) => Err(Stop::usage(
                "--steps without /s are steps of workers; leave --workers out, or step a rate: --steps \"1000..20000/s x10\"",
            )),
            (Some(Levels { of: Stepped::Workers, to, .. }), None) if to > Launch::MAX_WORKERS => {
                Err(Stop::usage(format!("--steps up to {to} workers: {} are the most", Launch::MAX_WORKERS)))
            }
            (Some(Levels { of: Stepped::Workers, to, .. }), None) => Ok(to),
            (_, Some(asked)) => Ok(asked),
            (None, None) if self.rate.is_none() => Ok(WORKERS_OF_A_CLOSED_LOOP),
            (_, None) => Ok(WORKERS_OF_AN_OPEN_LOOP),
        }
    }
}

fn without_a_rate(flag: &str) -> Stop {
    Stop::usage(format!(
        "{flag} is for an open loop: say its --rate too, or its --steps, such as \"1000..20000/s x10\""
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> PaceFlags {
        PaceFlags { steps: text.parse().ok(), ..PaceFlags::default() }
    }

    fn rate(text: &str) -> PaceFlags {
        PaceFlags { rate: text.parse().ok(), ..PaceFlags::default() }
    }

    #[test]
    fn a_rate_needs_more_workers_than_a_closed_loop_and_steps_of_workers_say_how_many() {
        for (flags, asked, workers) in [
            (PaceFlags::default(), None, 16),
            (PaceFlags::default(), Some(5), 5),
            (rate("10/s"), None, 64),
            (rate("10/s"), Some(8), 8),
            (steps("8..128 x5"), None, 128),
            (steps("1000..20000/s x10"), None, 64),
            (steps("1000..20000/s x10"), Some(8), 8),
        ] {
            assert_eq!(flags.workers(asked).unwrap(), workers, "{flags:?}");
        }
        assert!(steps("8..128 x5").workers(Some(128)).is_err() && steps("8..200000 x5").workers(None).is_err());
    }

    #[test]
    fn steps_of_a_rate_are_an_open_loop() {
        let closed = |flags: PaceFlags| matches!(flags.pace(), Ok(Pace::Closed));
        assert!(closed(PaceFlags::default()) && closed(steps("8..128 x5")));
        let stepped = PaceFlags { max_queue: Some(9), ..steps("1000..20000/s x10") };
        let Ok(Pace::Open(Open { rate, max_queue, .. })) = stepped.pace() else { panic!("{stepped:?}") };
        assert_eq!((rate.to_string().as_str(), max_queue), ("1000/s", Some(9)));
        assert!(PaceFlags { max_queue: Some(9), ..steps("8..128 x5") }.pace().is_err());
        assert!(PaceFlags { arrivals: Some(Arrivals::Uniform), ..PaceFlags::default() }.pace().is_err());
    }
}
