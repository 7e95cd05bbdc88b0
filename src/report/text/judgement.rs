//! What does a person read about a history? The verdict first, then what it rests on, then what was found, the worst first.
//!
//! `contend check` shows a page of its own, a run's report the same parts among others.

use super::headline::{show_simulated, status_paint};
use super::page::Page;
use super::verdict;
use crate::check::Status;
use crate::check::isolation::Level;
use crate::report::Style;
use crate::report::style::Paint;
use crate::report::table::{Align, Cell, Table};
use crate::report::units::{count, counted};
use crate::run::{SavedJudgement, SavedVerdict};

/// The page of `contend check`: of a history, and of the rules that the tables of a recorded run broke or kept; of one that
/// was simulated, with its address.
#[must_use]
pub fn render(judgement: &SavedJudgement, checks: &SavedVerdict, simulated: Option<&str>, style: Style) -> String {
    let mut page = Page::new(style);
    if let Some(address) = simulated {
        show_simulated(address, &mut page);
    }
    let broken = checks.checks.iter().find(|check| Status::Violated.to_string() == check.status);
    let (word, text) = match broken.filter(|_| judgement.verdict != Status::Violated.to_string()) {
        Some(check) => (&check.status, format!("{}: {}", check.name, check.detail)),
        None => (&judgement.verdict, headline(judgement)),
    };
    page.painted(&word.to_uppercase(), status_paint(word), &text, Paint::Plain);
    facts(judgement, &mut page);
    levels(judgement, &mut page);
    if !judgement.anomalies.is_empty() {
        page.gap();
    }
    examples(judgement, &mut page);
    verdict::show(checks, &mut page);
    page.finish()
}

/// The verdict in one sentence.
pub(super) fn headline(judgement: &SavedJudgement) -> String {
    let SavedJudgement { level, caveat, .. } = judgement;
    let mut text = match (&judgement.decisive, judgement.verdict.as_str()) {
        (Some(worst), "violated") => {
            format!("{worst}: {}; {} found", judgement.broken, count(judgement.decisive_count))
        }
        (None, "violated") => format!("{level} is violated"),
        (_, "inconclusive") if judgement.partial.is_some() => {
            "no commit was recorded, so there is nothing to judge".to_owned()
        }
        (_, "inconclusive") => "nothing was committed, so there is nothing to judge".to_owned(),
        _ => holding(judgement),
    };
    if let Some(caveat) = caveat.as_ref().filter(|_| judgement.verdict == "holds") {
        text = format!("{text}; {caveat}");
    }
    judgement.partial.as_ref().map_or_else(|| text.clone(), |partial| format!("{text}; {partial}"))
}

/// What a mix has not tested is not claimed: a level that holds as well as a weaker one is one that the history is
/// consistent with, no more.
fn holding(judgement: &SavedJudgement) -> String {
    let transactions = counted(judgement.committed.into(), "transaction");
    let is_about_predicates = |pair: &[String; 2]| pair[1] == Level::RepeatableRead.name();
    let promised = if judgement.asked == judgement.level { "" } else { ", as promised" };
    let level = &judgement.level;
    let holds = if judgement.indistinct.iter().all(is_about_predicates) {
        format!("{level}{promised}: nothing contradicts it in {transactions}")
    } else {
        format!("consistent with {level}{promised}, in {transactions}")
    };
    if judgement.counts.is_empty() { holds } else { format!("{holds}; it permits what was found") }
}

/// What the verdict rests on.
pub(super) fn facts(judgement: &SavedJudgement, page: &mut Page) {
    if judgement.committed > 0 {
        page.entry("Consistent with", &consistent(&judgement.strongest));
    }
    if let Some(promise) = &judgement.promise {
        page.entry("Promised", promise);
        match &judgement.caveat {
            Some(caveat) => page.entry("Left open", caveat),
            None => page.entry("Told apart", &format!("every level up to {} from weaker ones", judgement.level)),
        }
    }
    page.entry("Judged", &judged(judgement));
    if !judgement.counts.is_empty() {
        page.entry("Found", &found(judgement));
    }
}

fn consistent(strongest: &[String]) -> String {
    match strongest {
        [] => "no level".to_owned(),
        [one] => format!("{one}, and whatever is weaker"),
        _ => format!("{}, and whatever is weaker than either", strongest.join(" and ")),
    }
}

fn judged(judgement: &SavedJudgement) -> String {
    let committed = counted(judgement.committed.into(), "committed transaction");
    let proven = match judgement.proven {
        0 => String::new(),
        number => format!(", {} of them ambiguous but proven by what others saw", count(number.into())),
    };
    let left = match judgement.unresolved {
        0 => String::new(),
        number => {
            format!("; {} left out, since nothing proves either outcome", counted(number.into(), "ambiguous one"))
        }
    };
    let doubt = judgement.doubt.as_ref().map_or_else(String::new, |doubt| format!("; {doubt}"));
    format!("{committed}{proven}{left}{doubt}")
}

/// In the order of the examples; what stands only beside a worse name comes last.
fn found(judgement: &SavedJudgement) -> String {
    let mut names = by_name(judgement);
    names.extend(judgement.counts.keys().map(String::as_str));
    let counted = |name: &str| judgement.counts.get(name).copied().unwrap_or(0);
    names.retain(|name| counted(name) > 0);
    let mut told: Vec<&str> = Vec::new();
    names.retain(|name| {
        !told.contains(name) && {
            told.push(name);
            true
        }
    });
    let each = names.iter().map(|name| format!("{} {name}", count(counted(name))));
    each.collect::<Vec<_>>().join(", ")
}

fn levels(judgement: &SavedJudgement, page: &mut Page) {
    page.heading("Levels");
    let mut table = Table::new([Align::Left(0), Align::Left(0)]);
    for level in Level::ALL {
        let violated = judgement.violated.iter().any(|violated| violated == level.name());
        let answer = if violated { Cell::new("violated", Paint::Bad) } else { Cell::new("holds", Paint::Good) };
        table.row([level.name().into(), answer]);
    }
    page.table(&table);
}

/// Names in the order in which they first come.
fn by_name(judgement: &SavedJudgement) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for anomaly in &judgement.anomalies {
        if !names.contains(&anomaly.entry.name.as_str()) {
            names.push(&anomaly.entry.name);
        }
    }
    names
}

/// The examples of each name, and how many more there are.
pub(super) fn examples(judgement: &SavedJudgement, page: &mut Page) {
    let paragraphs = by_name(judgement).into_iter().flat_map(|name| {
        let its = judgement.anomalies.iter().filter(move |anomaly| anomaly.entry.name == name);
        let more = match judgement.more(name) {
            0 => None,
            more => Some(vec![format!("and {} more {name}", count(more))]),
        };
        its.map(|anomaly| anomaly.explanation.clone()).chain(more)
    });
    for (index, paragraph) in paragraphs.enumerate() {
        if index > 0 {
            page.gap();
        }
        for line in &paragraph {
            page.hanging(line);
        }
    }
}
