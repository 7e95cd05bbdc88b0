//! `contend tune`: its flags, and the experiment they mean.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser};

use super::candidates::{Asked, asked, candidates};
use super::{
    BankFlags, CrewFlags, LimitFlags, OutputFlags, ServerFlags, TargetFlags, TransferFlags, VerifyFlags, possible,
    random_seed,
};
use crate::check::Standard;
use crate::command::exit::Stop;
use crate::command::values::{duration, positive_duration};
use crate::command::{Cli, Command};
use crate::db::sim::Simulation;
use crate::load::Launch;
use crate::plan::{Arrivals, Load, Open, Pace, Plan, Rate, Retry, Stop as StopAt};
use crate::report::Language;
use crate::retry::{Policy, Restart};
use crate::tune::{Candidate, Design, Objective, Wish};

/// What applications run, from no wait at all to long ones, and the same without a wait but with fewer at a time.
const POLICIES: &str = "immediate,immediate/aimd,spanner-go,dsql-rust,dbos,exponential,aws-exponential,aws-full,\
                        aws-decorrelated,tutorial";
/// Workers of a closed loop, and of an open one.
const WORKERS: [u32; 2] = [16, 64];
/// Transactions in flight may take so long to end.
const DRAIN: Duration = Duration::from_secs(10);
/// What a block takes on a server beside being run: connecting, draining, looking at the state.
const OVERHEAD: Duration = Duration::from_millis(300);

/// `contend tune`.
#[derive(Debug, Args)]
pub(in crate::command) struct TuneFlags {
    #[command(flatten)]
    pub(in crate::command) target: TargetFlags,
    #[command(flatten, next_help_heading = "Experiment")]
    experiment: ExperimentFlags,
    #[command(flatten, next_help_heading = "Experiment")]
    source: SourceFlags,
    #[command(flatten)]
    pub(in crate::command) server: ServerFlags,
    #[command(flatten, next_help_heading = "Transactions")]
    bank: BankFlags,
    #[command(flatten, next_help_heading = "Transactions")]
    transfer: TransferFlags,
    #[command(flatten, next_help_heading = "Load")]
    crew: CrewFlags,
    /// Begin so many transactions per second, such as 500/s, however slow the server is (an open loop)
    #[arg(long, value_name = "N/s", help_heading = "Load")]
    rate: Option<Rate>,
    /// Run each block so long before it is measured; these transactions are verified too (default: a fifth of the block,
    /// 1s at most)
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Load")]
    warmup: Option<Duration>,
    /// The seed of all randomness: the order of the blocks, and the load of each round (default: a random one, printed)
    #[arg(long, value_name = "N", help_heading = "Load")]
    seed: Option<u64>,
    #[command(flatten, next_help_heading = "Retry")]
    limits: LimitFlags,
    #[command(flatten, next_help_heading = "Verification")]
    verify: VerifyFlags,
    #[command(flatten, next_help_heading = "Output")]
    pub(in crate::command) output: OutputFlags,
    /// Print the retry loop of the recommended policy in this language, and the report on standard error
    #[arg(long, value_name = "LANG", conflicts_with = "json", help_heading = "Output")]
    pub(in crate::command) emit: Option<Language>,
}

/// What is compared, and how long.
#[derive(Debug, Args)]
struct ExperimentFlags {
    /// The policies to compare, each as with `contend run --retry`, with @savepoint, @reconnect, @single or @rollback behind
    /// it where it has a --restart of its own; may be given several times (default: ten that applications run)
    #[arg(long, value_name = "A,B,...", value_parser = asked)]
    policies: Vec<std::vec::Vec<Asked>>,
    /// Compare them with each of these numbers of workers, such as workers=8,64
    #[arg(long, value_name = "workers=N,...", value_parser = varied, conflicts_with = "workers")]
    vary: Option<Varied>,
    /// Measure each block so long (default: 5s, or what fits into the budget, 1s at least)
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    block: Option<Duration>,
    /// Run every policy so often (default: 8, or what fits into the budget, 4 at least)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: Option<u32>,
    /// The time of the whole experiment; of a simulation, virtual time
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = positive_duration)]
    budget: Duration,
    /// What the best policy is best in: goodput, p99 (of the response time) or wasted (the workers' time)
    #[arg(long, value_name = "WHAT", default_value_t)]
    objective: Objective,
}

