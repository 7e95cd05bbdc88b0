//! What happened? The facts of a run, as plain values.
//!
//! `load` makes these values and everything behind it reads them: `measure` counts them, `check` judges them. They are
//! at the bottom of the layers so that neither side needs to know the other.

mod event;
mod log;
mod place;
mod recorded;
mod shape;
mod snapshot;
mod sqlstate;
mod state;
mod totals;
mod writer;

pub use event::{Access, Attempt, AttemptOutcome, Due, Event, Fate, Operation, Outcome, Phase, Row, Transaction};
pub use log::{Log, Recording, UnreadableLog, merged};
pub use place::{Collection, Group, Key, NoPlace, Table};
pub use recorded::Recorded;
pub use shape::Shape;
pub use snapshot::{Account, Snapshot};
pub use sqlstate::{Cause, NoSqlstate, Sqlstate};
pub use state::{Member, Posted, State};
pub use totals::{Overdrawn, Totals, Written};
pub use writer::{NoWriter, Writer};

/// Nanoseconds since the run's epoch, a monotonic instant taken before the first transaction.
pub type Nanos = u64;
