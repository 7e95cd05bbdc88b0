//! Does the check say what the definitions say, on small histories and on recorded runs, and does `contend check` print it?

mod brute_force;
mod command;
mod definitions;
mod explained;
mod extremes;
mod mutators;
mod partial;
mod pictures;
mod recorded;
mod simulator;
mod stale;
mod verdicts;
