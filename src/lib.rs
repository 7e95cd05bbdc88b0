//! Provokes real transaction conflicts on a database that speaks PostgreSQL's wire protocol, runs every transaction
//! through an application-level retry loop, measures what that costs, and verifies what is left behind.
//!
//! ```text
//! flags -> Plan -> Load: each worker asks the workload for a Request and runs it, attempt by attempt, through flights
//!                    |
//!                  Event -+-> Recorder -> Summary --+
//!                         +-> Ledger -> Verdict ----+-> Run (saved) -> report
//!                         +-> Interval -> progress
//! ```
//!
//! Nothing flows back. Each folder answers one question:
//!
//! | module | question |
//! |---|---|
//! | [`command`] | what did the user ask? |
//! | [`tutorial`] | what does the tutorial do? |
//! | [`transaction`] | how does an application run its own transactions through the same loop? |
//! | [`report`], [`store`], [`run`] | how is it shown, where is it kept, what came out? |
//! | [`load`] | how many, how fast, how long? |
//! | [`workload`] | what do transactions do? |
//! | [`db`] | how do we talk to the database? |
//! | [`tune`] | which policy? |
//! | [`check`] | was it right? |
//! | [`measure`] | how fast, how often? |
//! | [`plan`] | what shall we do? |
//! | [`retry`] | when do we try again? |
//! | [`history`] | what happened? |
//! | [`stats`] | is the difference real? |
//!
//! An application has use for [`run_transaction`]: its own transactions, on its own connection, tried again as the load
//! does it. What stands next to it at the root of the crate belongs to it; the modules are those of the program.

pub mod check;
pub mod command;
pub mod db;
pub mod history;
pub mod load;
pub mod measure;
pub mod plan;
pub mod report;
pub mod retry;
pub mod run;
pub mod stats;
pub mod store;
mod suggest;
pub mod transaction;
pub mod tune;
pub mod tutorial;
pub mod workload;

/// The page on the library. Its examples are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
mod page {}

pub use transaction::{
    Attempts, BodyError, Committed, Options as TransactionOptions, Retrying, TransactionError, run_transaction,
    tokio_postgres,
};
