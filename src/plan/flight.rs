//! How does a transaction travel? In how many round trips, and by which of the protocol's two ways to send statements.

use std::fmt;
use std::str::FromStr;

use super::ParseValueError;

/// Which statements of a transaction are sent together, without waiting for the answers in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Flight {
    /// One statement per round trip, as most drivers do.
    #[default]
    Sequential,
    /// BEGIN with the first reads; the last writes with COMMIT.
    Pipelined,
    /// The whole transaction in one round trip where its shape allows that, else pipelined.
    Single,
}

impl FromStr for Flight {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "sequential" => Ok(Self::Sequential),
            "pipelined" => Ok(Self::Pipelined),
            "single" => Ok(Self::Single),
            _ => Err(ParseValueError::new("sequential, pipelined or single is needed")),
        }
    }
}

impl fmt::Display for Flight {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sequential => "sequential",
            Self::Pipelined => "pipelined",
            Self::Single => "single",
        })
    }
}

/// Whether statements are prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Protocol {
    /// Once per connection, and run by name.
    #[default]
    Prepared,
    /// Never: each one is sent as text, which any server behind a pooler of transactions understands.
    Simple,
}

impl FromStr for Protocol {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "prepared" => Ok(Self::Prepared),
            "simple" => Ok(Self::Simple),
            _ => Err(ParseValueError::new("prepared or simple is needed")),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Prepared => "prepared",
            Self::Simple => "simple",
        })
    }
}
