//! How do we get a server when the user has none running? We start one for the length of the run and throw it away.
//!
//! [`LocalServer::start`] finds a CockroachDB or PostgreSQL that is installed (`find`, `places`), chooses where it
//! lives (`directory`) and as whom it runs (`user`), and starts it (`postgres`, `cockroach`) through a keeper
//! (`keeper`): a small shell process that holds the other end of a pipe. When that pipe closes, because the run ended,
//! was interrupted or was killed, the keeper stops the server and removes its directory. Nothing else is needed for
//! that to happen: no signal handler, no `Drop`, no file that remembers what to clean.

mod cockroach;
mod directory;
mod error;
mod find;
mod keeper;
mod kind;
mod log;
mod options;
mod places;
mod postgres;
mod probe;
mod server;
mod user;

pub use error::Error;
pub use kind::{Kind, UnknownKind};
pub use options::Options;
pub use server::LocalServer;
