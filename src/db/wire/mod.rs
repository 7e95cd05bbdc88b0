//! How does a flight travel? As bytes on a socket, there and back once, in PostgreSQL's protocol.
//!
//! The driver, tokio-postgres, makes the connection: encryption, login, session. Its statements cost several tasks,
//! channels and allocations each, more than the rest of contend; so that the worker's connections are taken over from it
//! ([`Login`]), and flights are written ([`Messages`]) and read where they are awaited.

mod decode;
mod encode;
mod exchange;
#[cfg(test)]
mod exchange_tests;
mod lent;
mod line;
mod login;
mod session;
mod socket;

pub(super) use encode::Messages;
pub(super) use exchange::{Dialect, Wire};
pub(super) use login::{Canceling, Login};
pub(super) use session::WireSession;
pub(super) use socket::Place;
