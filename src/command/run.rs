//! `contend run`: connect, seed, load, verify, report.

use std::cell::Cell;
use std::time::{Instant, SystemTime};

use super::Exit;
use super::connect::{Named, Place, named_for_run, start_server};
use super::examine::Examination;
use super::exit::{self, Stop};
use super::findings::Findings;
use super::flags::RunFlags;
use super::loaded::Judged;
use super::seed::seed_accounts;
use super::signals::{Signals, unless};
use super::site::{Site, at_site};
use super::stage::Stage;
use crate::check::{Status, permit};
use crate::db::{Product, ServerVersion, SessionSettings};
use crate::history::Shape;
use crate::load::raise_file_limit;
use crate::plan::{Isolation, Plan, Planner, VerifyMode};
use crate::report::{self, Progress, Style};
use crate::store::Store;

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
    unless(Stage::until_quit(&stage, &signals), Box::pin(job.run(named))).await
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

/// A run for which the database is not needed any more.
pub(super) struct Ended<'a> {
    pub(super) findings: Findings<'a>,
    pub(super) judged: Judged,
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
                self.on_server(
                    start_server(&flags.server, self.plan.load.connections, flags.target.verbose).await?,
                    findings,
                )
                .await
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
        let work = async |site: Site<'_>| self.at_site(site, findings).await;
        let ended =
            Box::pin(at_site(&target, self.plan, [self.plan.retry.restart], self.signals, self.stage, work)).await;
        if let Some(local) = local {
            local.stop().await;
        }
        ended
    }

    /// Examines, saves and prints a run, and decides how contend ends.
    async fn conclude(&self, ended: Ended<'_>, store: Store) -> Result<Exit, Stop> {
        let Ended { mut findings, judged } = ended;
        let Judged { summary, seconds, mut verdict, recorded, complaint } = judged;
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
        let saved = store.save(Store::RUN, &run);
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

    /// Seeds, loads, verifies.
    async fn at_site<'f>(&self, site: Site<'_>, mut findings: Findings<'f>) -> Result<Ended<'f>, Stop> {
        let Self { plan, signals, progress, .. } = *self;
        let Site { target, schema, leased } = site;
        let begun = Instant::now();
        let ServerVersion { product, version } = site.control().server();
        let settings = SessionSettings::new(plan, *product, leased.lease);
        let prepared = async {
            let epoch = seed_accounts(schema, target, &plan.bank, leased, leased.lease.epoch, progress).await?;
            let before = site.before(plan).await?;
            findings.seeded(product.to_string(), version.clone(), begun.elapsed());
            site.connect(plan, &settings, epoch, before).await
        };
        let connected = leased.unless_lost(prepared).await?;
        findings.granted(settings.granted());
        self.announce(&findings, *product);
        self.stage.set(Stage::Loading);
        let bar = progress.load_of(&plan.load);
        let loaded = site.load(plan, connected, signals, progress, |second| bar.second(second)).await;
        bar.finish();
        // Connections that were made anew may have been granted something else.
        findings.granted(settings.granted());
        findings.connected(settings.made());
        let loaded = loaded?;
        findings.loaded(&loaded.outcome, loaded.watched.relation_locks);
        let begun = Instant::now();
        let after = site.after(plan).await;
        let lost = leased.is_lost() || matches!(after, Ok(None));
        findings.verified(begun.elapsed(), lost);
        Ok(Ended { findings, judged: loaded.judge(plan, after, lost) })
    }

    /// What has to be known before the numbers are.
    fn announce(&self, findings: &Findings<'_>, product: Product) {
        if let Some(warning) = findings.isolation_warning() {
            self.progress.note(&format!("warning: {warning}"));
        }
        self.warn_of_an_empty_ledger();
        if is_kept_from_scans(self.plan, product) {
            self.progress.note(KEPT_FROM_SCANS);
        }
    }

    pub(super) fn warn_of_an_empty_ledger(&self) {
        let posted = [Shape::Transfer, Shape::Absolute, Shape::Peek];
        if self.plan.verify.mode == VerifyMode::Ledger && !posted.into_iter().any(|shape| self.plan.mix.has(shape)) {
            self.progress.note("warning: no shape of this mix is a transfer, so the ledger stays empty");
        }
    }
}

/// Whether contend's sessions are told to scan no table.
pub(super) fn is_kept_from_scans(plan: &Plan, product: Product) -> bool {
    let session = plan.session;
    let serializable = session.isolation == Isolation::Serializable;
    product == Product::Postgres && session.planner == Planner::PrimaryKey && serializable
}

/// What is said of that.
pub(super) const KEPT_FROM_SCANS: &str = "sequential scans are off in contend's sessions, since their predicate locks\n\
                                          cover the whole table (--planner default leaves them on)";
