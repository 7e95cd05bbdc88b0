//! What is a small run on a simulated database? Drawn from a seed, run in this process, judged as `contend run` judges it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use contend::check::history::History;
use contend::check::isolation::{Judgement, Level, check};
use contend::check::recorded::{Setting, Sizes, recorded_history};
use contend::check::{Books, Promise, Status, Verdict};
use contend::db::sim::{SimServer, Simulation, VirtualTime};
use contend::history::{AttemptOutcome, Cause, Event, Log, Operation, Recorded, Recording, Row, Shape, merged};
use contend::load::{Launch, Load, Observer};
use contend::plan::{
    Amount, Bank, Flight, Keys, Load as LoadPlan, LockOrder, Pace, Plan, Planner, Protocol, Retry, Session, Stop,
    Transfer, Verify, VerifyMode,
};
use contend::retry::Restart;
use contend::run::Server;
use rand::rngs::ChaCha8Rng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// A run that has not begun.
#[derive(Clone, Debug)]
pub struct Experiment {
    pub simulation: Simulation,
    pub plan: Plan,
}

/// What came out.
#[derive(Debug)]
pub struct Found {
    pub history: History,
    pub judgement: Judgement,
    pub rules: Verdict,
    /// Why attempts were not committed.
    pub causes: BTreeSet<String>,
    /// What the history was made of.
    pub attempts: Vec<Recorded>,
}

impl Found {
    /// The ambiguous attempts that do not know which versions they made.
    pub fn lost(&self) -> impl Iterator<Item = &Recorded> {
        let unknown = |operation: &Operation| matches!(operation, Operation::Write { row: Row { version: 0, .. }, .. });
        let ambiguous = self.attempts.iter().filter(|attempt| attempt.outcome == AttemptOutcome::Ambiguous);
        ambiguous.filter(move |attempt| attempt.operations.iter().any(unknown))
    }

    /// The transaction of an attempt.
    pub fn transaction(&self, attempt: &Recorded) -> u32 {
        let is_it = |txn: &u32| {
            let (request, number) = (self.history.request(*txn), self.history.attempt(*txn));
            request.map(u64::from) == Some(attempt.ticket) && number.map(u32::from) == Some(attempt.number)
        };
        (0..self.history.len()).find(is_it).unwrap()
    }
}

struct Seen {
    books: Books,
    log: Log,
    causes: BTreeSet<Cause>,
}

impl Observer for Seen {
    fn observe(&mut self, event: Event<'_>) {
        if let Event::Attempt(attempt) = event {
            self.books.add(attempt);
            self.log.add(attempt);
            self.causes.extend(attempt.cause);
        }
    }
}

/// Every shape, and some mixes in which they meet more often.
const MIXES: [&str; 7] = [
    "transfer=60,peek=15,skew=15,audit=10",
    "transfer=20,absolute=10,peek=10,skew=10,audit=10,batch=20,cap=10,fresh=10",
    "peek=40,audit=60",
    "skew",
    "batch",
    "cap=1,fresh=1",
    "absolute=3,peek=3,batch=1",
];
/// What takes time, and how the nodes lie.
const LATENCIES: [&str; 7] = [
    "rtt=500us",
    "rtt=20us&service=0s&commit=0s",
    "service=2ms&cores=1",
    "rtt=100us&service=0s&commit=5ms",
    "nodes=3",
    "matrix=0ms,20ms,80ms/20ms,0ms,60ms/80ms,60ms,0ms",
    "matrix=0ms,1ms/30ms,0ms&service=1ms&cores=2",
];

impl Experiment {
    /// A small and crowded one, of a level by its name. Everything in it is drawn from the seed.
    pub fn drawn(level: &str, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut one = |of: &[&str]| (*of.choose(&mut random).unwrap()).to_owned();
        let (mix, latency) = (one(&MIXES), one(&LATENCIES));
        let (deadlock, ambiguous) = (one(&["0s", "1ms", "10ms"]), one(&["0", "0", "0.02", "0.2"]));
        let (policy, mode) = (one(&["exponential", "immediate", "constant:1ms"]), one(&["history", "ledger"]));
        let address = format!("sim://{level}?{latency}&deadlock={deadlock}&ambiguous={ambiguous}");
        let mut experiment = Self::of(&address, seed);
        let plan = &mut experiment.plan;
        plan.mix = mix.parse().unwrap();
        plan.bank.accounts = *[2, 3, 6, 10, 50].choose(&mut random).unwrap();
        plan.bank.balance = *[100, 1000].choose(&mut random).unwrap();
        plan.load.workers = random.random_range(2..=10);
        plan.load.stop = Stop::Transactions(random.random_range(5..=25));
        plan.load.connections = random.random_range(1..=plan.load.workers);
        plan.transfer.lock_order = *[LockOrder::Random, LockOrder::Sorted].choose(&mut random).unwrap();
        plan.transfer.think = Duration::from_micros(*[0, 0, 300].choose(&mut random).unwrap());
        plan.retry.policy = policy.parse().unwrap();
        plan.verify.mode = mode.parse().unwrap();
        plan.session.flight = *[Flight::Sequential, Flight::Pipelined, Flight::Single].choose(&mut random).unwrap();
        if random.random_bool(0.1) {
            // Workers are cut off in whatever they are doing.
            plan.load.stop = Stop::After(Duration::from_millis(10));
            plan.load.drain_timeout = Duration::from_micros(700);
        }
        let restarts = [Restart::Rollback, Restart::Savepoint, Restart::Savepoint, Restart::Reconnect, Restart::Single];
        plan.retry.restart = *restarts.choose(&mut random).unwrap();
        if plan.retry.restart == Restart::Single {
            plan.mix = "transfer".parse().unwrap();
            plan.session.flight = Flight::Single;
            plan.verify.mode = VerifyMode::History;
            plan.transfer.think = Duration::ZERO;
        }
        experiment
    }

