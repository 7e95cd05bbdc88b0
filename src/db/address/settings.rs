//! Which value does each keyword have, and who gave it? Layers of settings, the stronger over the weaker.

use std::collections::BTreeMap;

use super::error::AddressError;
use super::keyword::{KEYWORDS, Keyword, number};
use super::source::Source;

/// What one text, one service or the environment says.
#[derive(Clone, Default)]
pub(super) struct Settings(BTreeMap<&'static str, Value>);

/// A value, and who gave it.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) source: Source,
}

impl Settings {
    /// Sets a keyword, over what it was before.
    pub(super) fn set(&mut self, keyword: &'static Keyword, text: impl Into<String>, source: &Source) {
        self.0.insert(keyword.name, Value { text: text.into(), source: source.clone() });
    }

    /// Sets the keyword of this name; none where there is no such keyword.
    ///
    /// `requiressl` is what sslmode was before there was more than yes and no.
    pub(super) fn assign(&mut self, name: &str, text: &str, source: &Source) -> Option<()> {
        let (name, text) = match name {
            "requiressl" => ("sslmode", if text.starts_with('1') { "require" } else { "prefer" }),
            name => (name, text),
        };
        self.set(Keyword::find(name)?, text, source);
        Some(())
    }

    /// Sets a keyword that has no value.
    pub(super) fn set_default(&mut self, name: &str, text: &str, source: &Source) {
        if self.text(name).is_none()
            && let Some(keyword) = Keyword::find(name)
        {
            self.set(keyword, text, source);
        }
    }

    /// Takes what is not set here from a weaker layer.
    ///
    /// An empty value is set, too: with libpq `dbname=''` keeps PGDATABASE away.
    pub(super) fn fill(&mut self, weaker: Self) {
        for (name, value) in weaker.0 {
            self.0.entry(name).or_insert(value);
        }
    }

    /// The value of a keyword, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.text.is_empty())
    }

    /// The same, its text alone.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|value| value.text.as_str())
    }

    /// The value of a keyword that [`Self::check`] has found to be a number.
    pub(super) fn number(&self, name: &str) -> Option<i32> {
        self.text(name).and_then(number)
    }

    /// Whether a keyword is set, if only to nothing.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Every keyword that has a value, in the order in which they are shown.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static Keyword, &Value)> {
        KEYWORDS.iter().filter_map(|keyword| Some((keyword, self.get(keyword.name)?)))
    }

    /// Looks at every value by itself.
    pub(super) fn check(&self) -> Result<(), AddressError> {
        for (keyword, value) in self.iter() {
            keyword.check(&value.text).map_err(|reason| AddressError::setting(&value.source, reason))?;
        }
        Ok(())
    }

    /// What is wrong with the value of a keyword, as an error.
    pub(super) fn wrong(&self, name: &str, reason: impl Into<String>) -> AddressError {
        let origin = self.0.get(name).map_or(Source::Default, |value| value.source.clone());
        AddressError::Setting { origin, reason: reason.into() }
    }
}
