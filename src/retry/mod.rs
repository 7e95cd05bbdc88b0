//! When do we try again? Policies as plain values, delays as a pure sequence.
//!
//! Nothing here sleeps, sends or reads a clock: the load engine asks for the next delay and keeps it itself.

mod backoff;
mod parse;
mod policy;

pub use backoff::Backoff;
pub use parse::ParsePolicyError;
pub use policy::{Jitter, Limits, Policy, Restart};
