//! Was contend itself the limit of an open loop, or its workers, or the server? Hints about a schedule that was not kept.

use super::with_value;
use crate::report::units::{duration, rate, share};
use crate::run::{Run, SavedOpenLoop};

/// A pacing error that nobody minds, in nanoseconds.
const LATE: u64 = 1_000_000;
/// One that may be minded, as a part of the median service time.
const LATE_OF_SERVICE: f64 = 0.1;
/// contend's threads are busy.
const BUSY: f64 = 0.9;

/// How late contend was, in nanoseconds (the 99th percentile), where that is as long as what it measures: then these are
/// not the server's numbers.
pub(in crate::report) fn gravely_late(run: &Run) -> Option<u64> {
    late(run).filter(|late| *late > run.latency_ns.service.p50)
}

/// How late contend was, where that is worth a word: a millisecond, and a part of what it measures.
fn late(run: &Run) -> Option<u64> {
    let late = run.open_loop.as_ref()?.lag_ns.p99;
    let part = LATE_OF_SERVICE * run.latency_ns.service.p50 as f64;
    (late > LATE && late as f64 > part && !run.server.is_simulated()).then_some(late)
}

/// contend itself was the limit.
pub(super) fn client(run: &Run) -> Option<String> {
    run.open_loop.as_ref()?;
    let threads = f64::from(run.plan.threads.max(1));
    let load = (run.client.cpu_user_s + run.client.cpu_system_s) / run.phases.measured_s / threads;
    let is_busy = load.is_finite() && load > BUSY && !run.server.is_simulated();
    let what = match (late(run), is_busy) {
        (Some(late), _) => {
            format!(
                "contend itself was late, by {} (p99), with starts for which a worker was waiting",
                duration(late as f64)
            )
        }
        (None, true) => format!("The threads of contend were busy {} of the time", share(load.min(1.0), 1.0)),
        (None, false) => return None,
    };
    let pipelined = if run.plan.flight == "sequential" { ", --flight pipelined" } else { "" };
    let threads = with_value(&run.plan, "threads");
    Some(format!(
        "{what}, so this machine may be the limit: run contend on another one than the server{pipelined}, or fewer \
         {threads} where others need the cores"
    ))
}

/// More was offered than was carried, or there were too few workers for it.
pub(super) fn behind(run: &Run) -> Option<String> {
    let SavedOpenLoop { started, waited, offered_tps, achieved_tps, .. } = *run.open_loop.as_ref()?;
    let workers = with_value(&run.plan, "workers");
    if achieved_tps < 0.95 * offered_tps {
        let [offered, achieved] = [offered_tps, achieved_tps].map(rate);
        return Some(format!(
            "Of {offered} transactions per second {achieved} were carried: response times grow with the length of the run; \
             try a lower --rate, or more {workers}"
        ));
    }
    (waited as f64 > 0.05 * started as f64).then(|| {
        let waited = share(waited as f64, started as f64);
        format!("{waited} of all starts found no free worker and waited for one: try more {workers}")
    })
}
