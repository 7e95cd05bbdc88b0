//! What did the workers do with their time, and what did contend itself take?

use super::page::Page;
use super::shares::{Part, shares};
use crate::report::bars::sparkline;
use crate::report::units::{ABSENT, bytes, count, counted, duration, rate, seconds, share};
use crate::retry::Restart;
use crate::run::{Run, SavedFairness, SavedSecond, SavedWorst, WorkerTime};

/// The most sparks in the line.
const SPARKS: usize = 60;

/// The sections.
pub(super) fn show(run: &Run, page: &mut Page) {
    if run.time.busy_s > 0.0 {
        page.heading("Where the workers' time went");
        page.table(&shares(time(run), run.time.busy_s));
    }
    series(run, page);
    page.gap();
    // Where workers come and go in steps, it is the plan that is unfair.
    let come_and_go = run.plan.steps.as_ref().is_some_and(|steps| !steps.contains("/s"));
    if let Some(fairness) = run.fairness.as_ref().filter(|_| !come_and_go) {
        page.entry("Fairness", &commits(fairness));
    }
    if run.plan.restart == Restart::Savepoint.to_string() {
        page.entry("Open", &open(run));
    }
    if let Some(worst) = &run.worst {
        page.entry("Slowest", &slowest(worst));
    }
    // What a simulation takes says nothing about a client, and is another time every time.
    if !run.server.is_simulated() {
        page.entry("Client CPU", &cpu(run));
        page.entry("Client memory", &format!("{} at its peak", bytes(run.client.max_rss_bytes)));
    }
}

fn commits(fairness: &SavedFairness) -> String {
    let SavedFairness { least_commits, median_commits, most_commits, jain_index } = *fairness;
    let [least, median, most] = [least_commits, median_commits, most_commits].map(count);
    format!("workers committed {least} to {most}, median {median}; Jain index {jain_index:.3}")
}

/// How long transactions were open on the server, with whatever they had locked.
fn open(run: &Run) -> String {
    let WorkerTime { open_s, held_s, .. } = run.time;
    let each = match run.counts.committed {
        0 => ABSENT.to_owned(),
        committed => duration(open_s * 1e9 / committed as f64),
    };
    let asleep = share(held_s, open_s);
    format!("transactions held their locks for up to {}, {each} per commit; {asleep} of it asleep", seconds(open_s))
}

fn slowest(worst: &SavedWorst) -> String {
    let SavedWorst { worker, attempts, response_ns, outcome } = worst;
    let (response, attempts) = (duration(*response_ns as f64), counted((*attempts).into(), "attempt"));
    format!("{response}, {attempts}, {outcome} (worker {worker})")
}

fn time(run: &Run) -> Vec<Part> {
    let time = &run.time;
    // The three parts are measured one by one; what rounding leaves below zero is nothing.
    let useful = (time.busy_s - time.wasted_s - time.backoff_s).max(0.0);
    let parts = [("useful attempts", useful), ("wasted attempts", time.wasted_s), ("backoff", time.backoff_s)];
    parts.map(|(name, size)| Part { name: name.to_owned(), shown: seconds(size), size }).to_vec()
}

/// Goodput over time; the seconds of the warm-up stand before the bar.
fn series(run: &Run, page: &mut Page) {
    let warmup = run.phases.warmup_s;
    // What ends after the measured phase is a rest of a second, and would look like a drop.
    let end = warmup + run.phases.measured_s + 0.5;
    let seconds = run.intervals.iter().filter(|second| second.second as f64 <= end);
    let (before, measured): (Vec<_>, Vec<_>) = seconds.partition(|second| second.second as f64 <= warmup + 0.5);
    if measured.len() < 2 {
        return;
    }
    let each = (before.len() + measured.len()).div_ceil(SPARKS);
    let [before, measured] = [means(&before, each), means(&measured, each)];
    let largest = before.iter().chain(&measured).copied().fold(0.0, f64::max);
    let (low, high) =
        measured.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &mean| (low.min(mean), high.max(mean)));
    page.heading("Goodput over time");
    let bar = if before.is_empty() { "" } else { "│" };
    page.line(&format!("{}{bar}{}", sparkline(&before, largest), sparkline(&measured, largest)));
    let warmup = if before.is_empty() { "" } else { "; warm-up before the bar" };
    let scale = if each == 1 { String::new() } else { format!("; {each} seconds a mark") };
    page.line(&format!("{} to {} tx/s{warmup}{scale}", rate(low), rate(high)));
}

fn means(seconds: &[&SavedSecond], each: usize) -> Vec<f64> {
    let sum = |group: &[&SavedSecond]| group.iter().map(|second| second.committed).sum::<u64>();
    seconds.chunks(each).map(|group| sum(group) as f64 / group.len() as f64).collect()
}

fn cpu(run: &Run) -> String {
    let (user, system) = (run.client.cpu_user_s, run.client.cpu_system_s);
    let each = match run.counts.committed {
        0 => ABSENT.to_owned(),
        committed => duration((user + system) * 1e9 / committed as f64),
    };
    format!("{each} per commit ({} user, {} system)", seconds(user), seconds(system))
}
