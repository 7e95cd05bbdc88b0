//! When do we try again? Policies as plain values, delays as a pure sequence.
//!
//! Nothing here sleeps, sends or reads a clock: the load engine asks for the next delay and keeps it itself.

mod aimd;
mod backoff;
#[cfg(test)]
mod backoff_tests;
mod budget;
mod delays;
mod description;
mod error;
mod form;
mod jitter;
mod options;
mod parse;
#[cfg(test)]
mod parse_tests;
mod policy;
mod preset;
mod waits;

pub use aimd::{Aimd, ConcurrencyLimit};
pub use backoff::Backoff;
pub use budget::{Bucket, Budget};
pub use delays::Delays;
pub use description::Description;
pub use error::ParsePolicyError;
pub use form::{FORMS, Form};
pub use jitter::{JITTERS, Jitter};
pub use policy::{Limits, Policy, Restart};
pub use preset::Preset;
pub use waits::Wait;
