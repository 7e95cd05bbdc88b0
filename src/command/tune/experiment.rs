//! What happens between the first block and the last? Each is run as the schedule says, and judged; then they are compared.

use super::Asked;
use super::block::{Ground, Ran};
use crate::check::{Status, Verdict, permit};
use crate::command::examine::Examination;
use crate::command::exit::Stop;
use crate::command::findings::Findings;
use crate::command::loaded::Judged;
use crate::command::signals::Signals;
use crate::measure::Summary;
use crate::plan::Plan;
use crate::report::Progress;
use crate::run::{Calibration, End, EndReason, SavedCandidate, SavedDesign, Tune, measured};
use crate::tune::{Block, Design, Schedule, Slot, analyze};

/// An experiment that can begin.
pub(super) struct Experiment<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) signals: &'a Signals,
    pub(super) progress: &'a Progress,
}

/// An experiment that has ended.
pub(super) struct Finished<'f> {
    findings: Findings<'f>,
    pub(super) blocks: Vec<Block>,
    end: End,
    violation: Option<String>,
    /// What went wrong with the server.
    pub(super) error: Option<Stop>,
}

/// How the experiment goes on after a block.
enum Next {
    Block,
    Interrupted,
    Violated(String),
    Stopped(Stop),
}

impl Experiment<'_> {
    /// Runs block after block until the time is up, until somebody wants it to end, or until something is wrong.
    pub(super) async fn run<'f>(&self, mut ground: Ground<'_>, findings: Findings<'f>) -> Result<Finished<'f>, Stop> {
        let design = self.asked.design;
        let mut schedule = Schedule::new(design.clone());
        let mut finished = Finished::new(findings);
        let bar = self.progress.experiment(design.planned().min(design.budget));
        while let Some(slot) = schedule.next(ground.elapsed()) {
            if self.signals.have_come() {
                finished.note(Next::Interrupted);
                break;
            }
            let plan = self.asked.plan(slot.candidate, slot.setting, slot.seed)?;
            let started = ground.elapsed();
            bar.begin(started, &format!("{}/{}", slot.round + 1, design.rounds), &named(design, slot));
            let ran = ground.run(&plan, self.signals, self.progress, |second| bar.second(second)).await;
            finished.learned(&ground, self.progress);
            let (block, next) = match ran {
                Ok(ran) => {
                    let place = (slot, finished.blocks.len() + 1, started.as_secs_f64());
                    self.judge(place, &plan, ran, &finished.findings).await?
                }
                Err(stop) => (None, Next::Stopped(stop)),
            };
            if let Some(block) = block {
                bar.ended(ground.elapsed(), &block.measured);
                schedule.add(block.clone());
                finished.blocks.push(block);
            }
            if finished.note(next) {
                break;
            }
        }
        bar.finish();
        Ok(finished)
    }

    /// What a block measured, where it was run to its end, and whether there is to be another one.
    async fn judge(
        &self,
        (slot, number, started_s): (Slot, usize, f64),
        plan: &Plan,
        ran: Ran,
        findings: &Findings<'_>,
    ) -> Result<(Option<Block>, Next), Stop> {
        let Ran { judged, measured: time, interrupted, lost } = ran;
        let Judged { summary, mut verdict, recorded, complaint, .. } = judged;
        let standard = self.asked.flags.standard();
        let (promise, shapes) = (findings.server().promise(), shapes(plan, &summary));
        if let Some(recorded) = recorded {
            let examination = Examination { plan, standard, shapes: &shapes };
            examination.judge_alone(recorded, &promise, &mut verdict).await?;
        }
        permit(&mut verdict, standard, &promise, &shapes);
        let Slot { round, candidate, setting, .. } = slot;
        let measured = measured(&summary, time);
        let whole = !interrupted && !lost && complaint.is_none();
        let block = whole.then_some(Block { round, candidate, setting, started_s, measured });
        let next = match (violated(&verdict), complaint) {
            (Some(what), _) => {
                let name = named(self.asked.design, slot);
                Next::Violated(format!("after block {number} (round {}, {name}): {what}", round + 1))
            }
            (None, Some(complaint)) => Next::Stopped(Stop::looking(complaint)),
            (None, None) if lost => Next::Stopped(Stop::looking("another contend took over these accounts meanwhile")),
            (None, None) if interrupted => Next::Interrupted,
            (None, None) => Next::Block,
        };
        Ok((block, next))
    }
}

