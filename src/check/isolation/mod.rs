//! Was it serializable? A history in, a [`Judgement`] out; pure.
//!
//! ```text
//! History -> resolve (fates) -> chains, sets -> direct checks ------------------+
//!                                          \-> graph -> components -> cycles ---+-> Findings -> Judgement
//! ```
//!
//! The method: Adya, Liskov, O'Neil, "Generalized Isolation Level Definitions" (ICDE 2000), and Kingsbury, Alvaro,
//! "Elle" (VLDB 2020). The version order is part of the history, so that everything is linear in its size.

mod anomaly;
mod chains;
mod components;
mod cycles;
pub mod describe;
mod durable;
mod enumerate;
mod explain;
mod findings;
mod graph;
mod json;
mod judgement;
mod level;
mod name;
mod predicates;
mod premise;
mod readers;
mod resolve;
mod rows;
mod search;
mod sets;
mod stale;
mod strays;
mod visits;

pub use anomaly::{Anomaly, Edge, Item, Kind};
pub use explain::{because, direct, explain, later_version, nickname};
pub use json::{Document, Entry, Step};
pub use judgement::{Judgement, Verdict, check};
pub use level::{Level, Levels, UnknownLevel};
pub use name::{Name, Needs, Phenomenon};
pub use resolve::resolve;
pub use stale::StaleReads;
