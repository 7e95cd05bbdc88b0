//! What are things called? Names for a history's numbers, used only where something is shown.

/// What one unit of a history's clock is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// A number without a unit, as in histories written by hand.
    #[default]
    Ticks,
    /// Nanoseconds, as in recorded runs.
    Nanoseconds,
}

/// Keys that are called by a label and a number, such as `account 13`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first of the keys; the last is the one before the next span.
    pub first_key: u32,
    /// What each of them is.
    pub label: String,
    /// The number of the first key; the others follow.
    pub first_id: i64,
}

/// The names of everything that a history numbers. A list that is too short falls back to the number itself, so that a
/// recorded run of millions of transactions needs no strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Transactions, in the order in which they were added to the builder: all of them, or none.
    pub transactions: Vec<String>,
    /// Keys that are called by a label and a number, ascending.
    pub spans: Vec<Span>,
    /// Names of keys one by one, which count more than spans.
    pub keys: Vec<String>,
    /// The key that the first of `keys` names: those behind the last span.
    pub first_named_key: u32,
    /// Sets, read by predicate.
    pub sets: Vec<String>,
    /// Members of sets.
    pub members: Vec<String>,
    /// Sessions (workers).
    pub sessions: Vec<String>,
    /// What a session without a name is called, in front of its number, such as `worker`.
    pub session_label: Option<String>,
    /// Kinds of transactions.
    pub shapes: Vec<String>,
    /// What times mean.
    pub clock: Clock,
}

impl Names {
    /// A key's name.
    #[must_use]
    pub fn key(&self, index: u32) -> String {
        if let Some(name) = self.key_alone(index) {
            return name.clone();
        }
        self.span(index).map_or_else(
            || index.to_string(),
            |span| format!("{} {}", span.label, span.first_id.saturating_add(i64::from(index - span.first_key))),
        )
    }

    /// A key's name, with the word in front of it that says what it names, unless the name does.
    #[must_use]
    pub fn key_in_words(&self, index: u32) -> String {
        let says_what = self.key_alone(index).is_none() && self.span(index).is_some();
        if says_what { self.key(index) } else { format!("key {}", self.key(index)) }
    }

    fn key_alone(&self, index: u32) -> Option<&String> {
        self.keys.get(index.checked_sub(self.first_named_key)? as usize)
    }

    fn span(&self, index: u32) -> Option<&Span> {
        let behind = self.spans.partition_point(|span| span.first_key <= index);
        self.spans.get(behind.checked_sub(1)?)
    }

    /// A set's name.
    #[must_use]
    pub fn set(&self, index: u32) -> String {
        named(&self.sets, index, "")
    }

    /// A member's name.
    #[must_use]
    pub fn member(&self, index: u32) -> String {
        named(&self.members, index, "")
    }

    /// A session's name.
    #[must_use]
    pub fn session(&self, index: u32) -> String {
        let prefix = self.session_label.as_ref().map_or_else(|| "s".to_owned(), |label| format!("{label} "));
        named(&self.sessions, index, &prefix)
    }

    /// A kind of transactions, where it has a name.
    #[must_use]
    pub fn shape(&self, index: u8) -> Option<&str> {
        self.shapes.get(usize::from(index)).map(String::as_str)
    }

    /// An instant: a bare number, or seconds with microseconds.
    #[must_use]
    pub fn time(&self, instant: i64) -> String {
        match self.clock {
            Clock::Ticks => instant.to_string(),
            Clock::Nanoseconds => format!("{} s", seconds(instant)),
        }
    }

    /// From one instant to another.
    #[must_use]
    pub fn interval(&self, start: i64, end: i64) -> String {
        match self.clock {
            Clock::Ticks => format!("[{start},{end}]"),
            Clock::Nanoseconds => format!("[{} .. {} s]", seconds(start), seconds(end)),
        }
    }
}

fn seconds(nanoseconds: i64) -> String {
    let micros = nanoseconds.unsigned_abs() / 1_000;
    let sign = if nanoseconds < 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

fn named(list: &[String], index: u32, prefix: &str) -> String {
    list.get(index as usize).cloned().unwrap_or_else(|| format!("{prefix}{index}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unnamed_thing_is_called_by_its_number() {
        let names = Names { keys: vec!["x".to_owned()], ..Names::default() };
        assert_eq!((names.key(0), names.key(1), names.session(7)), ("x".into(), "1".into(), "s7".into()));
    }

    #[test]
    fn a_million_keys_and_workers_need_no_names_of_their_own() {
        let span = |first_key, label: &str, first_id| Span { first_key, label: label.to_owned(), first_id };
        let names = Names {
            spans: vec![span(0, "account", 1), span(1_000_000, "batch", 7)],
            keys: vec!["clock".to_owned()],
            first_named_key: 1_000_005,
            session_label: Some("worker".to_owned()),
            ..Names::default()
        };
        let keys = [12, 999_999, 1_000_000, 1_000_004, 1_000_005, 1_000_006].map(|key| names.key(key));
        assert_eq!(keys, ["account 13", "account 1000000", "batch 7", "batch 11", "clock", "batch 13"]);
        assert_eq!((names.key_in_words(12), names.key_in_words(1_000_005)), ("account 13".into(), "key clock".into()));
        assert_eq!(names.session(4), "worker 4");
    }

    #[test]
    fn times_before_the_epoch_keep_their_fraction() {
        let names = Names { clock: Clock::Nanoseconds, ..Names::default() };
        assert_eq!(names.time(1_500_000_000), "1.500000 s");
        assert_eq!(names.time(-500_000), "-0.000500 s");
    }
}