/// What is done instead of an experiment on a database.
#[derive(Debug, Args)]
pub(in crate::command) struct SourceFlags {
    /// Print the blocks and how long they take, and do nothing
    #[arg(long)]
    plan: bool,
    /// Print a saved experiment again: its folder, or its tune.json. Connects to nothing
    #[arg(long, value_name = "PATH", conflicts_with_all = [
        "url", "local", "cockroach", "pg_bin", "simulate", "plan", "policies", "vary", "block", "rounds", "budget", "objective",
        "workers", "seed", "name",
    ])]
    from: Option<PathBuf>,
    /// Experiment on a simulation that behaves like a saved run did: its folder, or its run.json
    #[arg(long, value_name = "RUN", conflicts_with_all = ["url", "local", "cockroach", "pg_bin"])]
    simulate: Option<PathBuf>,
    /// What if: give that simulation other settings, such as 'rtt=80ms&nodes=3'
    #[arg(long, value_name = "SETTINGS")]
    with: Option<String>,
}

/// Numbers of workers.
#[derive(Clone, Debug)]
struct Varied(Vec<u32>);

fn varied(text: &str) -> Result<Varied, String> {
    let needed = || format!("workers=8,64 is needed: different numbers from 1 to {}", Launch::MAX_WORKERS);
    let numbers = text.strip_prefix("workers=").ok_or_else(needed)?;
    let number = |text: &str| text.trim().parse().ok().filter(|number| (1..=Launch::MAX_WORKERS).contains(number));
    let numbers: Vec<u32> = numbers.split(',').map(number).collect::<Option<_>>().ok_or_else(needed)?;
    let differ = (1..numbers.len()).all(|at| !numbers[..at].contains(&numbers[at]));
    if differ { Ok(Varied(numbers)) } else { Err(needed()) }
}

impl TuneFlags {
    pub(in crate::command) fn only_plan(&self) -> bool {
        self.source.plan
    }

    pub(in crate::command) fn from(&self) -> Option<&PathBuf> {
        self.source.from.as_ref()
    }

