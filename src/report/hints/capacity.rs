//! What was the bottleneck? Hints about connections, contend's own CPU, and time spent waiting.

use super::is_stepped;
use crate::report::units::{duration, share};
use crate::run::Run;

/// Transactions waited for a connection.
pub(super) fn queue(run: &Run) -> Option<String> {
    let (latency, plan) = (&run.latency_ns, &run.plan);
    // In an open loop they also wait for a worker, and where the policy limits their number to be admitted.
    let for_connections = run.open_loop.is_none() && !plan.retry.contains("/aimd");
    let waits = for_connections && plan.workers > plan.connections && latency.queue.mean > 0.2 * latency.response.mean;
    waits.then(|| {
        let mean = duration(latency.queue.mean);
        let share = share(latency.queue.mean, latency.response.mean);
        let (workers, connections) = (plan.workers, plan.connections);
        format!(
            "Transactions waited {mean} on average for a connection, {share} of the response time: \
             try --connections {workers} (now {connections})"
        )
    })
}

/// contend itself was busy. In an open loop that is said with its schedule.
pub(super) fn client_cpu(run: &Run) -> Option<String> {
    let threads = run.plan.threads.max(1);
    let load = (run.client.cpu_user_s + run.client.cpu_system_s) / run.phases.measured_s / f64::from(threads);
    (load.is_finite() && load > 0.8 && run.open_loop.is_none() && !run.server.is_simulated()).then(|| {
        let share = share(load.min(1.0), 1.0);
        format!(
            "The threads of contend were busy {share} of the time and may be the bottleneck: try --threads {}",
            threads + 1
        )
    })
}

/// More waiting than working.
pub(super) fn backoff(run: &Run) -> Option<String> {
    let time = &run.time;
    (time.backoff_s > 0.5 * time.busy_s && !is_stepped(run)).then(|| {
        let share = share(time.backoff_s, time.busy_s);
        format!("{share} of the workers' time was backoff: a shorter one (see --retry) may raise goodput")
    })
}
