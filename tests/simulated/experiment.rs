//! What is a small run on a simulated database? Drawn from a seed, run in this process, judged as `contend run` judges it.

use std::sync::Arc;
use std::time::Duration;

use contend::check::history::History;
use contend::check::isolation::{Judgement, Level, check};
use contend::check::recorded::{Setting, Sizes, recorded_history};
use contend::check::{Books, Promise, Status, Verdict};
use contend::db::sim::{SimServer, Simulation, VirtualTime};
use contend::history::{Event, Log, Recording, Shape, merged};
use contend::load::{Launch, Load, Observer};
use contend::plan::{
    Amount, Bank, Keys, Load as LoadPlan, LockOrder, Plan, Planner, Retry, Session, Stop, Transfer, Verify, VerifyMode,
};
use contend::retry::{Limits, Restart};
use contend::run::Server;

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
}

struct Seen {
    books: Books,
    log: Log,
}

impl Observer for Seen {
    fn observe(&mut self, event: Event<'_>) {
        if let Event::Attempt(attempt) = event {
            self.books.add(attempt);
            self.log.add(attempt);
        }
    }
}

/// Numbers from a seed, one after the other.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::try_from(self.below(values.len() as u64)).unwrap()]
    }
}

const MIXES: [&str; 8] = [
    "transfer=60,peek=15,skew=15,audit=10",
    "transfer=1,absolute=1,peek=1,skew=1,audit=1,batch=1,cap=1,fresh=1",
    "batch",
    "skew",
    "cap=1,fresh=1",
    "peek=2,audit=1",
    "absolute=3,audit=1",
    "transfer=1,batch=1,skew=1",
];
/// Where a simulation can differ from its defaults.
const SETTINGS: [&str; 6] = [
    "",
    "?rtt=50us&service=200us&cores=1",
    "?rtt=1ms&commit=0ms&deadlock=1ms",
    "?ambiguous=0.1",
    "?matrix=0ms,2ms,8ms/2ms,0ms,6ms/8ms,6ms,0ms",
    "?cores=2&service=500us&ambiguous=0.02&deadlock=50ms",
];

impl Experiment {
    /// A small and crowded one, of a level of isolation by its name.
    pub fn drawn(level: &str, seed: u64) -> Self {
        let mut draw = Draw(seed);
        let address = format!("sim://{level}{}", draw.of(&SETTINGS));
        let workers = u32::try_from(2 + draw.below(9)).unwrap();
        let mode = draw.of(&[VerifyMode::History, VerifyMode::History, VerifyMode::Ledger]);
        let mut experiment = Self::of(&address, seed);
        let plan = &mut experiment.plan;
        plan.bank.accounts = 2 + draw.below(7);
        plan.mix = draw.of(&MIXES).parse().unwrap();
        plan.transfer.keys = draw.of(&["uniform", "uniform", "zipf:1.2"]).parse().unwrap();
        plan.transfer.lock_order = draw.of(&[LockOrder::Random, LockOrder::Sorted]);
        plan.transfer.think = Duration::from_micros(draw.of(&[0, 0, 300, 2_000]));
        plan.load.workers = workers;
        plan.load.connections = draw.of(&[workers, workers.div_ceil(2)]);
        plan.retry.policy = draw.of(&["exponential", "immediate", "constant:1ms"]).parse().unwrap();
        plan.verify.mode = mode;
        experiment
    }

    /// Forty transactions.
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
            session: Session { isolation, planner: Planner::default(), statement_timeout: Duration::from_secs(30) },
            load: LoadPlan {
                workers: 16,
                connections: 16,
                threads: 1,
                ramp: Duration::ZERO,
                warmup: Duration::ZERO,
                stop: Stop::Transactions(40),
                drain_timeout: Duration::from_secs(10),
            },
            retry: Retry {
                policy: "exponential".parse().unwrap(),
                restart: Restart::Rollback,
                limits: Limits { max_attempts: 20, deadline: None },
            },
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
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.runs())
    }

    async fn runs(&self) -> Found {
        let Self { simulation, plan } = self;
        let time = VirtualTime::default();
        let server = SimServer::new(simulation, plan, time.clone());
        let before = server.state();
        let recording = Recording::new(plan.verify.history_limit, 1);
        let books = || Books::new(plan.bank.accounts, plan.verify.mode == VerifyMode::Ledger);
        let observers = vec![Seen { books: books(), log: Log::new(Arc::clone(&recording)) }];
        let connected = server.clone();
        let connect = async move |connections| Ok(connected.database(connections));
        let launch = Launch { epoch: 1, connect, observers, simulated: Some(time) };
        let mut load = Load::connect(plan, launch).await.unwrap();
        load.start();
        load.ended().await;
        let Seen { books, log } = load.finish().observers.pop().unwrap();
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
        let setting = Setting { sizes, before: &before, after: Some(&after), stopped_at: None };
        let history = recorded_history(setting, merged(&[log])).unwrap();
        let judgement = check(&history);
        let rules = books.judge(&plan.mix.shapes(), &before, &after, true);
        Found { history, judgement, rules }
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
        let rule = found.rules.checks.iter().find(|check| check.status == Status::Violated && counts(&check.name));
        rule.map(|check| format!("{}: {}", check.name, check.detail))
    }
}
