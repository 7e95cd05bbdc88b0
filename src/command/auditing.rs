//! Who looks at the whole while the load runs? The auditor, about ten times a second, on a connection of its own.

use std::cell::RefCell;
use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::Notify;

use crate::check::{Audit, Audits};
use crate::db::{Auditor, Error, Target};
use crate::history::{Nanos, Shape, Snapshot, Totals};
use crate::load::{Clock, Tallies, nanos};
use crate::plan::Plan;

/// Between two audits, at least.
const PAUSE: Duration = Duration::from_millis(100);
/// A pause is so many times as long as the quickest audit so far: whatever the size of the tables, the server adds up for
/// about a tenth of the time at most. What others took longer they have waited for transactions.
const PAUSES_PER_AUDIT: u32 = 9;
/// Clocks of the servers of one CockroachDB may differ by this much (its documentation, `--max-offset`): what is so much
/// older than a snapshot was before it on any of them.
const CLOCK_OFFSET: Duration = Duration::from_millis(500);
/// A load that ends before the first audit has been answered waits so long for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// The audits of one run.
#[derive(Debug)]
pub(super) struct Auditing {
    auditor: Auditor,
    audits: RefCell<Audits>,
    /// Rings when one has been answered.
    first: Notify,
}

impl Auditing {
    /// Connects the auditor, where the plan has one. What it sees is compared with the accounts before the load.
    pub(super) async fn connect(target: &Target, plan: &Plan, before: &Snapshot) -> Result<Option<Self>, Error> {
        if !plan.verify.audit {
            return Ok(None);
        }
        let (pairs, limit) = (plan.mix.has(Shape::Skew), plan.session.statement_timeout);
        let auditor = Auditor::connect(target, &plan.bank.schema, pairs, limit).await?;
        let Snapshot { count, total, versions, lowest, .. } = *before;
        let audits = Audits::new(Totals { count, total, versions, lowest, overdrawn: None });
        Ok(Some(Self { auditor, audits: RefCell::new(audits), first: Notify::new() }))
    }

    /// Audits for as long as it is polled. Dropped, it gives up the audit in flight.
    pub(super) async fn run(&self, clock: &Clock, tallies: &Tallies) -> Infallible {
        let behind = self.auditor.behind().map(nanos);
        let (mut past, mut quickest) = (false, Duration::MAX);
        loop {
            let before = tallies.sum();
            let begun = clock.now();
            // Earlier than that, the accounts of the past may be those of another run.
            past = !past && behind.is_some_and(|behind| begun > behind + nanos(CLOCK_OFFSET));
            let audited = self.auditor.audit(past).await;
            let ended = clock.now();
            match audited {
                Ok(totals) => {
                    quickest = quickest.min(Duration::from_nanos(ended - begun));
                    let behind = if past { behind.unwrap_or(0) } else { 0 };
                    self.audits.borrow_mut().add(Audit { begun, ended, behind, totals, before, after: tallies.sum() });
                    self.first.notify_one();
                }
                Err(error) => self.audits.borrow_mut().fail(error.to_string()),
            }
            let pause = quickest.checked_mul(PAUSES_PER_AUDIT).unwrap_or_default();
            tokio::time::sleep(pause.max(PAUSE)).await;
        }
    }

    /// Waits until there is something to judge, but not for long.
    pub(super) async fn first(&self) {
        let _ = tokio::time::timeout(PATIENCE, self.first.notified()).await;
    }

    /// What was seen.
    pub(super) fn take(&self, load_ended: Nanos) -> Audits {
        let mut audits = self.audits.take();
        audits.end(load_ended);
        audits
    }
}
