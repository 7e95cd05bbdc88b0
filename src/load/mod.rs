//! How many, how fast, how long? Workers, phases and stopping, and the retry loop around each transaction.
//!
//! The load is split into shards, one operating-system thread each with its own runtime, workers, connections and
//! observer. Nothing is shared between shards between two statements: they hear the start and the stop from a channel,
//! and answer with what their observer saw when everything is over.
//!
//! ```text
//! Load::connect -> every shard connects -> Load::start(clock) -> workers run -> stop -> drain -> Load::finish
//! ```

mod alarm;
mod attempt;
mod clock;
mod coordinator;
mod file_limit;
mod queue;
mod record;
mod restart;
mod restraint;
mod retry_loop;
mod schedule;
#[cfg(test)]
mod schedule_tests;
mod shard;
mod tally;
mod timer;
mod turn;
mod usage;
mod worker;
mod worker_steps;

pub use clock::{Clock, nanos};
pub use coordinator::{Launch, Load, Outcome, StopCause};
pub use file_limit::{FileLimitError, raise_file_limit};
pub use retry_loop::{Attempted, Ended, retry_loop};
pub use tally::Tallies;
pub use usage::Usage;

use crate::history::Event;

/// What a shard tells every event to. Each shard has one of its own, and gives it back at the end.
///
/// It is called between two transactions or attempts, on the shard's thread.
pub trait Observer: Send + 'static {
    /// Takes one event.
    fn observe(&mut self, event: Event<'_>);
}

impl<F: FnMut(Event<'_>) + Send + 'static> Observer for F {
    fn observe(&mut self, event: Event<'_>) {
        self(event);
    }
}
