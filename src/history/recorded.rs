//! What is known of an attempt that was recorded? It is read back from a log or a file.

use super::{Attempt, AttemptOutcome, Cause, Nanos, Operation, Phase, Shape, Sqlstate};

/// One attempt, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "described with Attempt")]
pub struct Recorded {
    pub ticket: u64,
    pub worker: u32,
    pub number: u32,
    pub shape: Shape,
    pub writer: i64,
    pub node: u16,
    pub start: Nanos,
    pub end: Nanos,
    pub outcome: AttemptOutcome,
    pub phase: Phase,
    pub sqlstate: Option<Sqlstate>,
    pub operations: Vec<Operation>,
}

impl Recorded {
    /// As the engine told it, but for what is not recorded: what the attempt before had failed of, its round trips, and the
    /// phases of the run.
    #[must_use]
    pub fn as_attempt(&self) -> Attempt<'_> {
        let cause = self.sqlstate.map(|sqlstate| Cause { sqlstate, reason: "" });
        let Self { ticket, worker, number, shape, writer, node, start, end, outcome, phase, .. } = *self;
        Attempt {
            ticket,
            worker,
            number,
            shape,
            writer,
            node,
            start,
            end,
            outcome,
            phase,
            cause,
            retry_of: None,
            measured: true,
            in_window: true,
            round_trips: 0,
            operations: &self.operations,
        }
    }
}
