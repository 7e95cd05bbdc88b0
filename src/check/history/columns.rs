//! How does a history of ten million transactions fit into memory? One column per fact, one arena of operations.
//!
//! A transaction takes 33 bytes with its fingerprint and request, an operation 12 with the writer that was seen: 81
//! bytes for two reads and two writes. Attempt and shape add a byte each, values 8 bytes an operation. Columns that nobody
//! fills stay empty.

use std::collections::{HashMap, HashSet};

use super::Names;
use super::packed::{KEY_LIMIT, Packed, READ, READ_SET, WRITE};

/// How an attempt ended, as far as the client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server confirmed the commit.
    Ok,
    /// Certainly not committed.
    Abort,
    /// COMMIT was sent and no answer understood: it may have taken effect, even later than its `end`.
    Info,
}

/// One operation, as it is read out of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// A row was read.
    Read {
        /// Which row.
        key: u32,
        /// The version that was found.
        version: u32,
        /// The fingerprint of the writer that was found in the row, where it was recorded.
        writer: Option<u32>,
    },
    /// A row was written.
    Write {
        /// Which row.
        key: u32,
        /// The version that the write made.
        version: u32,
    },
    /// An exact predicate read: these members and no others.
    ReadSet {
        /// Which set.
        set: u32,
        /// Everything that was found, ascending.
        members: &'a [u32],
    },
    /// A member was added to a set.
    Add {
        /// Which set.
        set: u32,
        /// The new member.
        member: u32,
    },
}

/// What a row held after everything had stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FinalRow {
    /// Its version.
    pub version: u32,
    /// The fingerprint of its writer; 0 is unknown.
    pub writer: u32,
}

/// A value in 31 bits and one that is always set: two values with one mark are one in 2^31.
#[must_use]
pub fn mark(value: i64) -> u32 {
    // Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4): the upper bits of a product.
    let product = value.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(product >> 32).unwrap_or_default() | 1
}

/// In `History::values`: nobody knows.
pub(super) const NO_VALUE: i64 = i64::MIN;
/// In `History::shapes`: nobody knows.
pub(super) const NO_SHAPE: u8 = u8::MAX;

/// A history: transactions in the order of their start (then of their end, then as they were added).
#[derive(Clone, Debug, Default)]
pub struct History {
    pub(super) starts: Vec<i64>,
    pub(super) ends: Vec<i64>,
    pub(super) sessions: Vec<u32>,
    pub(super) outcomes: Vec<Outcome>,
    /// Where each transaction's operations end in `operations`; they begin where the one before ends.
    pub(super) op_ends: Vec<u32>,
    /// Per transaction what its writes are signed with, 0 unknown; or empty.
    pub(super) fingerprints: Vec<u32>,
    /// Per transaction which request it is an attempt of, `u32::MAX` unknown; or empty.
    pub(super) requests: Vec<u32>,
    /// Per transaction which attempt of its request it is, from 1, 0 unknown; or empty.
    pub(super) attempts: Vec<u8>,
    /// Per transaction the index of its shape in `Names::shapes`, `u8::MAX` unknown; or empty.
    pub(super) shapes: Vec<u8>,
    pub(super) operations: Vec<Packed>,
    /// Per operation the writer that a read found, or the [`mark`] of the value that a write was computed from by the
    /// database; 0 unknown; or empty.
    pub(super) seen: Vec<u32>,
    /// Per operation what was read or written there, `NO_VALUE` unknown; or empty.
    pub(super) values: Vec<i64>,
    /// Where each predicate read's members end in `members`.
    pub(super) set_read_ends: Vec<u32>,
    pub(super) members: Vec<u32>,
    pub(super) keys: u32,
    pub(super) sets: u32,
    pub(super) session_count: u32,
    pub(super) initial: Vec<u32>,
    pub(super) initial_values: Vec<Option<i64>>,
    pub(super) final_values: Vec<Option<i64>>,
    pub(super) finals: Vec<Option<FinalRow>>,
    /// What each set held after the last transaction, for the sets at which somebody looked.
    pub(super) final_members: HashMap<u32, HashSet<u32>>,
    pub(super) gapless: bool,
    pub(super) partial: bool,
    /// How many ambiguous transactions may have made the versions in `doubts`, by key and version.
    pub(super) doubtful: u32,
    pub(super) doubts: HashSet<(u32, u32)>,
    /// Ambiguous transactions that are known to have left nothing behind, by fingerprint.
    pub(super) refuted: HashSet<u32>,
    pub(super) names: Names,
}

