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

/// The names of everything that a history numbers. A list that is too short falls back to the number itself, so that a
/// recorded run of millions of transactions needs no strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Transactions, in the order in which they were added to the builder: all of them, or none.
    pub transactions: Vec<String>,
    /// Keys (accounts).
    pub keys: Vec<String>,
    /// Sets, read by predicate.
    pub sets: Vec<String>,
    /// Members of sets.
    pub members: Vec<String>,
    /// Sessions (workers).
    pub sessions: Vec<String>,
    /// What times mean.
    pub clock: Clock,
}

impl Names {
    /// A transaction's name.
    #[must_use]
    pub fn transaction(&self, index: u32) -> String {
        named(&self.transactions, index, "T")
    }

    /// A key's name.
    #[must_use]
    pub fn key(&self, index: u32) -> String {
        named(&self.keys, index, "")
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
        named(&self.sessions, index, "s")
    }

    /// An instant: a bare number, or seconds with microseconds.
    #[must_use]
    pub fn time(&self, instant: i64) -> String {
        match self.clock {
            Clock::Ticks => instant.to_string(),
            Clock::Nanoseconds => {
                let micros = instant.unsigned_abs() / 1_000;
                let sign = if instant < 0 { "-" } else { "" };
                format!("{sign}{}.{:06} s", micros / 1_000_000, micros % 1_000_000)
            }
        }
    }
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
        assert_eq!((names.key(0), names.key(1), names.transaction(7)), ("x".into(), "1".into(), "T7".into()));
    }

    #[test]
    fn times_before_the_epoch_keep_their_fraction() {
        let names = Names { clock: Clock::Nanoseconds, ..Names::default() };
        assert_eq!(names.time(1_500_000_000), "1.500000 s");
        assert_eq!(names.time(-500_000), "-0.000500 s");
    }
}
