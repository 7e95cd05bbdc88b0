//! How is a history told to other checkers, and to tables? [`elle()`] and [`dbcop()`] say what was read and written, in the
//! numbers of a [`Translation`]; [`Csv`] says everything. What a format cannot say is refused before anything is written.

mod csv;
mod dbcop;
mod elle;
mod members;
mod translation;

use std::io;

pub use csv::{Csv, by_hand as csv_by_hand};
pub use dbcop::{Dbcop, dbcop};
pub use elle::{Model, elle};
pub use translation::Translation;

/// Why a history is not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The format has no words for it: what it is, and what to do.
    #[error("{0}")]
    Unsayable(String),
    /// Nobody takes the bytes.
    #[error("{0}")]
    Io(#[from] io::Error),
}

fn unsayable<T>(reason: impl Into<String>) -> Result<T, ExportError> {
    Err(ExportError::Unsayable(reason.into()))
}