impl History {
    /// How many transactions there are; they are numbered from 0.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the builder refuses more than 2^30")]
    pub fn len(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Keys are numbered below this.
    #[must_use]
    pub fn keys(&self) -> u32 {
        self.keys
    }

    /// Sets are numbered below this.
    #[must_use]
    pub fn sets(&self) -> u32 {
        self.sets
    }

    /// Sessions are numbered below this.
    #[must_use]
    pub fn sessions(&self) -> u32 {
        self.session_count
    }

    /// When a transaction started: before its BEGIN was written.
    #[must_use]
    pub fn start(&self, txn: u32) -> i64 {
        self.starts[txn as usize]
    }

    /// When a transaction ended: after the answer to its COMMIT was read.
    #[must_use]
    pub fn end(&self, txn: u32) -> i64 {
        self.ends[txn as usize]
    }

    /// The session that ran a transaction.
    #[must_use]
    pub fn session(&self, txn: u32) -> u32 {
        self.sessions[txn as usize]
    }

    /// How a transaction ended.
    #[must_use]
    pub fn outcome(&self, txn: u32) -> Outcome {
        self.outcomes[txn as usize]
    }

    /// What a transaction signs its writes with, where known.
    #[must_use]
    pub fn fingerprint(&self, txn: u32) -> Option<u32> {
        self.fingerprints.get(txn as usize).copied().filter(|fingerprint| *fingerprint != 0)
    }

    /// The request that a transaction is an attempt of, where known.
    #[must_use]
    pub fn request(&self, txn: u32) -> Option<u32> {
        self.requests.get(txn as usize).copied().filter(|request| *request != u32::MAX)
    }

    /// Which attempt of its request a transaction is, from 1, where known; 255 stands for more.
    #[must_use]
    pub fn attempt(&self, txn: u32) -> Option<u8> {
        self.attempts.get(txn as usize).copied().filter(|attempt| *attempt != 0)
    }

    /// What kind of transaction it is, where known: an index into [`Names::shapes`].
    #[must_use]
    pub fn shape(&self, txn: u32) -> Option<u8> {
        self.shapes.get(txn as usize).copied().filter(|shape| *shape != NO_SHAPE)
    }

    /// What a transaction is called: the name that it was given, or its request and attempt, as in `T812.2`, or its number.
    #[must_use]
    pub fn name(&self, txn: u32) -> String {
        match (self.names.transactions.get(txn as usize), self.request(txn), self.attempt(txn)) {
            (Some(name), _, _) => name.clone(),
            (None, Some(request), Some(attempt)) => format!("T{request}.{attempt}"),
            _ => format!("T{txn}"),
        }
    }

    /// Whether reads and writes carry who wrote.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        !self.fingerprints.is_empty()
    }

    /// The numbers of a transaction's operations, in program order.
    #[must_use]
    pub fn operation_numbers(&self, txn: u32) -> std::ops::Range<u32> {
        let begin = if txn == 0 { 0 } else { self.op_ends[txn as usize - 1] };
        begin..self.op_ends[txn as usize]
    }

