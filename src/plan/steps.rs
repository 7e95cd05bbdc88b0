//! How does the load rise? In even steps, each as long as the others, and at last back to where it began.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::ParseValueError;

/// A load that rises step by step, and falls back to its first step at the end: whether the server recovers shows there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Which load each step has.
    pub levels: Levels,
    /// How long each step is.
    pub each: Duration,
}

impl Steps {
    /// How many steps there are, the last one back down included.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.levels.count + 1
    }

    /// How long all of them take.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.each * self.count()
    }

    /// The load of a step, in transactions per second or workers. Steps behind the last one have its load.
    #[must_use]
    pub fn level(&self, step: u32) -> u32 {
        let Levels { from, to, count, .. } = self.levels;
        if step >= count {
            return from;
        }
        let share = f64::from(step) / f64::from(count - 1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between two u32")]
        let level = (f64::from(from) + share * (f64::from(to) - f64::from(from))).round() as u32;
        level
    }

    /// When a step begins, since the first one's beginning.
    #[must_use]
    pub fn begin(&self, step: u32) -> Duration {
        self.each * step
    }

    /// Which step a time since the first one's beginning is in.
    #[must_use]
    pub fn at(&self, since: Duration) -> u32 {
        let step = since.as_nanos() / self.each.as_nanos().max(1);
        u32::try_from(step).unwrap_or(u32::MAX).min(self.levels.count)
    }
}

/// The loads of the steps up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// What rises.
    pub of: Stepped,
    /// The load of the first step, at least 1.
    pub from: u32,
    /// The load of the highest step, larger than the first one's.
    pub to: u32,
    /// How many steps, both included: at least 2.
    pub count: u32,
}

/// What rises from step to step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// Transactions per second of an open loop.
    Rate,
    /// Workers of a closed one.
    Workers,
}

/// The most steps up.
const MAX_STEPS: u32 = 100;

impl FromStr for Levels {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (range, count) = text.split_once('x')?;
            let (of, range) = match range.trim().strip_suffix("/s") {
                Some(range) => (Stepped::Rate, range),
                None => (Stepped::Workers, range),
            };
            let (from, to) = range.split_once("..")?;
            let number = |text: &str| text.trim().parse().ok();
            let (from, to, count) = (number(from)?, number(to)?, number(count)?);
            let fits = 1 <= from && from < to && to <= 1_000_000 && (2..=MAX_STEPS).contains(&count);
            fits.then_some(Self { of, from, to, count })
        };
        parse().ok_or_else(|| {
            ParseValueError::new(
                "steps such as \"1000..20000/s x10\" (a rate) or \"8..128 x5\" (workers) are needed: 2 to 100 of them, \
                 up to 1000000",
            )
        })
    }
}

impl fmt::Display for Levels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, from, to, count } = self;
        let unit = match of {
            Stepped::Rate => "/s",
            Stepped::Workers => "",
        };
        write!(formatter, "{from}..{to}{unit} x{count}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_rise_evenly_and_end_where_they_began() {
        let levels: Levels = "1000..20000/s x10".parse().unwrap();
        assert_eq!(levels, "1000..20000/sx10".parse().unwrap());
        assert_eq!(levels.to_string(), "1000..20000/s x10");
        let steps = Steps { levels, each: Duration::from_secs(5) };
        let loads: Vec<u32> = (0..steps.count()).map(|step| steps.level(step)).collect();
        assert_eq!(loads, [1000, 3111, 5222, 7333, 9444, 11556, 13667, 15778, 17889, 20000, 1000]);
        assert_eq!((steps.begin(10), steps.total()), (Duration::from_secs(50), Duration::from_secs(55)));
        let at = |seconds| steps.at(Duration::from_secs_f64(seconds));
        assert_eq!([at(0.0), at(4.999), at(5.0), at(54.9), at(99.0)], [0, 0, 1, 10, 10]);
    }

    #[test]
    fn what_they_are_is_said_when_they_are_not() {
        assert_eq!("8..128 x5".parse::<Levels>().unwrap().of, Stepped::Workers);
        for wrong in ["", "8..128", "8..8 x5", "128..8 x5", "0..8 x2", "8..128 x1", "8..128 x101", "8..128/m x5"] {
            assert!(wrong.parse::<Levels>().is_err(), "{wrong}");
        }
    }
}
