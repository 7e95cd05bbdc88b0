//! What happens while the load runs? Progress is shown, the lease renewed, Ctrl-C heard.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;

use super::leased::Leased;
use super::observed::Observed;
use super::signals::Signals;
use crate::db::{Schema, relation_locks};
use crate::load::Load;
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
}

/// Starts the load and returns when it has ended.
pub(super) async fn drive(
    load: &mut Load<Observed>,
    schema: &Schema<'_>,
    leased: &Leased<'_>,
    plan: &Plan,
    signals: &Signals,
    progress: &Progress,
    mut intervals: mpsc::UnboundedReceiver<Interval>,
) -> Watched {
    let bar = progress.load(plan.load.stop, plan.load.ramp + plan.load.warmup);
    let mut series = Series::new(plan.load.threads);
    let serializable = plan.session.isolation == Isolation::Serializable;
    let mut looked = pin!(look_for_relation_locks(schema));
    let (mut asked, mut lost, mut relation_locks) = (false, false, None);
    load.start();
    loop {
        tokio::select! {
            () = load.ended() => break,
            () = signals.reach(1), if !asked => {
                asked = true;
                progress.note("stopping: waiting for the transactions in flight (Ctrl-C again quits at once)");
                load.stop();
            }
            () = leased.lost(), if !lost => {
                lost = true;
                load.stop();
            }
            seen = &mut looked, if serializable && relation_locks.is_none() => relation_locks = Some(seen),
            Some(interval) = intervals.recv() => {
                // The last one is a part of a second, and no rate.
                if let Some(second) = series.add(&interval).filter(|_| !interval.last) {
                    bar.second(&second);
                }
            }
        }
    }
    while let Ok(interval) = intervals.try_recv() {
        series.add(&interval);
    }
    bar.finish();
    Watched { seconds: series.finish(), relation_locks: relation_locks.unwrap_or(false) }
}

/// Looks a few times, and not all the time: to look takes locks of the server's own.
async fn look_for_relation_locks(schema: &Schema<'_>) -> bool {
    for _ in 0..LOOKS {
        tokio::time::sleep(PAUSE).await;
        if relation_locks(schema).await.unwrap_or(false) {
            return true;
        }
    }
    false
}
