//! How is a saved history read back? One thread unpacks it, this one reads line by line, and what it has read goes
//! straight to whoever wants it: into the checker's columns, or attempt by attempt.

use std::fmt;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use super::header::{HistoryHeader, empty_state};
use super::line::{Kind, Line};
use crate::check::Books;
use crate::check::history::History;
use crate::check::recorded::{Conversion, Setting};
use crate::history::{Account, Collection, Member, Operation, Recorded, State, Table};

/// Text is handed over in blocks of whole lines, each about this long.
const BLOCK: usize = 1 << 20;
/// So many blocks may wait.
const WAITING: usize = 4;
/// A longer line is no line of a history: what unpacks to more would take all memory.
const LONGEST_LINE: usize = 8 << 20;

/// A history that was read back.
#[derive(Debug)]
pub struct ReadHistory {
    /// The first line.
    pub header: HistoryHeader,
    /// What the tables held before the first transaction.
    pub before: State,
    /// What they held after the last, where somebody looked.
    pub after: Option<State>,
    /// For the checker.
    pub history: History,
    /// What was acknowledged, for the rules of the shapes.
    pub books: Books,
}

/// A history that is being read: what stands in front of the attempts, and the attempts as they come.
#[derive(Debug)]
pub struct StreamedHistory {
    /// The first line.
    pub header: HistoryHeader,
    /// What the tables held before the first transaction.
    pub before: State,
    /// What they held after the last, where somebody looked.
    pub after: Option<State>,
    /// In the order in which they ended.
    pub attempts: SavedAttempts,
}

/// The attempts of a saved history, one line each.
#[derive(Debug)]
pub struct SavedAttempts {
    lines: Lines,
    /// The first one, which says that the state is over.
    first: Option<Recorded>,
    expected: u64,
    count: u64,
}

/// Why a file is no history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryError {
    /// The line, from 1.
    pub line: usize,
    /// The column, in bytes from 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl fmt::Display for HistoryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

impl std::error::Error for HistoryError {}

/// Reads a history, packed by gzip or plain.
pub fn read_history(input: impl Read + Send) -> Result<ReadHistory, HistoryError> {
    with_history(input, StreamedHistory::for_the_checker)?
}

/// Reads the beginning of a history, packed by gzip or plain, and hands over the rest as it comes.
pub fn with_history<T>(input: impl Read + Send, read: impl FnOnce(StreamedHistory) -> T) -> Result<T, HistoryError> {
    let (hand_over, blocks) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        scope.spawn(move || unpack(input, &hand_over));
        read_lines(Lines { blocks, block: Vec::new(), at: 0, line: 0 }).map(read)
    })
}

/// Hands over blocks of whole lines until the end, or until nobody wants any more.
fn unpack(mut input: impl Read, hand_over: &SyncSender<io::Result<Vec<u8>>>) {
    let mut magic = Vec::new();
    let looked = (&mut input).take(2).read_to_end(&mut magic);
    let packed = magic == [0x1f, 0x8b];
    let input = io::Cursor::new(magic).chain(input);
    let done = match looked {
        Err(error) => Err(error),
        Ok(_) if packed => hand_over_lines(MultiGzDecoder::new(input), hand_over),
        Ok(_) => hand_over_lines(input, hand_over),
    };
    if let Err(error) = done {
        // Nobody wants to know any more.
        let _ = hand_over.send(Err(error));
    }
}

fn hand_over_lines(mut text: impl Read, hand_over: &SyncSender<io::Result<Vec<u8>>>) -> io::Result<()> {
    let mut block = Vec::with_capacity(BLOCK);
    loop {
        let before = block.len();
        let read = (&mut text).take((BLOCK - before % BLOCK) as u64).read_to_end(&mut block)?;
        let end = block.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let rest = if read == 0 { Vec::new() } else { block.split_off(end) };
        if rest.len() > LONGEST_LINE {
            return Err(io::Error::other(format!("a line is longer than {} MiB", LONGEST_LINE >> 20)));
        }
        if !block.is_empty() && hand_over.send(Ok(block)).is_err() || read == 0 {
            return Ok(());
        }
        block = rest;
        block.reserve(BLOCK);
    }
}

/// The lines of all blocks.
#[derive(Debug)]
struct Lines {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    at: usize,
    line: usize,
}

impl Lines {
    /// Goes on to the next line. None at the end.
    fn next(&mut self) -> Result<Option<&[u8]>, HistoryError> {
        self.line += 1;
        if self.at == self.block.len() {
            match self.blocks.recv() {
                Ok(Ok(block)) => (self.block, self.at) = (block, 0),
                Ok(Err(error)) => return Err(self.wrong(format!("the file cannot be read: {error}"))),
                Err(_) => return Ok(None),
            }
        }
        let rest = &self.block[self.at..];
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.at += (length + 1).min(rest.len());
        Ok(Some(&rest[..length]))
    }

    /// Something is wrong with this line as a whole.
    fn wrong(&self, reason: impl fmt::Display) -> HistoryError {
        HistoryError { line: self.line, column: 1, reason: reason.to_string() }
    }
}

/// Reads JSON that stands on a line.
fn parse<'a, T: Deserialize<'a>>(line: usize, text: &'a [u8]) -> Result<T, HistoryError> {
    serde_json::from_slice(text).map_err(|error| {
        let reason = error.to_string();
        // The place is said in front, with the line of the file.
        let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
        HistoryError { line, column: error.column().max(1), reason }
    })
}

