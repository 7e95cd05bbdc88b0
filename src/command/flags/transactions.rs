//! What do transactions do, and how are they shown to the database? Flags.

use std::time::Duration;

use clap::Args;

use super::retry::usual_flight;
use crate::command::values::{duration, positive_duration};
use crate::db::sim::Simulation;
use crate::plan::{Amount, Flight, Isolation, Keys, LockOrder, Mix, Planner, Protocol, Session, Transfer};
use crate::retry::Restart;

#[derive(Debug, Args)]
pub(super) struct TransferFlags {
    /// Which kinds of transactions, with their weights: transfer, absolute, peek, skew, audit, batch, cap, fresh
    #[arg(long, value_name = "SHAPE=N,...", default_value_t)]
    pub(super) mix: Mix,
    /// How much a transfer moves, drawn anew for each
    #[arg(long, value_name = "RANGE", default_value_t)]
    pub(super) amount: Amount,
    /// How accounts are chosen: uniform, zipf:S (S from 0 to 10) or hotspot:10%/90%
    #[arg(long, value_name = "CHOICE", default_value_t)]
    pub(super) keys: Keys,
    /// Which account is written first: random (source first; can deadlock) or sorted (smaller id first)
    #[arg(long, value_name = "ORDER", default_value_t)]
    pub(super) lock_order: LockOrder,
    /// Wait inside the transaction, between its reads and its writes; widens the window for conflicts
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub(super) think: Duration,
    /// serializable, repeatable-read or read-committed; asked back on every connection (default: serializable; a
    /// simulation has the one that its address says)
    #[arg(long, value_name = "LEVEL")]
    pub(super) isolation: Option<Isolation>,
    /// PostgreSQL only: primary-key (no sequential scans in contend's sessions, whose predicate locks cover the whole
    /// table) or default
    #[arg(long, value_name = "WHICH", default_value_t)]
    pub(super) planner: Planner,
    /// Which statements travel together: sequential (one per round trip), pipelined (BEGIN and reads, then writes and
    /// COMMIT) or single (everything, where the shape allows it) (default: sequential, and single with --restart single)
    #[arg(long, value_name = "HOW")]
    pub(super) flight: Option<Flight>,
    /// prepared (once per connection) or simple (plain text: behind a pooler of transactions)
    #[arg(long, value_name = "WHICH", default_value_t)]
    pub(super) protocol: Protocol,
    /// Give up a statement, and its connection, after this time without an answer
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = positive_duration)]
    pub(super) statement_timeout: Duration,
}

impl TransferFlags {
    pub(super) fn transfer(&self) -> Transfer {
        let Self { keys, amount, lock_order, think, .. } = *self;
        Transfer { keys, amount, lock_order, think }
    }

    /// A simulation has its own isolation level, unless another one is asked for.
    pub(super) fn session(&self, simulation: Option<&Simulation>, restart: Restart) -> Session {
        let Self { isolation, planner, flight, protocol, statement_timeout, .. } = *self;
        let isolation = isolation.unwrap_or(simulation.map_or(Isolation::default(), Simulation::isolation));
        let flight = flight.unwrap_or(usual_flight(restart));
        Session { isolation, planner, flight, protocol, statement_timeout }
    }
}
