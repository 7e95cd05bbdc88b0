//! How are millions of attempts kept? Encoded one behind the other, in memory that is never moved.
//!
//! Each shard has a log of its own. An attempt is written straight from the engine's buffers, with integers as short as
//! their values: one with two reads and two writes takes 80 to 96 bytes. Nothing is allocated but a chunk now and then.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::{Attempt, AttemptOutcome, Nanos, Operation, Phase, Recorded, Shape, Sqlstate};

/// So many bytes are allocated at once. Attempts that need more for themselves get a chunk of their own size.
const CHUNK: usize = 1 << 20;
/// What the checker takes beside the log: measured, 112 bytes for an attempt with four operations, and 8 more for the
/// balance of each operation. Of that this much is for the attempt itself,
const CHECKED_ATTEMPT: u64 = 32;
/// and this much for each of its operations.
const CHECKED_OPERATION: u64 = 28;
const NEVER: u64 = u64::MAX;

/// What all shards of a run know of its recording: how much may be recorded, and when that was too much.
#[derive(Debug)]
pub struct Recording {
    limit_per_shard: u64,
    /// No shard waits for this: one that learns of it a little later has recorded some attempts too many, which are left
    /// out when the log is read.
    stopped_at: AtomicU64,
}

impl Recording {
    /// A recording of so many shards, whose history may take so many bytes when it is checked.
    #[must_use]
    pub fn new(limit: u64, shards: u32) -> Arc<Self> {
        Arc::new(Self { limit_per_shard: limit / u64::from(shards.max(1)), stopped_at: AtomicU64::new(NEVER) })
    }

    /// From when on nothing was recorded: everything that ended before is there, and nothing else.
    #[must_use]
    pub fn stopped_at(&self) -> Option<Nanos> {
        Some(self.stopped_at.load(Ordering::Relaxed)).filter(|at| *at != NEVER)
    }
}

/// A log that cannot be read back, which says that contend is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recorded history cannot be read back; this is a bug of contend, please report it")]
pub struct UnreadableLog;

/// The attempts of one shard, in the order in which they ended.
#[derive(Debug)]
pub struct Log {
    recording: Arc<Recording>,
    chunks: Vec<Chunk>,
    /// What counts against the limit.
    size: u64,
    attempts: usize,
    operations: usize,
}

#[derive(Debug)]
struct Chunk {
    bytes: Box<[u8]>,
    used: usize,
}

/// An attempt as it is encoded. Serde writes it from borrowed operations and reads it into owned ones.
#[derive(Serialize, Deserialize)]
struct Encoded<Operations> {
    ticket: u64,
    worker: u32,
    number: u32,
    shape: Shape,
    writer: i64,
    node: u16,
    start: Nanos,
    duration: Nanos,
    outcome: AttemptOutcome,
    phase: Phase,
    sqlstate: Option<[u8; 5]>,
    operations: Operations,
}

impl Log {
    /// An empty log.
    #[must_use]
    pub fn new(recording: Arc<Recording>) -> Self {
        Self { recording, chunks: Vec::new(), size: 0, attempts: 0, operations: 0 }
    }

    /// Keeps an attempt, unless recording has stopped before its end.
    pub fn add(&mut self, attempt: &Attempt<'_>) {
        if attempt.end >= self.recording.stopped_at.load(Ordering::Relaxed) {
            return;
        }
        let operations = attempt.operations.len();
        let checked = CHECKED_ATTEMPT + CHECKED_OPERATION * operations as u64 + members(attempt.operations);
        // The limit may be passed by the bytes of one attempt.
        if self.size + checked > self.recording.limit_per_shard || self.encode(attempt).is_none() {
            self.recording.stopped_at.fetch_min(attempt.end, Ordering::Relaxed);
            return;
        }
        self.size += checked;
        self.attempts += 1;
        self.operations += operations;
    }

    /// Writes an attempt behind the others. None when serde cannot, which it always can with these types.
    fn encode(&mut self, attempt: &Attempt<'_>) -> Option<()> {
        let encoded = Encoded {
            ticket: attempt.ticket,
            worker: attempt.worker,
            number: attempt.number,
            shape: attempt.shape,
            writer: attempt.writer,
            node: attempt.node,
            start: attempt.start,
            duration: attempt.end.saturating_sub(attempt.start),
            outcome: attempt.outcome,
            phase: attempt.phase,
            sqlstate: attempt.cause.map(|cause| cause.sqlstate.bytes()),
            operations: attempt.operations,
        };
        let mut used = self.chunks.last_mut().and_then(|chunk| chunk.encode(&encoded));
        if used.is_none() {
            self.chunks.push(Chunk { bytes: vec![0; CHUNK].into_boxed_slice(), used: 0 });
            used = self.chunks.last_mut().and_then(|chunk| chunk.encode(&encoded));
        }
        if used.is_none() {
            let bytes = postcard::to_allocvec(&encoded).ok()?.into_boxed_slice();
            let length = bytes.len();
            self.chunks.push(Chunk { bytes, used: length });
            used = Some(length);
        }
        self.size += used? as u64;
        Some(())
    }

