//! How is a delay spread? The jitters, so that transactions that collided once do not collide again.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::{Rng, RngExt};

use super::ParsePolicyError;
use super::options::{duration, number};
use crate::suggest::{closest, either};

/// How a delay is spread. With d for the delay that a form sets before retry n, cap included.
///
/// None, full, equal and decorrelated are those of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
/// 2015. Where nothing else is said a jitter comes behind the cap, so that those that add to the delay may exceed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Jitter {
    /// d
    None,
    /// uniform(0, d)
    Full,
    /// d/2 + uniform(0, d/2)
    Equal,
    /// min(cap, uniform(base, 3 x the previous delay)), starting from base; the factor plays no part.
    Decorrelated,
    /// d x uniform(1, 1 + percent/100)
    Above {
        /// Above 0.
        percent: f64,
    },
    /// d x uniform(1 - percent/100, 1 + percent/100)
    Around {
        /// Above 0, at most 100.
        percent: f64,
    },
    /// d + uniform(0, this)
    Plus(Duration),
    /// min(cap, the previous delay x factor x uniform(1 - percent/100, 1 + percent/100)), where the first one is base.
    Compounded {
        /// Above 0, at most 100.
        percent: f64,
    },
}

/// Every jitter: as it is written, and its formula.
pub const JITTERS: [(&str, &str); 8] = [
    ("none", "d"),
    ("full", "uniform(0, d)"),
    ("equal", "d/2 + uniform(0, d/2)"),
    ("decorrelated", "min(cap, uniform(base, 3 x the previous wait)), from base on; exponential only"),
    ("+25%", "d x uniform(1, 1.25)"),
    ("+-50%", "d x uniform(0.5, 1.5)"),
    ("+100ms", "d + uniform(0, 100ms)"),
    ("factor+-6.25%", "min(cap, the previous wait x factor x uniform(0.9375, 1.0625)), from base on; exponential only"),
];

/// Those that are words.
const WORDS: [(&str, Jitter); 4] =
    [("none", Jitter::None), ("full", Jitter::Full), ("equal", Jitter::Equal), ("decorrelated", Jitter::Decorrelated)];

impl Jitter {
    /// Spreads a delay. The two that are sequences of their own are drawn by the backoff, which knows what came before.
    pub(super) fn spread(self, delay: Duration, random: &mut impl Rng) -> Duration {
        match self {
            Self::None | Self::Decorrelated | Self::Compounded { .. } => delay,
            Self::Full => delay.mul_f64(random.random()),
            Self::Equal => delay.mul_f64(0.5 + random.random::<f64>() / 2.0),
            Self::Above { percent } => delay.mul_f64(1.0 + random.random::<f64>() * percent / 100.0),
            Self::Around { percent } => delay.mul_f64(around(percent, random)),
            Self::Plus(most) => delay + most.mul_f64(random.random()),
        }
    }

    /// Whether it is a sequence, in which each delay comes from the one before.
    #[must_use]
    pub fn is_sequence(self) -> bool {
        matches!(self, Self::Decorrelated | Self::Compounded { .. })
    }
}

/// uniform(1 - percent/100, 1 + percent/100)
pub(super) fn around(percent: f64, random: &mut impl Rng) -> f64 {
    1.0 + (random.random::<f64>() * 2.0 - 1.0) * percent / 100.0
}

impl fmt::Display for Jitter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("none"),
            Self::Full => formatter.write_str("full"),
            Self::Equal => formatter.write_str("equal"),
            Self::Decorrelated => formatter.write_str("decorrelated"),
            Self::Above { percent } => write!(formatter, "+{percent}%"),
            Self::Around { percent } => write!(formatter, "+-{percent}%"),
            Self::Plus(most) => write!(formatter, "+{}", super::delays::compact(*most)),
            Self::Compounded { percent } => write!(formatter, "factor+-{percent}%"),
        }
    }
}

impl FromStr for Jitter {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let percent = |rest: &str| rest.strip_suffix('%').map(str::to_owned);
        let share = |digits: String, most: f64| number("jitter", &digits, f64::MIN_POSITIVE, most);
        if let Some((_, jitter)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(*jitter);
        }
        if let Some(digits) = text.strip_prefix("factor+-").and_then(percent) {
            return Ok(Self::Compounded { percent: share(digits, 100.0)? });
        }
        if let Some(digits) = text.strip_prefix("+-").and_then(percent) {
            return Ok(Self::Around { percent: share(digits, 100.0)? });
        }
        if let Some(digits) = text.strip_prefix('+').and_then(percent) {
            return Ok(Self::Above { percent: share(digits, 1000.0)? });
        }
        if let Some(time) = text.strip_prefix('+') {
            return Ok(Self::Plus(duration("jitter", time)?));
        }
        let meant = closest(text, WORDS.map(|(word, _)| word));
        let known = either(&JITTERS.map(|(word, _)| word));
        Err(ParsePolicyError::unknown(format!("{known} is needed"), meant).at("jitter", text))
    }
}
