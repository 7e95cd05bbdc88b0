//! What if the database were a simulation? The same seam as the wire, in virtual time.
//!
//! ```text
//! address -> Simulation -> SimServer: Engine (rows, groups, locks, conflicts) at one instant, Latency and Cores in time
//!                              |
//!                         SimDatabase -> SimSession: flights
//! ```

mod address;
#[cfg(test)]
mod address_tests;
mod commit;
mod conflicts;
mod cores;
mod database;
mod engine;
mod faults;
#[cfg(test)]
mod flight_tests;
mod groups;
#[cfg(test)]
mod latency_tests;
mod level;
#[cfg(test)]
mod lock_tests;
mod locks;
mod matrix;
mod parameter;
mod rows;
#[cfg(test)]
mod savepoint_tests;
#[cfg(test)]
mod schedule_tests;
#[cfg(test)]
mod script;
mod server;
mod session;
mod snapshots;
mod stall;
mod time;
mod transaction;

pub use address::{Simulation, SimulationError};
pub use database::SimDatabase;
pub use level::Level;
pub use matrix::Matrix;
pub use server::SimServer;
pub use session::SimSession;
pub use stall::Stall;
pub use time::{Timer, VirtualTime};
