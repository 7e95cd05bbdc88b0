//! What does an error amount to, after which an attempt was not, or perhaps not, committed?

use std::error::Error;
use std::iter::successors;

use tokio_postgres::error::DbError;

use super::BodyError;
use crate::db::{Class, Failure, classify};
use crate::history::{Cause, Phase};

/// The SQLSTATE of every statement in a transaction in which one has failed.
const IN_FAILED_TRANSACTION: &str = "25P02";

/// Why an attempt was not committed, and what follows.
#[derive(Debug)]
pub(super) struct Setback {
    pub(super) class: Class,
    /// None for an error that is not the database's.
    pub(super) cause: Option<Cause>,
    pub(super) error: BodyError,
}

/// The error of a body that returned `Ok` although one of its statements had failed. Nothing was committed.
#[derive(Debug, thiserror::Error)]
#[error("the body returned Ok although a statement in it had failed; it has to return that statement's error")]
pub struct HiddenFailure(#[source] tokio_postgres::Error);

impl Setback {
    /// An error of what the loop itself sent. With these the driver can do nothing wrong, so an error without an answer
    /// of the server is the loss of the connection.
    pub(super) fn of_driver(error: tokio_postgres::Error, phase: Phase) -> Self {
        let failure = Failure::from(&error);
        Self { class: classify(&failure, phase), cause: Some(failure.cause), error: error.into() }
    }

    /// An error that the body returned; `lost` says that the ROLLBACK after it found no connection.
    ///
    /// The database's own error is looked for all along the chain of sources. Without one it is the application's, as
    /// is an error that the driver makes of an answer (no row where one is needed, a value of another type), unless the
    /// connection is gone.
    pub(super) fn of_body(error: BodyError, lost: bool) -> Self {
        let failure = answer_in(&*error).map(Failure::from);
        let class = match &failure {
            Some(failure) => classify(failure, Phase::Body),
            None if lost => Class::Reconnect,
            None => Class::Fatal,
        };
        Self { class, cause: failure.map(|failure| failure.cause), error }.after(lost)
    }

    /// An error of the statement that goes before COMMIT. Where the server has refused it, the transaction is aborted,
    /// and the COMMIT behind it cannot have committed. Where the connection broke, it may have.
    pub(super) fn of_probe(error: tokio_postgres::Error, lost: bool) -> Self {
        let failure = Failure::from(&error);
        let phase = if failure.lost { Phase::Commit } else { Phase::Body };
        let hidden = failure.cause.sqlstate.as_str() == IN_FAILED_TRANSACTION;
        let class = classify(&failure, phase);
        let error = if hidden { HiddenFailure(error).into() } else { error.into() };
        Self { class, cause: Some(failure.cause), error }.after(lost)
    }

    /// Without its connection nothing can be tried again.
    fn after(mut self, lost: bool) -> Self {
        if lost && self.class == Class::Retry {
            self.class = Class::Reconnect;
        }
        self
    }
}

/// The answer of the server that an error goes back to. The driver's error keeps it as its source, and so does whatever
/// wraps the driver's error without hiding its sources.
fn answer_in<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e DbError> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// The error, its source, and so on.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}

/// The words of an error and of its sources, in one line.
pub(super) fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = String::new();
    for error in chain(error) {
        let words =
            error.downcast_ref::<DbError>().map_or_else(|| error.to_string(), |it| Failure::from(it).to_string());
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        // These are the driver's words for an answer of the server, which comes next. Some errors repeat their source.
        if words == "db error" || line.contains(&words) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&words);
    }
    line
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot pay")]
    struct Wrapped(#[source] io::Error);

    #[test]
    fn an_error_of_the_application_is_final_and_may_be_the_loss_of_the_connection() {
        let class = |lost| Setback::of_body("no".into(), lost).class;
        assert_eq!((class(false), class(true)), (Class::Fatal, Class::Reconnect));
    }

    #[test]
    fn an_error_is_told_with_its_sources_in_one_line() {
        let error = Wrapped(io::Error::other("too\n  little"));
        assert_eq!(in_one_line(&error), "cannot pay: too little");
        let repeating = Wrapped(io::Error::other("pay"));
        assert_eq!(in_one_line(&repeating), "cannot pay");
    }
}
