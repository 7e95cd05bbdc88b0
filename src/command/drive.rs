//! What happens while the load runs? Progress is shown, the lease renewed, Ctrl-C heard, the whole audited.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;

use super::auditing::Auditing;
use super::leased::Leased;
use super::observed::Observed;
use super::signals::Signals;
use crate::check::Audits;
use crate::db::{Schema, relation_locks};
use crate::load::{Clock, Load, Tallies};
use crate::measure::{Interval, Second, Series};
use crate::plan::{Isolation, Plan};
use crate::report::Progress;

/// So often the server is asked for locks on the whole table: workers that wait hold none, so that one look can miss them.
const LOOKS: u32 = 10;
/// Before each look.
const PAUSE: Duration = Duration::from_millis(300);

/// What was seen beside the transactions.
#[derive(Debug)]
pub(super) struct Watched {
    /// The run second by second.
    pub(super) seconds: Vec<Second>,
    /// Predicate locks on the whole table were seen.
    pub(super) relation_locks: bool,
    /// The snapshots of the whole, if there were any.
    pub(super) audits: Option<Audits>,
}

/// What the load runs beside.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) plan: &'a Plan,
    pub(super) signals: &'a Signals,
    pub(super) progress: &'a Progress,
    /// None in a simulation, where nobody else is.
    pub(super) database: Option<DatabaseBeside<'a>>,
}

/// What is done to a real database while the load runs.
#[derive(Clone, Copy)]
pub(super) struct DatabaseBeside<'a> {
    pub(super) schema: &'a Schema<'a>,
    pub(super) leased: &'a Leased<'a>,
    pub(super) auditing: Option<&'a Auditing>,
}

/// Starts the load, shows each of its seconds, and returns when it has ended.
pub(super) async fn drive(
    load: &mut Load<Observed>,
    beside: Beside<'_>,
    mut intervals: mpsc::UnboundedReceiver<Interval>,
    show: impl Fn(&Second),
) -> Watched {
    let Beside { plan, signals, progress, database } = beside;
    let auditing = database.and_then(|database| database.auditing);
    let mut series = Series::new(plan.load.threads);
    let serializable = plan.session.isolation == Isolation::Serializable;
    let mut looked = pin!(look_for_relation_locks(database));
    let (mut asked, mut lost, mut relation_locks) = (false, false, None);
    let clock = load.start();
    let tallies = load.tallies();
    let mut audits = pin!(audit(auditing, &clock, &tallies));
    loop {
        tokio::select! {
            () = load.ended() => break,
            () = signals.reach(1), if !asked => {
                asked = true;
                progress.note("stopping: waiting for the transactions in flight (Ctrl-C again quits at once)");
                load.stop();
            }
            () = lease_lost(database), if !lost => {
                lost = true;
                load.stop();
            }
            seen = &mut looked, if serializable && relation_locks.is_none() => relation_locks = Some(seen),
            never = &mut audits => match never {},
            Some(interval) = intervals.recv() => {
                // The last one is a part of a second, and no rate.
                if let Some(second) = series.add(&interval).filter(|_| !interval.last) {
                    show(&second);
                }
            }
        }
    }
    let ended = clock.now();
    if let Some(auditing) = auditing.filter(|_| !lost) {
        tokio::select! {
            never = &mut audits => match never {},
            () = auditing.first() => {}
        }
    }
    while let Ok(interval) = intervals.try_recv() {
        series.add(&interval);
    }
    let relation_locks = relation_locks.unwrap_or(false);
    Watched { seconds: series.finish(), relation_locks, audits: auditing.map(|auditing| auditing.take(ended)) }
}

/// Audits for as long as it is polled, where there is an auditor.
async fn audit(auditing: Option<&Auditing>, clock: &Clock, tallies: &Tallies) -> Infallible {
    match auditing {
        Some(auditing) => auditing.run(clock, tallies).await,
        None => std::future::pending().await,
    }
}

/// Waits until somebody else has the lease, where there is one.
async fn lease_lost(database: Option<DatabaseBeside<'_>>) {
    match database {
        Some(DatabaseBeside { leased, .. }) => leased.lost().await,
        None => std::future::pending().await,
    }
}

/// Looks a few times, and not all the time: to look takes locks of the server's own.
async fn look_for_relation_locks(database: Option<DatabaseBeside<'_>>) -> bool {
    let Some(DatabaseBeside { schema, .. }) = database else { return false };
    for _ in 0..LOOKS {
        tokio::time::sleep(PAUSE).await;
        if relation_locks(schema).await.unwrap_or(false) {
            return true;
        }
    }
    false
}
