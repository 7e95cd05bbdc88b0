//! Where does a load work? On a server, under its lease: the tables before the load, the load, and the tables after it.

use std::cell::Cell;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::auditing::Auditing;
use super::drive::{Beside, DatabaseBeside, drive};
use super::exit::Stop;
use super::leased::{Leased, with_lease};
use super::loaded::Loaded;
use super::observed::Observed;
use super::signals::Signals;
use super::stage::Stage;
use crate::db::{Control, Error, Pool, Schema, SessionSettings, Target, make_shape_tables, state};
use crate::history::{Recording, State};
use crate::load::{Launch, Load};
use crate::measure::{Interval, Second};
use crate::plan::Plan;
use crate::report::Progress;
use crate::retry::Restart;

/// Beside those of the workers: one for the tables, one for the lease, and one for the audits where there are any.
const CONTROL_CONNECTIONS: u32 = 2;

/// A database that nobody else's load works on.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) target: &'a Target,
    pub(super) schema: &'a Schema<'a>,
    pub(super) leased: &'a Leased<'a>,
}

/// A load that is connected, and what the tables hold before it.
pub(super) struct Connected {
    load: Load<Observed>,
    before: State,
    auditing: Option<Auditing>,
    recording: Arc<Recording>,
    intervals: mpsc::UnboundedReceiver<Interval>,
}

/// Makes the schema where there is none, and holds the lease around everything that touches its tables. Where the server
/// knows not all ways to restart, nothing is touched.
pub(super) async fn at_site<T>(
    target: &Target,
    plan: &Plan,
    restarts: impl IntoIterator<Item = Restart>,
    signals: &Signals,
    stage: &Cell<Stage>,
    work: impl AsyncFnOnce(Site<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let control = Control::connect(target).await?;
    if let Some(reason) = restarts.into_iter().find_map(|restart| control.server().product.refuses(restart)) {
        return Err(Stop::looking(reason));
    }
    let asked = plan.load.connections + CONTROL_CONNECTIONS + u32::from(plan.verify.audit);
    if let Some((limit, reserved)) = control.connection_limit().await?
        && asked > limit.saturating_sub(reserved)
    {
        return Err(Error::TooManyConnections { asked, limit, reserved }.into());
    }
    let schema = Schema::new(&control, &plan.bank.schema);
    schema.create().await?;
    stage.set(Stage::Leased);
    let interrupted = Stage::until_interrupted(stage, signals);
    with_lease(target, &plan.bank.schema, interrupted, async |leased: Leased<'_>| {
        Box::pin(work(Site { target, schema: &schema, leased: &leased })).await
    })
    .await
}

impl Site<'_> {
    pub(super) fn control(&self) -> &Control {
        self.schema.control()
    }

    /// Makes the tables of the plan's shapes, and reads all of them.
    pub(super) async fn before(&self, plan: &Plan) -> Result<State, Error> {
        make_shape_tables(self.schema, self.target, plan).await?;
        state(self.schema, plan).await
    }

    /// Makes the connections of a load.
    pub(super) async fn connect(
        &self,
        plan: &Plan,
        settings: &SessionSettings,
        epoch: i64,
        before: State,
    ) -> Result<Connected, Stop> {
        let auditing = Auditing::connect(self.target, plan, &before.accounts).await?;
        let recording = Recording::new(plan.verify.history_limit, plan.load.threads);
        let (tell, intervals) = mpsc::unbounded_channel();
        let observers = Observed::of_shards(plan, &recording, &tell);
        let cluster = self.control().cluster();
        let (connecting, settings) = (cluster.clone(), settings.clone());
        let connect = async move |connections: u32| Pool::connect(&connecting, &settings, connections).await;
        let launch = Launch { epoch, connect, observers, simulated: None };
        let load = Load::connect(plan, launch).await.map_err(|failure| cluster.refused(failure))?;
        Ok(Connected { load, before, auditing, recording, intervals })
    }

    /// Runs a load until its end.
    pub(super) async fn load(
        &self,
        plan: &Plan,
        connected: Connected,
        signals: &Signals,
        progress: &Progress,
        show: impl Fn(&Second),
    ) -> Result<Loaded, Stop> {
        let Connected { mut load, before, auditing, recording, intervals } = connected;
        let database = DatabaseBeside { schema: self.schema, leased: self.leased, auditing: auditing.as_ref() };
        let beside = Beside { plan, signals, progress, database: Some(database) };
        let watched = drive(&mut load, beside, intervals, show).await;
        Loaded::of(plan, load, watched, before, recording)
    }

    /// What the tables hold now; none when somebody else has the lease by now. A server that does not even answer to the
    /// renewal is not asked for more.
    pub(super) async fn after(&self, plan: &Plan) -> Result<Option<State>, Error> {
        if !self.leased.lease.renew(self.schema).await? {
            return Ok(None);
        }
        let after = state(self.schema, plan).await?;
        Ok(self.leased.lease.renew(self.schema).await?.then_some(after))
    }
}
