//! Is the difference to the best real? Ratios with their intervals and corrected p-values, and each loser's reason.

use super::super::page::Page;
use super::figures::{of, probability};
use crate::report::names::Names;
use crate::report::table::{Align, Cell, Table};
use crate::report::units::{ABSENT, counted};
use crate::run::Tune;
use crate::stats::Estimate;
use crate::tune::{Analysis, Ranked};

/// Both tables, where there is anything to compare.
pub(super) fn show(tune: &Tune, analysis: &Analysis, names: &Names, page: &mut Page) {
    let Some((best, others)) = analysis.ranked.split_first() else { return };
    if !others.is_empty() && others.iter().all(|ranked| ranked.against_best.is_none()) {
        page.gap();
        page.entry("Differences", "too few rounds to say which of them are real");
    } else if !others.is_empty() {
        page.heading(&format!("Their {} against {}", of(tune.design.objective), names.short(best.candidate)));
        page.table(&ratios(others, names));
        page.hanging("  p: paired by rounds, corrected for all comparisons");
    }
    if analysis.ranked.iter().any(|ranked| ranked.reason.is_some()) {
        page.heading("Why not the others");
        page.table(&reasons(analysis, names));
    }
}

fn ratios(others: &[Ranked], names: &Names) -> Table {
    let mut table = Table::new([
        Align::Right(2),
        Align::Left(0),
        Align::Right(5),
        Align::Right(12),
        Align::Right(6),
        Align::Left(0),
    ]);
    table.row(["", "", "ratio", "95 %", "p", ""].map(Cell::from));
    for (rank, ranked) in (2..).zip(others) {
        let compared = ranked.against_best.as_ref();
        let [ratio, interval, p] = compared.map_or_else(
            || [ABSENT, ABSENT, ABSENT].map(str::to_owned),
            |against| [times(against.ratio.mean), interval(&against.ratio), probability(against.p_corrected)],
        );
        let name = names.short(ranked.candidate).to_owned();
        table.row([rank.to_string(), name, ratio, interval, p, finding(ranked)].map(Cell::from));
    }
    table
}

/// What the numbers of one line come to.
fn finding(ranked: &Ranked) -> String {
    if let Some(rounds) = ranked.dropped_after {
        return format!("dropped: {}", counted(rounds.into(), "round"));
    }
    match &ranked.against_best {
        None => "not compared".to_owned(),
        Some(against) if against.significant => "significant".to_owned(),
        Some(_) => "not significant".to_owned(),
    }
}

fn reasons(analysis: &Analysis, names: &Names) -> Table {
    let mut table = Table::new([Align::Right(2), Align::Left(0), Align::Wrap]);
    for (rank, ranked) in (1..).zip(&analysis.ranked) {
        if let Some(reason) = &ranked.reason {
            table.row([Cell::from(rank.to_string()), names.short(ranked.candidate).into(), reason.into()]);
        }
    }
    table
}

fn times(ratio: f64) -> String {
    match ratio {
        unknown if !unknown.is_finite() => ABSENT.to_owned(),
        large if large >= 99.95 => format!("{large:.0}"),
        large if large >= 9.995 => format!("{large:.1}"),
        small => format!("{small:.2}"),
    }
}

fn interval(ratio: &Estimate) -> String {
    match (ratio.low, ratio.high) {
        (Some(low), Some(high)) => format!("{} to {}", times(low), times(high)),
        _ => ABSENT.to_owned(),
    }
}
