//! `contend run`: connect, seed, load, verify, report.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use tokio::sync::mpsc;

use super::Exit;
use super::auditing::Auditing;
use super::connect::{Named, Place, named_for_run, start_server};
use super::drive::{Beside, DatabaseBeside, Watched, drive};
use super::examine::{Examination, Recorded};
use super::exit::{self, Stop};
use super::findings::Findings;
use super::flags::RunFlags;
use super::leased::{Leased, with_lease};
use super::observed::Observed;
use super::seed::seed_accounts;
use super::signals::Signals;
use crate::check::{Books, Status, Verdict, permit};
use crate::db::{Control, Error, Pool, Schema, ServerVersion, SessionSettings, Target, make_shape_tables, state};
use crate::history::{Log, Recording, Shape, State};
use crate::load::{Launch, Load, StopCause, raise_file_limit};
use crate::measure::{Interval, Second, Summary};
use crate::plan::{Isolation, Plan, Planner, VerifyMode};
use crate::report::{self, Progress, Style};
use crate::store::Store;

/// Beside those of the workers: one for the tables, one for the lease, and one for the audits where there are any.
const CONTROL_CONNECTIONS: u32 = 2;

/// Runs until the end, or until somebody wants it to quit at once.
pub(super) async fn execute(flags: &RunFlags) -> Result<Exit, Stop> {
    let named = named_for_run(&flags.target, &flags.server)?;
    let simulation = match &named {
        Some(Named::Simulation(simulation)) => Some(simulation),
        _ => None,
    };
    let plan = flags.plan(simulation)?;
    let signals = Signals::listen()?;
    let progress = Progress::new(flags.output.quiet);
    let stage = Cell::new(Stage::Starting);
    let job = Job { flags, plan: &plan, signals: &signals, progress: &progress, stage: &stage };
    let quit = async {
        signals.reach(1).await;
        if stage.get() != Stage::Starting {
            signals.reach(2).await;
        }
    };
    tokio::select! {
        done = job.run(named) => done,
        () = quit => Err(Stop::quit()),
    }
}

/// What the first Ctrl-C ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Everything, at once.
    Starting,
    /// Everything, but the lease is given back.
    Leased,
    /// The load; the rest goes on.
    Loading,
}

/// What a run works with from the beginning.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    flags: &'a RunFlags,
    pub(super) plan: &'a Plan,
    pub(super) signals: &'a Signals,
    pub(super) progress: &'a Progress,
    pub(super) stage: &'a Cell<Stage>,
}

/// A run for which the database is not needed any more, and what went wrong with the server in it.
pub(super) struct Ended<'a> {
    findings: Findings<'a>,
    summary: Summary,
    seconds: Vec<Second>,
    /// What the state in the end says.
    verdict: Verdict,
    recorded: Option<Recorded>,
    complaint: Option<String>,
}

/// What the load left behind.
pub(super) struct Loaded {
    summary: Summary,
    books: Books,
    logs: Vec<Log>,
    watched: Watched,
    cause: StopCause,
}

