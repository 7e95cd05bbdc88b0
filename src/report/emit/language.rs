//! In which language? Its name, its template, and its words.

use std::fmt;
use std::str::FromStr;

/// A language that a retry loop can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// With database/sql, over pgx or lib/pq.
    Go,
    /// With psycopg 3 or psycopg2.
    Python,
    /// With JDBC.
    Java,
    /// With node-postgres.
    TypeScript,
    /// With tokio-postgres.
    Rust,
}

/// Why a text is no language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no retry loop is written in \"{0}\"; there are go, python, java, typescript and rust")]
pub struct ParseLanguageError(String);

impl Language {
    /// All of them, as they are written on the command line.
    pub const NAMES: [&str; 5] = ["go", "python", "java", "typescript", "rust"];

    /// All of them, in the order of their names.
    pub const ALL: [Self; 5] = [Self::Go, Self::Python, Self::Java, Self::TypeScript, Self::Rust];

    pub(super) fn template(self) -> &'static str {
        match self {
            Self::Go => include_str!("templates/go.txt"),
            Self::Python => include_str!("templates/python.txt"),
            Self::Java => include_str!("templates/java.txt"),
            Self::TypeScript => include_str!("templates/typescript.txt"),
            Self::Rust => include_str!("templates/rust.txt"),
        }
    }

    pub(super) fn comment(self) -> &'static str {
        if self == Self::Python { "#" } else { "//" }
    }

    pub(super) fn failures(self) -> &'static str {
        match self {
            Self::Go => "float64(failures)",
            Self::Rust => "f64::from(failures)",
            Self::Python | Self::Java | Self::TypeScript => "failures",
        }
    }

    /// A random number from 0 to 1, from a source that any number of threads may draw from.
    pub(super) fn random(self) -> &'static str {
        match self {
            Self::Go => "rand.Float64()",
            Self::Python => "random.random()",
            Self::Java => "ThreadLocalRandom.current().nextDouble()",
            Self::TypeScript => "Math.random()",
            Self::Rust => "rand::random::<f64>()",
        }
    }

    /// `min`, `max` or `pow`, of two numbers.
    pub(super) fn function(self, name: &str) -> String {
        match (self, name) {
            (Self::Go, "min") => "math.Min".to_owned(),
            (Self::Go, "max") => "math.Max".to_owned(),
            (Self::Go, _) => "math.Pow".to_owned(),
            (Self::Python, _) => name.to_owned(),
            (Self::Java | Self::TypeScript, _) => format!("Math.{name}"),
            (Self::Rust, "pow") => "f64::powf".to_owned(),
            (Self::Rust, _) => format!("f64::{name}"),
        }
    }

    /// The name of a constant that is `BASE_MS` elsewhere.
    pub(super) fn constant(self, name: &str) -> String {
        if self != Self::Go {
            return name.to_owned();
        }
        let mut words = name.split('_').map(str::to_lowercase);
        let first = words.next().unwrap_or_default();
        words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
    }

    pub(super) fn declare(self, name: &str, value: f64, what: &str) -> String {
        let (sign, name) = (self.comment(), self.constant(name));
        let declaration = match self {
            Self::Go => format!("const {name} = {value:?}"),
            Self::Python => format!("{name} = {value:?}"),
            Self::Java => format!("static final double {name} = {value:?};"),
            Self::TypeScript => format!("const {name} = {value:?};"),
            Self::Rust => format!("const {name}: f64 = {value:?};"),
        };
        format!("{sign} {what}\n{declaration}")
    }

    pub(super) fn assign(self, name: &str, value: &str) -> String {
        match self {
            Self::Go => format!("{name} := {value}"),
            Self::Python => format!("{name} = {value}"),
            Self::Java => format!("double {name} = {value};"),
            Self::TypeScript => format!("const {name} = {value};"),
            Self::Rust => format!("let {name} = {value};"),
        }
    }

    /// Another delay after the first failure.
    pub(super) fn first(self, value: &str) -> String {
        match self {
            Self::Go => format!("if failures == 1 {{\n\treturn {value}\n}}"),
            Self::Python => format!("if failures == 1:\n    return {value}"),
            Self::Java => format!("if (failures == 1) {{\n    return {value};\n}}"),
            Self::TypeScript => format!("if (failures === 1) return {value};"),
            Self::Rust => format!("if failures == 1 {{\n    return {value};\n}}"),
        }
    }

    /// The declaration of an input of the delay: `failures` counts, every other is a number of milliseconds.
    pub(super) fn parameter(self, name: &str) -> String {
        let counts = name == "failures";
        match self {
            Self::Go => format!("{name} {}", if counts { "int" } else { "float64" }),
            Self::Python => format!("{name}: {}", if counts { "int" } else { "float" }),
            Self::Java => format!("{} {name}", if counts { "int" } else { "double" }),
            Self::TypeScript => format!("{name}: number"),
            Self::Rust => format!("{name}: {}", if counts { "u32" } else { "f64" }),
        }
    }
}

impl FromStr for Language {
    type Err = ParseLanguageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let index = Self::NAMES.iter().position(|name| *name == text);
        index.map(|index| Self::ALL[index]).ok_or_else(|| ParseLanguageError(text.to_owned()))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(Self::NAMES[*self as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_language_and_prints_as_it_was_written() {
        for name in Language::NAMES {
            assert_eq!(name.parse::<Language>().map(|language| language.to_string()), Ok(name.to_owned()));
        }
        let error = "perl".parse::<Language>().unwrap_err().to_string();
        assert_eq!(error, "no retry loop is written in \"perl\"; there are go, python, java, typescript and rust");
    }

    #[test]
    fn constants_are_named_as_the_language_names_them() {
        assert_eq!(Language::Go.constant("BASE_MS"), "baseMs");
        assert_eq!(Language::Rust.constant("BASE_MS"), "BASE_MS");
    }
}
