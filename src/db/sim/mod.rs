//! What if the database were a simulation? The same seam as the wire, in virtual time.

mod time;

pub use time::{Timer, VirtualTime};
