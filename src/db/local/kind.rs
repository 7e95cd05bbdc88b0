//! Which product is started?

use std::fmt;
use std::str::FromStr;

/// A product of which a throw-away server can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// CockroachDB, a single node.
    Cockroach,
    /// PostgreSQL.
    Postgres,
}

/// The text is not the name of a [`Kind`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of local server: write `cockroach` or `postgres`")]
pub struct UnknownKind(String);

impl Kind {
    /// The product's name as its makers write it.
    pub(super) const fn product(self) -> &'static str {
        match self {
            Self::Cockroach => "CockroachDB",
            Self::Postgres => "PostgreSQL",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cockroach => "cockroach",
            Self::Postgres => "postgres",
        })
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        match text {
            "cockroach" => Ok(Self::Cockroach),
            "postgres" => Ok(Self::Postgres),
            _ => Err(UnknownKind(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        for kind in [Kind::Cockroach, Kind::Postgres] {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        let error = "oracle".parse::<Kind>().unwrap_err().to_string();
        assert_eq!(error, "`oracle` is no kind of local server: write `cockroach` or `postgres`");
    }
}
