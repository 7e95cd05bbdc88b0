//! When does a transaction begin? When a worker is free for it, or when a schedule says so.

use std::fmt;
use std::str::FromStr;

use super::ParseValueError;

/// What decides when transactions begin.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Pace {
    /// A closed loop: each worker begins the next one when it has ended the last one, so that a slow server is asked less.
    #[default]
    Closed,
    /// An open loop: they are due at times that are fixed in advance, however slow the server is.
    Open(Open),
}

/// The schedule of an open loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Open {
    /// How many are due per second.
    pub rate: Rate,
    /// How they lie in time.
    pub arrivals: Arrivals,
    /// A transaction that is due while this many wait for a worker is skipped; none skips nothing. Each shard has an even part
    /// of them.
    pub max_queue: Option<u64>,
}

/// Transactions per second, more than 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate(f64);

impl Rate {
    /// The most: one in a microsecond.
    pub const MAX: f64 = 1_000_000.0;

    /// A rate.
    #[must_use]
    pub fn per_second(rate: f64) -> Option<Self> {
        (rate > 0.0 && rate <= Self::MAX).then_some(Self(rate))
    }

    /// Transactions per second.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim().strip_suffix("/s").unwrap_or(text).trim();
        let rate = number.parse().ok().and_then(Self::per_second);
        rate.ok_or_else(|| ParseValueError::new("a rate such as 5000/s, up to 1000000/s, is needed"))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/s", self.0)
    }
}

/// How the scheduled starts lie in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Arrivals {
    /// Independent of each other, as those of many users are: exponential gaps.
    #[default]
    Poisson,
    /// All gaps the same.
    Uniform,
}

impl FromStr for Arrivals {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "poisson" => Ok(Self::Poisson),
            "uniform" => Ok(Self::Uniform),
            _ => Err(ParseValueError::new("poisson or uniform is needed")),
        }
    }
}

impl fmt::Display for Arrivals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Poisson => "poisson",
            Self::Uniform => "uniform",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_per_second() {
        for (text, shown) in [("5000/s", "5000/s"), ("0.5", "0.5/s"), ("2.50/s", "2.5/s"), ("1000000/s", "1000000/s")] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), shown);
        }
        for wrong in ["", "0", "-1/s", "NaN", "inf/s", "1000001/s", "5/m", "x"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }
}
