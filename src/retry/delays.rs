//! How long to wait? The forms of delays, as values: parsed, printed, saved and compared.

use std::fmt;
use std::time::Duration;

use humantime::format_duration;

/// How long to wait before each retry of one transaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Delays {
    /// Never try again.
    None,
    /// Try again at once.
    Immediate,
    /// CockroachDB's psycopg2 tutorial: at most 3 attempts, and after attempt n a delay of 2^n x 0.1 s x (rand + 0.5).
    Tutorial,
    /// The same delay every time.
    Constant(Duration),
    /// Delays that grow with every attempt.
    Exponential {
        /// The delay before the first retry, before jitter.
        base: Duration,
        /// What each further delay is multiplied by.
        factor: f64,
        /// No delay is longer.
        cap: Duration,
        /// How the delay is drawn.
        jitter: Jitter,
    },
}

impl Delays {
    /// The attempts of one transaction where nobody asks for another number.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        match self {
            Self::None => 1,
            Self::Tutorial => 3,
            Self::Immediate | Self::Constant(_) | Self::Exponential { .. } => 20,
        }
    }
}

impl Default for Delays {
    fn default() -> Self {
        Self::Exponential {
            base: Duration::from_millis(2),
            factor: 2.0,
            cap: Duration::from_millis(250),
            jitter: Jitter::Full,
        }
    }
}

/// How a growing delay is spread, so that transactions that collided once do not collide again.
///
/// The formulas are those of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. With
/// d = min(cap, base x factor^(n-1)) before retry n:
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// d
    None,
    /// uniform(0, d)
    Full,
    /// d/2 + uniform(0, d/2)
    Equal,
    /// min(cap, uniform(base, 3 x the previous delay)), starting from base; the factor plays no part
    Decorrelated,
}

impl fmt::Display for Delays {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("none"),
            Self::Immediate => formatter.write_str("immediate"),
            Self::Tutorial => formatter.write_str("tutorial"),
            Self::Constant(delay) => write!(formatter, "constant:{}", compact(*delay)),
            Self::Exponential { base, factor, cap, jitter } => write!(
                formatter,
                "exponential:base={},factor={factor},cap={},jitter={jitter}",
                compact(*base),
                compact(*cap)
            ),
        }
    }
}

/// A duration as one word: `1m30s`, not `1m 30s`.
pub(super) fn compact(duration: Duration) -> String {
    format_duration(duration).to_string().replace(' ', "")
}

impl fmt::Display for Jitter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Full => "full",
            Self::Equal => "equal",
            Self::Decorrelated => "decorrelated",
        })
    }
}
