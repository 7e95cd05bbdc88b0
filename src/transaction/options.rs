//! What may an application choose? When to try again, when to give up, the isolation level, and who is told of retries.

use std::time::Duration;

use super::BodyError;
use crate::history::Sqlstate;
use crate::plan::Isolation;
use crate::retry::{Delays, Limits};

/// How a transaction is run.
#[derive(Clone)]
pub struct Options<'a> {
    /// The delays between attempts.
    pub delays: Delays,
    /// When to give up.
    pub limits: Limits,
    /// The isolation level of the transaction; None for the session's own default.
    pub isolation: Option<Isolation>,
    /// Told of every attempt that is about to be followed by another one: after its ROLLBACK was answered, before the
    /// delay.
    pub on_retry: Option<&'a (dyn Fn(&Retrying<'_>) + Send + Sync)>,
}

impl Options<'_> {
    /// The delays with their own number of attempts, without a deadline, at the session's isolation level.
    #[must_use]
    pub fn new(delays: Delays) -> Self {
        let limits = Limits { max_attempts: delays.max_attempts(), deadline: None };
        Self { delays, limits, isolation: None, on_retry: None }
    }
}

/// Those of [`Delays::default`]: exponential backoff with full jitter, 20 attempts.
impl Default for Options<'_> {
    fn default() -> Self {
        Self::new(Delays::default())
    }
}

/// An attempt that was aborted and rolled back, and that another one follows.
#[derive(Clone, Copy, Debug)]
pub struct Retrying<'e> {
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// How long the next one waits.
    pub delay: Duration,
    /// The server's code.
    pub sqlstate: Sqlstate,
    /// The reason behind the code, as contend's reports count it: `write-write`, `deadlock`, `RETRY_SERIALIZABLE`.
    pub reason: &'static str,
    /// The error itself, as the body returned it.
    pub error: &'e BodyError,
}
