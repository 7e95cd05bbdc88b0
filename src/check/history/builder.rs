//! How does a history come to be? Transaction by transaction, operation by operation; then it is put in order.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::Names;
use super::columns::{FinalRow, History, NO_SHAPE, NO_VALUE, Outcome, mark};
use super::packed::{KEY_LIMIT, Packed};

/// A history may have at most this many transactions, so that twice their number still fits 32 bits.
const TRANSACTION_LIMIT: usize = 1 << 30;

/// What is known of a transaction besides its operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The session that ran it, small numbers.
    pub session: u32,
    /// Taken before BEGIN was written.
    pub start: i64,
    /// Taken after the answer to COMMIT was read; on the same clock.
    pub end: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// What its writes are signed with; unique, 0 unknown.
    pub fingerprint: u32,
    /// The request that it is an attempt of; two committed attempts of one request were applied twice.
    pub request: Option<u32>,
    /// Which attempt of the request it is, from 1, at most 255; 0 unknown.
    pub attempt: u8,
    /// What kind of transaction it is: an index into [`Names::shapes`], below 255.
    pub shape: Option<u8>,
}

impl Header {
    /// What is known of every transaction, and nothing else.
    #[must_use]
    pub fn new(session: u32, start: i64, end: i64, outcome: Outcome) -> Self {
        Self { session, start, end, outcome, fingerprint: 0, request: None, attempt: 0, shape: None }
    }
}

/// Why no history can be made of what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// A transaction ends before it starts.
    EndsBeforeStart {
        /// The number of the transaction, in the order they were given.
        transaction: usize,
    },
    /// More than the checker's 32-bit numbers can hold.
    TooLarge,
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndsBeforeStart { transaction } => {
                write!(formatter, "transaction {transaction} ends before it starts")
            }
            Self::TooLarge => formatter
                .write_str("the history is too large: at most 2^30 transactions, 2^30 keys and 2^32 operations"),
        }
    }
}

impl std::error::Error for BuildError {}

/// Takes transactions in any order and makes a [`History`] of them.
#[derive(Debug, Default)]
pub struct Builder {
    history: History,
    failure: Option<BuildError>,
}

impl Builder {
    /// An empty history.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty history with room for so many transactions and operations.
    #[must_use]
    pub fn with_capacity(transactions: usize, operations: usize) -> Self {
        let mut history = History::default();
        history.starts.reserve_exact(transactions);
        history.ends.reserve_exact(transactions);
        history.sessions.reserve_exact(transactions);
        history.outcomes.reserve_exact(transactions);
        history.op_ends.reserve_exact(transactions);
        history.operations.reserve_exact(operations);
        Self { history, failure: None }
    }

    /// Also keeps fingerprints and requests, with room for as many as there was room for transactions.
    #[must_use]
    pub fn signed(mut self) -> Self {
        self.history.fingerprints.reserve_exact(self.history.starts.capacity());
        self.history.requests.reserve_exact(self.history.starts.capacity());
        self.history.seen.reserve_exact(self.history.operations.capacity());
        self
    }

    /// Also keeps values, with room for as many as there was room for operations.
    #[must_use]
    pub fn valued(mut self) -> Self {
        self.history.values.reserve_exact(self.history.operations.capacity());
        self
    }

    /// Begins the next transaction; the operations that follow are its own.
    pub fn begin(&mut self, header: Header) {
        let history = &mut self.history;
        if header.end < header.start {
            self.failure.get_or_insert(BuildError::EndsBeforeStart { transaction: history.starts.len() });
        }
        if history.starts.len() >= TRANSACTION_LIMIT || header.session == u32::MAX {
            self.failure.get_or_insert(BuildError::TooLarge);
        }
        fill(&mut history.fingerprints, history.starts.len(), header.fingerprint, 0);
        fill(&mut history.requests, history.starts.len(), header.request.unwrap_or(u32::MAX), u32::MAX);
        fill(&mut history.attempts, history.starts.len(), header.attempt, 0);
        fill(&mut history.shapes, history.starts.len(), header.shape.unwrap_or(NO_SHAPE), NO_SHAPE);
        history.starts.push(header.start);
        history.ends.push(header.end);
        history.sessions.push(header.session);
        history.outcomes.push(header.outcome);
        history.op_ends.push(history.op_ends.last().copied().unwrap_or(0));
        history.session_count = history.session_count.max(header.session.saturating_add(1));
    }

