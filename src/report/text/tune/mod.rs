//! Which policy is it to be, and how sure is that? What a person reads after `contend tune`.
//!
//! First the answer, then what was compared, then for each number of workers the ranking, what it cost, the comparison
//! with the best and the front; at the end what the blocks prove, and how to see it again.

mod against;
mod figures;
mod front;
mod head;
mod legend;
mod proof;
mod ranking;

pub(in crate::report) use figures::plus_minus;
pub(in crate::report) use ranking::is_same_as_best;

use super::page::Page;
use crate::report::Style;
use crate::report::names::Names;
use crate::report::units::counted;
use crate::run::Tune;
use crate::tune::{Analysis, Objective};

/// The report of one experiment.
#[must_use]
pub fn render(tune: &Tune, style: Style) -> String {
    let mut page = Page::new(style);
    let names = Names::new(&tune.candidates);
    head::show(tune, &mut page);
    for analysis in &tune.analyses {
        show_setting(tune, analysis, &names, &mut page);
    }
    legend::show(&tune.candidates, &names, &mut page);
    proof::show(tune, &mut page);
    page.finish()
}

fn show_setting(tune: &Tune, analysis: &Analysis, names: &Names, page: &mut Page) {
    page.heading(&format!("{}, {}", workers(tune, analysis), by(tune.design.objective)));
    ranking::show(tune, analysis, names, page);
    page.gap();
    ranking::show_cost(tune, analysis, names, page);
    against::show(tune, analysis, names, page);
    page.gap();
    front::show(tune, analysis, page);
}

/// `16 workers`.
fn workers(tune: &Tune, analysis: &Analysis) -> String {
    tune.workers.get(analysis.setting).map_or_else(String::new, |&workers| counted(workers.into(), "worker"))
}

fn by(objective: Objective) -> &'static str {
    match objective {
        Objective::Goodput => "the most goodput first",
        Objective::P99 => "the lowest p99 first",
        Objective::Wasted => "the least wasted time first",
    }
}

/// The name that a candidate was given, whatever its length.
fn full_name(tune: &Tune, candidate: usize) -> &str {
    tune.candidates.get(candidate).map_or("", |candidate| candidate.name.as_str())
}
