//! What comes next on a line? The words of the notation, each refused at the column where it goes wrong.

use super::NotationError;
use crate::check::history::Outcome;

/// A word of a file in an error about it: at most so much of it that the error stays one line.
pub(super) fn short(word: &str) -> String {
    const SHOWN: usize = 24;
    match word.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &word[..end]),
        None => word.to_owned(),
    }
}

/// A line that is being read.
pub(super) struct Line {
    number: usize,
    characters: Vec<char>,
    /// The next character.
    at: usize,
    /// Where the last word began: the place of an error that is only understood after the word was read.
    word: usize,
}

impl Line {
    /// A line without its comment.
    pub(super) fn new(number: usize, content: &str) -> Self {
        let content = content.split('#').next().unwrap_or_default();
        Self { number, characters: content.chars().collect(), at: 0, word: 0 }
    }

    /// Whether nothing is left.
    pub(super) fn is_blank(&mut self) -> bool {
        self.skip_space();
        self.at == self.characters.len()
    }

    fn skip_space(&mut self) {
        while self.characters.get(self.at).is_some_and(|character| character.is_whitespace()) {
            self.at += 1;
        }
    }

    fn error(&self, at: usize, reason: impl Into<String>) -> NotationError {
        NotationError { line: self.number, column: at + 1, reason: reason.into() }
    }

    /// An error about the word that was read last.
    pub(super) fn wrong_word(&self, reason: &str) -> NotationError {
        self.error(self.word, reason)
    }

    fn found(&self) -> String {
        match self.characters.get(self.at) {
            Some(character) => format!("found {character:?}"),
            None => "the line ends".to_owned(),
        }
    }

    /// Whether this character comes next.
    pub(super) fn follows(&mut self, character: char) -> bool {
        self.skip_space();
        self.characters.get(self.at) == Some(&character)
    }

    /// Takes one character.
    pub(super) fn require(&mut self, character: char, place: &str) -> Result<(), NotationError> {
        let before = self.at;
        if !self.follows(character) {
            let at = if self.at == self.characters.len() { before } else { self.at };
            return Err(self.error(at, format!("expected '{character}' {place}, {}", self.found())));
        }
        self.at += 1;
        Ok(())
    }

    fn take(&mut self, accepted: impl Fn(char) -> bool) -> String {
        self.skip_space();
        self.word = self.at;
        while self.characters.get(self.at).is_some_and(|character| accepted(*character)) {
            self.at += 1;
        }
        self.characters[self.word..self.at].iter().collect()
    }

    /// A name: letters, digits and `_ - . / : ` inside, as keys and members may look.
    pub(super) fn name(&mut self, what: &str) -> Result<String, NotationError> {
        let name = self.take(|character| character.is_alphanumeric() || "_-./".contains(character));
        if name.is_empty() {
            return Err(self.error(self.word, format!("expected {what}, {}", self.found())));
        }
        Ok(name)
    }

    /// T and something that tells it from the others.
    pub(super) fn transaction_name(&mut self) -> Result<String, NotationError> {
        let name = self.name("a transaction, as in T1")?;
        if !name.starts_with('T') {
            return Err(self.wrong_word(&format!("{} is no transaction; write T and a number, as in T1", short(&name))));
        }
        if name.len() == 1 {
            return Err(self.error(self.at, "expected the transaction's number, as in T1"));
        }
        Ok(name)
    }

    /// White space, or the end of the line.
    pub(super) fn gap(&mut self, what: &str) -> Result<(), NotationError> {
        if self.characters.get(self.at).is_some_and(|character| !character.is_whitespace()) {
            return Err(self.error(self.at, format!("expected a space before {what}, {}", self.found())));
        }
        if self.is_blank() {
            return Err(self.error(self.characters.len(), format!("expected {what}, the line ends")));
        }
        Ok(())
    }

    /// `[start,end]`.
    pub(super) fn interval(&mut self) -> Result<(i64, i64), NotationError> {
        self.require('[', "before the times, as in [0,9]")?;
        let start = self.instant()?;
        self.require(',', "between start and end")?;
        let end = self.instant()?;
        let ending = self.word;
        self.require(']', "after the end")?;
        if end < start {
            return Err(self.error(ending, format!("the transaction ends before it starts ({end} < {start})")));
        }
        Ok((start, end))
    }

    fn instant(&mut self) -> Result<i64, NotationError> {
        let text = self.take(|character| character.is_ascii_digit() || character == '-');
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.error(self.word, "expected an integer for a time"));
        }
        text.parse().map_err(|_| self.wrong_word(&format!("{} is too large for a time", short(&text))))
    }

    /// `ok`, `abort` or `info`.
    pub(super) fn outcome(&mut self) -> Result<Outcome, NotationError> {
        let word = self.take(char::is_alphanumeric);
        match word.as_str() {
            "ok" => Ok(Outcome::Ok),
            "abort" => Ok(Outcome::Abort),
            "info" => Ok(Outcome::Info),
            _ => Err(self.wrong_word("expected the outcome: ok, abort or info")),
        }
    }

    /// A version, from 0.
    pub(super) fn version(&mut self) -> Result<u32, NotationError> {
        let digits = self.take(|character| character.is_ascii_digit());
        if digits.is_empty() {
            return Err(self.error(self.word, format!("expected a version, a number from 0, {}", self.found())));
        }
        digits.parse().map_err(|_| self.wrong_word(&format!("{} is too large for a version", short(&digits))))
    }

    /// Operations stand apart.
    pub(super) fn end_of_operation(&self) -> Result<(), NotationError> {
        match self.characters.get(self.at) {
            Some(character) if !character.is_whitespace() => {
                Err(self.error(self.at, format!("expected a space after the operation, found {character:?}")))
            }
            _ => Ok(()),
        }
    }
}
