//! What does one transaction leave behind? Attempts, then the transaction itself.

use serde::{Deserialize, Serialize};

use super::{Cause, Group, Key, Nanos, Shape};

/// One thing the load engine tells its observer. Observers run between two transactions, never between two statements.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// An attempt ended, in whatever way.
    Attempt(&'a Attempt<'a>),
    /// A transaction ended; all its attempts were told before.
    Transaction(&'a Transaction),
    /// Something came of a scheduled start of an open loop, or nothing: each one is told once.
    Due(Due),
    /// A second is over; the last one of a run may be shorter.
    Tick {
        /// Seconds since the epoch, from 1: which second it is, also where the tick comes late on a busy machine.
        second: u64,
        /// Transactions of this shard that are being run, or wait for a connection or, in an open loop, for a worker.
        in_flight: u32,
        /// The shard has ended: no other tick follows.
        last: bool,
    },
}

/// One scheduled start of an open loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When it was due.
    pub scheduled: Nanos,
    /// That was after the warm-up.
    pub measured: bool,
    /// What came of it.
    pub fate: Fate,
}

/// What comes of a scheduled start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its transaction began.
    Started {
        /// How much later than scheduled its worker took it up, where one was waiting for it: the error of the pacing. None
        /// where all workers were busy.
        lag: Option<Nanos>,
    },
    /// It did not: there was no place in the queue, or the run had ended before its turn came.
    Skipped,
}

/// How a transaction ended. Every transaction ends in exactly one of these ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server confirmed the commit.
    Committed,
    /// The business rule said no (insufficient funds); for the database that is a success.
    Declined,
    /// Gave up: attempts, deadline or budget spent, or the run ended before the next attempt.
    Exhausted,
    /// COMMIT was sent and no answer to it understood: it may have been applied or not.
    Ambiguous,
    /// An error that no retry mends.
    Failed,
}

/// How one attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// One statement of a transaction body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read one row. Only in the table `fresh` it may be missing.
    Read {
        /// Which row.
        key: Key,
    },
    /// Add to the balance of one row.
    Add {
        /// Which row.
        key: Key,
        /// What is added, negative for a debit.
        delta: i64,
    },
    /// Give one row a balance that was computed from the one that was read.
    Set {
        /// Which row.
        key: Key,
        /// What was read.
        from: i64,
        /// What is written.
        to: i64,
    },
    /// Insert one row, with balance 1 and version 1.
    Insert {
        /// Which row.
        key: Key,
    },
    /// Read a group by predicate.
    Scan {
        /// Which group.
        group: Group,
    },
    /// Add a member to a group. Its id is the attempt's own number, so that no two attempts ever add the same one.
    Join {
        /// Which group.
        group: Group,
    },
    /// Move money between two accounts in one statement, if the source has enough.
    Move {
        /// The account that is debited.
        from: i64,
        /// The account that is credited.
        to: i64,
        /// How much is moved.
        amount: i64,
    },
    /// Note a transfer in the ledger table, under the attempt's own number.
    Post {
        /// The transaction's run-wide number.
        ticket: u64,
        /// The account that is debited.
        from: i64,
        /// The account that is credited.
        to: i64,
        /// How much is moved.
        amount: i64,
    },
}

/// What an attempt read or wrote, as the server answered it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// A row read.
    Read {
        /// Which row.
        key: Key,
        /// What the row held; all zero for one that is not there.
        row: Row,
    },
    /// A row written; the values are those after the write.
    Write {
        /// Which row.
        key: Key,
        /// What was added to the balance.
        delta: i64,
        /// What the row holds now.
        row: Row,
    },
    /// A group read by predicate.
    Scan {
        /// Which group.
        group: Group,
        /// The ids of everything that was found, in no order.
        members: Vec<i64>,
    },
    /// A member added to a group.
    Join {
        /// Which group.
        group: Group,
        /// Its id.
        member: i64,
    },
}

/// The three columns of a row beside its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Money, in the smallest unit.
    pub balance: i64,
    /// How often the row was written since it was made.
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
    /// What kind of transaction it is.
    pub shape: Shape,
    /// What the attempt signs its writes with: unique, also across the runs on one schema.
    pub writer: i64,
    /// Which server it ran on, from 0 in the order in which they were first connected to.
    pub node: u16,
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
    /// The transaction was due after the warm-up.
    pub measured: bool,
    /// The attempt ended in the measured time.
    pub in_window: bool,
    /// How many flights it took, ROLLBACK included.
    pub round_trips: u32,
    /// Everything read and written, in program order, as far as it was answered. For an ambiguous attempt also the writes
    /// that were sent and not answered: of those the version is not known, which is 0.
    pub operations: &'a [Operation],
}

/// One transaction, from the request to its end.
#[derive(Clone, Copy, Debug)]
pub struct Transaction {
    /// Its run-wide number.
    pub ticket: u64,
    /// The worker that ran it, from 0.
    pub worker: u32,
    /// What kind of transaction it is.
    pub shape: Shape,
    /// When it was due: in a closed loop when the worker was free for it, in an open one when its schedule said so.
    pub scheduled: Nanos,
    /// When it had a connection.
    pub start: Nanos,
    /// When it ended.
    pub end: Nanos,
    /// How often it was tried, at least once.
    pub attempts: u32,
    /// Time spent waiting between attempts.
    pub backoff: Nanos,
    /// The part of it in which the transaction was open on the server, at its savepoint.
    pub held: Nanos,
    /// Flights outside of attempts: the ROLLBACK of one that gave up at its savepoint.
    pub round_trips: u32,
    /// Time spent in attempts that were neither committed nor declined.
    pub wasted: Nanos,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it was not committed or declined.
    pub cause: Option<Cause>,
    /// It was due after the warm-up.
    pub measured: bool,
    /// It ended in the measured time.
    pub in_window: bool,
}
