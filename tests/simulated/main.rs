//! Does the whole program find what a database does wrong on purpose, and accuse none that does right? On simulated ones.

#[expect(dead_code, unused_imports, reason = "the live tests use what is left")]
#[path = "../support/mod.rs"]
mod support;

mod address;
mod broken;
mod deterministic;
mod experiment;
mod many_workers;
mod open_loop;
mod policies;
mod sound;
mod steps;
mod tune;
mod unanswered;