    /// How many attempts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.attempts
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attempts == 0
    }

    /// How many operations the attempts have.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.operations
    }

    /// How many bytes they take here.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.used).sum()
    }

    /// What was recorded, in the order in which it ended.
    pub fn attempts(&self) -> impl Iterator<Item = Result<Recorded, UnreadableLog>> {
        let stopped_at = self.recording.stopped_at().unwrap_or(NEVER);
        let all = self.chunks.iter().flat_map(|chunk| Decoder { rest: &chunk.bytes[..chunk.used] });
        all.filter(move |attempt| attempt.as_ref().map_or(true, |attempt| attempt.end < stopped_at))
    }
}

/// What the checker takes for what predicate reads found: 4 bytes each, and 4 for the index that is built of them.
fn members(operations: &[Operation]) -> u64 {
    let found = operations.iter().map(|operation| match operation {
        Operation::Scan { members, .. } => members.len() as u64,
        Operation::Read { .. } | Operation::Write { .. } | Operation::Join { .. } => 0,
    });
    8 * found.sum::<u64>()
}

impl Chunk {
    /// How many bytes it took, or none when there is no room for it.
    fn encode(&mut self, encoded: &Encoded<&[Operation]>) -> Option<usize> {
        let used = postcard::to_slice(encoded, &mut self.bytes[self.used..]).ok()?.len();
        self.used += used;
        Some(used)
    }
}

/// What all shards recorded, in the order in which it ended.
pub fn merged(logs: &[Log]) -> impl Iterator<Item = Result<Recorded, UnreadableLog>> {
    let mut parts: Vec<_> = logs.iter().map(|log| log.attempts().peekable()).collect();
    std::iter::from_fn(move || {
        // An error comes first.
        let end = |next: &Result<Recorded, _>| next.as_ref().map_or(0, |attempt| attempt.end);
        let next = parts.iter_mut().filter_map(|part| Some((part.peek().map(end)?, part)));
        next.min_by_key(|(end, _)| *end)?.1.next()
    })
}

struct Decoder<'a> {
    rest: &'a [u8],
}

impl Iterator for Decoder<'_> {
    type Item = Result<Recorded, UnreadableLog>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Ok((encoded, rest)) = postcard::take_from_bytes::<Encoded<Vec<Operation>>>(self.rest) else {
            self.rest = &[];
            return Some(Err(UnreadableLog));
        };
        self.rest = rest;
        Some(Ok(encoded.into()))
    }
}

impl From<Encoded<Vec<Operation>>> for Recorded {
    fn from(encoded: Encoded<Vec<Operation>>) -> Self {
        let Encoded { ticket, worker, number, shape, writer, node, start, duration, outcome, phase, .. } = encoded;
        let sqlstate = encoded.sqlstate.map(Sqlstate::of);
        let (end, operations) = (start.saturating_add(duration), encoded.operations);
        Self { ticket, worker, number, shape, writer, node, start, end, outcome, phase, sqlstate, operations }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Cause, Group, Key, Row, Table, Writer};

    const HUGE: u64 = 1 << 30;

