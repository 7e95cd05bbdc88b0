//! `contend tune`: run retry policies against each other in blocks, and say which one to use.

mod block;
mod experiment;
mod shown;
mod subject;

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use super::Exit;
use super::connect::{Place, start_server};
use super::exit::{self, Stop};
use super::findings::Findings;
use super::flags::TuneFlags;
use super::run::{KEPT_FROM_SCANS, is_kept_from_scans};
use super::seed::seed_accounts;
use super::signals::{Signals, unless};
use super::site::{Site, at_site};
use super::stage::Stage;
use crate::db::sim::Simulation;
use crate::db::{ServerVersion, SessionSettings};
use crate::load::raise_file_limit;
use crate::plan::Plan;
use crate::report::{self, Progress, Style};
use crate::retry::Restart;
use crate::run::{Calibration, Server, Tune};
use crate::store::{Store, read_tune};
use crate::tune::{Candidate, Design};
use block::Ground;
use experiment::{Experiment, Finished};
use shown::{Shown, conclusion};
use subject::{Subject, Works};

/// Below the flags.
pub(super) const EXIT_CODES: &str = "\
Flags mean what they mean to `contend run`, with other defaults where it says so here: few accounts, so that there is contention, \
with so much money that nobody runs out of it, and transfers alone, in an order that does not deadlock: on PostgreSQL a deadlock \
waits for a second, and blocks would measure that.

The first Ctrl-C ends the experiment and reports what there is; the second one quits.

Exit codes: 0 the policies are ranked, 1 the accounts were wrong after a block, 2 wrong flags, 3 nothing can be said (no whole \
round, no commit), 4 something learned by looking is wrong, 130 quit by Ctrl-C.";

/// Runs until the end, or until somebody wants it to quit at once.
pub(super) async fn execute(flags: &TuneFlags) -> Result<Exit, Stop> {
    let shown = Shown { json: flags.output.json, emit: flags.emit };
    if let Some(path) = flags.from() {
        return shown.again(&read_tune(path)?);
    }
    let signals = Signals::listen()?;
    let subject = signals.unless_interrupted(Subject::of(flags)).await?;
    let design = flags.design(subject.simulation().is_some())?;
    let experiment = Asked { flags, design: &design, simulation: subject.simulation() };
    let largest = experiment.checked()?;
    if flags.only_plan() {
        exit::print(&report::design(&design, Style::of_stdout()))?;
        return Ok(Exit::Holds);
    }
    let progress = Progress::new(flags.output.quiet);
    let stage = Cell::new(Stage::Starting);
    let job =
        Job { asked: &experiment, largest: &largest, signals: &signals, progress: &progress, stage: &stage, shown };
    unless(Stage::until_quit(&stage, &signals), Box::pin(job.run(&subject))).await
}

/// The experiment that the flags mean.
#[derive(Clone, Copy)]
struct Asked<'a> {
    flags: &'a TuneFlags,
    design: &'a Design,
    simulation: Option<&'a Simulation>,
}

impl Asked<'_> {
    /// What a block of this candidate does in this setting.
    fn plan(&self, candidate: usize, setting: usize, seed: u64) -> Result<Plan, Stop> {
        let (candidate, workers) = (&self.design.candidates[candidate], self.design.workers[setting]);
        self.flags.plan(self.design, (candidate, workers, seed), self.simulation)
    }

    /// Makes sure that every block can be run. Answers with the plan of one that has the most connections.
    fn checked(&self) -> Result<Plan, Stop> {
        let mut largest = self.plan(0, 0, self.design.seed)?;
        for candidate in 0..self.design.candidates.len() {
            for setting in 0..self.design.workers.len() {
                let plan = self.plan(candidate, setting, self.design.seed)?;
                if plan.load.connections > largest.load.connections {
                    largest = plan;
                }
            }
        }
        Ok(largest)
    }
}

/// What an experiment works with from the beginning.
#[derive(Clone, Copy)]
struct Job<'a> {
    asked: &'a Asked<'a>,
    /// Of all blocks, one with the most connections.
    largest: &'a Plan,
    signals: &'a Signals,
    progress: &'a Progress,
    stage: &'a Cell<Stage>,
    shown: Shown,
}