    /// The saved run that is simulated, and the settings that are changed.
    pub(in crate::command) fn simulated(&self) -> Result<Option<(&PathBuf, Option<&str>)>, Stop> {
        match (&self.source.simulate, self.source.with.as_deref()) {
            (Some(run), with) => Ok(Some((run, with))),
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Stop::usage(
                "--with changes the simulation of --simulate; the settings of a sim:// stand in its address",
            )),
        }
    }

    /// What a violation is judged by.
    pub(in crate::command) fn standard(&self) -> Standard {
        self.verify.level
    }

    /// The experiment that the flags mean.
    pub(in crate::command) fn design(&self, simulated: bool) -> Result<Design, Stop> {
        let ExperimentFlags { block, rounds, budget, objective, .. } = self.experiment;
        let wish = Wish {
            candidates: self.candidates()?,
            workers: self.settings(),
            objective,
            seed: self.seed.unwrap_or_else(random_seed),
            overhead: if simulated { Duration::ZERO } else { OVERHEAD },
            budget,
            block,
            warmup: self.warmup,
            rounds,
        };
        Design::fit(wish).map_err(|error| Stop::usage(error.to_string()))
    }

    fn candidates(&self) -> Result<Vec<Candidate>, Stop> {
        let given = self.experiment.policies.concat();
        let list = if given.is_empty() { asked(POLICIES).map_err(Stop::usage)? } else { given };
        candidates(&list, self.limits.restart, |policy| self.limits.limit(policy))
    }

    fn settings(&self) -> Vec<u32> {
        let [closed, open] = WORKERS;
        let usual = if self.rate.is_some() { open } else { closed };
        match &self.experiment.vary {
            Some(Varied(numbers)) => numbers.clone(),
            None => vec![self.crew.workers.unwrap_or(usual)],
        }
    }

    /// What one block does.
    pub(in crate::command) fn plan(
        &self,
        design: &Design,
        (candidate, workers, seed): (&Candidate, u32, u64),
        simulation: Option<&Simulation>,
    ) -> Result<Plan, Stop> {
        let (connections, threads) = self.crew.shared(workers, simulation.is_some())?;
        let open = |rate| Pace::Open(Open { rate, arrivals: Arrivals::default(), max_queue: None });
        let load = Load {
            workers,
            connections,
            threads,
            ramp: Duration::ZERO,
            warmup: design.warmup,
            pace: self.rate.map_or(Pace::Closed, open),
            steps: None,
            stop: StopAt::After(design.block),
            drain_timeout: DRAIN,
        };
        let plan = Plan {
            bank: self.bank.bank(&self.target.schema)?,
            mix: self.transfer.mix.clone(),
            transfer: self.transfer.transfer(),
            session: self.transfer.session(simulation, candidate.restart),
            load,
            retry: Retry { policy: candidate.policy, restart: candidate.restart },
            verify: self.verify.verify(false),
            seed,
        };
        possible(plan, simulation)
    }

    /// The command that makes the same experiment again, but for the address. The plan is that of any block. What is as
    /// usual is left out.
    pub(in crate::command) fn command(&self, design: &Design, plan: &Plan) -> Vec<String> {
        let mut words = ["contend", "tune"].map(str::to_owned).to_vec();
        let mut add = |name: &str, value: String| words.extend([format!("--{name}"), value]);
        if !self.experiment.policies.is_empty() || self.limits.are_given() {
            add("policies", design.candidates.iter().map(again).collect::<Vec<_>>().join(","));
        }
        let workers: Vec<String> = design.workers.iter().map(u32::to_string).collect();
        match workers.as_slice() {
            [one] => add("workers", one.clone()),
            several => add("vary", format!("workers={}", several.join(","))),
        }
        let time = |time: Duration| humantime::format_duration(time).to_string().replace(' ', "");
        add("block", time(design.block));
        add("warmup", time(design.warmup));
        add("rounds", design.rounds.to_string());
        add("budget", time(design.budget));
        add("objective", design.objective.to_string());
        add("seed", design.seed.to_string());
        // What differs from block to block unless somebody says it for all.
        if let Some(connections) = self.crew.connections {
            add("connections", connections.to_string());
        }
        if let Some(threads) = self.crew.threads {
            add("threads", threads.to_string());
        }
        if let Some(flight) = self.transfer.flight {
            add("flight", flight.to_string());
        }
        if self.standard() != Standard::default() {
            add("level", self.standard().to_string());
        }
        let usual = usual_flags().unwrap_or_default();
        words.extend(kept(plan.flags()).into_iter().filter(|flag| !usual.contains(flag)).flatten());
        words
    }
}

/// A candidate as it was asked for, where that says everything of it.
fn again(candidate: &Candidate) -> String {
    let Candidate { name, policy, restart } = candidate;
    let is_all = name.parse().is_ok_and(|parsed: Policy| parsed == *policy) && *restart == Restart::default();
    if is_all { name.clone() } else { format!("{policy}@{restart}") }
}

/// What a plan says where nothing is asked for.
fn usual_flags() -> Option<Vec<Vec<String>>> {
    let Ok(Cli { command: Command::Tune(flags) }) = Cli::try_parse_from(["contend", "tune"]) else { return None };
    let design = flags.design(false).ok()?;
    let first = (design.candidates.first()?, *design.workers.first()?, 0);
    Some(kept(flags.plan(&design, first, None).ok()?.flags()))
}

/// Flags of a run that mean the same here, and have not been said already.
fn kept(flags: Vec<String>) -> Vec<Vec<String>> {
    let dropped = [
        "workers",
        "connections",
        "threads",
        "flight",
        "warmup",
        "seed",
        "ramp",
        "duration",
        "drain-timeout",
        "arrivals",
        "retry",
        "restart",
        "max-attempts",
        "transaction-deadline",
    ];
    let mut kept = Vec::new();
    let mut flags = flags.into_iter().peekable();
    while let Some(flag) = flags.next() {
        let value = flags.next_if(|next| !next.starts_with("--"));
        if !flag.strip_prefix("--").is_some_and(|name| dropped.contains(&name)) {
            kept.push([Some(flag), value].into_iter().flatten().collect());
        }
    }
    kept
}