    /// One operation by its number.
    #[must_use]
    pub fn operation(&self, number: u32) -> Operation<'_> {
        let Packed { code, value } = self.operations[number as usize];
        let item = code & (KEY_LIMIT - 1);
        match code >> 30 {
            READ => {
                let writer = self.seen.get(number as usize).copied().filter(|seen| *seen != 0);
                Operation::Read { key: item, version: value, writer }
            }
            WRITE => Operation::Write { key: item, version: value },
            READ_SET => Operation::ReadSet { set: item, members: self.set_members(value) },
            _ => Operation::Add { set: item, member: value },
        }
    }

    /// What a read found or a write made, by the number of the operation, where it was recorded.
    #[must_use]
    pub fn value(&self, number: u32) -> Option<i64> {
        self.values.get(number as usize).copied().filter(|value| *value != NO_VALUE)
    }

    /// Whether values were recorded at all.
    #[must_use]
    pub fn has_values(&self) -> bool {
        !self.values.is_empty()
    }

    /// What a transaction made of a row in a version that it wrote, where it was recorded.
    #[must_use]
    pub fn written_value(&self, txn: u32, key: u32, version: u32) -> Option<i64> {
        let wanted = Packed::write(key, version);
        let range = self.operation_numbers(txn);
        let written = &self.operations[range.start as usize..range.end as usize];
        let place = written.iter().position(|operation| *operation == wanted)?;
        self.values.get(range.start as usize + place).copied().filter(|value| *value != NO_VALUE)
    }

    /// The [`mark`] of the value that a write was computed from by the database, where it was recorded.
    #[must_use]
    pub fn base(&self, number: u32) -> Option<u32> {
        let is_write = self.operations.get(number as usize).is_some_and(|operation| operation.code >> 30 == WRITE);
        self.seen.get(number as usize).copied().filter(|mark| is_write && *mark != 0)
    }

    /// The value that a key held after the last transaction, where it is known.
    #[must_use]
    pub fn last_value(&self, key: u32) -> Option<i64> {
        self.final_values.get(key as usize).copied().flatten()
    }

    /// A transaction's operations, in program order.
    pub fn operations(&self, txn: u32) -> impl Iterator<Item = Operation<'_>> {
        self.operation_numbers(txn).map(|number| self.operation(number))
    }

    /// Whether a transaction has already written a key when it comes to one of its operations.
    #[must_use]
    pub fn has_written(&self, txn: u32, before: u32, key: u32) -> bool {
        let range = self.operation_numbers(txn).start as usize..before as usize;
        self.operations[range].iter().any(|operation| operation.code == WRITE << 30 | key)
    }

    fn set_members(&self, index: u32) -> &[u32] {
        let index = index as usize;
        let begin = if index == 0 { 0 } else { self.set_read_ends[index - 1] };
        &self.members[begin as usize..self.set_read_ends[index] as usize]
    }

    /// The version that a key had before the first transaction.
    #[must_use]
    pub fn initial(&self, key: u32) -> u32 {
        self.initial.get(key as usize).copied().unwrap_or(0)
    }

    /// What a key held before the first transaction, where somebody looked.
    #[must_use]
    pub fn initial_value(&self, key: u32) -> Option<i64> {
        self.initial_values.get(key as usize).copied().flatten()
    }

    /// What a key held after the last transaction, where somebody looked.
    #[must_use]
    pub fn last(&self, key: u32) -> Option<FinalRow> {
        self.finals.get(key as usize).copied().flatten()
    }

    /// Whether others may have written who are not here, so that what nobody here wrote proves nothing.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// Whether an ambiguous transaction is known to have left nothing behind.
    #[must_use]
    pub fn is_refuted(&self, txn: u32) -> bool {
        !self.refuted.is_empty() && self.fingerprint(txn).is_some_and(|fingerprint| self.refuted.contains(&fingerprint))
    }

    /// Whether a version may have been made by an ambiguous transaction that does not say so.
    #[must_use]
    pub fn is_doubtful(&self, key: u32, version: u32) -> bool {
        !self.doubts.is_empty() && self.doubts.contains(&(key, version))
    }

    /// How many ambiguous transactions may have made such versions, and how many of them there are.
    #[must_use]
    pub fn doubts(&self) -> (u32, usize) {
        (self.doubtful, self.doubts.len())
    }

    /// What a set held after the last transaction, where somebody looked.
    #[must_use]
    pub fn last_members(&self, set: u32) -> Option<&HashSet<u32>> {
        self.final_members.get(&set)
    }

    /// Whether every version is one more than the version before, so that a missing one proves an unknown writer.
    #[must_use]
    pub fn is_gapless(&self) -> bool {
        self.gapless
    }

    /// What things are called.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The first transaction that started after `txn` had ended, or the length: real-time order is a suffix, since
    /// transactions are in the order of their start. Doubling steps: the distance is about the number of sessions.
    #[must_use]
    pub fn first_after(&self, txn: u32) -> u32 {
        let end = self.end(txn);
        let (mut low, mut step, length) = (txn + 1, 1, self.len());
        while low + step <= length && self.start(low + step - 1) <= end {
            low += step;
            step *= 2;
        }
        let high = (low + step - 1).min(length);
        let inside = &self.starts[low as usize..high as usize];
        #[expect(clippy::cast_possible_truncation, reason = "an offset within the history")]
        let offset = inside.partition_point(|start| *start <= end) as u32;
        low + offset
    }
}
