//! How is a plan run on a simulated server, and judged? As `contend run` does it, without a report.

use std::sync::Arc;
use std::time::Duration;

use contend::check::isolation::{Judgement, check};
use contend::check::recorded::{Setting, Sizes, recorded_history};
use contend::check::{Books, Verdict};
use contend::db::Failure;
use contend::db::sim::{SimServer, Simulation, VirtualTime};
use contend::history::{AttemptOutcome, Cause, Event, Log, Nanos, Recording, Row, merged};
use contend::load::{Launch, Load, Observer};
use contend::plan::{
    Amount, Bank, Isolation, Keys, LockOrder, Plan, Planner, Retry, Session, Stop, Transfer, Verify, VerifyMode,
};
use contend::retry::{Limits, Restart};

/// One attempt, as far as tests compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub worker: u32,
    pub start: Nanos,
    pub end: Nanos,
    pub outcome: AttemptOutcome,
    pub cause: Option<Cause>,
}

/// What came of a run.
pub struct Played {
    pub judgement: Judgement,
    pub verdict: Verdict,
    pub attempts: Vec<Seen>,
}

impl Played {
    /// Every name that the checker gave, and how often.
    pub fn names(&self) -> Vec<(String, u64)> {
        self.judgement.counts.iter().map(|(name, count)| (name.to_string(), *count)).collect()
    }

    pub fn count(&self, outcome: AttemptOutcome) -> usize {
        self.attempts.iter().filter(|attempt| attempt.outcome == outcome).count()
    }

    /// How often attempts ended for a reason.
    pub fn reasons(&self, reason: &str) -> usize {
        self.attempts.iter().filter(|attempt| attempt.cause.is_some_and(|cause| cause.reason == reason)).count()
    }
}

struct Watcher {
    books: Books,
    log: Log,
    attempts: Vec<Seen>,
}

impl Observer for Watcher {
    fn observe(&mut self, event: Event<'_>) {
        if let Event::Attempt(attempt) = event {
            self.books.add(attempt);
            self.log.add(attempt);
            let (worker, start, end, outcome, cause) =
                (attempt.worker, attempt.start, attempt.end, attempt.outcome, attempt.cause);
            self.attempts.push(Seen { worker, start, end, outcome, cause });
        }
    }
}

/// A plan with so many transactions of a mix, by 16 workers on 50 accounts.
pub fn plan(mix: &str, transactions: u64, seed: u64) -> Plan {
    Plan {
        bank: Bank { schema: "contend".parse().unwrap(), accounts: 50, balance: 1000, fresh: false },
        mix: mix.parse().unwrap(),
        transfer: Transfer {
            keys: Keys::Uniform,
            amount: Amount { low: 1, high: 100 },
            lock_order: LockOrder::Random,
            think: Duration::ZERO,
        },
        session: Session {
            isolation: Isolation::Serializable,
            planner: Planner::PrimaryKey,
            statement_timeout: Duration::from_secs(30),
        },
        load: contend::plan::Load {
            workers: 16,
            connections: 16,
            threads: 1,
            ramp: Duration::ZERO,
            warmup: Duration::ZERO,
            stop: Stop::Transactions(transactions),
            drain_timeout: Duration::from_secs(30),
        },
        retry: Retry {
            policy: "exponential".parse().unwrap(),
            restart: Restart::Rollback,
            limits: Limits { max_attempts: 20, deadline: None },
        },
        verify: Verify { mode: VerifyMode::Ledger, history_limit: 1 << 30, audit: false },
        seed,
    }
}

/// Runs a plan on a simulation.
pub fn play(address: &str, plan: &Plan) -> Played {
    let simulation: Simulation = address.parse().unwrap();
    let time = VirtualTime::default();
    let server = SimServer::new(&simulation, plan, time.clone());
    let before = server.state();
    let recording = Recording::new(plan.verify.history_limit, 1);
    let books = Books::new(plan.bank.accounts, plan.verify.mode == VerifyMode::Ledger);
    let watcher = Watcher { books, log: Log::new(Arc::clone(&recording)), attempts: Vec::new() };
    let connections = server.clone();
    let launch = Launch {
        epoch: 1,
        connect: async move |count| Ok::<_, Failure>(connections.database(count)),
        observers: vec![watcher],
        simulated: Some(time),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcome = runtime.block_on(async {
        let mut load = Load::connect(plan, launch).await.unwrap();
        load.start();
        load.ended().await;
        load.finish()
    });
    let after = server.state();
    let Watcher { books, log, attempts } = outcome.observers.into_iter().next().unwrap();
    let rows = |table: &Option<Vec<_>>| table.as_ref().map_or(0, |rows| rows.len() as u64);
    let sizes = Sizes {
        accounts: plan.bank.accounts,
        pairs: rows(&before.pairs),
        tills: rows(&before.tills),
        workers: plan.load.workers,
        attempts: log.len(),
        operations: log.operations(),
    };
    let setting = Setting { sizes, before: &before, after: Some(&after), stopped_at: recording.stopped_at() };
    let history = recorded_history(setting, merged(&[log])).unwrap();
    let verdict = books.judge(&plan.mix.shapes(), &before, &after, true);
    Played { judgement: check(&history), verdict, attempts }
}

/// So that a row that nobody wrote has a name here.
pub const SEEDED: Row = Row { balance: 1000, version: 0, writer: 0 };
