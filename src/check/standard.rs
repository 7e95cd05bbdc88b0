//! What is a history judged by? One level, or what the server promised.

use std::fmt;
use std::str::FromStr;

use super::isolation::Level;

/// What decides whether a history holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// This level, whatever the server was asked for.
    Level(Level),
    /// What the server promises at the level that it ran at.
    Promised,
}

const PROMISED: &str = "promised";

impl Default for Standard {
    fn default() -> Self {
        Self::Level(Level::Serializable)
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level(level) => level.fmt(formatter),
            Self::Promised => formatter.write_str(PROMISED),
        }
    }
}

/// Neither a level nor `promised`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownStandard;

impl fmt::Display for UnknownStandard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Level::ALL.map(Level::name).join(", ");
        write!(formatter, "no such level; choose one of {names}, or {PROMISED}")
    }
}

impl std::error::Error for UnknownStandard {}

impl FromStr for Standard {
    type Err = UnknownStandard;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == PROMISED {
            return Ok(Self::Promised);
        }
        text.parse().map(Self::Level).map_err(|_| UnknownStandard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standard_is_read_back_and_nothing_else() {
        for standard in Level::ALL.map(Standard::Level).into_iter().chain([Standard::Promised]) {
            assert_eq!(standard.to_string().parse(), Ok(standard));
        }
        assert_eq!(Standard::default().to_string(), "serializable");
        let error = "Promised".parse::<Standard>().unwrap_err().to_string();
        assert!(error.contains("read-committed") && error.ends_with("or promised"), "{error}");
    }
}