fn read_lines(mut lines: Lines) -> Result<StreamedHistory, HistoryError> {
    let header = read_header(&mut lines)?;
    let mut before = empty_state(&header.before);
    let mut after = header.after.as_deref().map(empty_state);
    let mut first = None;
    while let Some((kind, line)) = next_line(&mut lines)? {
        let state = match kind {
            Kind::Before => &mut before,
            Kind::After => after.as_mut().ok_or_else(|| lines.wrong("the header says that there is no state after"))?,
            Kind::Attempt(shape) => {
                first = Some(line.attempt(shape).map_err(|error| lines.wrong(error))?);
                break;
            }
        };
        add_to(state, line.found().map_err(|error| lines.wrong(error))?).map_err(|reason| lines.wrong(reason))?;
    }
    add_up(&mut before);
    after.as_mut().map(add_up);
    let attempts = SavedAttempts { lines, first, expected: header.attempts, count: 0 };
    Ok(StreamedHistory { header, before, after, attempts })
}

fn read_header(lines: &mut Lines) -> Result<HistoryHeader, HistoryError> {
    #[derive(Deserialize)]
    struct Version {
        contend_history: u32,
    }
    let text = lines.next()?.unwrap_or_default();
    let Ok(Version { contend_history: version }) = parse(1, text) else {
        let reason = "this is no history of contend, whose first line has contend_history in it";
        return Err(HistoryError { line: 1, column: 1, reason: reason.to_owned() });
    };
    if version != HistoryHeader::FORMAT {
        let reason = format!(
            "format {version} is unknown, this contend reads format {}: use the contend that wrote it, or a newer one",
            HistoryHeader::FORMAT
        );
        return Err(HistoryError { line: 1, column: 1, reason });
    }
    parse(1, text)
}

fn next_line(lines: &mut Lines) -> Result<Option<(Kind, Line)>, HistoryError> {
    let number = lines.line + 1;
    let Some(text) = lines.next()? else { return Ok(None) };
    let line: Line = parse(number, text)?;
    Ok(Some((line.shape.0, line)))
}

impl Iterator for SavedAttempts {
    type Item = Result<Recorded, HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.first.take().map_or_else(|| self.read(), |first| Ok(Some(first)));
        self.count += u64::from(matches!(next, Ok(Some(_))));
        next.transpose()
    }
}

impl SavedAttempts {
    fn read(&mut self) -> Result<Option<Recorded>, HistoryError> {
        match next_line(&mut self.lines)? {
            None if self.count == self.expected => Ok(None),
            None => {
                let (count, expected) = (self.count, self.expected);
                Err(self.wrong(format!("the file ends after {count} of {expected} attempts: it is not whole")))
            }
            Some((Kind::Attempt(shape), line)) => line.attempt(shape).map(Some).map_err(|error| self.wrong(error)),
            Some((kind, _)) => Err(self.wrong(format!("{kind} has to stand before the first attempt"))),
        }
    }

    /// Something is wrong with the last line that was read.
    fn wrong(&self, reason: impl fmt::Display) -> HistoryError {
        self.lines.wrong(reason)
    }
}

impl StreamedHistory {
    /// Reads the attempts into the checker's columns.
    fn for_the_checker(self) -> Result<ReadHistory, HistoryError> {
        let Self { header, before, after, mut attempts } = self;
        let setting = Setting {
            sizes: header.sizes(),
            before: &before,
            after: after.as_ref(),
            stopped_at: header.stopped_at_ns,
            restart: header.plan.restart.parse().unwrap_or_default(),
        };
        let mut books = Books::new(header.sizes().accounts, false);
        let mut conversion = Conversion::new(setting).map_err(|error| attempts.wrong(error))?;
        while let Some(attempt) = attempts.next() {
            let attempt = attempt?;
            conversion.add(&attempt).map_err(|error| attempts.wrong(error))?;
            books.add(&attempt.as_attempt());
        }
        let history = conversion.finish().map_err(|error| attempts.wrong(error))?;
        Ok(ReadHistory { header, before, after, history, books })
    }
}

/// Adds what one line says to a state.
fn add_to(state: &mut State, found: Vec<Operation>) -> Result<(), &'static str> {
    const UNREAD: &str = "the header says that this table was not read";
    for operation in found {
        match operation {
            Operation::Read { key, row } => {
                let table = match key.table {
                    Table::Accounts => &mut state.accounts.accounts,
                    Table::Pairs => &mut state.pairs,
                    Table::Tills => &mut state.tills,
                    Table::Fresh => &mut state.fresh,
                };
                table.as_mut().ok_or(UNREAD)?.push(Account { id: key.id, row });
            }
            Operation::Scan { group, members } => {
                let table = match group.collection {
                    Collection::Receipts => &mut state.receipts,
                    Collection::Members => &mut state.members,
                };
                let members = members.into_iter().map(|id| Member { id, group: group.id });
                table.as_mut().ok_or(UNREAD)?.extend(members);
            }
            Operation::Write { .. } | Operation::Join { .. } => return Err("the state is read, not written"),
        }
    }
    Ok(())
}

/// The sums over the accounts, which are not saved.
fn add_up(state: &mut State) {
    if let Some(accounts) = state.accounts.accounts.take() {
        state.accounts = crate::history::Snapshot::of(accounts);
    }
}
