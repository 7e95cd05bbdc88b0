//! What happens while the load runs? Progress is shown, the lease renewed, Ctrl-C heard.

use std::cell::Cell;
use std::pin::pin;

use tokio::sync::mpsc;

use super::observed::Observed;
use super::signals::Signals;
use crate::db::{Lease, Schema, relation_locks};
use crate::load::Load;
use crate::measure::{Interval, Second, Series};
use crate::plan::{Isolation, Plan};
use crate::report::Progress;

/// What was seen beside the transactions.
#[derive(Debug)]
pub(super) struct Watched {
    /// The run second by second.
    pub(super) seconds: Vec<Second>,
    /// Somebody else has the lease.
    pub(super) lease_lost: bool,
    /// Predicate locks on the whole table were seen.
    pub(super) relation_locks: bool,
}

/// Starts the load and returns when it has ended.
pub(super) async fn drive(
    load: &mut Load<Observed>,
    schema: &Schema<'_>,
    lease: &Lease,
    plan: &Plan,
    signals: &Signals,
    progress: &Progress,
    mut intervals: mpsc::UnboundedReceiver<Interval>,
) -> Watched {
    let bar = progress.load(plan.load.stop, plan.load.ramp + plan.load.warmup);
    let mut series = Series::new(plan.load.threads);
    let locks_seen = Cell::new(plan.session.isolation != Isolation::Serializable);
    let mut lease_kept = pin!(keep_lease(schema, lease, &locks_seen));
    let (mut asked, mut lease_lost) = (false, false);
    load.start();
    loop {
        tokio::select! {
            () = load.ended() => break,
            () = signals.reach(1), if !asked => {
                asked = true;
                progress.note("stopping: waiting for the transactions in flight (Ctrl-C again quits at once)");
                load.stop();
            }
            () = &mut lease_kept, if !lease_lost => {
                lease_lost = true;
                load.stop();
            }
            Some(interval) = intervals.recv() => {
                if let Some(second) = series.add(&interval) {
                    bar.second(&second);
                }
            }
        }
    }
    while let Ok(interval) = intervals.try_recv() {
        series.add(&interval);
    }
    bar.finish();
    let relation_locks = locks_seen.get() && plan.session.isolation == Isolation::Serializable;
    Watched { seconds: series.finish(), lease_lost, relation_locks }
}

/// Renews the lease, and looks for locks on the whole table until some are seen. Ends when the lease is lost; a server
/// that does not answer for a while does not mean that.
async fn keep_lease(schema: &Schema<'_>, lease: &Lease, locks_seen: &Cell<bool>) {
    let looks_per_renewal = 3;
    for look in 1.. {
        tokio::time::sleep(Lease::RENEWAL / looks_per_renewal).await;
        if !locks_seen.get() {
            locks_seen.set(relation_locks(schema).await.unwrap_or(false));
        }
        if look % looks_per_renewal == 0 && matches!(lease.renew(schema).await, Ok(false)) {
            return;
        }
    }
}
