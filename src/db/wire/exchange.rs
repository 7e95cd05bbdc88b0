//! How does a flight go, and what is made of what comes back? One write, then messages until the server is ready again.

use std::io;

use bytes::BytesMut;
use futures_util::FutureExt;
use postgres_protocol::message::frontend;
use tokio::io::AsyncWriteExt;

use super::decode::{self, Format, Inbox, Message};
use super::encode::Messages;
use super::line::Line;
use crate::db::answers::answer;
use crate::db::text::Texts;
use crate::db::{Answer, Failure, Statement};

/// A line, with what is sent and what has arrived. The buffers are kept for the next flight.
pub(in crate::db) struct Wire {
    line: Line,
    out: BytesMut,
    text: String,
    inbox: Inbox,
    cells: Vec<i64>,
    /// Whether everything that was asked was answered. What was left in the middle has answers on their way that would be
    /// taken for others.
    settled: bool,
}

/// In which words statements are sent.
#[derive(Debug)]
pub(in crate::db) enum Dialect {
    /// By the names under which they are prepared.
    Extended(Box<Messages>),
    /// In full.
    Simple(Box<Texts>),
}

/// What is waited for, and what has come of it so far.
struct Reading<'a> {
    dialect: &'a Dialect,
    statements: &'a [Statement],
    /// How many of them have been answered.
    done: usize,
    /// How many parts of the present one the server has said to be complete.
    parts: usize,
    cells: &'a mut Vec<i64>,
    answers: &'a mut Vec<Answer>,
    failure: Option<Failure>,
}

impl Wire {
    pub(in crate::db) fn new(line: Line) -> Self {
        let (out, text, inbox, cells) = (BytesMut::new(), String::new(), Inbox::new(), Vec::new());
        Self { line, out, text, inbox, cells, settled: true }
    }

    /// Whether all answers have come.
    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether a flight can be sent.
    pub(super) fn is_open(&self) -> bool {
        self.settled && self.line.is_open()
    }

    /// Prepares statements, by these messages.
    pub(in crate::db) async fn prepare(&mut self, messages: BytesMut) -> Result<(), Failure> {
        self.out = messages;
        let sent = self.send().await;
        let mut failure = None;
        loop {
            match self.inbox.next()? {
                Some(Message::Error(body)) => failure = failure.or(Some(Failure::from(decode::error(body)))),
                Some(Message::Ready) => break,
                Some(_) => return Err(Failure::unexpected_answer("rows to a statement that was prepared")),
                None => {
                    if let Err(lost) = self.fill(&sent).await {
                        return Err(failure.unwrap_or(lost));
                    }
                }
            }
        }
        self.settled = true;
        failure.map_or(Ok(()), Err)
    }

    /// Sends statements together, and reads their answers.
    pub(super) async fn fly(
        &mut self,
        dialect: &Dialect,
        statements: &[Statement],
        answers: &mut Vec<Answer>,
    ) -> Result<(), Failure> {
        dialect.write(statements, &mut self.text, &mut self.out)?;
        let sent = self.send().await;
        let mut cells = std::mem::take(&mut self.cells);
        cells.clear();
        let mut reading = Reading { dialect, statements, done: 0, parts: 0, cells: &mut cells, answers, failure: None };
        let lost = self.read(&sent, &mut reading).await?;
        let flown = reading.end(lost);
        self.cells = cells;
        flown
    }

    /// Reads to the end of the answers, or of the connection, and tells which.
    async fn read(&mut self, sent: &io::Result<()>, reading: &mut Reading<'_>) -> Result<Option<Failure>, Failure> {
        loop {
            match self.inbox.next()? {
                Some(Message::Row(body)) => decode::row(body, reading.dialect.format(), reading.cells)?,
                Some(Message::Complete(tag)) => reading.complete(tag)?,
                Some(Message::Error(body)) => reading.fail(Failure::from(decode::error(body))),
                Some(Message::Ready) => {
                    self.settled = true;
                    return Ok(None);
                }
                None => {
                    if let Err(lost) = self.fill(sent).await {
                        return Ok(Some(lost));
                    }
                }
            }
        }
    }

