//! When is a statement's work done? It waits for a free core of its node, first come, first served.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::stall::Stall;
use crate::history::Nanos;

/// The cores of one node, by the time at which each is free.
///
/// Whoever comes first gets the core that is free first, so when its work will be done is known when it comes.
#[derive(Clone, Debug)]
pub(super) struct Cores(BinaryHeap<Reverse<Nanos>>);

impl Cores {
    pub(super) fn new(count: u32) -> Self {
        Self((0..count.max(1)).map(|_| Reverse(0)).collect())
    }

    /// The time at which work that comes now is done, where there may be a time in which no core works.
    pub(super) fn done(&mut self, now: Nanos, work: Nanos, stall: Option<Stall>) -> Nanos {
        let done = |begin: Nanos| stall.map_or(begin + work, |stall| stall.done(begin, work));
        let Some(mut first) = self.0.peek_mut() else { return done(now) };
        first.0 = done(first.0.max(now));
        first.0
    }
}
