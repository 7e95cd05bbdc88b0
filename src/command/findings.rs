//! How does a run become one value? What each phase found is collected, and put together at the end.

use std::time::{Duration, SystemTime};

use crate::check::{Standard, Status, Verdict};
use crate::history::Nanos;
use crate::load::{Outcome, StopCause};
use crate::measure::{Second, Summary};
use crate::plan::{Isolation, Open, Pace, Plan, Stop};
use crate::run::{
    self, Client, End, EndReason, FORMAT, GrantedIsolation, Phases, Run, SavedHistory, SavedJudgement, SavedOpenLoop,
    SavedPlan, SavedShape, SavedStep, Server, ServerHost, WorkerTime,
};
use crate::store::HistoryHeader;

/// What is known about a run so far.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    plan: &'a Plan,
    id: String,
    started: SystemTime,
    server: Server,
    phases: Phases,
    end: End,
    client: Client,
    /// What was recorded.
    pub(super) history: Option<SavedHistory>,
    /// What it says.
    pub(super) judgement: Option<SavedJudgement>,
    standard: Standard,
}

impl<'a> Findings<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        standard: Standard,
        started: SystemTime,
        id: &str,
        address: String,
        local: Option<String>,
    ) -> Self {
        let isolation =
            GrantedIsolation { asked: plan.session.isolation.to_string(), granted: Vec::new(), weaker: false };
        let (product, version) = (String::new(), String::new());
        Self {
            plan,
            id: id.to_owned(),
            started,
            server: Server { product, version, address, local, isolation, relation_locks: false, hosts: Vec::new() },
            phases: Phases::default(),
            end: End { reason: EndReason::Completed, detail: None },
            client: Client::default(),
            history: None,
            judgement: None,
            standard,
        }
    }

    /// What is known of the server.
    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// When it began, RFC 3339.
    pub(super) fn started(&self) -> String {
        humantime::format_rfc3339_seconds(self.started).to_string()
    }

    /// The plan, as it is saved.
    pub(super) fn saved_plan(&self) -> SavedPlan {
        saved_plan(self.plan, self.standard)
    }

    /// The first line of the saved history.
    pub(super) fn history_header(&self, stopped_at: Option<Nanos>) -> HistoryHeader {
        let saved = saved_plan(self.plan, self.standard);
        HistoryHeader::new(&self.id, self.started(), self.plan, saved, self.server.clone(), stopped_at)
    }

    /// The accounts are there.
    pub(super) fn seeded(&mut self, product: String, version: String, took: Duration) {
        (self.server.product, self.server.version) = (product, version);
        self.phases.seed_s = took.as_secs_f64();
    }

    /// The connections have answered which isolation level they have.
    pub(super) fn granted(&mut self, granted: Vec<String>) {
        let asked = self.plan.session.isolation;
        let is_weaker = |level: &String| Isolation::from_server(level).is_none_or(|granted| granted < asked);
        self.server.isolation.weaker = granted.is_empty() || granted.iter().any(is_weaker);
        self.server.isolation.granted = granted;
    }

    /// How many connections each server was given.
    pub(super) fn connected(&mut self, made: Vec<(String, u64)>) {
        let host = |(address, connections)| ServerHost { address, connections };
        self.server.hosts = made.into_iter().map(host).collect();
    }

    /// What to say first and last when the server gives less than was asked for.
    pub(super) fn isolation_warning(&self) -> Option<String> {
        let isolation = &self.server.isolation;
        isolation
            .weaker
            .then(|| format!("asked for {}, but the server gives {}", isolation.asked, self.granted_levels()))
    }

    fn granted_levels(&self) -> String {
        match self.server.isolation.granted.as_slice() {
            [] => "no answer".to_owned(),
            levels => levels.join(" and "),
        }
    }

    /// A weaker level is no proof of the one that was asked for.
    pub(super) fn check_isolation(&self, verdict: &mut Verdict) {
        match self.isolation_warning() {
            Some(warning) => verdict.add("isolation", Status::Inconclusive, warning),
            None => {
                verdict.add("isolation", Status::Holds, format!("{} on every connection", self.granted_levels()));
            }
        }
    }

    /// The load has ended.
    pub(super) fn loaded<O>(&mut self, outcome: &Outcome<O>, relation_locks: bool) {
        self.server.relation_locks = relation_locks;
        self.phases.warmup_s = outcome.warmup.as_secs_f64();
        self.phases.measured_s = outcome.measured.as_secs_f64();
        self.phases.drain_s = outcome.drain.as_secs_f64();
        self.end = match &outcome.cause {
            StopCause::Planned => End { reason: EndReason::Completed, detail: None },
            StopCause::Asked => End { reason: EndReason::Interrupted, detail: None },
            StopCause::Hopeless(failure) => End { reason: EndReason::Stopped, detail: Some(failure.to_string()) },
        };
        let usage = outcome.usage;
        self.client =
            Client { cpu_user_s: usage.user_s, cpu_system_s: usage.system_s, max_rss_bytes: usage.max_rss_bytes };
    }

    /// The verdict is there.
    pub(super) fn verified(&mut self, took: Duration, lease_lost: bool) {
        self.phases.verify_s = took.as_secs_f64();
        if lease_lost {
            self.end = End { reason: EndReason::Stopped, detail: Some("the lease was lost".to_owned()) };
        }
    }

    /// Everything together.
    pub(super) fn into_run(self, summary: &Summary, seconds: &[Second], verdict: &Verdict) -> Run {
        let measured_s = self.phases.measured_s;
        let steps = summary.steps.as_ref();
        let per_second = |count: u64| if measured_s > 0.0 { count as f64 / measured_s } else { 0.0 };
        let starts = summary.open_loop.clone().unwrap_or_default();
        let open_loop = open(self.plan).map(|open| SavedOpenLoop::of(open, &starts, measured_s));
        Run {
            format: FORMAT,
            contend: env!("CARGO_PKG_VERSION").to_owned(),
            started: self.started(),
            id: self.id,
            plan: saved_plan(self.plan, self.standard),
            server: self.server,
            end: self.end,
            phases: self.phases,
            counts: (&summary.counts).into(),
            shapes: SavedShape::of(summary, &self.plan.mix.shapes()),
            steps: steps.map_or_else(Vec::new, |steps| SavedStep::of(steps, measured_s)),
            steps_analysis: steps.and_then(|steps| run::analysis(steps, measured_s)),
            goodput_tps: per_second(summary.window.committed),
            throughput_tps: per_second(summary.window.attempts),
            open_loop,
            latency_ns: (&summary.latency).into(),
            attempts_per_transaction: run::attempts_bins(summary),
            time: WorkerTime::from(summary),
            fairness: summary.fairness().map(Into::into),
            worst: summary.worst.map(Into::into),
            intervals: seconds.iter().copied().map(Into::into).collect(),
            client: self.client,
            history: self.history,
            judgement: self.judgement,
            verdict: verdict.into(),
        }
    }
}

