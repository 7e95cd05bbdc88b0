//! Which database is it? Product and version, from what `version()` answers.

use std::fmt;

use crate::retry::Restart;

/// A database that speaks PostgreSQL's protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// CockroachDB.
    Cockroach,
    /// PostgreSQL.
    Postgres,
    /// YugabyteDB.
    Yugabyte,
    /// Some other one.
    Other,
}

impl Product {
    /// Why transactions cannot be restarted like this, in a line. In PostgreSQL the snapshot of a serializable transaction
    /// is taken once, and what has failed because of it fails again behind any savepoint (its documentation, 13.2.2).
    #[must_use]
    pub fn refuses(self, restart: Restart) -> Option<String> {
        (restart == Restart::Savepoint && self != Self::Cockroach).then(|| {
            format!(
                "--restart savepoint is CockroachDB's protocol, and this is {self}, where a transaction that goes back to \
                 a savepoint keeps the snapshot that it failed with: use --restart rollback"
            )
        })
    }
}

impl fmt::Display for Product {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Cockroach => "CockroachDB",
            Self::Postgres => "PostgreSQL",
            Self::Yugabyte => "YugabyteDB",
            Self::Other => "unknown database",
        })
    }
}

/// A product and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVersion {
    /// The product.
    pub product: Product,
    /// The version in the product's own form, such as `15.18` or `v25.2.1`.
    pub version: String,
}

impl ServerVersion {
    /// Reads the answer of `SELECT version()`.
    #[must_use]
    pub fn parse(answer: &str) -> Self {
        let words: Vec<&str> = answer.split_whitespace().collect();
        let after = |name: &str| {
            let place = words.iter().position(|word| word.starts_with(name))?;
            words[place + 1..].iter().find(|word| word.contains(|digit: char| digit.is_ascii_digit())).copied()
        };
        let (product, version) = if let Some(version) = after("CockroachDB") {
            (Product::Cockroach, version)
        } else if let Some((_, version)) = after("PostgreSQL").and_then(|version| version.split_once("-YB-")) {
            (Product::Yugabyte, version)
        } else if let Some(version) = after("PostgreSQL") {
            (Product::Postgres, version)
        } else {
            (Product::Other, answer.trim())
        };
        Self { product, version: version.trim_end_matches(',').to_owned() }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.product, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_product_is_recognized() {
        let cases = [
            ("PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc", "PostgreSQL 15.18"),
            ("PostgreSQL 18beta1 on x86_64", "PostgreSQL 18beta1"),
            ("CockroachDB CCL v25.2.1 (x86_64-pc-linux-gnu, built 2025/06/10, go1.23)", "CockroachDB v25.2.1"),
            ("CockroachDB OSS v21.2.0-alpha (x86_64, built 2021)", "CockroachDB v21.2.0-alpha"),
            ("PostgreSQL 11.2-YB-2.18.0.0-b0 on x86_64-pc-linux-gnu", "YugabyteDB 2.18.0.0-b0"),
            ("Fancy 1", "unknown database Fancy 1"),
        ];
        for (answer, expected) in cases {
            assert_eq!(ServerVersion::parse(answer).to_string(), expected);
        }
    }
}