    fn attempt(end: Nanos, operations: &[Operation]) -> Attempt<'_> {
        Attempt {
            ticket: 812_345,
            worker: 12,
            number: 2,
            shape: Shape::Skew,
            writer: writer(end),
            node: 1,
            start: end.saturating_sub(1_500_000),
            end,
            outcome: AttemptOutcome::Aborted,
            phase: Phase::Commit,
            cause: Some(Cause { sqlstate: Sqlstate::SERIALIZATION_FAILURE, reason: "pivot" }),
            retry_of: None,
            measured: true,
            in_window: true,
            round_trips: 5,
            operations,
        }
    }

    fn writer(attempt: u64) -> i64 {
        Writer { epoch: 3, worker: 12, attempt: u32::try_from(attempt % 100_000).unwrap() }.number()
    }

    fn transfer() -> Vec<Operation> {
        let row = |writer| Row { balance: 1_234, version: 5_678, writer };
        let [one, two] = [Key::account(812), Key::account(9_012)];
        vec![
            Operation::Read { key: one, row: row(writer(1)) },
            Operation::Read { key: two, row: row(writer(2)) },
            Operation::Write { key: one, delta: -7, row: row(writer(3)) },
            Operation::Write { key: two, delta: 7, row: row(writer(3)) },
        ]
    }

    fn ends(log: &Log) -> Vec<Nanos> {
        log.attempts().map(|attempt| attempt.unwrap().end).collect()
    }

    #[test]
    fn an_attempt_comes_back_as_it_was() {
        let group = Group { collection: crate::history::Collection::Members, id: -5 };
        let key = Key { table: Table::Fresh, id: i64::MAX };
        let mut operations = transfer();
        operations.push(Operation::Scan { group, members: vec![i64::MIN, 0, i64::MAX] });
        operations.push(Operation::Join { group, member: 9 });
        operations.push(Operation::Read { key, row: Row::default() });
        let mut log = Log::new(Recording::new(HUGE, 1));
        let original = attempt(u64::MAX - 1, &operations);
        log.add(&original);
        let back = log.attempts().next().unwrap().unwrap();
        assert_eq!(back.operations, operations);
        assert_eq!((back.ticket, back.worker, back.number, back.shape), (812_345, 12, 2, Shape::Skew));
        assert_eq!((back.writer, back.node, back.start, back.end), (original.writer, 1, original.start, original.end));
        assert_eq!((back.outcome, back.phase), (AttemptOutcome::Aborted, Phase::Commit));
        assert_eq!(back.sqlstate, Some(Sqlstate::SERIALIZATION_FAILURE));
        assert_eq!((log.len(), log.operations(), log.attempts().count()), (1, 7, 1));
    }

    #[test]
    fn two_reads_and_two_writes_take_less_than_96_bytes() {
        let mut log = Log::new(Recording::new(HUGE, 1));
        let operations = transfer();
        log.add(&Attempt { cause: None, ..attempt(10_000_000_000, &operations) });
        assert_eq!(log.bytes(), 95);
    }

    #[test]
    fn many_chunks_are_one_log_and_chunks_never_grow() {
        let mut log = Log::new(Recording::new(HUGE, 1));
        let operations = transfer();
        let expected: Vec<Nanos> = (1..=30_000).map(|number| number * 1_000_000).collect();
        for end in &expected {
            log.add(&attempt(*end, &operations));
        }
        assert_eq!(ends(&log), expected);
        assert!(log.chunks.len() > 2 && log.chunks.iter().all(|chunk| chunk.bytes.len() == CHUNK));
    }

    #[test]
    fn an_attempt_larger_than_a_chunk_has_one_of_its_own() {
        let group = Group { collection: crate::history::Collection::Members, id: 1 };
        let large = [Operation::Scan { group, members: vec![i64::MAX; 200_000] }];
        let mut log = Log::new(Recording::new(HUGE, 1));
        log.add(&attempt(1, &[]));
        log.add(&attempt(2, &large));
        log.add(&attempt(3, &[]));
        assert_eq!(ends(&log), [1, 2, 3]);
        assert_eq!(log.attempts().nth(1).unwrap().unwrap().operations, large);
    }

    #[test]
    fn past_the_limit_no_shard_records_what_ends_later() {
        let recording = Recording::new(2 * 1_000, 2);
        let (mut one, mut two) = (Log::new(Arc::clone(&recording)), Log::new(Arc::clone(&recording)));
        let operations = transfer();
        two.add(&attempt(500, &operations));
        two.add(&attempt(501, &operations));
        for end in 1..=500 {
            one.add(&attempt(end * 10, &operations));
        }
        let stopped_at = recording.stopped_at().unwrap();
        assert!((20..500).contains(&stopped_at), "{stopped_at}");
        two.add(&attempt(stopped_at - 1, &operations));
        two.add(&attempt(stopped_at, &operations));
        assert_eq!(ends(&one), (1..stopped_at.div_ceil(10)).map(|end| end * 10).collect::<Vec<_>>());
        assert_eq!(ends(&two), [stopped_at - 1], "what was recorded before the others knew is left out");
        assert!(one.size <= 1_100, "{}", one.size);
    }

    #[test]
    fn the_logs_of_all_shards_are_read_in_the_order_of_time() {
        let recording = Recording::new(HUGE, 3);
        let logs = [vec![1, 5, 6], vec![], vec![2, 3, 9]].map(|ends| {
            let mut log = Log::new(Arc::clone(&recording));
            for end in ends {
                log.add(&attempt(end, &[]));
            }
            log
        });
        let ends: Vec<Nanos> = merged(&logs).map(|attempt| attempt.unwrap().end).collect();
        assert_eq!(ends, [1, 2, 3, 5, 6, 9]);
    }

    #[test]
    fn a_log_that_is_damaged_says_so_and_ends() {
        let mut log = Log::new(Recording::new(HUGE, 1));
        for end in 1..=3 {
            log.add(&attempt(end, &[]));
        }
        log.chunks[0].used -= 1;
        let read: Vec<bool> = log.attempts().map(|attempt| attempt.is_ok()).collect();
        assert_eq!(read, [true, true, false]);
    }
}