fn open(plan: &Plan) -> Option<Open> {
    match plan.load.pace {
        Pace::Closed => None,
        Pace::Open(open) => Some(open),
    }
}

fn saved_plan(plan: &Plan, standard: Standard) -> SavedPlan {
    let open = open(plan);
    let mut flags = plan.flags();
    flags.extend(["--level".to_owned(), standard.to_string()]);
    SavedPlan {
        flags,
        workers: plan.load.workers,
        connections: plan.load.connections,
        threads: plan.load.threads,
        accounts: plan.bank.accounts,
        lock_order: plan.transfer.lock_order.to_string(),
        mix: plan.mix.to_string(),
        verify: plan.verify.mode.to_string(),
        level: standard.to_string(),
        keys: plan.transfer.keys.to_string(),
        retry: plan.retry.policy.to_string(),
        restart: plan.retry.restart.to_string(),
        flight: plan.session.flight.to_string(),
        protocol: plan.session.protocol.to_string(),
        rate_tps: open.map(|open| open.rate.get()),
        arrivals: open.map(|open| open.arrivals.to_string()),
        steps: plan.load.steps.map(|steps| steps.levels.to_string()),
        seed: plan.seed,
        duration_s: match plan.load.stop {
            Stop::After(time) => Some(time.as_secs_f64()),
            Stop::Transactions(_) => None,
        },
    }
}
