//! How is a name written in SQL? As it is where every server reads it so, else in quotes.

use std::fmt;
use std::str::FromStr;

/// PostgreSQL cuts longer names off (its documentation, 4.1.1), so two long ones could be the same.
const LONGEST: usize = 63;

/// The words that PostgreSQL or CockroachDB keep for themselves (`pg_get_keywords()`, categories R and T).
const RESERVED: &str = "\
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column \
    concurrently constraint create cross current_catalog current_date current_role current_schema current_time \
    current_timestamp current_user default deferrable desc distinct do else end except false family fetch for foreign \
    freeze from full grant group having ilike in index initially inner intersect into is isnull join lateral leading left \
    like limit localtime localtimestamp natural none not nothing notnull null offset on only or order outer overlaps \
    placing primary references returning right select session_user similar some symmetric system_user table tablesample \
    then to trailing true union unique user using variadic verbose virtual visible when where window with work";

/// A name of a user or a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier(String);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {LONGEST} bytes, and no line breaks or other control characters")]
pub struct ParseIdentifierError;

impl Identifier {
    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for all users, none, or one of the server's own: granted to it, a right would be everybody's
    /// (PostgreSQL documentation, GRANT and CREATE ROLE; CockroachDB documentation, "CREATE USER").
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        let name = self.0.to_lowercase();
        ["public", "none"].contains(&name.as_str()) || ["pg_", "crdb_internal_"].iter().any(|own| name.starts_with(own))
    }

    /// The same in small letters.
    #[must_use]
    pub fn lowercase(&self) -> Self {
        Self(self.0.to_lowercase())
    }
}

impl FromStr for Identifier {
    type Err = ParseIdentifierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=LONGEST).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(ParseIdentifierError) }
    }
}

/// As SQL wants it. Letters that are not small would be made small without quotes.
impl fmt::Display for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name) = self;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins_plainly = !name.starts_with(|first: char| first.is_ascii_digit());
        if begins_plainly && name.bytes().all(plain) && !RESERVED.split_whitespace().any(|word| word == name) {
            formatter.write_str(name)
        } else {
            write!(formatter, "\"{}\"", name.replace('"', "\"\""))
        }
    }
}

/// A text between single quotes.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_quoted() {
        let cases = [
            ("maxroach", "maxroach"),
            ("_bank_2", "_bank_2"),
            ("2nd", "\"2nd\""),
            ("Bank", "\"Bank\""),
            ("max-roach", "\"max-roach\""),
            ("user", "\"user\""),
            ("index", "\"index\""),
            ("a\"; DROP DATABASE b; --", "\"a\"\"; DROP DATABASE b; --\""),
            ("bänk", "\"bänk\""),
        ];
        for (name, sql) in cases {
            assert_eq!(name.parse::<Identifier>().unwrap().to_string(), sql);
        }
        assert_eq!(literal("O'Max"), "'O''Max'");
    }

    #[test]
    fn a_name_stays_in_its_line() {
        for wrong in ["", "two\nlines", "nul\0", &"x".repeat(64)] {
            assert_eq!(wrong.parse::<Identifier>(), Err(ParseIdentifierError), "{wrong:?}");
        }
    }
}
