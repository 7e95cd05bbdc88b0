//! What does `--steps` mean for the load? What rises, and how many workers that takes.

use super::exit::Stop;
use crate::load::Launch;
use crate::plan::{Arrivals, Levels, Open, Pace, Rate, Stepped};

/// Workers of a closed loop, and those that serve an open one, where nothing is said.
const WORKERS: u32 = 16;
const WORKERS_OF_A_RATE: u32 = 64;

/// The most workers at a time.
pub(super) fn workers(steps: Option<Levels>, asked: Option<u32>) -> Result<u32, Stop> {
    match (steps, asked) {
        (Some(Levels { of: Stepped::Workers, .. }), Some(_)) => Err(Stop::usage(
            "--steps without /s are steps of workers; leave --workers out, or step a rate: --steps \"1000..20000/s x10\"",
        )),
        (Some(Levels { of: Stepped::Workers, to, .. }), None) if to > Launch::MAX_WORKERS => {
            Err(Stop::usage(format!("--steps up to {to} workers: {} are the most", Launch::MAX_WORKERS)))
        }
        (Some(Levels { of: Stepped::Workers, to, .. }), None) => Ok(to),
        (Some(Levels { of: Stepped::Rate, .. }), _) => Ok(asked.unwrap_or(WORKERS_OF_A_RATE)),
        (None, _) => Ok(asked.unwrap_or(WORKERS)),
    }
}

/// Steps of a rate are those of an open loop, which begins with the first one's.
pub(super) fn pace(steps: Option<Levels>) -> Pace {
    let rate =
        steps.filter(|levels| levels.of == Stepped::Rate).and_then(|levels| Rate::per_second(levels.from.into()));
    let open = rate.map(|rate| Open { rate, arrivals: Arrivals::default(), max_queue: None });
    open.map_or(Pace::Closed, Pace::Open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(text: &str) -> Option<Levels> {
        text.parse().ok()
    }

    #[test]
    fn steps_of_workers_are_those_of_a_closed_loop_and_steps_of_a_rate_of_an_open_one() {
        assert_eq!((workers(None, None).unwrap(), workers(None, Some(5)).unwrap()), (16, 5));
        assert_eq!(workers(levels("8..128 x5"), None).unwrap(), 128);
        assert!(workers(levels("8..128 x5"), Some(128)).is_err() && workers(levels("8..200000 x5"), None).is_err());
        let rate = levels("1000..20000/s x10");
        assert_eq!((workers(rate, None).unwrap(), workers(rate, Some(8)).unwrap()), (64, 8));
        assert_eq!((pace(None), pace(levels("8..128 x5"))), (Pace::Closed, Pace::Closed));
        assert!(matches!(pace(rate), Pace::Open(open) if (open.rate.get() - 1_000.0).abs() < 1e-9), "{:?}", pace(rate));
    }
}
