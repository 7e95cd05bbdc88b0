//! How is a history saved? As `history.jsonl.gz`, one transaction a line, by a thread of its own.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::StoreError;
use super::header::{HistoryHeader, tables_of};
use super::line::{Kind, Line};
use crate::history::{Account, Collection, Group, Key, Log, Member, Operation, Recorded, State, Table, merged};

/// The file's name in the folder of a run.
pub(super) const FILE: &str = "history.jsonl.gz";
/// The fastest of the levels 1 to 9. Level 6 makes the file 40 % smaller, and takes six times as long.
const LEVEL: Compression = Compression::new(1);
/// A line of the state has at most so many rows.
const ROWS_PER_LINE: usize = 256;
/// Text is gathered up to this size before it is compressed.
const BUFFER: usize = 1 << 16;

/// What a saved history is made of.
#[derive(Clone, Debug)]
pub struct HistoryParts {
    /// The first line. Which tables were read, and how many attempts and operations there are, is filled in here.
    pub header: HistoryHeader,
    /// What the tables held before the first transaction.
    pub before: Arc<State>,
    /// What they held after the last, where somebody looked.
    pub after: Option<Arc<State>>,
    /// The attempts of all shards.
    pub logs: Arc<Vec<Log>>,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How large the file is.
    pub bytes: u64,
    /// How long it took, on the thread of its own.
    pub took: Duration,
}

/// A history that is being written.
#[derive(Debug)]
pub struct HistoryWriter {
    thread: JoinHandle<io::Result<Written>>,
    /// Where it will be, for an error.
    whole: PathBuf,
}

impl HistoryWriter {
    pub(super) fn start(unfinished: &Path, whole: &Path, parts: HistoryParts) -> Result<Self, StoreError> {
        let (path, whole) = (unfinished.join(FILE), whole.to_owned());
        let write = move || {
            let begun = Instant::now();
            let written = File::create(&path).and_then(|file| write_history(file, parts)).and_then(|file| {
                file.sync_all()?;
                Ok(Written { bytes: file.metadata()?.len(), took: begun.elapsed() })
            });
            if written.is_err() {
                // Half a history is none; that the disk refuses this too changes nothing.
                let _ = std::fs::remove_file(&path);
            }
            written
        };
        match std::thread::Builder::new().name("history".to_owned()).spawn(write) {
            Ok(thread) => Ok(Self { thread, whole }),
            Err(source) => Err(StoreError { path: whole, source }),
        }
    }

    /// Waits until everything is on the disk.
    pub fn join(self) -> Result<Written, StoreError> {
        let written = self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        written.map_err(|source| StoreError { path: self.whole, source })
    }
}

/// Writes a history, and gives back what it was written to.
pub fn write_history<W: Write>(out: W, parts: HistoryParts) -> io::Result<W> {
    let HistoryParts { mut header, before, after, logs } = parts;
    header.before = tables_of(&before);
    header.after = after.as_deref().map(tables_of);
    // What was recorded after the moment of the stop is not read back, so that the logs cannot be asked for their length.
    for attempt in recorded(&logs) {
        header.attempts += 1;
        header.operations += attempt?.operations.len() as u64;
    }
    let mut lines = BufWriter::with_capacity(BUFFER, GzEncoder::new(out, LEVEL));
    write_line(&mut lines, &header)?;
    write_state(&mut lines, Kind::Before, &before)?;
    if let Some(after) = after {
        write_state(&mut lines, Kind::After, &after)?;
    }
    for attempt in recorded(&logs) {
        write_line(&mut lines, &Line::of_attempt(&attempt?))?;
    }
    lines.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
}

fn recorded(logs: &[Log]) -> impl Iterator<Item = io::Result<Recorded>> {
    merged(logs).map(|attempt| attempt.map_err(io::Error::other))
}

fn write_line(lines: &mut impl Write, line: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *lines, line)?;
    lines.write_all(b"\n")
}

/// Rows look like reads, and groups like predicate reads.
fn write_state(lines: &mut impl Write, kind: Kind, state: &State) -> io::Result<()> {
    let State { accounts, pairs, tills, fresh, receipts, members, .. } = state;
    let tables =
        [(Table::Accounts, &accounts.accounts), (Table::Pairs, pairs), (Table::Tills, tills), (Table::Fresh, fresh)];
    for (table, rows) in tables {
        let read = |Account { id, row }: &Account| Operation::Read { key: Key { table, id: *id }, row: *row };
        for rows in rows.as_deref().unwrap_or_default().chunks(ROWS_PER_LINE) {
            write_line(lines, &Line::of_state(kind, &rows.iter().map(read).collect::<Vec<_>>()))?;
        }
    }
    for (collection, members) in [(Collection::Receipts, receipts), (Collection::Members, members)] {
        let mut members = members.clone().unwrap_or_default();
        members.sort_unstable_by_key(|Member { id, group }| (*group, *id));
        let groups: Vec<&[Member]> = members.chunk_by(|one, other| one.group == other.group).collect();
        let scan = |members: &&[Member]| {
            let id = members.first().map_or(0, |member| member.group);
            let members = members.iter().map(|member| member.id).collect();
            Operation::Scan { group: Group { collection, id }, members }
        };
        for groups in groups.chunks(ROWS_PER_LINE) {
            write_line(lines, &Line::of_state(kind, &groups.iter().map(scan).collect::<Vec<_>>()))?;
        }
    }
    Ok(())
}
