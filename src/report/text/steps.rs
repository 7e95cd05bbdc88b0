//! Where is the knee, and what lies behind it? Each step of a rising load in a line, and what they say in sentences.

use super::page::Page;
use crate::measure::{Analysis, Knee, Ratios, Recovery};
use crate::plan::{Levels, Stepped};
use crate::report::bars::bar;
use crate::report::style::Paint;
use crate::report::table::{Align, Cell, Table};
use crate::report::units::{ABSENT, count, counted, duration, rate, ratio, seconds, share};
use crate::run::{Run, SavedStep};

/// The columns of the longest bar, and of the longest one where skipped transactions are shown.
const BAR: usize = 20;
const SHORT_BAR: usize = 10;

/// The section, where the load rose in steps.
pub(super) fn show(run: &Run, page: &mut Page) {
    let Some(rise) = Rise::of(run) else { return };
    page.heading(&format!("Steps of {}, {} each", rise.noun(), seconds(rise.each)));
    page.table(&rise.table());
    page.gap();
    for (label, text) in rise.sentences() {
        page.entry(label, &text);
    }
}

/// The knee in words, where the load rose in steps.
pub(super) fn knee(run: &Run) -> Option<String> {
    let rise = Rise::of(run)?;
    Some(rise.analysis.map_or_else(|| rise.unknown(), |analysis| rise.knee(analysis)))
}

/// The steps of a run, and what they say.
struct Rise<'a> {
    levels: Levels,
    /// The length of each, in seconds.
    each: f64,
    steps: &'a [SavedStep],
    analysis: Option<&'a Analysis>,
}

impl<'a> Rise<'a> {
    fn of(run: &'a Run) -> Option<Self> {
        let levels: Levels = run.plan.steps.as_ref()?.parse().ok()?;
        let each = run.plan.duration_s? / f64::from(levels.count + 1);
        Some(Self { levels, each, steps: &run.steps, analysis: run.steps_analysis.as_ref() })
    }