    /// The transaction read a row and found this version, written by this writer (0 unknown).
    pub fn read(&mut self, key: u32, version: u32, writer: u32) {
        self.read_value(key, version, writer, None);
    }

    /// The same, and what the row held there (`i64::MIN` is as good as unknown).
    pub fn read_value(&mut self, key: u32, version: u32, writer: u32, value: Option<i64>) {
        self.key(key);
        self.push(Packed::read(key, version), writer, value);
    }

    /// The transaction wrote a row, which made this version.
    pub fn write(&mut self, key: u32, version: u32) {
        self.write_value(key, version, None);
    }

    /// The same, and what the row held from then on.
    pub fn write_value(&mut self, key: u32, version: u32, value: Option<i64>) {
        self.key(key);
        self.push(Packed::write(key, version), 0, value);
    }

    /// The same, of what the database computed from the value that the version before held: `base`.
    pub fn write_over(&mut self, key: u32, version: u32, value: i64, base: i64) {
        self.key(key);
        self.push(Packed::write(key, version), mark(base), Some(value));
    }

    /// The transaction read a set by predicate and found these members and no others.
    pub fn read_set(&mut self, set: u32, members: &[u32]) {
        self.set(set);
        let history = &mut self.history;
        let begin = history.members.len();
        history.members.extend_from_slice(members);
        history.members[begin..].sort_unstable();
        let (Ok(index), Ok(end)) = (u32::try_from(history.set_read_ends.len()), u32::try_from(history.members.len()))
        else {
            self.failure.get_or_insert(BuildError::TooLarge);
            return;
        };
        history.set_read_ends.push(end);
        self.push(Packed::read_set(set, index), 0, None);
    }

    /// The transaction added a member to a set.
    pub fn add(&mut self, set: u32, member: u32) {
        self.set(set);
        self.push(Packed::add(set, member), 0, None);
    }

    fn key(&mut self, key: u32) {
        if key >= KEY_LIMIT {
            self.failure.get_or_insert(BuildError::TooLarge);
        }
        self.history.keys = self.history.keys.max(key.saturating_add(1));
    }

    fn set(&mut self, set: u32) {
        if set >= KEY_LIMIT {
            self.failure.get_or_insert(BuildError::TooLarge);
        }
        self.history.sets = self.history.sets.max(set.saturating_add(1));
    }

    fn push(&mut self, operation: Packed, writer: u32, value: Option<i64>) {
        let history = &mut self.history;
        fill(&mut history.values, history.operations.len(), value.unwrap_or(NO_VALUE), NO_VALUE);
        fill(&mut history.seen, history.operations.len(), writer, 0);
        history.operations.push(operation);
        match (u32::try_from(history.operations.len()), history.op_ends.last_mut()) {
            (Ok(count), Some(end)) => *end = count,
            _ => {
                self.failure.get_or_insert(BuildError::TooLarge);
            }
        }
    }

    /// Says which version each key had before the first transaction, by key; 0 where the list ends.
    pub fn initial(&mut self, versions: Vec<u32>) {
        self.history.initial = versions;
    }

    /// Says what each key held before the first transaction, by key, where it is known.
    pub fn initial_values(&mut self, values: Vec<Option<i64>>) {
        self.history.initial_values = values;
    }

    /// Says which value each key held after the last transaction, by key, where it is known.
    pub fn final_values(&mut self, values: Vec<Option<i64>>) {
        self.history.final_values = values;
    }

    /// Says what each key held after the last transaction, by key, where somebody looked. Of those keys lost commits are
    /// judged.
    pub fn finals(&mut self, rows: Vec<Option<FinalRow>>) {
        self.history.finals = rows;
    }

