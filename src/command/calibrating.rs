//! Which simulation behaves like the server of a saved run? The one whose costs were fitted to it.

use std::time::Duration;

use clap::Parser;
use tokio::sync::mpsc;

use super::exit::Stop;
use super::observed::Observed;
use super::{Cli, Command};
use crate::db::Failure;
use crate::db::sim::{Level, SimServer, Simulation, VirtualTime};
use crate::history::Recording;
use crate::load::{Launch, Load};
use crate::measure::Summary;
use crate::plan::{self, Isolation, Plan, VerifyMode};
use crate::run::{Calibration, Fit, Run};
use crate::tune::{Behavior, Costs, calibrate};

/// What PostgreSQL waits before it looks for a deadlock (`deadlock_timeout`), where nobody has changed that.
const POSTGRES_DEADLOCK_TIMEOUT: Duration = Duration::from_secs(1);
/// A simulation is measured for about so many attempts while its costs are searched for: their means are sure to 2 percent;
const ATTEMPTS: f64 = 3_000.0;
/// but for so many seconds at least and at most, in virtual time, and before that for a share of it that does not count.
const SECONDS: (f64, f64) = (0.2, 5.0);
const WARMUP: f64 = 0.25;

/// Finds the simulation, and says how well it fits.
pub(super) async fn calibrated(run: &Run) -> Result<(Simulation, Calibration), Stop> {
    let unfit = |reason: &str| Stop::looking(format!("the run {} cannot be simulated: {reason}", run.id));
    let measured = behavior_of(run).ok_or_else(|| unfit("nothing was committed in it"))?;
    let like = like(run).ok_or_else(|| unfit("its isolation level is not known"))?;
    let plan = plan_of(run, &like).ok_or_else(|| unfit("its flags are not those of this version of contend"))?;
    let searched = like.clone();
    // Minutes of virtual time, in which Ctrl-C is to be heard.
    let found =
        tokio::task::spawn_blocking(move || calibrate(&measured, |costs| simulate(&plan, &with(&searched, costs))));
    let found = found.await.map_err(|error| Stop::looking(format!("the simulation broke off: {error}")))?;
    let (costs, simulated) = found.ok_or_else(|| unfit("no simulation behaves like it"))?;
    let simulation = with(&like, &costs);
    let (run, address) = (run.id.clone(), simulation.to_string());
    Ok((simulation, Calibration { run, address, fits: fits(&measured, &simulated) }))
}

/// What the run has measured.
fn behavior_of(run: &Run) -> Option<Behavior> {
    let aborted = run.counts.attempts.saturating_sub(run.counts.committed + run.counts.declined);
    behavior(
        run.throughput_tps,
        (run.counts.attempts, run.counts.committed),
        run.latency_ns.attempt.p50,
        (run.time.wasted_s * 1e9, aborted),
    )
}

fn behavior(throughput_tps: f64, (attempts, committed): (u64, u64), p50: u64, wasted: (f64, u64)) -> Option<Behavior> {
    let (wasted_ns, aborted) = wasted;
    (committed > 0).then(|| Behavior {
        throughput_tps,
        attempts_per_commit: attempts as f64 / committed as f64,
        attempt_p50_ns: p50 as f64,
        aborted_mean_ns: (aborted > 0).then(|| wasted_ns / aborted as f64),
    })
}

/// A simulation of the same kind, whose costs are not known yet.
fn like(run: &Run) -> Option<Simulation> {
    let granted = run.server.isolation.granted.iter().map(|level| Isolation::from_server(level));
    let level = match granted.min()?? {
        Isolation::ReadCommitted => Level::ReadCommitted,
        Isolation::RepeatableRead => Level::Snapshot,
        Isolation::Serializable => Level::Serializable,
    };
    let usual = Simulation::new(level);
    let deadlock = if run.server.product == "PostgreSQL" { POSTGRES_DEADLOCK_TIMEOUT } else { usual.deadlock };
    Some(Simulation { deadlock, ..usual })
}

fn with(like: &Simulation, costs: &Costs) -> Simulation {
    let Costs { rtt_ns, service_ns, commit_ns, cores } = *costs;
    // In whole microseconds, which an address says in one word.
    let time = |nanoseconds: f64| Duration::from_secs_f64((nanoseconds / 1e3).round() / 1e6);
    Simulation { rtt: time(rtt_ns), service: time(service_ns), commit: time(commit_ns), cores, ..like.clone() }
}

/// The plan of the run, as long as a search has time for.
fn plan_of(run: &Run, like: &Simulation) -> Option<Plan> {
    let words = ["contend", "run"].into_iter().map(str::to_owned).chain(run.plan.flags.iter().cloned());
    let Ok(Cli { command: Command::Run(flags) }) = Cli::try_parse_from(words) else { return None };
    let mut plan = flags.plan(None).ok()?;
    plan.session.isolation = like.isolation();
    plan.load.threads = 1;
    plan.load.steps = None;
    let measured = Duration::from_secs_f64((ATTEMPTS / run.throughput_tps).clamp(SECONDS.0, SECONDS.1));
    (plan.load.ramp, plan.load.warmup) = (Duration::ZERO, measured.mul_f64(WARMUP));
    plan.load.stop = plan::Stop::After(measured);
    plan.verify.audit = false;
    plan.verify.mode = VerifyMode::Balance;
    Some(plan)
}

/// What a simulation does under a plan.
fn simulate(plan: &Plan, simulation: &Simulation) -> Option<Behavior> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
    let (summary, measured) = runtime.block_on(summary(plan, simulation)).ok()?;
    let counts = &summary.counts;
    let aborted = counts.attempts.saturating_sub(counts.committed + counts.declined);
    behavior(
        summary.window.attempts as f64 / measured.as_secs_f64(),
        (counts.attempts, counts.committed),
        summary.latency.attempt.value_at_quantile(0.5),
        (summary.wasted as f64, aborted),
    )
}

async fn summary(plan: &Plan, simulation: &Simulation) -> Result<(Summary, Duration), Failure> {
    let time = VirtualTime::default();
    let server = SimServer::new(simulation, plan, time.clone());
    let connect = async move |connections: u32| Ok(server.database(connections));
    let (tell, _) = mpsc::unbounded_channel();
    let observers = Observed::of_shards(plan, &Recording::new(plan.verify.history_limit, 1), &tell);
    let mut load = Load::connect(plan, Launch { epoch: 1, connect, observers, simulated: Some(time) }).await?;
    load.start();
    load.ended().await;
    let mut summary = Summary::new(plan.load.workers);
    let outcome = load.finish();
    for observed in outcome.observers {
        summary.merge(&observed.recorder.finish());
    }
    Ok((summary, outcome.measured))
}

fn fits(measured: &Behavior, simulated: &Behavior) -> Vec<Fit> {
    let fit = |name: &str, of: fn(&Behavior) -> f64| Fit {
        name: name.to_owned(),
        measured: of(measured),
        simulated: of(simulated),
    };
    vec![
        fit("attempts per second", |behavior| behavior.throughput_tps),
        fit("attempts per commit", |behavior| behavior.attempts_per_commit),
        fit("median attempt that commits, ms", |behavior| behavior.attempt_p50_ns / 1e6),
        fit("mean attempt that does not, ms", |behavior| behavior.aborted_mean_ns.unwrap_or(0.0) / 1e6),
    ]
}
