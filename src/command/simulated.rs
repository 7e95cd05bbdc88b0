//! How is one load run on a database that contend simulates? In virtual time: the same each time.

use std::time::Duration;

use tokio::sync::mpsc;

use super::drive::{Beside, drive};
use super::exit::Stop;
use super::findings::Findings;
use super::loaded::Loaded;
use super::observed::Observed;
use super::run::{Ended, Job};
use super::signals::Signals;
use super::stage::Stage;
use crate::db::Error;
use crate::db::sim::{SimServer, Simulation, VirtualTime};
use crate::history::{Recording, State};
use crate::load::{Launch, Load};
use crate::measure::Second;
use crate::plan::Plan;
use crate::report::Progress;
use crate::run::Server;

/// Nobody used these accounts before.
const EPOCH: i64 = 1;

/// A load that has ended, and what it has left.
pub(super) struct Simulated {
    pub(super) loaded: Loaded,
    pub(super) after: State,
    /// The nodes, with the connections made to each.
    pub(super) hosts: Vec<(String, u64)>,
}

/// Loads a simulated server that is new, and looks at what is there afterwards. There is nothing to seed, to lease or to
/// audit.
pub(super) async fn simulate(
    simulation: &Simulation,
    plan: &Plan,
    signals: &Signals,
    progress: &Progress,
    show: impl Fn(&Second),
) -> Result<Simulated, Stop> {
    let time = VirtualTime::default();
    let server = SimServer::new(simulation, plan, time.clone());
    let before = server.state();
    let recording = Recording::new(plan.verify.history_limit, plan.load.threads);
    let (tell, intervals) = mpsc::unbounded_channel();
    let observers = Observed::of_shards(plan, &recording, &tell);
    drop(tell);
    let connected = server.clone();
    let connect = async move |connections: u32| Ok(connected.database(connections));
    let launch = Launch { epoch: EPOCH, connect, observers, simulated: Some(time) };
    let failed = |failure| Error::Statement { doing: "simulate a database", failure };
    let mut load = Load::connect(plan, launch).await.map_err(failed)?;
    let watched = drive(&mut load, Beside { plan, signals, progress, database: None }, intervals, show).await;
    let loaded = Loaded::of(plan, load, watched, before, recording)?;
    Ok(Simulated { loaded, after: server.state(), hosts: server.hosts() })
}

impl Job<'_> {
    /// `contend run sim://LEVEL`.
    pub(super) async fn on_simulation<'f>(
        &self,
        simulation: &Simulation,
        mut findings: Findings<'f>,
    ) -> Result<Ended<'f>, Stop> {
        let Self { plan, signals, progress, .. } = *self;
        findings.seeded(Server::SIMULATION.to_owned(), simulation.name().to_owned(), Duration::ZERO);
        findings.granted(vec![plan.session.isolation.to_string().replace('-', " ")]);
        self.warn_of_an_empty_ledger();
        self.stage.set(Stage::Loading);
        let bar = progress.load_of(&plan.load);
        let simulated = simulate(simulation, plan, signals, progress, |second| bar.second(second)).await;
        bar.finish();
        let Simulated { loaded, after, hosts } = simulated?;
        findings.connected(hosts);
        findings.loaded(&loaded.outcome, loaded.watched.relation_locks);
        Ok(Ended { findings, judged: loaded.judge(plan, Ok(Some(after)), false) })
    }
}
