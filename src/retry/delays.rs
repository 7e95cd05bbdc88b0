//! How long to wait? The forms of delays, as values: printed, saved and compared.

use std::fmt;
use std::time::Duration;

use humantime::format_duration;

use super::Jitter;

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
    /// Anything between two delays.
    Uniform {
        /// The shortest.
        low: Duration,
        /// The longest.
        high: Duration,
    },
    /// Delays that grow by the same with every attempt: d = min(cap, base x n).
    Linear {
        /// The delay before the first retry, before jitter.
        base: Duration,
        /// The longest, before jitter.
        cap: Duration,
        /// How the delay is drawn.
        jitter: Jitter,
    },
    /// Delays that are multiplied with every attempt: d = min(cap, base x factor^(n-1)).
    Exponential {
        /// The delay before the first retry, before jitter.
        base: Duration,
        /// What each further delay is multiplied by.
        factor: f64,
        /// The longest, before jitter.
        cap: Duration,
        /// How the delay is drawn.
        jitter: Jitter,
    },
    /// Delays that shrink while a transaction grows old, so that nobody starves: d = base x 2^(-age/half), where the age
    /// counts from the begin of its first attempt. That the older one goes first is from Rosenkrantz, Stearns and Lewis,
    /// "System level concurrency control for distributed database systems", ACM TODS 3(2), 1978.
    Age {
        /// The delay at age 0, before jitter.
        base: Duration,
        /// The age at which it is half of that.
        half: Duration,
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
            _ => 20,
        }
    }

    /// How they are spread, where they say so.
    #[must_use]
    pub fn jitter(&self) -> Option<Jitter> {
        match self {
            Self::Linear { jitter, .. } | Self::Exponential { jitter, .. } | Self::Age { jitter, .. } => Some(*jitter),
            _ => None,
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

impl fmt::Display for Delays {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("none"),
            Self::Immediate => formatter.write_str("immediate"),
            Self::Tutorial => formatter.write_str("tutorial"),
            Self::Constant(delay) => write!(formatter, "constant:{}", compact(*delay)),
            Self::Uniform { low, high } => write!(formatter, "uniform:{}..{}", compact(*low), compact(*high)),
            Self::Linear { base, cap, jitter } => {
                write!(formatter, "linear:base={},cap={},jitter={jitter}", compact(*base), compact(*cap))
            }
            Self::Exponential { base, factor, cap, jitter } => write!(
                formatter,
                "exponential:base={},factor={factor},cap={},jitter={jitter}",
                compact(*base),
                compact(*cap)
            ),
            Self::Age { base, half, jitter } => {
                write!(formatter, "age:base={},half={},jitter={jitter}", compact(*base), compact(*half))
            }
        }
    }
}

/// A duration as one word: `1m30s`, not `1m 30s`.
pub(super) fn compact(duration: Duration) -> String {
    format_duration(duration).to_string().replace(' ', "")
}