    /// Thirty transactions.
    pub fn of(address: &str, seed: u64) -> Self {
        let simulation: Simulation = address.parse().unwrap();
        let isolation = simulation.isolation();
        let plan = Plan {
            bank: Bank { schema: "contend".parse().unwrap(), accounts: 50, balance: 1000, fresh: false },
            mix: MIXES[0].parse().unwrap(),
            transfer: Transfer {
                keys: Keys::Uniform,
                amount: Amount::default(),
                lock_order: LockOrder::Random,
                think: Duration::ZERO,
            },
            session: Session {
                isolation,
                planner: Planner::default(),
                flight: Flight::default(),
                protocol: Protocol::default(),
                statement_timeout: Duration::from_secs(30),
            },
            load: LoadPlan {
                workers: 16,
                connections: 16,
                threads: 1,
                ramp: Duration::ZERO,
                warmup: Duration::ZERO,
                pace: Pace::Closed,
                steps: None,
                stop: Stop::Transactions(30),
                drain_timeout: Duration::from_secs(10),
            },
            retry: Retry { policy: "exponential".parse().unwrap(), restart: Restart::Rollback },
            verify: Verify { mode: VerifyMode::History, history_limit: 2 << 30, audit: false },
            seed,
        };
        Self { simulation, plan }
    }

    /// The command that runs it again.
    pub fn command(&self) -> String {
        format!("contend run '{}' {}", self.simulation, self.plan.flags().join(" "))
    }

    /// Runs it, and judges what was recorded.
    pub fn run(&self) -> Found {
        self.run_with(|_| ())
    }

    /// The same, after something was done to what was recorded.
    pub fn run_with(&self, change: impl Fn(&mut Recorded)) -> Found {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.runs(change))
    }

    async fn runs(&self, change: impl Fn(&mut Recorded)) -> Found {
        let Self { simulation, plan } = self;
        let time = VirtualTime::default();
        let server = SimServer::new(simulation, plan, time.clone());
        let before = server.state();
        let recording = Recording::new(plan.verify.history_limit, 1);
        let books = || Books::new(plan.bank.accounts, plan.verify.mode == VerifyMode::Ledger);
        let log = Log::new(Arc::clone(&recording));
        let observers = vec![Seen { books: books(), log, causes: BTreeSet::new() }];
        let connected = server.clone();
        let connect = async move |connections| Ok(connected.database(connections));
        let launch = Launch { epoch: 1, connect, observers, simulated: Some(time) };
        let mut load = Load::connect(plan, launch).await.unwrap();
        load.start();
        load.ended().await;
        let Seen { books, log, causes } = load.finish().observers.pop().unwrap();
        let after = server.state();
        let rows = |table: &Option<Vec<_>>| table.as_ref().map_or(0, |rows| rows.len() as u64);
        let sizes = Sizes {
            accounts: plan.bank.accounts,
            pairs: rows(&before.pairs),
            tills: rows(&before.tills),
            workers: plan.load.workers,
            attempts: log.len(),
            operations: log.operations(),
        };
        let setting =
            Setting { sizes, before: &before, after: Some(&after), stopped_at: None, restart: plan.retry.restart };
        let mut attempts: Vec<Recorded> = merged(&[log]).map(Result::unwrap).collect();
        attempts.iter_mut().for_each(change);
        let history = recorded_history(setting, attempts.iter().cloned().map(Ok::<_, String>)).unwrap();
        let judgement = check(&history);
        let rules = books.judge(&plan.mix.shapes(), &before, &after, true);
        let causes = causes.into_iter().map(|cause| cause.to_string()).collect();
        Found { history, judgement, rules, causes, attempts }
    }

    /// What breaks the promise of the simulation's level, in words; nothing when all is well.
    pub fn problem(&self, found: &Found) -> Option<String> {
        let promise = Promise::of(Server::SIMULATION, Some(self.simulation.isolation()));
        let broken = found.judgement.anomalies.iter().find(|anomaly| promise.is_broken_by(anomaly));
        if let Some(anomaly) = broken {
            return Some(contend::check::isolation::explain(&found.history, anomaly).join("\n"));
        }
        if found.judgement.violated.contains(promise.level()) {
            return Some(format!("{} is violated", promise.level()));
        }
        // Weaker levels may break the rules of the shapes, and lose money where balances are written as values.
        let loses = promise.level() == Level::ReadCommitted && self.plan.mix.has(Shape::Absolute);
        let sums = if loses { ["rows", "writes"].as_slice() } else { &["rows", "writes", "total-balance", "accounts"] };
        let counts = |name: &str| promise.level() == Level::Serializable || sums.contains(&name);
        let rule = found.rules.checks.iter().find(|check| check.status == Status::Violated && counts(check.name));
        rule.map(|check| format!("{}: {}", check.name, check.detail))
    }
}