impl Job<'_> {
    /// Finds or starts the server, runs, and stops what it started.
    async fn run(&self, named: Option<Named>) -> Result<Exit, Stop> {
        let (flags, started) = (self.flags, SystemTime::now());
        let store = Store::open(&flags.output.out, started, &flags.output.name, !flags.output.no_save)?;
        let findings = |address, local| Findings::new(self.plan, flags.standard(), started, store.id(), address, local);
        let ended = match named {
            Some(Named::Simulation(simulation)) => {
                self.on_simulation(&simulation, findings(simulation.to_string(), None)).await
            }
            Some(Named::Database(target)) => {
                self.raise_file_limit()?;
                self.on_server(Place { target, local: None }, findings).await
            }
            None => {
                self.raise_file_limit()?;
                self.on_server(start_server(flags, self.plan.load.connections).await?, findings).await
            }
        };
        self.conclude(ended?, store).await
    }

    /// Each connection is a file; known before any server is started.
    fn raise_file_limit(&self) -> Result<(), Stop> {
        raise_file_limit(self.plan.load.connections).map_err(|error| Stop::looking(error.to_string()))
    }

    /// Runs on a server, and stops it where contend has started it.
    async fn on_server<'f>(
        &self,
        place: Place,
        findings: impl FnOnce(String, Option<String>) -> Findings<'f>,
    ) -> Result<Ended<'f>, Stop> {
        let Place { target, local } = place;
        let description = local.as_ref().map(crate::db::local::LocalServer::describe);
        if let Some(description) = &description {
            self.progress.note(&format!("started {description}"));
        }
        let findings = findings(target.display.clone(), description);
        let ended = Box::pin(self.with_lease(&target, findings)).await;
        if let Some(local) = local {
            local.stop().await;
        }
        ended
    }

    /// Examines, saves and prints a run, and decides how contend ends.
    async fn conclude(&self, ended: Ended<'_>, store: Store) -> Result<Exit, Stop> {
        let Ended { mut findings, summary, seconds, mut verdict, recorded, complaint } = ended;
        let (standard, ran) = (self.flags.standard(), summary.shapes.committed());
        let shapes = if ran.is_empty() { self.plan.mix.shapes() } else { ran };
        let mut examined = Ok(());
        if let Some(recorded) = recorded {
            let examination = Examination { plan: self.plan, standard, shapes: &shapes };
            examined = examination.examine(recorded, &store, self.progress, &mut findings, &mut verdict).await;
        }
        permit(&mut verdict, standard, &findings.server().promise(), &shapes);
        findings.check_isolation(&mut verdict);
        let run = findings.into_run(&summary, &seconds, &verdict);
        let saved = store.save(&run);
        let text = if self.flags.output.json { report::json(&run) } else { report::text(&run, Style::of_stdout()) };
        exit::print(&text)?;
        if let Some(path) = saved? {
            self.progress.note(&format!("saved in {}", path.display()));
        }
        examined?;
        match complaint {
            Some(message) if !run.verdict.is(Status::Violated) => Err(Stop::looking(message)),
            _ => Ok(run.verdict.exit_status().into()),
        }
    }

    /// Holds the lease around everything that touches the tables.
    async fn with_lease<'f>(&self, target: &Target, findings: Findings<'f>) -> Result<Ended<'f>, Stop> {
        let plan = self.plan;
        let control = Control::connect(target).await?;
        if let Some(reason) = control.server().product.refuses(plan.retry.restart) {
            return Err(Stop::looking(reason));
        }
        let asked = plan.load.connections + CONTROL_CONNECTIONS + u32::from(plan.verify.audit);
        if let Some((limit, reserved)) = control.connection_limit().await?
            && asked > limit.saturating_sub(reserved)
        {
            return Err(Error::TooManyConnections { asked, limit, reserved }.into());
        }
        Schema::new(&control, &plan.bank.schema).create().await?;
        self.stage.set(Stage::Leased);
        let interrupted = async {
            self.signals.reach(1).await;
            if self.stage.get() == Stage::Loading {
                std::future::pending::<()>().await;
            }
        };
        with_lease(target, &plan.bank.schema, interrupted, async |leased: Leased<'_>| {
            Box::pin(self.leased(target, &control, &leased, findings)).await
        })
        .await
    }

    /// Seeds, loads, verifies.
    async fn leased<'f>(
        &self,
        target: &Target,
        control: &Control,
        leased: &Leased<'_>,
        mut findings: Findings<'f>,
    ) -> Result<Ended<'f>, Stop> {
        let plan = self.plan;
        let schema = Schema::new(control, &plan.bank.schema);
        let begun = Instant::now();
        let product = control.server().product;
        let settings = SessionSettings::new(plan, product, leased.lease);
        let (tell, intervals) = mpsc::unbounded_channel();
        let recording = Recording::new(plan.verify.history_limit, plan.load.threads);
        let prepared = async {
            let epoch = seed_accounts(&schema, target, &plan.bank, leased, self.progress).await?;
            make_shape_tables(&schema, target, plan).await?;
            let before = state(&schema, plan).await?;
            let ServerVersion { product, version } = control.server();
            findings.seeded(product.to_string(), version.clone(), begun.elapsed());
            let auditing = Auditing::connect(target, plan, &before.accounts).await?;
            let load = self.connect(control, &settings, epoch, &recording, tell).await?;
            Ok((before, auditing, load))
        };
        let (before, auditing, mut load) = leased.unless_lost(prepared).await?;
        findings.granted(settings.granted());
        self.announce(&findings, control);
        self.stage.set(Stage::Loading);
        let Self { signals, progress, .. } = *self;
        let database = Some(DatabaseBeside { schema: &schema, leased, auditing: auditing.as_ref() });
        let beside = Beside { plan, signals, progress, database };
        let watched = drive(&mut load, beside, intervals).await;
        // Connections that were made anew may have been granted something else.
        findings.granted(settings.granted());
        findings.connected(settings.made());
        let loaded = self.finish(load, watched, &mut findings)?;
        Ok(self.verify(&schema, leased, before, loaded, recording, findings).await)
    }

    async fn connect(
        &self,
        control: &Control,
        settings: &SessionSettings,
        epoch: i64,
        recording: &Arc<Recording>,
        intervals: mpsc::UnboundedSender<Interval>,
    ) -> Result<Load<Observed>, Stop> {
        let (plan, observers) = (self.plan, self.observers(recording, &intervals));
        let (cluster, settings) = (control.cluster().clone(), settings.clone());
        let connect = async move |connections: u32| Pool::connect(&cluster, &settings, connections).await;
        let refused = |failure| control.cluster().refused(failure);
        Ok(Load::connect(plan, Launch { epoch, connect, observers, simulated: None }).await.map_err(refused)?)
    }

    /// One for each shard.
    pub(super) fn observers(
        &self,
        recording: &Arc<Recording>,
        intervals: &mpsc::UnboundedSender<Interval>,
    ) -> Vec<Observed> {
        let Plan { load, verify, .. } = self.plan;
        let log = || verify.mode.records().then(|| Log::new(Arc::clone(recording)));
        (0..load.threads).map(|_| Observed::new(self.plan, log(), intervals.clone())).collect()
    }

    /// What has to be known before the numbers are.
    fn announce(&self, findings: &Findings<'_>, control: &Control) {
        if let Some(warning) = findings.isolation_warning() {
            self.progress.note(&format!("warning: {warning}"));
        }
        self.warn_of_an_empty_ledger();
        let session = self.plan.session;
        let postgres = control.server().product == crate::db::Product::Postgres;
        if postgres && session.planner == Planner::PrimaryKey && session.isolation == Isolation::Serializable {
            self.progress.note(
                "sequential scans are off in contend's sessions, since their predicate locks\n\
                 cover the whole table (--planner default leaves them on)",
            );
        }
    }

    pub(super) fn warn_of_an_empty_ledger(&self) {
        let posted = [Shape::Transfer, Shape::Absolute, Shape::Peek];
        if self.plan.verify.mode == VerifyMode::Ledger && !posted.into_iter().any(|shape| self.plan.mix.has(shape)) {
            self.progress.note("warning: no shape of this mix is a transfer, so the ledger stays empty");
        }
    }

    /// Adds the shards up. A run in which nothing at all was possible is an error, not a result.
    pub(super) fn finish(
        &self,
        load: Load<Observed>,
        watched: Watched,
        findings: &mut Findings<'_>,
    ) -> Result<Loaded, Stop> {
        let mut outcome = load.finish();
        let mut summary = Summary::new(self.plan.load.workers);
        let mut books = Books::new(self.plan.bank.accounts, self.plan.verify.mode == VerifyMode::Ledger);
        let mut logs = Vec::new();
        for observed in std::mem::take(&mut outcome.observers) {
            books.merge(observed.books);
            logs.extend(observed.log);
            summary.merge(&observed.recorder.finish());
        }
        if let StopCause::Hopeless(failure) = &outcome.cause
            && books.ledger.commits == 0
        {
            return Err(Error::Statement { doing: "run transactions", failure: failure.clone() }.into());
        }
        findings.loaded(&outcome, watched.relation_locks);
        Ok(Loaded { summary, books, logs, watched, cause: outcome.cause })
    }

    /// Reads the tables once more, and judges what they hold.
    async fn verify<'f>(
        &self,
        schema: &Schema<'_>,
        leased: &Leased<'_>,
        before: State,
        loaded: Loaded,
        recording: Arc<Recording>,
        mut findings: Findings<'f>,
    ) -> Ended<'f> {
        let begun = Instant::now();
        let after = self.read_again(schema, leased).await;
        let lost = leased.is_lost() || matches!(after, Ok(None));
        findings.verified(begun.elapsed(), lost);
        self.judge(before, after, lost, loaded, recording, findings)
    }

    /// Judges the state after the load: none where the lease was lost.
    pub(super) fn judge<'f>(
        &self,
        before: State,
        after: Result<Option<State>, Error>,
        lost: bool,
        loaded: Loaded,
        recording: Arc<Recording>,
        findings: Findings<'f>,
    ) -> Ended<'f> {
        let Loaded { summary, books, logs, watched: Watched { seconds, audits, .. }, cause } = loaded;
        let mut verdict = Verdict::default();
        let mut complaint = None;
        let after = match after {
            // What another one has changed meanwhile says nothing about this run.
            _ if lost => {
                verdict.add("lease", Status::Inconclusive, "another contend took over these accounts meanwhile");
                None
            }
            Ok(after) => after,
            Err(error) => {
                verdict.add("final-balances", Status::Inconclusive, error.to_string());
                complaint = Some(error.to_string());
                None
            }
        };
        if let Some(after) = &after {
            verdict = books.judge(&self.plan.mix.shapes(), &before, after, summary.overlap.is_seen());
        }
        if let Some(audits) = audits.filter(|_| !lost) {
            audits.judge(&mut verdict);
        }
        if let StopCause::Hopeless(failure) = cause {
            complaint.get_or_insert(Error::Statement { doing: "go on", failure }.to_string());
        }
        let (before, after, logs) = (Arc::new(before), after.map(Arc::new), Arc::new(logs));
        let is_recorded = self.plan.verify.mode.records() && !lost;
        let recorded = is_recorded.then_some(Recorded { before, after, logs, recording });
        Ended { findings, summary, seconds, verdict, recorded, complaint }
    }

    /// The accounts after the run; none when somebody else has the lease by now. A server that does not even answer to the
    /// renewal is not asked for more.
    async fn read_again(&self, schema: &Schema<'_>, leased: &Leased<'_>) -> Result<Option<State>, Error> {
        if !leased.lease.renew(schema).await? {
            return Ok(None);
        }
        let after = state(schema, self.plan).await?;
        Ok(leased.lease.renew(schema).await?.then_some(after))
    }
}
