//! What is a verdict? One of few answers, each with its evidence.

use std::fmt;

/// The answers, never rounded to yes and no. From mild to severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// What was checked is as it has to be.
    Holds,
    /// It is not, and the isolation level permits that. Of one check: a whole verdict then holds.
    Permitted,
    /// It could not be judged.
    Inconclusive,
    /// It is not as it has to be.
    Violated,
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Holds => "holds",
            Self::Permitted => "permitted",
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
        match self.checks.iter().map(|check| check.status).max().unwrap_or(Status::Inconclusive) {
            Status::Permitted => Status::Holds,
            status => status,
        }
    }

    /// Adds a check.
    pub fn add(&mut self, name: &'static str, status: Status, detail: impl Into<String>) {
        self.checks.push(Check { name, status, detail: detail.into() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_severe_answer_counts_and_what_is_permitted_holds() {
        let status = |all: &[Status]| {
            let mut verdict = Verdict::default();
            for status in all {
                verdict.add("check", *status, "");
            }
            verdict.status()
        };
        assert_eq!(status(&[]), Status::Inconclusive);
        assert_eq!(status(&[Status::Holds, Status::Permitted]), Status::Holds);
        assert_eq!(status(&[Status::Permitted, Status::Inconclusive]), Status::Inconclusive);
        assert_eq!(status(&[Status::Violated, Status::Inconclusive, Status::Permitted]), Status::Violated);
    }
}
