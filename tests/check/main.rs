//! Does the check say what the definitions say, on small histories and on recorded runs, and does `contend check` print it?

mod brute_force;
mod command;
mod definitions;
mod extremes;
mod recorded;
mod verdicts;
