//! Does contend do what it says, on real servers, as a process, with everything that goes wrong there?
//!
//! One program for all of it, so that it is linked once and one server is started. Every test has a database of its own.

#[path = "../support/mod.rs"]
mod support;

mod audits;
mod bounds;
mod broken;
mod calamities;
mod clean;
mod cockroach;
mod contention;
mod environment;
mod flights;
mod killed;
mod lease;
mod levels;
mod local;
mod open_loop;
mod output;
mod ping;
mod refused_flags;
mod refused_server;
mod restarts;
mod retries;
mod scale;
mod seed;
mod serializable;
mod setup;
mod signals;
mod steps;
mod stopped_server;
mod tune;
mod tutorial;
