//! How is a history written by hand? One transaction a line:
//!
//! ```text
//! # comment
//! T1 s1 [0,9] ok : r(x@0) r(y@0) w(y@1)
//! T2 s2 [0,9] ok : r(x@0) r(y@0) w(x@1)
//! T3 s3 [10,12] abort : w(x@2)
//! T4 s1 [13,20] info : rs(P,{a,b}) add(P,c)
//! ```
//!
//! Name, session, start and end on one clock, `ok`, `abort` or `info` (ambiguous), then the operations in program order:
//! `r(key@version)`, `w(key@version)`, an exact predicate read `rs(set,{members})`, `add(set,member)`. Version 0 is the
//! initial state, and the numbers are the version order. Lines come in any order, and `#` begins a comment anywhere.

mod line;
mod numbered;

use std::collections::HashSet;
use std::fmt;

use self::line::{Line, short};
use self::numbered::Numbered;
use super::{BuildError, Builder, Header, History, Names, Operation, Outcome};

/// Where a text is no history, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotationError {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl fmt::Display for NotationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

impl std::error::Error for NotationError {}

/// Reads a history out of a file's bytes.
pub fn read(bytes: &[u8]) -> Result<History, NotationError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        NotationError { line, column, reason: "the file is no text in UTF-8".to_owned() }
    })?;
    parse(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Reads a history.
pub fn parse(text: &str) -> Result<History, NotationError> {
    let mut parser = Parser::default();
    for (index, content) in text.lines().enumerate() {
        let mut line = Line::new(index + 1, content);
        if !line.is_blank() {
            parser.transaction(&mut line)?;
        }
    }
    let names = Names {
        transactions: parser.transactions,
        keys: parser.keys.into_names(),
        sets: parser.sets.into_names(),
        members: parser.members.into_names(),
        sessions: parser.sessions.into_names(),
        ..Names::default()
    };
    let last = text.lines().count().max(1);
    parser.builder.finish(names).map_err(|error: BuildError| NotationError {
        line: last,
        column: 1,
        reason: error.to_string(),
    })
}

#[derive(Default)]
struct Parser {
    builder: Builder,
    transactions: Vec<String>,
    known: HashSet<String>,
    keys: Numbered,
    sets: Numbered,
    members: Numbered,
    sessions: Numbered,
}

impl Parser {
    fn transaction(&mut self, line: &mut Line) -> Result<(), NotationError> {
        let name = line.transaction_name()?;
        if !self.known.insert(name.clone()) {
            return Err(
                line.wrong_word(&format!("{} is there twice; give every transaction a name of its own", short(&name)))
            );
        }
        line.gap("the session")?;
        let session = line.name("a session, as in s1")?;
        let session = self.sessions.number(&session);
        let (start, end) = line.interval()?;
        let outcome = line.outcome()?;
        line.require(':', "before the operations")?;
        self.transactions.push(name);
        self.builder.begin(Header::new(session, start, end, outcome));
        let mut written = HashSet::new();
        while !line.is_blank() {
            self.operation(line, &mut written)?;
        }
        Ok(())
    }

    fn operation(&mut self, line: &mut Line, written: &mut HashSet<(u32, u32)>) -> Result<(), NotationError> {
        let word = line.name("an operation: r(key@version), w(key@version), rs(set,{members}) or add(set,member)")?;
        match word.as_str() {
            "r" => {
                let (key, version) = self.key_at_version(line)?;
                line.require(')', "after the version")?;
                self.builder.read(key, version, 0);
            }
            "w" => {
                let (key, version) = self.key_at_version(line)?;
                if version == 0 {
                    return Err(line.wrong_word("version 0 is the initial state and cannot be written"));
                }
                if !written.insert((key, version)) {
                    return Err(line.wrong_word("the transaction has already written this version"));
                }
                line.require(')', "after the version")?;
                self.builder.write(key, version);
            }
            "rs" => self.read_set(line)?,
            "add" => {
                let set = self.set(line)?;
                let member = line.name("a member")?;
                line.require(')', "after the member")?;
                let member = self.members.number(&member);
                self.builder.add(set, member);
            }
            _ => {
                return Err(line.wrong_word(&format!("{} is no operation; write r, w, rs or add", short(&word))));
            }
        }
        line.end_of_operation()
    }

    fn key_at_version(&mut self, line: &mut Line) -> Result<(u32, u32), NotationError> {
        line.require('(', "after the operation")?;
        let key = line.name("a key")?;
        line.require('@', "between key and version")?;
        let version = line.version()?;
        Ok((self.keys.number(&key), version))
    }

    fn set(&mut self, line: &mut Line) -> Result<u32, NotationError> {
        line.require('(', "after the operation")?;
        let set = line.name("a set")?;
        line.require(',', "after the set")?;
        Ok(self.sets.number(&set))
    }

    fn read_set(&mut self, line: &mut Line) -> Result<(), NotationError> {
        let set = self.set(line)?;
        line.require('{', "before the members")?;
        let (mut members, mut known) = (Vec::new(), HashSet::new());
        while !line.follows('}') {
            if !members.is_empty() {
                line.require(',', "or } after a member")?;
            }
            let name = line.name("a member")?;
            let member = self.members.number(&name);
            if !known.insert(member) {
                return Err(line.wrong_word(&format!("{} is there twice; a set holds each member once", short(&name))));
            }
            members.push(member);
        }
        line.require('}', "after the members")?;
        line.require(')', "after the members")?;
        self.builder.read_set(set, &members);
        Ok(())
    }
}

/// One operation in the notation.
#[must_use]
pub fn show_operation(names: &Names, operation: Operation<'_>) -> String {
    match operation {
        Operation::Read { key, version, .. } => format!("r({}@{version})", names.key(key)),
        Operation::Write { key, version } => format!("w({}@{version})", names.key(key)),
        Operation::Add { set, member } => format!("add({},{})", names.set(set), names.member(member)),
        Operation::ReadSet { set, members } => {
            let members: Vec<String> = members.iter().map(|member| names.member(*member)).collect();
            format!("rs({},{{{}}})", names.set(set), members.join(","))
        }
    }
}

/// One transaction in the notation, with times as they are shown elsewhere.
#[must_use]
pub fn show_transaction(history: &History, txn: u32) -> String {
    let names = history.names();
    let outcome = match history.outcome(txn) {
        Outcome::Ok => "ok",
        Outcome::Abort => "abort",
        Outcome::Info => "info",
    };
    let mut shown = format!(
        "{} {} [{},{}] {outcome} :",
        history.name(txn),
        names.session(history.session(txn)),
        names.time(history.start(txn)),
        names.time(history.end(txn)),
    );
    for operation in history.operations(txn) {
        shown.push(' ');
        shown.push_str(&show_operation(names, operation));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "# comment
T1 s1 [0,9] ok : r(x@0) r(y@0) w(y@1)
T2 s2 [0,9] ok : r(x@0) r(y@0) w(x@1) # another

T3 s3 [10,12] abort : w(x@2)
T4 s1 [13,20] info : rs(P,{a,b}) add(P,c)
";

    fn refusal(text: &str) -> (usize, usize, String) {
        let error = parse(text).expect_err("should be refused");
        (error.line, error.column, error.reason)
    }

    #[test]
    fn the_example_is_read_and_shown_as_it_was() {
        let history = parse(EXAMPLE).expect("a history");
        let shown: Vec<String> = (0..history.len()).map(|txn| show_transaction(&history, txn)).collect();
        let lines: Vec<&str> = EXAMPLE
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.is_empty())
            .collect();
        assert_eq!(shown, lines);
    }

    #[test]
    fn lines_come_in_any_order_and_times_may_be_negative() {
        let history = parse("T2 s [5,6] ok : w(x@2)\nT1 s [-3,-1] ok : w(x@1)").expect("a history");
        assert_eq!(history.name(0), "T1");
        assert_eq!(history.operations(1).next(), Some(Operation::Write { key: 0, version: 2 }));
    }

    #[test]
    fn a_transaction_may_do_nothing() {
        assert_eq!(parse("T1 s1 [0,1] ok :").expect("a history").operations(0).count(), 0);
        assert!(parse("").expect("a history").is_empty());
        assert!(parse("# nothing\n\n").expect("a history").is_empty());
    }

    #[test]
    fn bytes_that_are_no_text_are_placed_and_long_words_cut_short() {
        let error = read(b"# \xc3\xa9\nT1 s\xff").expect_err("should be refused");
        assert_eq!((error.line, error.column), (2, 5));
        assert!(read("\u{feff}T1 s1 [0,1] ok :".as_bytes()).is_ok());
        let (_, _, reason) = refusal(&format!("T1 s1 [0,1] ok : r(x@{})", "9".repeat(1_000_000)));
        assert!(reason.len() < 80, "{reason}");
        assert!(refusal("T1 s1 \u{1b}[2J").2.contains("'\\u{1b}'"));
    }

    #[test]
    fn every_mistake_is_placed() {
        for (text, line, column, part) in [
            ("X1 s1 [0,1] ok :", 1, 1, "T1"),
            ("T s1 [0,1] ok :", 1, 2, "number"),
            ("\nT1 s1 [0 1] ok :", 2, 10, "','"),
            ("T1 s1 [2,1] ok :", 1, 10, "ends before it starts"),
            ("T1 s1 [a,1] ok :", 1, 8, "integer"),
            ("T1 s1 [99999999999999999999,1] ok :", 1, 8, "too large"),
            ("T1 s1 [0,1] maybe :", 1, 13, "ok, abort or info"),
            ("T1 s1 [0,1] ok r(x@0)", 1, 16, "':'"),
            ("T1 s1 [0,1] ok : q(x@0)", 1, 18, "no operation"),
            ("T1 s1 [0,1] ok : r(x)", 1, 21, "'@'"),
            ("T1 s1 [0,1] ok : r(x@-1)", 1, 22, "version"),
            ("T1 s1 [0,1] ok : r(x@4294967296)", 1, 22, "too large"),
            ("T1 s1 [0,1] ok : w(x@0)", 1, 22, "initial state"),
            ("T1 s1 [0,1] ok : w(x@1) w(x@1)", 1, 29, "already"),
            ("T1 s1 [0,1] ok : r(x@0", 1, 23, "')'"),
            ("T1 s1 [0,1] ok : r(x@0)w(x@1)", 1, 24, "space"),
            ("T1 s1 [0,1] ok : rs(P,{a,})", 1, 26, "a member"),
            ("T1 s1 [0,1] ok : rs(P,{a a})", 1, 26, "','"),
            ("T1 s1 [0,1] ok : rs(P,{a,a})", 1, 26, "twice"),
            ("T1 s1 [0,1] ok : add(P)", 1, 23, "','"),
            ("T1 s1 [0,1] ok :\nT1 s1 [0,1] ok :", 2, 1, "twice"),
            ("T1 s1", 1, 6, "'['"),
            ("T1", 1, 3, "session"),
        ] {
            let (at_line, at_column, reason) = refusal(text);
            assert!(
                (at_line, at_column) == (line, column) && reason.contains(part),
                "{text}: {at_line}:{at_column} {reason}"
            );
        }
    }
}
