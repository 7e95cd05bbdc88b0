//! What is printed of an experiment, and with which code does contend end? The report, JSON, or source code to copy.

use crate::command::Exit;
use crate::command::exit::{self, Stop};
use crate::report::{self, Evidence, Language, Style};
use crate::retry::{Policy, Restart};
use crate::run::{EndReason, SavedCandidate, Tune};

/// In which form it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub(super) json: bool,
    pub(super) emit: Option<Language>,
}

impl Shown {
    /// Prints what was saved. It is judged as it was then.
    pub(super) fn again(self, tune: &Tune) -> Result<Exit, Stop> {
        self.print(tune)?;
        match conclusion(tune) {
            Exit::Holds | Exit::Inconclusive if tune.end.reason == EndReason::Stopped => Ok(Exit::Looking),
            exit => Ok(exit),
        }
    }

    /// Prints it. Where source code is asked for, that alone is on stdout.
    pub(super) fn print(self, tune: &Tune) -> Result<(), Stop> {
        match self.emit {
            None if self.json => exit::print(&report::tune_json(tune)),
            None => exit::print(&report::tune(tune, Style::of_stdout())),
            Some(language) => {
                exit::show(&report::tune(tune, Style::default()));
                match recommended(tune) {
                    Some(candidate) if conclusion(tune) == Exit::Holds => {
                        exit::print(&source(tune, candidate, language)?)
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

/// Ranked, violated, or nothing.
pub(super) fn conclusion(tune: &Tune) -> Exit {
    let committed = tune.blocks.iter().any(|block| block.measured.committed > 0);
    match &tune.violation {
        Some(_) => Exit::Violated,
        None if tune.analyses.is_empty() || !committed => Exit::Inconclusive,
        None => Exit::Holds,
    }
}

/// The candidate to use: of several settings, in the one with the most workers. None where nobody committed anything in it.
fn recommended(tune: &Tune) -> Option<usize> {
    let most = tune.analyses.iter().max_by_key(|analysis| tune.workers.get(analysis.setting))?;
    most.recommendation.as_ref().filter(|it| it.p99_ns.n > 0).map(|it| it.candidate)
}

fn source(tune: &Tune, candidate: usize, language: Language) -> Result<String, Stop> {
    let none = || Stop::looking(format!("{}: no candidate has the number {candidate}", tune.id));
    let SavedCandidate { name, policy, restart } = tune.candidates.get(candidate).ok_or_else(none)?;
    let wrong = |error: crate::retry::ParsePolicyError| Stop::looking(format!("{}: {error}", tune.id));
    let (policy, restart): (Policy, Restart) = (policy.parse().map_err(wrong)?, restart.parse().map_err(wrong)?);
    let server = &tune.server;
    let mut lines = vec![
        format!("{name}: recommended by contend tune, experiment {}", tune.id),
        format!("on {} {}, {} accounts, {}", server.product, server.version, tune.plan.accounts, tune.plan.mix),
    ];
    let rounds = tune.blocks.iter().map(|block| block.round.saturating_add(1)).max().unwrap_or(0);
    lines.push(format!("{rounds} rounds of blocks of {} s, objective {}", tune.design.block_s, tune.design.objective));
    if let Some(line) = goodput(tune, candidate) {
        lines.push(line);
    }
    Ok(report::emit(language, &policy, restart, &Evidence { lines }))
}

/// Its goodput, with the interval where there is one.
fn goodput(tune: &Tune, candidate: usize) -> Option<String> {
    let most = tune.analyses.iter().max_by_key(|analysis| tune.workers.get(analysis.setting))?;
    let estimate = most.ranked.iter().find(|ranked| ranked.candidate == candidate)?.estimates.goodput_tps;
    let workers = tune.workers.get(most.setting)?;
    let interval = match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!(" ({low:.0} to {high:.0}, 95 %)"),
        _ => String::new(),
    };
    Some(format!("goodput with {workers} workers: {:.0}/s{interval}", estimate.mean))
}
