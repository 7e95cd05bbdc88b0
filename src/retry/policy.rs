//! What is a retry policy? Delays, and what else decides about another attempt, as one value.

use std::fmt;
use std::time::Duration;

use super::{Aimd, Budget, Delays};

/// Everything that an application sets about retries: parsed, printed, saved and compared.
///
/// Its text is the delays, and behind slashes whatever else there is:
/// `exponential:base=2ms,factor=2,cap=250ms,jitter=full/attempts:5/deadline:1s/budget:capacity=100/aimd:min=1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// How long to wait before each retry.
    pub delays: Delays,
    /// When one transaction gives up.
    pub limits: Limits,
    /// What all transactions of a shard may spend on retries.
    pub budget: Option<Budget>,
    /// How many of them may run at a time.
    pub aimd: Option<Aimd>,
}

impl From<Delays> for Policy {
    /// With the number of attempts that goes with them, and nothing else.
    fn from(delays: Delays) -> Self {
        let limits = Limits { max_attempts: delays.max_attempts(), deadline: None };
        Self { delays, limits, budget: None, aimd: None }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Delays::default().into()
    }
}

/// When to stop trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Attempts of one transaction, at least 1.
    pub max_attempts: u32,
    /// No attempt starts later than this after the transaction's first.
    pub deadline: Option<Duration>,
}

impl Limits {
    /// So many attempts that nobody counts them.
    pub const UNLIMITED: u32 = u32::MAX;
}

/// What is done with the connection between two attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Restart {
    /// ROLLBACK first, then wait, then BEGIN: no lock is held while waiting.
    #[default]
    Rollback,
    /// CockroachDB's protocol: SAVEPOINT `cockroach_restart` behind BEGIN, ROLLBACK TO it after a failure, RELEASE it in
    /// front of COMMIT. What the transaction has locked stays locked while it waits.
    Savepoint,
    /// Close the connection, wait, connect anew, BEGIN.
    Reconnect,
    /// The transaction is one statement outside of BEGIN and COMMIT, which CockroachDB tries again by itself.
    Single,
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { delays, limits: Limits { max_attempts, deadline }, budget, aimd } = self;
        write!(formatter, "{delays}")?;
        if *max_attempts == Limits::UNLIMITED {
            formatter.write_str("/attempts:unlimited")?;
        } else if *max_attempts != delays.max_attempts() {
            write!(formatter, "/attempts:{max_attempts}")?;
        }
        if let Some(deadline) = deadline {
            write!(formatter, "/deadline:{}", super::delays::compact(*deadline))?;
        }
        if let Some(budget) = budget {
            write!(formatter, "/{budget}")?;
        }
        if let Some(aimd) = aimd {
            write!(formatter, "/{aimd}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Restart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rollback => "rollback",
            Self::Savepoint => "savepoint",
            Self::Reconnect => "reconnect",
            Self::Single => "single",
        })
    }
}