    /// Says what sets held after the last transaction, for the sets at which somebody looked. Of those lost commits are
    /// judged.
    pub fn final_members(&mut self, sets: HashMap<u32, HashSet<u32>>) {
        self.history.final_members = sets;
    }

    /// Says that every write adds exactly 1 to the version, and that no write is missing here.
    pub fn gapless(&mut self) {
        self.history.gapless = true;
    }

    /// Says that so many ambiguous transactions may have made versions that nobody else made, and which these are, by key and
    /// version: their writes are not among their operations. Nobody is accused of such a version, nor proven to have committed
    /// by being the only one here who can have made it.
    pub fn doubt(&mut self, transactions: u32, versions: HashSet<(u32, u32)>) {
        self.history.doubtful = transactions;
        self.history.doubts = versions;
    }

    /// Says that the ambiguous transactions with these fingerprints did not commit, or left nothing behind: their writes are
    /// not among their operations.
    pub fn refute(&mut self, fingerprints: HashSet<u32>) {
        self.history.refuted = fingerprints;
    }

    /// What there is of the history by now: transactions in the order in which they were added.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Says that the history covers only a part of what happened: it begins in an unknown state, or the recording stopped
    /// before the load did. What nobody here wrote may then have been written by others, and nobody is accused of a read of
    /// it, of a gap, or of a lost commit, nor proven to have committed by being the only one here who can have written
    /// something. Cycles, and all else that the part proves, are still found. Members of sets are taken to be unique.
    pub fn partial(&mut self) {
        self.history.partial = true;
    }

    /// Puts the transactions in order and hands over the history.
    pub fn finish(self, names: Names) -> Result<History, BuildError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let mut history = self.history;
        history.names = names;
        Ok(if in_order(&history) { history } else { reorder(history) })
    }
}

/// Appends to an optional column: it stays empty until the first value that says something.
fn fill<T: Copy + PartialEq>(column: &mut Vec<T>, length: usize, value: T, nothing: T) {
    if value != nothing || !column.is_empty() {
        column.resize(length, nothing);
        column.push(value);
    }
}

fn in_order(history: &History) -> bool {
    let times = || history.starts.iter().zip(&history.ends);
    times().zip(times().skip(1)).all(|(earlier, later)| earlier <= later)
}

/// Column by column, so that no two copies of the whole are ever there.
fn reorder(mut history: History) -> History {
    let mut order: Vec<u32> = (0..history.len()).collect();
    order.sort_by_key(|txn| (history.start(*txn), history.end(*txn)));
    let ranges: Vec<std::ops::Range<u32>> = order.iter().map(|txn| history.operation_numbers(*txn)).collect();
    history.op_ends.clear();
    let mut end = 0;
    for range in &ranges {
        end += range.end - range.start;
        history.op_ends.push(end);
    }
    history.operations = gather_ranges(&history.operations, &ranges);
    history.seen = gather_ranges(&history.seen, &ranges);
    history.values = gather_ranges(&history.values, &ranges);
    history.starts = gather(&history.starts, &order);
    history.ends = gather(&history.ends, &order);
    history.sessions = gather(&history.sessions, &order);
    history.outcomes = gather(&history.outcomes, &order);
    history.fingerprints = gather(&history.fingerprints, &order);
    history.requests = gather(&history.requests, &order);
    history.attempts = gather(&history.attempts, &order);
    history.shapes = gather(&history.shapes, &order);
    history.names.transactions = gather(&history.names.transactions, &order);
    history
}

fn gather_ranges<T: Copy>(column: &[T], ranges: &[std::ops::Range<u32>]) -> Vec<T> {
    let mut gathered = Vec::with_capacity(column.len());
    for range in ranges {
        gathered.extend_from_slice(column.get(range.start as usize..range.end as usize).unwrap_or_default());
    }
    gathered
}

/// An optional column (or one that is too short) stays as it is.
fn gather<T: Clone>(column: &[T], order: &[u32]) -> Vec<T> {
    order.iter().filter_map(|index| column.get(*index as usize).cloned()).collect()
}
