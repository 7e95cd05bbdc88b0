//! What is wrong with the text of a policy? One line: what, where, and what was probably meant.

use crate::suggest::did_you_mean;

/// Why a text is not a retry policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParsePolicyError(String);

impl ParsePolicyError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Something that does not exist, and what was probably meant.
    pub(super) fn unknown(message: impl Into<String>, meant: Option<&str>) -> Self {
        Self(message.into() + &did_you_mean(meant))
    }

    /// Something was written more than once.
    pub(super) fn twice(what: &str) -> Self {
        Self(format!("{what} is there twice; write it once"))
    }

    /// A value that is none.
    pub(super) fn value(option: &str, value: &str, reason: &str) -> Self {
        Self::new(reason).at(option, value)
    }

    /// Where it was.
    pub(super) fn at(self, option: &str, value: &str) -> Self {
        Self(format!("{option}={}: {}", value.trim(), self.0))
    }
}
