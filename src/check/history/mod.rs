//! Which transactions did what? A history, compact enough for ten million transactions.

mod builder;
mod columns;
mod names;
pub mod notation;
mod packed;

pub use builder::{BuildError, Builder, Header};
pub use columns::{FinalRow, History, Operation, Outcome, mark};
pub use names::{Clock, Names, Span};
