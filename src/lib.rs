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
//! | [`report`], [`store`], [`run`] | how is it shown, where is it kept, what came out? |
//! | [`load`] | how many, how fast, how long? |
//! | [`workload`] | what do transactions do? |
//! | [`db`] | how do we talk to the database? |
//! | [`check`] | was it right? |
//! | [`measure`] | how fast, how often? |
//! | [`plan`] | what shall we do? |
//! | [`retry`] | when do we try again? |
//! | [`history`] | what happened? |

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
pub mod store;
pub mod workload;
