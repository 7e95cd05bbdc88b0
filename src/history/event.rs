//! What does one transaction leave behind? Attempts, then the transaction itself.

use super::{Cause, Nanos};

/// One thing the load engine tells its observer. Observers run between two transactions, never between two statements.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// An attempt ended, in whatever way.
    Attempt(&'a Attempt<'a>),
    /// A transaction ended; all its attempts were told before.
    Transaction(&'a Transaction),
    /// A second is over; the last one of a run may be shorter.
    Tick {
        /// Seconds since the epoch, from 1: which second it is, also where the tick comes late on a busy machine.
        second: u64,
        /// Transactions of this shard that are being run or wait for a connection.
        in_flight: u32,
        /// The shard has ended: no other tick follows.
        last: bool,
    },
}

/// How a transaction ended. Every transaction ends in exactly one of these ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server confirmed the commit.
    Committed,
    /// The business rule said no (insufficient funds); for the database that is a success.
    Declined,
    /// Gave up: attempts or deadline spent, or the run ended before the next attempt.
    Exhausted,
    /// COMMIT was sent and no answer to it understood: it may have been applied or not.
    Ambiguous,
    /// An error that no retry mends.
    Failed,
}

/// How one attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The server confirmed the commit.
    Committed,
    /// The business rule said no, the attempt was rolled back.
    Declined,
    /// Certainly not committed, and worth another try.
    Aborted,
    /// COMMIT was sent and no answer to it understood.
    Ambiguous,
    /// Certainly not committed, and another try would not help.
    Failed,
}

/// How far an attempt came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Waiting for a connection that answers.
    Connect,
    /// BEGIN was sent.
    Begin,
    /// Reads and writes were sent.
    Body,
    /// COMMIT was sent.
    Commit,
}

/// One read or write of an attempt, as the server answered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A row read.
    Read {
        /// The account's id.
        account: i64,
        /// What the row held.
        row: Row,
    },
    /// A row written; the values are those after the write.
    Write {
        /// The account's id.
        account: i64,
        /// What was added to the balance.
        delta: i64,
        /// What the row holds now.
        row: Row,
    },
}

/// The three columns of an account beside its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Money, in the smallest unit.
    pub balance: i64,
    /// How often the row was written since it was seeded.
    pub version: i64,
    /// The attempt that wrote it, 0 for the seeding.
    pub writer: i64,
}

/// One attempt of one transaction.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The transaction's run-wide number.
    pub ticket: u64,
    /// The worker that ran it, from 0.
    pub worker: u32,
    /// 1 for the first attempt.
    pub number: u32,
    /// Taken before BEGIN was written.
    pub start: Nanos,
    /// Taken after the last answer was read.
    pub end: Nanos,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// How far it came.
    pub phase: Phase,
    /// Why it was not committed.
    pub cause: Option<Cause>,
    /// Why the attempt before it was not committed: what this attempt is a retry of.
    pub retry_of: Option<Cause>,
    /// The transaction began after the warm-up.
    pub measured: bool,
    /// The attempt ended in the measured time.
    pub in_window: bool,
    /// Everything read and written, in program order, as far as it was answered.
    pub operations: &'a [Operation],
}

/// One transaction, from the request to its end.
#[derive(Clone, Copy, Debug)]
pub struct Transaction {
    /// Its run-wide number.
    pub ticket: u64,
    /// The worker that ran it, from 0.
    pub worker: u32,
    /// When it was due: in a closed loop, when the worker was free for it.
    pub scheduled: Nanos,
    /// When it had a connection.
    pub start: Nanos,
    /// When it ended.
    pub end: Nanos,
    /// How often it was tried, at least once.
    pub attempts: u32,
    /// Time spent waiting between attempts.
    pub backoff: Nanos,
    /// Time spent in attempts that were neither committed nor declined.
    pub wasted: Nanos,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it was not committed or declined.
    pub cause: Option<Cause>,
    /// It began after the warm-up.
    pub measured: bool,
    /// It ended in the measured time.
    pub in_window: bool,
}