    /// Sends what was written. Where it fails, what the server has said before it closed the connection can be read yet.
    async fn send(&mut self) -> io::Result<()> {
        self.settled = false;
        let sent = self.line.write_all(&self.out).await;
        self.out.clear();
        sent?;
        self.line.flush().await
    }

    async fn fill(&mut self, sent: &io::Result<()>) -> Result<(), Failure> {
        match (self.inbox.fill(&mut self.line).await, sent) {
            (Ok(0), Ok(())) => Err(Failure::connection_lost()),
            (Ok(0), Err(error)) => Err(Failure::broken(error)),
            (Ok(_), _) => Ok(()),
            (Err(error), _) => Err(Failure::broken(&error)),
        }
    }
}

impl Drop for Wire {
    /// Takes leave, where that can be done at once.
    fn drop(&mut self) {
        if self.settled {
            frontend::terminate(&mut self.out);
            let leave = async {
                self.line.write_all(&self.out).await?;
                self.line.shutdown().await
            };
            let _ = leave.now_or_never();
        }
    }
}

impl Dialect {
    fn write(&self, statements: &[Statement], text: &mut String, out: &mut BytesMut) -> Result<(), Failure> {
        out.clear();
        let written = match self {
            Self::Extended(messages) => messages.write(statements, out),
            Self::Simple(texts) => {
                text.clear();
                statements.iter().all(|statement| texts.write(*statement, text)) && frontend::query(text, out).is_ok()
            }
        };
        // The mix asks for no other statements than those it was prepared for.
        if written { Ok(()) } else { Err(Failure::unexpected_answer("a statement that was not prepared for this mix")) }
    }

    fn format(&self) -> Format {
        match self {
            Self::Extended(_) => Format::Binary,
            Self::Simple(_) => Format::Text,
        }
    }

    /// How many times the server says that a statement is complete.
    fn parts(&self, statement: Statement) -> usize {
        match self {
            Self::Simple(texts) if statement == Statement::Begin => texts.begin_parts(),
            _ => 1,
        }
    }
}

impl Reading<'_> {
    /// A statement is done, or a part of it.
    fn complete(&mut self, tag: &[u8]) -> Result<(), Failure> {
        let Some(statement) = self.statements.get(self.done).copied() else {
            return Err(Failure::unexpected_answer("more answers than statements"));
        };
        self.parts += 1;
        if self.parts < self.dialect.parts(statement) {
            return Ok(());
        }
        (self.done, self.parts) = (self.done + 1, 0);
        match answer(statement, self.cells) {
            _ if self.failure.is_some() => {}
            _ if statement == Statement::Commit && tag.starts_with(b"ROLLBACK") => self.fail(Failure::rolled_back()),
            Ok(answer) => self.answers.push(answer),
            // What stands behind it has been run all the same, COMMIT included.
            Err(found) => {
                let lost = found.lost || self.statements.iter().any(|statement| statement.commits());
                self.fail(Failure { lost, ..found });
            }
        }
        self.cells.clear();
        Ok(())
    }

    /// The first failure tells.
    fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// What the flight amounts to; where all answers have come, also when the connection has ended behind them.
    fn end(self, lost: Option<Failure>) -> Result<(), Failure> {
        // What stands alone is committed behind the answer to it, and only the end of all answers says so.
        let is_alone = matches!(self.statements.last(), Some(Statement::Alone { .. }));
        let missing = self.done < self.statements.len() || (is_alone && lost.is_some());
        match (self.failure, lost) {
            (Some(failure), _) => Err(failure),
            (None, Some(lost)) if missing => Err(lost),
            (None, None) if missing => Err(Failure::unexpected_answer("fewer answers than statements")),
            (None, _) => Ok(()),
        }
    }
}