    fn noun(&self) -> &'static str {
        match self.levels.of {
            Stepped::Rate => "a rate",
            Stepped::Workers => "workers",
        }
    }

    /// `32 workers`, or `9,444/s`.
    fn load(&self, level: u32) -> String {
        match self.levels.of {
            Stepped::Rate => format!("{}/s", count(level.into())),
            Stepped::Workers => counted(level.into(), "worker"),
        }
    }

    /// The load of a step.
    fn at(&self, step: u32) -> String {
        self.step(step).map_or_else(|| ABSENT.to_owned(), |step| self.load(step.level))
    }

    fn step(&self, step: u32) -> Option<&SavedStep> {
        self.steps.get(step as usize)
    }

    /// The steps up that ran to their end, which are those that were judged.
    fn judged(&self) -> &[SavedStep] {
        let up = self.steps.iter().take_while(|step| !step.back_down && step.measured_s > self.each * 0.999);
        &self.steps[..up.count()]
    }

    /// The highest load of those.
    fn highest(&self) -> String {
        let highest = self.judged().last().map_or_else(|| ABSENT.to_owned(), |step| self.load(step.level));
        if self.judged().len() == self.levels.count as usize {
            highest
        } else {
            format!("{highest}, where the run ended")
        }
    }

    /// The step with the most goodput among the first so many.
    fn best(&self, first: usize) -> Option<&SavedStep> {
        let steps = self.judged().iter().take(first);
        steps.max_by(|one, two| one.goodput_tps.total_cmp(&two.goodput_tps))
    }

    fn table(&self) -> Table {
        let largest = self.steps.iter().map(|step| step.goodput_tps).fold(0.0, f64::max);
        let skips = self.steps.iter().any(|step| step.skipped > 0);
        let width = if skips { SHORT_BAR } else { BAR };
        let numbers = [Align::Right(8), Align::Right(7), Align::Right(7), Align::Right(7), Align::Right(7)];
        let mut table =
            Table::new([&numbers[..], &[Align::Right(7); 1][..usize::from(skips)], &[Align::Left(0); 2]].concat());
        let unit = if self.levels.of == Stepped::Rate { "due/s" } else { "workers" };
        let mut names = vec![unit, "tx/s", "p50", "p99", "retries"];
        names.extend(skips.then_some("skipped"));
        table.row(names.into_iter().map(Cell::from));
        for (number, step) in (0..).zip(self.steps) {
            let time = |time: u64| if step.committed == 0 { ABSENT.to_owned() } else { duration(time as f64) };
            let mark = self.mark(number, step);
            let paint = if mark == "knee" { Paint::Strong } else { Paint::Plain };
            let mut cells =
                vec![count(step.level.into()), rate(step.goodput_tps), time(step.p50_ns), time(step.p99_ns)];
            cells.push(ratio(step.retries, step.committed));
            cells.extend(skips.then(|| count(step.skipped)));
            cells.extend([bar(step.goodput_tps, largest, width), mark.to_owned()]);
            table.row(cells.into_iter().map(|cell| Cell::new(cell, paint)));
        }
        table
    }

    /// What a step is to the eye.
    fn mark(&self, number: u32, step: &SavedStep) -> &'static str {
        let collapsed = self.analysis.and_then(|analysis| analysis.collapsed);
        match self.analysis.map(|analysis| analysis.knee) {
            _ if step.back_down => "back down",
            Some(Knee::Found { step }) if step == number => "knee",
            _ if collapsed == Some(number) => "collapse",
            _ => "",
        }
    }

    fn sentences(&self) -> Vec<(&'static str, String)> {
        let Some(analysis) = self.analysis else { return vec![("Knee", self.unknown())] };
        vec![
            ("Knee", self.knee(analysis)),
            ("Saturation", self.saturation(analysis)),
            ("Collapse", self.collapse(analysis)),
            ("Recovery", recovery(analysis)),
        ]
    }

    fn unknown(&self) -> String {
        if self.judged().len() < 2 {
            "unknown: the run ended before its second step did".to_owned()
        } else {
            "unknown: no step has 100 transactions; make them longer with --duration".to_owned()
        }
    }

    fn knee(&self, analysis: &Analysis) -> String {
        match analysis.knee {
            Knee::Found { step } => {
                let goodput = self.step(step).map_or(f64::NAN, |step| step.goodput_tps);
                let mean = self.step(step).map_or(f64::NAN, |step| step.mean_ns);
                let (load, goodput, mean) = (self.at(step), rate(goodput), duration(mean));
                format!("{load}: {goodput} tx/s at a mean of {mean}, the most goodput for its response time")
            }
            Knee::FirstStep => format!("at {} or below: begin with less", self.at(0)),
            Knee::NotReached if self.levels.of == Stepped::Rate && !analysis.is_overloaded() => {
                format!("none up to {}: the server carried every step", self.highest())
            }
            Knee::NotReached => format!("none up to {}", self.highest()),
        }
    }

    fn saturation(&self, analysis: &Analysis) -> String {
        match (self.levels.of, analysis.saturated) {
            (Stepped::Rate, None) => {
                format!("none up to {}: at least 95 % of what was due was answered", self.highest())
            }
            (Stepped::Rate, Some(step)) => {
                let goodput = self.step(step).map_or(f64::NAN, |step| step.goodput_tps);
                let (load, goodput) = (self.at(step), rate(goodput));
                let carried = match step.checked_sub(1) {
                    None => "not even the first step is carried".to_owned(),
                    Some(carried) => format!("carries up to {}", self.at(carried)),
                };
                format!("{carried}; of {load} it commits {goodput}")
            }
            (Stepped::Workers, None) => format!("none up to {}: more workers got more done", self.highest()),
            (Stepped::Workers, Some(step)) => {
                let enough = step.saturating_sub(1);
                let goodput = self.step(enough).map_or(f64::NAN, |step| step.goodput_tps);
                format!("at {} ({} tx/s): more add less than 5 %", self.at(enough), rate(goodput))
            }
        }
    }

    fn collapse(&self, analysis: &Analysis) -> String {
        let of_best = |goodput: f64, best: Option<&SavedStep>| {
            let best = best.map_or((f64::NAN, ABSENT.to_owned()), |step| (step.goodput_tps, self.load(step.level)));
            format!("{} of the best ({} tx/s at {})", share(goodput.min(best.0), best.0), rate(best.0), best.1)
        };
        let Some(step) = analysis.collapsed else {
            let (last, best) = (self.judged().last(), self.best(usize::MAX));
            let goodput = last.map_or(f64::NAN, |step| step.goodput_tps);
            return if last == best {
                format!("none up to {}: goodput is best there", self.highest())
            } else {
                format!("none up to {}: goodput there is {}", self.highest(), of_best(goodput, best))
            };
        };
        let lowest =
            self.judged().iter().skip(step as usize).map(|step| step.goodput_tps).fold(f64::INFINITY, f64::min);
        format!("from {} on: goodput falls to {}", self.at(step), of_best(lowest, self.best(step as usize)))
    }
}

/// What the second half of the last step says, in words.
fn recovery(analysis: &Analysis) -> String {
    match analysis.recovery {
        Recovery::Recovered(now) => format!("recovered: {}", in_words(now)),
        Recovery::Draining(now) => {
            format!("not yet: {}; what waited is still being worked off: try a longer --duration", in_words(now))
        }
        Recovery::NotRecovered(now) if analysis.is_overloaded() => {
            let metastable = "the overload is over and the system does not recover (Bronson et al., HotOS 2021)";
            format!("metastable: {}; {metastable}", in_words(now))
        }
        Recovery::NotRecovered(now) => {
            format!("not as before: {}; yet no step was too much: something else has changed meanwhile", in_words(now))
        }
        Recovery::Unclear(now) => {
            format!("unclear: {}; so uneven that this may be chance: try a longer --duration", in_words(now))
        }
        Recovery::TooFew => "unknown: the first step has too few transactions to compare with".to_owned(),
        Recovery::NotSeen => "unknown: the run ended before its last step did".to_owned(),
    }
}

fn in_words(now: Ratios) -> String {
    let Ratios { goodput, p50, p99 } = now;
    let times = [("p50", p50), ("p99", p99)].into_iter().filter_map(|(name, times)| Some((name, times?)));
    let times: Vec<String> = times.map(|(name, times)| format!(", {name} {times:.2} times")).collect();
    let times = times.concat();
    format!("goodput is {:.0} % of the first step's{times} (second half of the last step)", goodput * 100.0)
}
