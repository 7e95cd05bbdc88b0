//! What does a history file say? The text notation, read strictly, with line and column of the first fault.

use std::collections::BTreeSet;
use std::fmt;

/// How a transaction ended, as its client saw it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Ok,
    Abort,
    Info,
}

/// One operation, in program order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    Read(String, u64),
    Write(String, u64),
    ReadSet(String, BTreeSet<String>),
    Add(String, String),
}

/// One line of the file.
#[derive(Clone, Debug)]
pub struct Txn {
    pub id: String,
    pub session: String,
    pub start: i64,
    pub end: i64,
    pub outcome: Outcome,
    pub ops: Vec<Op>,
}

/// Why a file is refused. Line and column count characters from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub line: usize,
    pub column: usize,
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {}", self.line, self.column, self.reason)
    }
}

/// Reads a whole file; the order of the lines is kept.
pub fn parse(text: &str) -> Result<Vec<Txn>, Fault> {
    let mut txns: Vec<Txn> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.trim_start().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let mut cursor = Cursor { chars: line.chars().collect(), at: 0 };
        let fault = |(at, reason): (usize, String)| Fault { line: index + 1, column: at + 1, reason };
        let (at, txn) = cursor.txn().map_err(fault)?;
        if txns.iter().any(|other| other.id == txn.id) {
            return Err(fault((at, format!("transaction {} is there twice", txn.id))));
        }
        txns.push(txn);
    }
    Ok(txns)
}

type Parsed<T> = Result<T, (usize, String)>;

struct Cursor {
    chars: Vec<char>,
    at: usize,
}

impl Cursor {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn fail<T>(&self, reason: impl Into<String>) -> Parsed<T> {
        Err((self.at, reason.into()))
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
    }

    fn expect(&mut self, wanted: char) -> Parsed<()> {
        if self.peek() != Some(wanted) {
            return self.fail(format!("expected '{wanted}'"));
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, what: &str) -> Parsed<String> {
        let from = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
            self.at += 1;
        }
        if self.at == from {
            return self.fail(format!("expected {what}"));
        }
        Ok(self.chars[from..self.at].iter().collect())
    }

    fn digits(&mut self, what: &str) -> Parsed<String> {
        let from = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from {
            return self.fail(format!("expected {what}"));
        }
        Ok(self.chars[from..self.at].iter().collect())
    }

    fn time(&mut self) -> Parsed<i64> {
        let from = self.at;
        let sign = if self.peek() == Some('-') { "-" } else { "" };
        self.at += sign.len();
        let digits = self.digits("a time")?;
        format!("{sign}{digits}").parse().map_err(|_| (from, "the time does not fit 64 bits".into()))
    }

    fn version(&mut self) -> Parsed<(usize, u64)> {
        let from = self.at;
        let digits = self.digits("a version")?;
        let version = digits.parse().map_err(|_| (from, "the version does not fit 64 bits".to_string()))?;
        Ok((from, version))
    }

    /// The transaction of this line, and where its id begins.
    fn txn(&mut self) -> Parsed<(usize, Txn)> {
        self.blanks();
        let id_at = self.at;
        if self.peek() != Some('T') {
            return self.fail("expected T and a number");
        }
        self.at += 1;
        let id = format!("T{}", self.digits("the transaction's number")?);
        if self.peek().is_some_and(|c| c != ' ' && c != '\t') {
            return self.fail("expected a blank after the transaction's number");
        }
        self.blanks();
        let session = self.word("a session")?;
        self.blanks();
        self.expect('[')?;
        let start = self.time()?;
        self.expect(',')?;
        let end_at = self.at;
        let end = self.time()?;
        self.expect(']')?;
        if end < start {
            return Err((end_at, "the end is before the start".into()));
        }
        self.blanks();
        let outcome_at = self.at;
        let outcome = match self.word("ok, abort or info")?.as_str() {
            "ok" => Outcome::Ok,
            "abort" => Outcome::Abort,
            "info" => Outcome::Info,
            _ => return Err((outcome_at, "expected ok, abort or info".into())),
        };
        self.blanks();
        self.expect(':')?;
        let mut ops = Vec::new();
        loop {
            let before = self.at;
            self.blanks();
            if self.peek().is_none() {
                return Ok((id_at, Txn { id, session, start, end, outcome, ops }));
            }
            if self.at == before {
                return self.fail("expected a blank");
            }
            ops.push(self.op()?);
        }
    }

    fn op(&mut self) -> Parsed<Op> {
        let op_at = self.at;
        let name = self.word("an operation")?;
        if !["r", "w", "rs", "add"].contains(&name.as_str()) {
            return Err((op_at, "expected r, w, rs or add".into()));
        }
        self.expect('(')?;
        let op = match name.as_str() {
            "r" | "w" => {
                let key = self.word("a key")?;
                self.expect('@')?;
                let (at, version) = self.version()?;
                if name == "r" {
                    Op::Read(key, version)
                } else if version == 0 {
                    return Err((at, "version 0 is the initial state: nobody writes it".into()));
                } else {
                    Op::Write(key, version)
                }
            }
            "rs" => {
                let set = self.word("a set")?;
                self.expect(',')?;
                self.expect('{')?;
                Op::ReadSet(set, self.members()?)
            }
            _ => {
                let set = self.word("a set")?;
                self.expect(',')?;
                Op::Add(set, self.word("a member")?)
            }
        };
        self.expect(')')?;
        Ok(op)
    }

    fn members(&mut self) -> Parsed<BTreeSet<String>> {
        let mut members = BTreeSet::new();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(members);
        }
        loop {
            members.insert(self.word("a member")?);
            if self.peek() == Some('}') {
                self.at += 1;
                return Ok(members);
            }
            if self.peek() != Some(',') {
                return self.fail("expected ',' or '}'");
            }
            self.at += 1;
        }
    }
}

/// The transaction as a line of the notation.
pub fn line(txn: &Txn) -> String {
    let outcome = match txn.outcome {
        Outcome::Ok => "ok",
        Outcome::Abort => "abort",
        Outcome::Info => "info",
    };
    let mut text = format!("{} {} [{},{}] {outcome} :", txn.id, txn.session, txn.start, txn.end);
    for op in &txn.ops {
        let shown = match op {
            Op::Read(key, version) => format!("r({key}@{version})"),
            Op::Write(key, version) => format!("w({key}@{version})"),
            Op::ReadSet(set, members) => {
                format!("rs({set},{{{}}})", members.iter().cloned().collect::<Vec<_>>().join(","))
            }
            Op::Add(set, member) => format!("add({set},{member})"),
        };
        text.push(' ');
        text.push_str(&shown);
    }
    text
}