/// Those that can have shown anything; where nothing was committed, all of the mix.
fn shapes(plan: &Plan, summary: &Summary) -> Vec<crate::history::Shape> {
    let ran = summary.shapes.committed();
    if ran.is_empty() { plan.mix.shapes() } else { ran }
}

/// The first rule that is broken, in words.
fn violated(verdict: &Verdict) -> Option<String> {
    let broken = verdict.checks.iter().find(|check| check.status == Status::Violated)?;
    Some(format!("{}: {}", broken.name, broken.detail))
}

/// The candidate, and its number of workers where that differs.
fn named(design: &Design, slot: Slot) -> String {
    let name = &design.candidates[slot.candidate].name;
    match design.workers.as_slice() {
        [_] => name.clone(),
        several => format!("{} workers, {name}", several[slot.setting]),
    }
}

impl<'f> Finished<'f> {
    /// No block has ended, and nothing was wrong with the state that the first one left.
    pub(super) fn is_nothing(&self) -> bool {
        self.blocks.is_empty() && self.violation.is_none()
    }

    fn new(findings: Findings<'f>) -> Self {
        let end = End { reason: EndReason::Completed, detail: None };
        Self { findings, blocks: Vec::new(), end, violation: None, error: None }
    }

    /// What the connections have answered.
    fn learned(&mut self, ground: &Ground<'_>, progress: &Progress) {
        let before = self.findings.isolation_warning();
        if let Some(granted) = &ground.granted {
            self.findings.granted(granted.clone());
        }
        self.findings.connected(ground.hosts.clone());
        if let Some(warning) = self.findings.isolation_warning().filter(|warning| before.as_ref() != Some(warning)) {
            progress.note(&format!("warning: {warning}"));
        }
    }

    /// Whether that was the last block.
    fn note(&mut self, next: Next) -> bool {
        let stopped = |detail: &str| End { reason: EndReason::Stopped, detail: Some(detail.to_owned()) };
        match next {
            Next::Block => return false,
            Next::Interrupted => self.end = End { reason: EndReason::Interrupted, detail: None },
            Next::Violated(what) => {
                self.end = stopped("something was wrong after a block");
                self.violation = Some(what);
            }
            Next::Stopped(stop) => {
                self.end = stopped(&stop.message);
                self.error = Some(stop);
            }
        }
        true
    }

    /// Everything together.
    pub(super) fn into_tune(
        self,
        id: &str,
        design: &Design,
        command: Vec<String>,
        calibrated: Option<Calibration>,
    ) -> Tune {
        let Self { findings, blocks, end, violation, error: _ } = self;
        let saved = |candidate: &crate::tune::Candidate| SavedCandidate {
            name: candidate.name.clone(),
            policy: candidate.policy.to_string(),
            restart: candidate.restart.to_string(),
        };
        Tune {
            format: Tune::FORMAT,
            contend: env!("CARGO_PKG_VERSION").to_owned(),
            id: id.to_owned(),
            started: findings.started(),
            command,
            plan: findings.saved_plan(),
            server: findings.server().clone(),
            calibrated,
            candidates: design.candidates.iter().map(saved).collect(),
            workers: design.workers.clone(),
            design: SavedDesign {
                block_s: design.block.as_secs_f64(),
                warmup_s: design.warmup.as_secs_f64(),
                rounds: design.rounds,
                budget_s: design.budget.as_secs_f64(),
                objective: design.objective,
                seed: design.seed,
            },
            end,
            violation,
            analyses: analyze(design, &blocks),
            blocks,
        }
    }
}
