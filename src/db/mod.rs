//! How do we talk to the database? Addresses, connections, flights, the SQL of contend's own tables, and what the server
//! means by its errors.
//!
//! The load engine sees [`Database`] and [`Session`] alone: the seam. Behind it stands the wire, PostgreSQL's protocol
//! as bytes on a socket on which tokio-postgres has logged in. Everything around the load (seeding, the lease, snapshots)
//! goes through one [`Control`] connection, which is tokio-postgres's own.

mod address;
mod answers;
mod audit;
mod call;
mod classify;
mod cluster;
mod control;
mod error;
mod failure;
mod flight;
mod hint;
mod identifier;
mod layout;
mod lease;
pub mod local;
pub mod sim;

mod manager;
mod pool;
mod product;
mod route;
mod schema;
mod seed;
mod server;
mod setup;
mod shape_tables;
mod snapshot;
mod state;
mod survey;
mod text;
mod tls;
mod watchdog;
mod wire;

pub use address::{AddressError, Node, Order, Part, Source, Target};
pub use audit::Auditor;
pub use classify::{Class, classify};
pub use cluster::Cluster;
pub use control::Control;
pub use error::Error;
pub use failure::Failure;
pub use flight::{Answer, Database, Session, Statement};
pub use identifier::{Identifier, ParseIdentifierError};
pub use lease::Lease;
pub use manager::SessionSettings;
pub use pool::Pool;
pub use product::{Product, ServerVersion};
pub use schema::{Meta, Schema};
pub use seed::{Seeded, seed};
pub use setup::{Dialect, Existing};
pub use shape_tables::make_shape_tables;
pub use snapshot::{largest_accounts, relation_locks, snapshot};
pub use state::state;
pub use survey::{Survey, round_trips, survey};
pub use tls::{Roots, SslMode, TlsError, TlsSettings, TlsVersion};
pub use tokio_postgres::Client;
