//! `contend run sim://LEVEL`: the same run, on a database that contend simulates, in virtual time.

use std::time::Duration;

use tokio::sync::mpsc;

use super::drive::{Beside, drive};
use super::exit::Stop;
use super::findings::Findings;
use super::run::{Ended, Job, Stage};
use crate::db::Error;
use crate::db::sim::{SimServer, Simulation, VirtualTime};
use crate::history::Recording;
use crate::load::{Launch, Load};
use crate::run::Server;

/// Nobody used these accounts before.
const EPOCH: i64 = 1;

impl Job<'_> {
    /// Loads, and looks at what is there afterwards. There is nothing to seed, to lease or to audit.
    pub(super) async fn on_simulation<'f>(
        &self,
        simulation: &Simulation,
        mut findings: Findings<'f>,
    ) -> Result<Ended<'f>, Stop> {
        let Self { plan, signals, progress, .. } = *self;
        let time = VirtualTime::default();
        let server = SimServer::new(simulation, plan, time.clone());
        let before = server.state();
        findings.seeded(Server::SIMULATION.to_owned(), simulation.name().to_owned(), Duration::ZERO);
        findings.granted(vec![plan.session.isolation.to_string().replace('-', " ")]);
        self.warn_of_an_empty_ledger();
        let recording = Recording::new(plan.verify.history_limit, plan.load.threads);
        let (tell, intervals) = mpsc::unbounded_channel();
        let observers = self.observers(&recording, &tell);
        drop(tell);
        let connected = server.clone();
        let connect = async move |connections: u32| Ok(connected.database(connections));
        let launch = Launch { epoch: EPOCH, connect, observers, simulated: Some(time) };
        let failed = |failure| Error::Statement { doing: "simulate a database", failure };
        let mut load = Load::connect(plan, launch).await.map_err(failed)?;
        self.stage.set(Stage::Loading);
        let watched = drive(&mut load, Beside { plan, signals, progress, database: None }, intervals).await;
        findings.connected(server.hosts());
        let loaded = self.finish(load, watched, &mut findings)?;
        Ok(self.judge(before, Ok(Some(server.state())), false, loaded, recording, findings))
    }
}
