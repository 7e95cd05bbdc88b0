//! When do we try again? Policies as plain values, delays as a pure sequence.
//!
//! Nothing here sleeps, sends or reads a clock: the load engine asks for the next delay and keeps it itself.

mod aimd;
mod backoff;
mod budget;
mod delays;
mod parse;
mod policy;

pub use aimd::Aimd;
pub use backoff::Backoff;
pub use budget::{Bucket, Budget};
pub use delays::{Delays, Jitter};
pub use parse::ParsePolicyError;
pub use policy::{Limits, Policy, Restart};
