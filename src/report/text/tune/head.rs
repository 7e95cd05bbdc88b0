//! Which policy is recommended, and what was compared to find that out? The answer first, then where and how.

use super::super::page::Page;
use super::super::{headline, setup};
use super::figures::of;
use super::workers;
use crate::report::style::Paint;
use crate::report::units::{counted, rate, seconds};
use crate::run::{Calibration, EndReason, Fit, Tune};
use crate::tune::Ranked;

/// The first lines, and what they rest on.
pub(super) fn show(tune: &Tune, page: &mut Page) {
    if tune.server.is_simulated() {
        headline::show_simulated(&tune.server.address, page);
    }
    if let Some(calibrated) = &tune.calibrated {
        show_fits(calibrated, page);
    }
    show_answer(tune, page);
    show_end(tune, page);
    page.gap();
    setup::show_server(&tune.server, page);
    show_load(tune, page);
    show_design(tune, page);
}

/// A simulation that is off by more than this factor in anything is no likeness.
const OFF: f64 = 1.3;

/// How well a simulation behaves like what it stands for.
fn show_fits(calibrated: &Calibration, page: &mut Page) {
    page.painted("Fitted to", Paint::Doubtful, &calibrated.run, Paint::Plain);
    for Fit { name, measured, simulated } in &calibrated.fits {
        let off = 100.0 * (simulated / measured - 1.0);
        let off = if off.is_finite() { format!(" ({off:+.1} %)") } else { String::new() };
        page.entry("", &format!("{name}: measured {}, simulated {}{off}", rate(*measured), rate(*simulated)));
    }
    let is_off = |fit: &Fit| fit.measured > 0.0 && !(1.0 / OFF..=OFF).contains(&(fit.simulated / fit.measured));
    if calibrated.fits.iter().any(is_off) {
        page.entry("", "warning: that is another behavior than the run's; do not go by the order of policies below");
    }
}

/// One recommendation for each setting; none where the state was wrong, and none without a whole round.
fn show_answer(tune: &Tune, page: &mut Page) {
    if let Some(violation) = &tune.violation {
        page.painted("VIOLATED", Paint::Bad, violation, Paint::Plain);
        page.entry("", "no policy is recommended on a database that is not right");
        return;
    }
    if tune.analyses.is_empty() {
        page.painted("No answer", Paint::Doubtful, "the experiment ended before its first round did", Paint::Plain);
    }
    let names: Vec<&str> = tune.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    for analysis in &tune.analyses {
        let Some(recommendation) = &analysis.recommendation else { continue };
        let label = if tune.workers.len() > 1 { workers(tune, analysis) } else { "Recommended".to_owned() };
        page.painted(&label, Paint::Good, recommendation.sentence(&names).trim_end_matches('.'), Paint::Strong);
    }
}

fn show_end(tune: &Tune, page: &mut Page) {
    let detail = tune.end.detail.as_deref();
    match tune.end.reason {
        EndReason::Completed => {}
        EndReason::Interrupted => {
            page.painted("Ended early", Paint::Doubtful, detail.unwrap_or("interrupted"), Paint::Plain);
        }
        EndReason::Stopped => {
            page.painted("Stopped", Paint::Bad, detail.unwrap_or("nothing but failures"), Paint::Plain);
        }
    }
}

fn show_load(tune: &Tune, page: &mut Page) {
    let plan = &tune.plan;
    let each: Vec<String> = tune.workers.iter().map(u32::to_string).collect();
    let threads = counted(plan.threads.into(), "thread");
    let noun = if each == ["1"] { "worker" } else { "workers" };
    page.entry("Load", &format!("{} {noun}, {threads}", in_words(&each)));
    if !plan.mix.is_empty() {
        page.entry("Mix", &plan.mix);
    }
    if let Ok(flight) = plan.flight.parse() {
        page.entry("Flights", &setup::flights(flight, plan, &tune.server));
    }
    let accounts = counted(plan.accounts, "account");
    page.entry("Transfers", &format!("{accounts}, keys {}, lock order {}", plan.keys, plan.lock_order));
}

fn show_design(tune: &Tune, page: &mut Page) {
    let design = &tune.design;
    let policies = match tune.candidates.len() {
        1 => "1 policy".to_owned(),
        more => format!("{more} policies"),
    };
    let settings = if tune.workers.len() > 1 { ", each with every number of workers" } else { "" };
    page.entry("Compared", &format!("{policies}{settings}, in random order in each round"));
    let (planned, run) = (design.rounds, rounds(tune));
    let of_planned = if planned == run { String::new() } else { format!(" of {planned}") };
    let (block, warmup) = (seconds(design.block_s), seconds(design.warmup_s));
    let rounds = if of_planned.is_empty() { counted(run.into(), "round") } else { format!("{run}{of_planned} rounds") };
    page.entry("Rounds", &format!("{rounds}; blocks of {block} behind {warmup} of warm-up"));
    page.entry("Best in", &format!("{}; seed {}", of(design.objective), design.seed));
}

/// The rounds of which at least one candidate has run every block.
fn rounds(tune: &Tune) -> u32 {
    let of = |ranked: &Ranked| ranked.estimates.goodput_tps.n;
    tune.analyses.iter().flat_map(|analysis| analysis.ranked.iter().map(of)).max().unwrap_or(0)
}

/// `8, 16 and 64`.
fn in_words(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
