//! How does contend end? The exit codes, and the one line that says why.

use std::io::Write;
use std::process::ExitCode;

use crate::check::Status;
use crate::db::{self, AddressError};
use crate::tutorial;

/// The documented exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was checked is right.
    Holds,
    /// Something is wrong.
    Violated,
    /// The text of a flag or address is wrong.
    Usage,
    /// Nothing was proven.
    Inconclusive,
    /// Something learned by looking is wrong.
    Looking,
    /// Quit by a second Ctrl-C.
    Quit,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Violated => 1,
            Self::Usage => 2,
            Self::Inconclusive => 3,
            Self::Looking => 4,
            Self::Quit => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<Status> for Exit {
    fn from(status: Status) -> Self {
        match status {
            Status::Holds | Status::Permitted => Self::Holds,
            Status::Inconclusive => Self::Inconclusive,
            Status::Violated => Self::Violated,
        }
    }
}

/// Why a command ends before it is done: a code, and one line.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) exit: Exit,
    pub(super) message: String,
}

impl Stop {
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    pub(super) fn looking(message: impl Into<String>) -> Self {
        Self { exit: Exit::Looking, message: message.into() }
    }

    pub(super) fn inconclusive(message: impl Into<String>) -> Self {
        Self { exit: Exit::Inconclusive, message: message.into() }
    }

    pub(super) fn quit() -> Self {
        Self { exit: Exit::Quit, message: String::new() }
    }
}

/// In one line, whatever the server's words are made of.
impl From<db::Error> for Stop {
    fn from(error: db::Error) -> Self {
        Self::looking(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl From<tutorial::Error> for Stop {
    fn from(error: tutorial::Error) -> Self {
        match error {
            tutorial::Error::Database(error) => error.into(),
            transaction @ tutorial::Error::Transaction { .. } => Self::looking(transaction.to_string()),
        }
    }
}

impl From<db::local::Error> for Stop {
    fn from(error: db::local::Error) -> Self {
        Self::looking(error.to_string())
    }
}

impl From<crate::store::StoreError> for Stop {
    fn from(error: crate::store::StoreError) -> Self {
        Self::looking(error.to_string())
    }
}

impl From<crate::store::SavedError> for Stop {
    fn from(error: crate::store::SavedError) -> Self {
        Self::looking(error.to_string())
    }
}

impl From<AddressError> for Stop {
    fn from(error: AddressError) -> Self {
        if error.is_text() { Self::usage(error.to_string()) } else { Self::looking(error.to_string()) }
    }
}

/// Prints why a command ended. Errors of stderr itself have no one to be told to.
pub(super) fn complain(stop: &Stop) {
    if !stop.message.is_empty() {
        let _ = writeln!(std::io::stderr(), "error: {}", stop.message);
    }
}

/// Prints what the user should know besides.
pub(super) fn note(message: &str) {
    let _ = writeln!(std::io::stderr(), "note: {message}");
}

/// Writes to stderr what is shown there instead of on stdout. Errors of stderr itself have no one to be told to.
pub(super) fn show(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Writes to stdout. A reader that has gone away does not matter: the exit code still says how the run ended.
pub(super) fn print(text: &str) -> Result<(), Stop> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Stop::looking(format!("cannot write to the standard output: {error}")))
        }
        _ => Ok(()),
    }
}