impl Job<'_> {
    /// Finds or starts the server, runs all blocks, and stops what it started.
    async fn run(&self, subject: &Subject) -> Result<Exit, Stop> {
        let (flags, started) = (self.asked.flags, SystemTime::now());
        let store = Store::open(&flags.output.out, started, &flags.output.name, !flags.output.no_save)?;
        let first = self.first()?;
        let findings = |address, local| Findings::new(&first, flags.standard(), started, store.id(), address, local);
        let (finished, calibrated) = match &subject.works {
            Works::Simulation(simulation, calibration) => {
                let findings = findings(simulation.to_string(), None);
                (self.on_simulation(simulation, findings).await, calibration.clone())
            }
            Works::Database(target) => {
                self.raise_file_limit()?;
                (self.on_server(Place { target: target.clone(), local: None }, findings).await, None)
            }
            Works::Nothing => {
                self.raise_file_limit()?;
                let connections = self.largest.load.connections;
                let place = start_server(&flags.server, connections, flags.target.verbose).await?;
                (self.on_server(place, findings).await, None)
            }
        };
        self.conclude(finished?, &first, calibrated, store)
    }

    /// The plan that is saved: that of a block whose statements travel as those of most.
    fn first(&self) -> Result<Plan, Stop> {
        let Asked { design, .. } = self.asked;
        let is_usual = |candidate: &Candidate| candidate.restart != Restart::Single;
        let candidate = design.candidates.iter().position(is_usual).unwrap_or(0);
        self.asked.plan(candidate, 0, design.seed)
    }

    /// Each connection is a file; known before any server is started.
    fn raise_file_limit(&self) -> Result<(), Stop> {
        raise_file_limit(self.largest.load.connections).map_err(|error| Stop::looking(error.to_string()))
    }

    async fn on_simulation<'f>(
        &self,
        simulation: &Simulation,
        mut findings: Findings<'f>,
    ) -> Result<Finished<'f>, Stop> {
        findings.seeded(Server::SIMULATION.to_owned(), simulation.name().to_owned(), Duration::ZERO);
        findings.granted(vec![self.largest.session.isolation.to_string().replace('-', " ")]);
        self.stage.set(Stage::Loading);
        self.experiment().run(Ground::simulation(simulation), findings).await
    }

    /// Runs on a server, and stops it where contend has started it.
    async fn on_server<'f>(
        &self,
        place: Place,
        findings: impl FnOnce(String, Option<String>) -> Findings<'f>,
    ) -> Result<Finished<'f>, Stop> {
        let Place { target, local } = place;
        let description = local.as_ref().map(crate::db::local::LocalServer::describe);
        if let Some(description) = &description {
            self.progress.note(&format!("started {description}"));
        }
        let findings = findings(target.display.clone(), description);
        let restarts = self.asked.design.candidates.iter().map(|candidate| candidate.restart);
        let work = async |site: Site<'_>| self.at_site(site, findings).await;
        let finished = Box::pin(at_site(&target, self.largest, restarts, self.signals, self.stage, work)).await;
        if let Some(local) = local {
            local.stop().await;
        }
        finished
    }

    /// Seeds, and runs all blocks under one lease.
    async fn at_site<'f>(&self, site: Site<'_>, mut findings: Findings<'f>) -> Result<Finished<'f>, Stop> {
        let Site { target, schema, leased } = site;
        let (bank, epoch) = (&self.largest.bank, leased.lease.epoch);
        let seeding = seed_accounts(schema, target, bank, leased, epoch, self.progress);
        let epoch = leased.unless_lost(seeding).await?;
        let ServerVersion { product, version } = site.control().server();
        findings.seeded(product.to_string(), version.clone(), Duration::ZERO);
        if is_kept_from_scans(self.largest, *product) {
            self.progress.note(KEPT_FROM_SCANS);
        }
        let settings = SessionSettings::new(self.largest, *product, leased.lease);
        self.stage.set(Stage::Loading);
        self.experiment().run(Ground::site(site, settings, epoch), findings).await
    }

    fn experiment(&self) -> Experiment<'_> {
        let Self { asked, signals, progress, .. } = *self;
        Experiment { asked, signals, progress }
    }

    /// Saves and prints an experiment, and decides how contend ends.
    fn conclude(
        &self,
        finished: Finished<'_>,
        first: &Plan,
        calibrated: Option<Calibration>,
        store: Store,
    ) -> Result<Exit, Stop> {
        let Asked { flags, design, .. } = *self.asked;
        let error = finished.error.as_ref().map(|stop| Stop { exit: stop.exit, message: stop.message.clone() });
        if finished.is_nothing() {
            return Err(error.unwrap_or_else(|| Stop::inconclusive("the experiment ended before its first block did")));
        }
        let tune = finished.into_tune(store.id(), design, flags.command(design, first), calibrated);
        let saved = save(store, &tune);
        self.shown.print(&tune)?;
        if let Some(path) = saved? {
            self.progress.note(&format!("saved in {}", path.display()));
        }
        match error {
            Some(stop) if tune.violation.is_none() => Err(stop),
            _ => Ok(conclusion(&tune)),
        }
    }
}

/// The experiment and its pictures; the folder, where anything is saved.
fn save(store: Store, tune: &Tune) -> Result<Option<std::path::PathBuf>, Stop> {
    for (name, picture) in report::tune_pictures(tune) {
        store.add(&name, &picture)?;
    }
    Ok(store.save(Store::TUNE, tune)?)
}
