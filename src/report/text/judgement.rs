//! What does a person read about a history? The verdict first, then the levels, then what was found, the worst first.

use super::page::Page;
use crate::check::history::History;
use crate::check::isolation::{Anomaly, Judgement, Level, Name, Verdict, explain, nickname};
use crate::report::Style;
use crate::report::style::Paint;
use crate::report::table::{Align, Cell, Table};
use crate::report::units::{count, counted};

/// So many examples of each name are explained.
const EXAMPLES: usize = 3;

/// The judgement, asked about one level.
#[must_use]
pub fn render(history: &History, judgement: &Judgement, level: Level, style: Style) -> String {
    let mut page = Page::new(style);
    let (word, paint) = match judgement.verdict(level) {
        Verdict::Holds => ("HOLDS", Paint::Good),
        Verdict::Violated => ("VIOLATED", Paint::Bad),
        Verdict::Inconclusive => ("INCONCLUSIVE", Paint::Doubtful),
    };
    page.painted(word, paint, &reason(judgement, level), Paint::Plain);
    page.entry("Consistent with", &consistent(judgement));
    page.entry("Judged", &judged(judgement));
    if !judgement.counts.is_empty() {
        page.entry("Found", &found(judgement));
    }
    levels(judgement, &mut page);
    for (name, anomalies) in by_name(&judgement.anomalies) {
        examples(history, judgement, name, &anomalies, &mut page);
    }
    page.finish()
}

fn reason(judgement: &Judgement, level: Level) -> String {
    match judgement.verdict(level) {
        Verdict::Inconclusive => "nothing was committed, so there is nothing to judge".to_owned(),
        Verdict::Holds if judgement.counts.is_empty() => format!("nothing contradicts {level}"),
        Verdict::Holds => format!("nothing contradicts {level}; it permits what was found"),
        Verdict::Violated => {
            let worst = judgement.anomalies.iter().find(|anomaly| anomaly.violates.contains(level));
            let name = worst.map_or_else(String::new, |anomaly| format!("{}: ", with_nickname(anomaly)));
            format!("{name}{level} is violated")
        }
    }
}

fn with_nickname(anomaly: &Anomaly) -> String {
    nickname(anomaly).map_or_else(|| anomaly.name.to_string(), |nickname| format!("{} ({nickname})", anomaly.name))
}

fn consistent(judgement: &Judgement) -> String {
    let names: Vec<&str> = judgement.strongest().into_iter().map(Level::name).collect();
    match names[..] {
        [] => "no level".to_owned(),
        [one] => format!("{one}, and whatever is weaker"),
        _ => format!("{}, and whatever is weaker than either", names.join(" and ")),
    }
}

fn judged(judgement: &Judgement) -> String {
    let committed = counted(u64::from(judgement.committed), "committed transaction");
    let proven = match judgement.proven {
        0 => String::new(),
        number => format!(", {} of them ambiguous but proven by what others saw", count(u64::from(number))),
    };
    let left = match judgement.unresolved {
        0 => String::new(),
        number => {
            format!("; {} left out, since nothing proves either outcome", counted(u64::from(number), "ambiguous one"))
        }
    };
    format!("{committed}{proven}{left}")
}

fn found(judgement: &Judgement) -> String {
    let each = judgement.counts.iter().map(|(name, number)| format!("{} {name}", count(*number)));
    each.collect::<Vec<_>>().join(", ")
}

fn levels(judgement: &Judgement, page: &mut Page) {
    page.heading("Levels");
    let mut table = Table::new([Align::Left(0), Align::Left(0)]);
    for level in Level::ALL {
        let violated = judgement.violated.contains(level);
        let answer = if violated { Cell::new("violated", Paint::Bad) } else { Cell::new("holds", Paint::Good) };
        table.row([level.name().into(), answer]);
    }
    page.table(&table);
}

/// Names in the order in which they first come, each with its anomalies in their order.
fn by_name(anomalies: &[Anomaly]) -> Vec<(Name, Vec<&Anomaly>)> {
    let mut groups: Vec<(Name, Vec<&Anomaly>)> = Vec::new();
    for anomaly in anomalies {
        match groups.iter_mut().find(|group| group.0 == anomaly.name) {
            Some(group) => group.1.push(anomaly),
            None => groups.push((anomaly.name, vec![anomaly])),
        }
    }
    groups
}

fn examples(history: &History, judgement: &Judgement, name: Name, anomalies: &[&Anomaly], page: &mut Page) {
    for anomaly in anomalies.iter().take(EXAMPLES) {
        page.gap();
        for line in explain(history, anomaly) {
            page.hanging(&line);
        }
    }
    // What stands beside a worse name was told there.
    let told = judgement.anomalies.iter().filter(|anomaly| anomaly.also.contains(&name)).count();
    let shown = anomalies.len().min(EXAMPLES) + told;
    let all = judgement.counts.get(&name).copied().unwrap_or_default();
    let more = all.saturating_sub(shown as u64);
    if more > 0 {
        page.gap();
        page.hanging(&format!("and {} more {name}", count(more)));
    }
}
