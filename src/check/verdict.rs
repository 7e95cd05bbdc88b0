//! What is a verdict? Three answers, each with its evidence.

use std::fmt;

/// Three answers, never rounded to two. From mild to severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// What was checked is as it has to be.
    Holds,
    /// It could not be judged.
    Inconclusive,
    /// It is not as it has to be.
    Violated,
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Holds => "holds",
            Self::Inconclusive => "inconclusive",
            Self::Violated => "violated",
        })
    }
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// A short name that does not change between versions.
    pub name: &'static str,
    /// The answer.
    pub status: Status,
    /// The evidence, in one line.
    pub detail: String,
}

/// All that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// In the order in which they are shown.
    pub checks: Vec<Check>,
}

impl Verdict {
    /// The most severe answer of all checks; without any check nothing can be said.
    #[must_use]
    pub fn status(&self) -> Status {
        self.checks.iter().map(|check| check.status).max().unwrap_or(Status::Inconclusive)
    }

    /// Adds a check.
    pub fn add(&mut self, name: &'static str, status: Status, detail: impl Into<String>) {
        self.checks.push(Check { name, status, detail: detail.into() });
    }
}
