//! What did one block measure? A run's summary in the few numbers that policies are compared by.

use std::time::Duration;

use crate::measure::Summary;
use crate::tune::Measured;

/// The numbers of a block that was measured so long.
#[must_use]
pub fn measured(summary: &Summary, time: Duration) -> Measured {
    let seconds = time.as_secs_f64();
    let response = &summary.latency.response;
    let [busy_s, wasted_s, backoff_s, held_s] =
        [summary.busy, summary.wasted, summary.backoff, summary.held].map(|nanoseconds| nanoseconds as f64 / 1e9);
    Measured {
        seconds,
        committed: summary.counts.committed,
        transactions: summary.counts.transactions(),
        exhausted: summary.counts.exhausted,
        attempts: summary.counts.attempts,
        goodput_tps: if seconds > 0.0 { summary.window.committed as f64 / seconds } else { 0.0 },
        p50_ns: response.value_at_quantile(0.50),
        p99_ns: response.value_at_quantile(0.99),
        p999_ns: response.value_at_quantile(0.999),
        busy_s,
        wasted_s,
        backoff_s,
        held_s,
        // Where nobody committed anything all got the same.
        fairness: summary.fairness().map_or(1.0, |fairness| fairness.jain),
        cause: cause(summary),
    }
}

/// What most retries were for; of two with as many, always the same one.
fn cause(summary: &Summary) -> Option<String> {
    let named =
        summary.counts.retries_by.iter().map(|(cause, count)| (*count, format!("{} {}", cause.sqlstate, cause.reason)));
    named.max().map(|(_, cause)| cause)
}
