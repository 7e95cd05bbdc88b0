//! Which small choices does a plan hold? Each one is a value with a text form.

use std::fmt;
use std::str::FromStr;

/// Why a text is not one of the values of this module: one line that says what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseValueError(pub(super) String);

impl ParseValueError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// The order in which a transfer writes its two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LockOrder {
    /// First the source, then the target: two opposite transfers can deadlock.
    #[default]
    Random,
    /// First the smaller id: no deadlock among transfers.
    Sorted,
}

impl FromStr for LockOrder {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "random" => Ok(Self::Random),
            "sorted" => Ok(Self::Sorted),
            _ => Err(ParseValueError::new("random or sorted is needed")),
        }
    }
}

impl fmt::Display for LockOrder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Random => "random",
            Self::Sorted => "sorted",
        })
    }
}

/// Whether PostgreSQL's planner may choose a sequential scan for a look-up by primary key.
///
/// At SERIALIZABLE a sequential scan takes a predicate lock on the whole relation, so that every transfer conflicts
/// with every other (PostgreSQL documentation, 13.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Planner {
    /// `enable_seqscan` and `enable_bitmapscan` off in contend's sessions.
    #[default]
    PrimaryKey,
    /// As the server is configured.
    Default,
}

impl FromStr for Planner {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "primary-key" => Ok(Self::PrimaryKey),
            "default" => Ok(Self::Default),
            _ => Err(ParseValueError::new("primary-key or default is needed")),
        }
    }
}

impl fmt::Display for Planner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::PrimaryKey => "primary-key",
            Self::Default => "default",
        })
    }
}

/// How much one transfer moves: a number from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The smallest amount, at least 1.
    pub low: i64,
    /// The largest amount.
    pub high: i64,
}

impl Default for Amount {
    fn default() -> Self {
        Self { low: 1, high: 100 }
    }
}

impl FromStr for Amount {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (low, high) = text.split_once("..").unwrap_or((text, text));
        match (low.trim().parse(), high.trim().parse()) {
            (Ok(low), Ok(high)) if 1 <= low && low <= high && high <= 1_000_000_000_000 => Ok(Self { low, high }),
            _ => Err(ParseValueError::new("a range such as 1..100, from at least 1 to at most 10^12, is needed")),
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..{}", self.low, self.high)
    }
}

/// The name of the schema that contend works in: a plain lower-case identifier, so that quoting never changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaName(String);

impl SchemaName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for SchemaName {
    fn default() -> Self {
        Self("contend".to_owned())
    }
}

impl FromStr for SchemaName {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let starts_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
        // 63 bytes is the longest identifier of PostgreSQL (NAMEDATALEN - 1); names that begin with pg_ are its own.
        if starts_well && text.bytes().all(plain) && text.len() <= 63 && !text.starts_with("pg_") {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseValueError::new(
                "a name of lower-case letters, digits and underscores is needed, up to 63, not beginning with a digit \
                 or pg_",
            ))
        }
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_range_or_one_number() {
        assert_eq!("1..100".parse(), Ok(Amount::default()));
        assert_eq!("7".parse(), Ok(Amount { low: 7, high: 7 }));
        for wrong in ["", "0..5", "5..1", "-3", "1..x", "1..9999999999999"] {
            assert!(wrong.parse::<Amount>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_schema_name_needs_no_quoting() {
        assert!("contend_2".parse::<SchemaName>().is_ok());
        for wrong in ["", "Contend", "2x", "a\"b", "a b", "pg_x", "ü", &"a".repeat(64)] {
            assert!(wrong.parse::<SchemaName>().is_err(), "{wrong}");
        }
    }
}
