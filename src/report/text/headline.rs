//! What came out, in five lines? The answers before anything else, and at the end what must not be overlooked.

use super::page::Page;
use super::{judgement, steps};
use crate::check::Status;
use crate::plan::VerifyMode;
use crate::report::hints::gravely_late;
use crate::report::style::Paint;
use crate::report::units::{ABSENT, count, counted, duration, rate, ratio, share};
use crate::run::{EndReason, GrantedIsolation, Run, SavedCheck, SavedVerdict};

/// So many checks are named beside the first.
const NAMED: usize = 4;

/// The first lines.
pub(super) fn show(run: &Run, page: &mut Page) {
    let verdict = &run.verdict;
    if run.server.is_simulated() {
        show_simulated(&run.server.address, page);
    }
    page.painted(&verdict.status.to_uppercase(), status_paint(&verdict.status), &reason(run), Paint::Plain);
    if let Some(knee) = steps::knee(run) {
        page.painted("Knee", Paint::Plain, &knee, Paint::Strong);
    }
    if let Some(late) = gravely_late(run) {
        let late = duration(late as f64);
        let text = format!("contend itself was late by {late} (p99): these are not the server's numbers");
        page.painted("CLIENT LIMIT", Paint::Doubtful, &text, Paint::Plain);
    }
    page.painted("Goodput", Paint::Plain, &goodput(run), Paint::Strong);
    page.painted("Response time", Paint::Plain, &response(run), Paint::Strong);
    page.painted("Retries", Paint::Plain, &retries(run), Paint::Strong);
    show_isolation(&run.server.isolation, page);
    match run.end.reason {
        EndReason::Completed => {}
        EndReason::Interrupted => page.painted("Ended early", Paint::Doubtful, "interrupted", Paint::Plain),
        EndReason::Stopped => {
            let detail = run.end.detail.as_deref().unwrap_or("nothing but failures");
            page.painted("Stopped", Paint::Bad, detail, Paint::Plain);
        }
    }
}

/// Nobody is to take the numbers of a simulation for those of a database.
pub(super) fn show_simulated(address: &str, page: &mut Page) {
    page.painted("SIMULATED", Paint::Doubtful, &format!("{address} (no database, virtual time)"), Paint::Plain);
}

/// The last lines.
pub(super) fn show_last(run: &Run, page: &mut Page) {
    page.gap();
    show_isolation(&run.server.isolation, page);
    page.entry("Repeat with", &format!("--seed {} and the same flags", run.plan.seed));
}

/// How a status, as it is saved, is painted.
pub(super) fn status_paint(status: &str) -> Paint {
    match status {
        holds if holds == Status::Holds.to_string() => Paint::Good,
        violated if violated == Status::Violated.to_string() => Paint::Bad,
        _ => Paint::Doubtful,
    }
}

/// The verdict in words: what the history says where that decides, else the first of the checks that do.
fn reason(run: &Run) -> String {
    let verdict = &run.verdict;
    let all = verdict.checks.len();
    if all == 0 {
        return "nothing was checked".to_owned();
    }
    if verdict.is(Status::Holds) {
        return format!("{}{}", holding(run), permitted(verdict));
    }
    let history = run.judgement.as_ref().filter(|judgement| judgement.verdict == verdict.status);
    let mut decisive: Vec<&SavedCheck> = verdict.checks.iter().filter(|check| check.status == verdict.status).collect();
    let first = match history {
        Some(judgement) => {
            decisive.retain(|check| check.name != "history");
            judgement::headline(judgement)
        }
        None if decisive.is_empty() => String::new(),
        None => {
            let first = decisive.remove(0);
            format!("{}: {}", first.name, first.detail)
        }
    };
    let others: Vec<&str> = decisive.iter().map(|check| check.name.as_str()).collect();
    match others.len() {
        0 => first,
        1..=NAMED => format!("{first} (also {}: {})", verdict.status, others.join(", ")),
        more => format!("{first} (and {more} more checks)"),
    }
}

fn holding(run: &Run) -> String {
    if let Some(judgement) = &run.judgement {
        return judgement::headline(judgement);
    }
    let all = run.verdict.checks.len();
    let alone = if run.plan.verify == VerifyMode::Balance.to_string() {
        "; no history was recorded, so only sums and the end state were checked"
    } else {
        ""
    };
    format!("{all} of {all} checks hold{alone}")
}

/// What is broken and fails nobody.
fn permitted(verdict: &SavedVerdict) -> String {
    let permitted = verdict.checks.iter().filter(|check| check.status == Status::Permitted.to_string());
    let names: Vec<&str> = permitted.map(|check| check.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!("; broken, as the level permits: {}", names.join(", ")) }
}

fn goodput(run: &Run) -> String {
    if !run.goodput_tps.is_finite() {
        return ABSENT.to_owned();
    }
    let offered = run.open_loop.as_ref().map(|open_loop| format!(", of {}/s offered", rate(open_loop.offered_tps)));
    format!("{} tx/s{}{}", rate(run.goodput_tps), offered.unwrap_or_default(), over_all_steps(run))
}

/// One number for very different loads says little.
fn over_all_steps(run: &Run) -> &'static str {
    if run.plan.steps.is_some() { " (over all steps)" } else { "" }
}

fn response(run: &Run) -> String {
    let response = &run.latency_ns.response;
    if response.count == 0 {
        return ABSENT.to_owned();
    }
    let [p50, p99, max] = [response.p50, response.p99, response.max].map(|time| duration(time as f64));
    format!("p50 {p50}, p99 {p99}, max {max}{}", over_all_steps(run))
}

fn retries(run: &Run) -> String {
    let counts = &run.counts;
    if counts.retries == 0 {
        return "none".to_owned();
    }
    let often = match counts.committed {
        0 => format!("{}, and nothing committed", count(counts.retries)),
        // A tiny ratio says less than the two numbers it is made of.
        committed if counts.retries.saturating_mul(100) < committed => {
            format!("{} in {}", count(counts.retries), counted(committed, "commit"))
        }
        committed => format!("{} per commit", ratio(counts.retries, committed)),
    };
    let Some(top) = counts.retries_by.first() else { return often };
    let share = share(top.count as f64, counts.retries as f64);
    format!("{often}; {share} of them {} {}", top.sqlstate, top.reason)
}

fn show_isolation(isolation: &GrantedIsolation, page: &mut Page) {
    if isolation.weaker {
        let text =
            format!("{} was asked for, the server granted less: {}", isolation.asked, isolation.granted.join(", "));
        page.painted("WEAK ISOLATION", Paint::Doubtful, &text, Paint::Plain);
    }
}
