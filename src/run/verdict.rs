//! Was it right? The checks, saved.

use serde::{Deserialize, Serialize};

use crate::check::{Check, Status, Verdict};

/// [`Verdict`], saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedVerdict {
    /// `holds`, `violated` or `inconclusive`: the most severe of the checks.
    pub status: String,
    /// What was checked.
    pub checks: Vec<SavedCheck>,
}

/// One check, saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "described with Check")]
pub struct SavedCheck {
    pub name: String,
    pub status: String,
    pub detail: String,
}

impl From<&Verdict> for SavedVerdict {
    fn from(verdict: &Verdict) -> Self {
        let saved = |check: &Check| SavedCheck {
            name: check.name.to_owned(),
            status: check.status.to_string(),
            detail: check.detail.clone(),
        };
        Self { status: verdict.status().to_string(), checks: verdict.checks.iter().map(saved).collect() }
    }
}

impl SavedVerdict {
    /// The status as a value; a word that is none of the three counts as inconclusive.
    #[must_use]
    pub fn exit_status(&self) -> Status {
        let all = [Status::Holds, Status::Violated, Status::Inconclusive];
        all.into_iter().find(|status| self.is(*status)).unwrap_or(Status::Inconclusive)
    }

    /// A check by its name.
    #[must_use]
    pub fn check(&self, name: &str) -> Option<&SavedCheck> {
        self.checks.iter().find(|check| check.name == name)
    }

    /// Whether the status is this one.
    #[must_use]
    pub fn is(&self, status: Status) -> bool {
        self.status == status.to_string()
    }
}
