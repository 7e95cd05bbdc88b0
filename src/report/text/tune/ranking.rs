//! Which one is the best, and what does each cost? Two tables, both in the order of the objective.

use super::super::page::Page;
use super::figures::{number, part, per_second, plus_minus, time};
use crate::report::names::Names;
use crate::report::style::Paint;
use crate::report::table::{Align, Cell, Table};
use crate::run::Tune;
use crate::tune::{Analysis, Ranked};

/// In front of the recommended one, of one that nobody can tell from the best, and of one that was dropped.
const RECOMMENDED: &str = "►";
const SAME: &str = "=";
const DROPPED: &str = "×";

/// Goodput and p99, each with its 95 % interval.
pub(super) fn show(tune: &Tune, analysis: &Analysis, names: &Names, page: &mut Page) {
    let numbers = [Align::Right(7), Align::Right(6), Align::Right(7), Align::Right(6), Align::Right(6)];
    let mut table = Table::new([&[Align::Right(2), Align::Left(1), Align::Left(0)], &numbers[..]].concat());
    table.row(["", "", "", "tx/s", "95 %", "p99", "95 %", "rounds"].map(Cell::from));
    for (rank, ranked) in (1..).zip(&analysis.ranked) {
        let estimates = &ranked.estimates;
        let cells = [
            rank.to_string(),
            mark(tune, analysis, ranked).to_owned(),
            names.short(ranked.candidate).to_owned(),
            per_second(&estimates.goodput_tps),
            plus_minus(&estimates.goodput_tps),
            time(&estimates.p99_ns),
            plus_minus(&estimates.p99_ns),
            estimates.goodput_tps.n.to_string(),
        ];
        table.row(cells.map(|cell| Cell::new(cell, paint(tune, analysis, ranked))));
    }
    page.table(&table);
    let marks = marks(tune, analysis);
    if !marks.is_empty() && tune.candidates.len() > 1 {
        page.hanging(&format!("  {marks}"));
    }
}

/// What is behind the ranking: other percentiles, and what the retries took.
pub(super) fn show_cost(tune: &Tune, analysis: &Analysis, names: &Names, page: &mut Page) {
    let numbers =
        [Align::Right(7), Align::Right(7), Align::Right(8), Align::Right(6), Align::Right(9), Align::Right(5)];
    let mut table = Table::new([&[Align::Right(2), Align::Left(0)], &numbers[..]].concat());
    table.row(["", "", "", "", "attempts", "", "", ""].map(Cell::from));
    table.row(["", "", "p50", "p99.9", "a commit", "wasted", "exhausted", "Jain"].map(Cell::from));
    for (rank, ranked) in (1..).zip(&analysis.ranked) {
        let estimates = &ranked.estimates;
        let nothing = estimates.goodput_tps.mean <= 0.0;
        let fairness = if nothing { String::new() } else { format!("{:.3}", estimates.fairness.mean) };
        let cells = [
            rank.to_string(),
            names.short(ranked.candidate).to_owned(),
            time(&estimates.p50_ns),
            time(&estimates.p999_ns),
            number(&estimates.attempts_per_commit),
            part(&estimates.wasted_share),
            part(&estimates.exhausted_share),
            fairness,
        ];
        table.row(cells.map(|cell| Cell::new(cell, paint(tune, analysis, ranked))));
    }
    page.table(&table);
}

/// Nothing is recommended on a database that was not right.
fn is_recommended(tune: &Tune, analysis: &Analysis, ranked: &Ranked) -> bool {
    tune.violation.is_none() && ranked.candidate == analysis.recommended
}

fn paint(tune: &Tune, analysis: &Analysis, ranked: &Ranked) -> Paint {
    if is_recommended(tune, analysis, ranked) { Paint::Strong } else { Paint::Plain }
}

/// Whether it was compared with the best, and no significant difference was found.
pub(in crate::report) fn is_same_as_best(ranked: &Ranked) -> bool {
    ranked.same_as_best && ranked.against_best.is_some()
}

fn mark(tune: &Tune, analysis: &Analysis, ranked: &Ranked) -> &'static str {
    match ranked {
        recommended if is_recommended(tune, analysis, recommended) => RECOMMENDED,
        dropped if dropped.dropped_after.is_some() => DROPPED,
        same if is_same_as_best(same) => SAME,
        _ => "",
    }
}

/// What the marks that were used mean.
fn marks(tune: &Tune, analysis: &Analysis) -> String {
    let used = |mark_used: &str| analysis.ranked.iter().any(|ranked| mark(tune, analysis, ranked) == mark_used);
    let meanings = [
        (RECOMMENDED, "recommended"),
        (SAME, "no significant difference to the best"),
        (DROPPED, "dropped early, clearly worse"),
    ];
    let used: Vec<String> =
        meanings.iter().filter(|(mark, _)| used(mark)).map(|(mark, meaning)| format!("{mark} {meaning}")).collect();
    used.join("; ")
}
