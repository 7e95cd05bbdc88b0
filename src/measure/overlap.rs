//! Did transactions run at the same time at all? A run without overlap proves nothing about concurrency.

use crate::history::Nanos;

/// So many attempts of each shard are looked at: enough to find an overlap in any concurrent run, and a
/// bound for the memory of a run that has none.
const LOOKED_AT: usize = 4096;

/// The times of the first attempts that read or wrote something, however they ended: one that was aborted because of
/// another is the best proof that they ran at the same time.
#[derive(Clone, Debug, Default)]
pub struct Overlap {
    spans: Vec<(Nanos, Nanos)>,
}

impl Overlap {
    /// Remembers the start and end of an attempt.
    pub fn add(&mut self, start: Nanos, end: Nanos) {
        if self.spans.len() < LOOKED_AT {
            self.spans.push((start, end));
        }
    }

    /// Takes another shard's times too.
    pub fn merge(&mut self, other: &Self) {
        self.spans.extend(&other.spans);
    }

    /// Whether any two attempts overlapped in time.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        let mut spans = self.spans.clone();
        spans.sort_unstable();
        spans.windows(2).any(|pair| pair[1].0 < pair[0].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other_is_no_overlap() {
        let mut serial = Overlap::default();
        serial.add(10, 20);
        serial.add(0, 10);
        assert!(!serial.is_seen());
        let mut other = Overlap::default();
        other.add(19, 30);
        serial.merge(&other);
        assert!(serial.is_seen());
    }
}
