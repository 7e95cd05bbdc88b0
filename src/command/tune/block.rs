//! How is one block run? As one load with an epoch and connections of its own, on a server or on a simulation that is new.

use std::time::{Duration, Instant};

use crate::command::exit::Stop;
use crate::command::loaded::{Judged, Loaded};
use crate::command::seed::seed_accounts;
use crate::command::signals::Signals;
use crate::command::simulated::{Simulated, simulate};
use crate::command::site::Site;
use crate::db::SessionSettings;
use crate::db::sim::Simulation;
use crate::load::{Launch, StopCause};
use crate::measure::Second;
use crate::plan::Plan;
use crate::report::Progress;

/// Where the blocks of an experiment are run, one after the other, and what they have found out there.
pub(super) struct Ground<'a> {
    place: Place<'a>,
    /// Each isolation level that a connection has answered.
    pub(super) granted: Option<Vec<String>>,
    /// The servers, with the connections made to each.
    pub(super) hosts: Vec<(String, u64)>,
}

enum Place<'a> {
    Site {
        site: Site<'a>,
        settings: SessionSettings,
        /// Of the next block, where it is known.
        epoch: Option<i64>,
        since: Instant,
    },
    Simulation {
        simulation: &'a Simulation,
        /// Virtual time.
        elapsed: Duration,
    },
}

/// A block that has ended.
pub(super) struct Ran {
    pub(super) judged: Judged,
    /// The measured time.
    pub(super) measured: Duration,
    /// Ctrl-C has ended it.
    pub(super) interrupted: bool,
    /// Somebody else has the lease by now.
    pub(super) lost: bool,
}

impl<'a> Ground<'a> {
    /// A server. The epoch is that of the first block.
    pub(super) fn site(site: Site<'a>, settings: SessionSettings, epoch: i64) -> Self {
        let place = Place::Site { site, settings, epoch: Some(epoch), since: Instant::now() };
        Self { place, granted: None, hosts: Vec::new() }
    }

    /// A simulation.
    pub(super) fn simulation(simulation: &'a Simulation) -> Self {
        Self { place: Place::Simulation { simulation, elapsed: Duration::ZERO }, granted: None, hosts: Vec::new() }
    }

    /// How long the experiment has gone on.
    pub(super) fn elapsed(&self) -> Duration {
        match &self.place {
            Place::Site { since, .. } => since.elapsed(),
            Place::Simulation { elapsed, .. } => *elapsed,
        }
    }

    /// Runs a block, and judges what it leaves.
    pub(super) async fn run(
        &mut self,
        plan: &Plan,
        signals: &Signals,
        progress: &Progress,
        show: impl Fn(&Second),
    ) -> Result<Ran, Stop> {
        match &mut self.place {
            Place::Simulation { simulation, elapsed } => {
                let Simulated { loaded, after, hosts } = simulate(simulation, plan, signals, progress, show).await?;
                let outcome = &loaded.outcome;
                *elapsed += outcome.warmup + outcome.measured + outcome.drain;
                add(&mut self.hosts, hosts);
                Ok(Ran::of(loaded, false, |loaded| loaded.judge(plan, Ok(Some(after)), false)))
            }
            Place::Site { site, settings, epoch, .. } => {
                let epoch = match epoch.take() {
                    Some(epoch) => epoch,
                    None => next_epoch(site, plan, progress).await?,
                };
                let settings = settings.of(plan, site.leased.lease);
                let connecting = async {
                    let before = site.before(plan).await?;
                    site.connect(plan, &settings, epoch, before).await
                };
                let connected = site.leased.unless_lost(connecting).await?;
                let loaded = site.load(plan, connected, signals, progress, show).await;
                (self.granted, self.hosts) = (Some(settings.granted()), settings.made());
                let loaded = loaded?;
                let after = site.after(plan).await;
                let lost = site.leased.is_lost() || matches!(after, Ok(None));
                Ok(Ran::of(loaded, lost, |loaded| loaded.judge(plan, after, lost)))
            }
        }
    }
}

impl Ran {
    fn of(loaded: Loaded, lost: bool, judge: impl FnOnce(Loaded) -> Judged) -> Self {
        let (measured, interrupted) = (loaded.outcome.measured, loaded.outcome.cause == StopCause::Asked && !lost);
        Self { judged: judge(loaded), measured, interrupted, lost }
    }
}

/// No two loads sign alike: each has an epoch of its own. When all of them have been used the accounts begin anew.
async fn next_epoch(site: &Site<'_>, plan: &Plan, progress: &Progress) -> Result<i64, Stop> {
    let Site { target, schema, leased } = *site;
    let lost = || Stop::looking("another contend took over these accounts meanwhile");
    let epoch = leased.lease.next_epoch(schema).await?.ok_or_else(lost)?;
    if epoch <= Launch::MAX_EPOCH {
        return Ok(epoch);
    }
    leased.unless_lost(seed_accounts(schema, target, &plan.bank, leased, epoch, progress)).await
}

fn add(hosts: &mut Vec<(String, u64)>, made: Vec<(String, u64)>) {
    for (name, connections) in made {
        match hosts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += connections,
            None => hosts.push((name, connections)),
        }
    }
}
