//! When does the whole server stand still? For one stretch of time, in which it works on nothing and answers nothing.

use std::fmt;
use std::time::Duration;

use super::parameter::{bounded, word};
use crate::history::Nanos;

/// A stretch of time, from the beginning of the simulation. What is under way in it goes on when it is over, and what is
/// on its way to the server waits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    from: Duration,
    to: Duration,
}

impl Stall {
    /// Reads `2s..3s`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once("..")?;
        let (from, to) = (bounded(from).ok()?, bounded(to).ok()?);
        (from < to).then_some(Self { from, to })
    }

    /// When work that could begin at a time is done, if nothing else holds it up.
    pub(super) fn done(self, begin: Nanos, work: Nanos) -> Nanos {
        let [from, to] = [self.from, self.to].map(|time| u64::try_from(time.as_nanos()).unwrap_or(Nanos::MAX));
        let begin = if (from..to).contains(&begin) { to } else { begin };
        let done = begin.saturating_add(work);
        if begin < from && from < done { done.saturating_add(to - from) } else { done }
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..{}", word(self.from), word(self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_stands_still_in_it() {
        let stall = Stall::parse("100ns..150ns").unwrap();
        let cases =
            [(0, 99, 99), (0, 100, 100), (0, 101, 151), (99, 10, 159), (100, 0, 150), (149, 5, 155), (150, 5, 155)];
        for (begin, work, done) in cases {
            assert_eq!(stall.done(begin, work), done, "{begin} + {work}");
        }
    }
}
