//! Why does an address lead nowhere? In one line, and never with a text of which a part may be a password.

use super::source::Source;

/// Why there is no address. Never holds what was typed, but for words that cannot be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text is no URL, no key=value pairs and no name of a database.
    #[error("{origin} is not a database address: {reason}")]
    Syntax {
        /// Where the text came from.
        origin: Source,
        /// What is wrong.
        reason: String,
    },
    /// A setting in it has no meaning, or one that contend cannot give it.
    #[error("{origin}: {reason}")]
    Setting {
        /// Where the setting came from.
        origin: Source,
        /// What is wrong, with the setting's name.
        reason: String,
    },
    /// A file, or the operating system, does not have what was asked for.
    #[error("{0}")]
    Looking(String),
}

impl AddressError {
    pub(super) fn syntax(origin: &Source, reason: impl Into<String>) -> Self {
        Self::Syntax { origin: origin.clone(), reason: reason.into() }
    }

    pub(super) fn setting(origin: &Source, reason: impl Into<String>) -> Self {
        Self::Setting { origin: origin.clone(), reason: reason.into() }
    }

    /// Whether the text of an address or a variable is wrong, and not something that was learned by looking.
    #[must_use]
    pub fn is_text(&self) -> bool {
        match self {
            Self::Syntax { .. } => true,
            Self::Setting { origin, .. } => !origin.is_file(),
            Self::Looking(_) => false,
        }
    }
}
