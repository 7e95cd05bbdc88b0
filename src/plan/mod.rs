//! What shall we do? The whole experiment as one plain value.
//!
//! A plan is made from flags (by `command`), runs (in `load`) and is saved with the result. It holds no address and no
//! secret, and nothing found out later is written back into it.

mod flight;
mod isolation;
mod keys;
mod mix;
mod pace;
mod shapes;
mod steps;
mod values;
mod verify;

use std::time::Duration;

use crate::retry::{Policy, Restart};

pub use flight::{Flight, Protocol};
pub use isolation::Isolation;
pub use keys::Keys;
pub use mix::Mix;
pub use pace::{Arrivals, Open, Pace, Rate};
pub use shapes::{CAP, FIRST_BATCH, PORTION};
pub use steps::{Levels, Stepped, Steps};
pub use values::{Amount, LockOrder, ParseValueError, Planner, SchemaName};
pub use verify::{Verify, VerifyMode};

/// Everything that decides what a run does.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The accounts and where they are.
    pub bank: Bank,
    /// Which kinds of transactions are run.
    pub mix: Mix,
    /// What one transfer does.
    pub transfer: Transfer,
    /// How it is shown to the database.
    pub session: Session,
    /// How many, how long.
    pub load: Load,
    /// When to try again.
    pub retry: Retry,
    /// How it is verified.
    pub verify: Verify,
    /// All randomness descends from this number.
    pub seed: u64,
}

/// The accounts before the first transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    /// The schema that holds contend's tables.
    pub schema: SchemaName,
    /// How many accounts, with the ids 1 to this.
    pub accounts: u64,
    /// What each one holds, in the smallest unit.
    pub balance: i64,
    /// Build the accounts anew even when they are right.
    pub fresh: bool,
}

/// The transfers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transfer {
    /// How accounts are chosen.
    pub keys: Keys,
    /// How much is moved.
    pub amount: Amount,
    /// In which order the two accounts are written.
    pub lock_order: LockOrder,
    /// How long a transaction waits between its reads and its writes.
    pub think: Duration,
}

/// What is asked of every connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The isolation level of every transaction.
    pub isolation: Isolation,
    /// Whether PostgreSQL is kept from scanning small tables.
    pub planner: Planner,
    /// Which statements travel together.
    pub flight: Flight,
    /// Whether they are prepared.
    pub protocol: Protocol,
    /// An unanswered statement is given up after this time, with its connection.
    pub statement_timeout: Duration,
}

/// The shape of the load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Concurrent workers, each with one transaction at a time.
    pub workers: u32,
    /// Connections they share.
    pub connections: u32,
    /// Shards: operating-system threads with their own workers and connections.
    pub threads: u32,
    /// The workers start one after another over this time; in an open loop the rate rises over it.
    pub ramp: Duration,
    /// Transactions that begin in this time are run, verified, and left out of the measurement.
    pub warmup: Duration,
    /// What decides when a transaction begins.
    pub pace: Pace,
    /// How the load rises in the measured time, where it does: its rate in an open loop, its workers in a closed one, of
    /// which `workers` is the most.
    pub steps: Option<Steps>,
    /// When to stop starting transactions. With steps, after all of them.
    pub stop: Stop,
    /// How long transactions that have begun may take to end after that.
    pub drain_timeout: Duration,
}

/// When the measured phase ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// After this time.
    After(Duration),
    /// After this many transactions.
    Transactions(u64),
}

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// The delays, and when to give up.
    pub policy: Policy,
    /// What happens to the connection.
    pub restart: Restart,
}

impl Plan {
    /// The flags that make this plan again, one word each.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let Self { bank, mix, transfer, session, load, retry, verify, seed } = self;
        let mut flags = Flags::default();
        flags.add("schema", &bank.schema);
        flags.add("accounts", bank.accounts);
        flags.add("balance", bank.balance);
        flags.add("mix", mix);
        flags.add("keys", transfer.keys);
        flags.add("amount", transfer.amount);
        flags.add("lock-order", transfer.lock_order);
        flags.add("think", duration(transfer.think));
        flags.add("isolation", session.isolation);
        flags.add("planner", session.planner);
        flags.add("flight", session.flight);
        flags.add("protocol", session.protocol);
        flags.add("statement-timeout", duration(session.statement_timeout));
        load.add_pace(&mut flags);
        flags.add("connections", load.connections);
        flags.add("threads", load.threads);
        flags.add("ramp", duration(load.ramp));
        flags.add("warmup", duration(load.warmup));
        flags.add("drain-timeout", duration(load.drain_timeout));
        flags.add("retry", retry.policy);
        flags.add("restart", retry.restart);
        flags.add("verify", verify.mode);
        flags.add("history-limit", format!("{}B", verify.history_limit));
        flags.add("audit", if verify.audit { "on" } else { "off" });
        flags.add("seed", seed);
        if bank.fresh {
            flags.0.push("--fresh".to_owned());
        }
        flags.0
    }
}

impl Load {
    /// How many, how fast and how long; a load in steps has the length of each one, and says its own rate or workers.
    fn add_pace(&self, flags: &mut Flags) {
        let stepped = self.steps.map(|steps| steps.levels.of);
        if stepped != Some(Stepped::Workers) {
            flags.add("workers", self.workers);
        }
        if let Pace::Open(Open { rate, arrivals, max_queue }) = self.pace {
            if stepped.is_none() {
                flags.add("rate", rate);
            }
            flags.add("arrivals", arrivals);
            if let Some(most) = max_queue {
                flags.add("max-queue", most);
            }
        }
        match (self.steps, self.stop) {
            (Some(steps), _) => {
                flags.add("steps", steps.levels);
                flags.add("duration", duration(steps.each));
            }
            (None, Stop::After(time)) => flags.add("duration", duration(time)),
            (None, Stop::Transactions(count)) => flags.add("transactions", count),
        }
    }
}

#[derive(Default)]
struct Flags(Vec<String>);

impl Flags {
    fn add(&mut self, name: &str, value: impl std::fmt::Display) {
        self.0.push(format!("--{name}"));
        self.0.push(value.to_string());
    }
}

/// A duration as one word that the flags read back: `1m30s`.
fn duration(duration: Duration) -> String {
    humantime::format_duration(duration).to_string().replace(' ', "")
}
