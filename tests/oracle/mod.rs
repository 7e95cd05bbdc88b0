//! A slow judge that shares no line with the check: its own parser, all simple cycles, all serial orders.
//!
//! 1. *Names and levels from cycles.* Every edge of Adya's direct serialization graph is written down, with session and
//!    real-time order as plain pairs; every simple cycle, with every choice of edges, is walked and classified.
//! 2. *Levels from orders.* All orders of the committed transactions are tried, and each transaction is run alone on the
//!    state that it would find; for snapshot isolation all orders of starts and commits.
//!
//! Where the two differ, the judge says that it is itself broken.

pub mod direct;
pub mod expect;
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "every number is below a hundred")]
pub mod generate;
pub mod graph;
pub mod history;
pub mod judge;
pub mod names;
pub mod notation;
pub mod orders;
