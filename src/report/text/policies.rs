//! Which retry policies are there, and how long do they wait? Forms and presets, each with a picture of its delays.

use serde::Serialize;

use super::page::Page;
use crate::report::Style;
use crate::report::bars::bar;
use crate::report::style::Paint;
use crate::report::table::{Align, Cell, Table};
use crate::report::units::{ABSENT, duration, seconds};
use crate::report::wrap::{WIDTH, shorten};
use crate::retry::{Description, JITTERS, Wait};

/// The columns of the longest bar.
const BAR: usize = 30;

/// The columns of a piece of a policy's text.
const PIECE: usize = 64;

/// Everything there is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Policies {
    /// The forms of delays.
    pub forms: Vec<Description>,
    /// The policies of others.
    pub presets: Vec<Description>,
}

/// The list of all forms and presets.
#[must_use]
pub fn list(all: &Policies, style: Style) -> String {
    let mut page = Page::new(style);
    page.entry("A policy is", "DELAYS[/attempts:N][/deadline:TIME][/budget[:...]][/aimd[:...]]");
    page.entry("", "with one of these forms, or a preset, for DELAYS; parts in any order, each at most once");
    page.heading("Delays before retry n, from 1, and the waits before attempts 2 to 8");
    for form in &all.forms {
        listed(form, &mut page);
    }
    page.heading("Jitters of linear, exponential and age");
    let mut table = Table::new([Align::Left(0), Align::Wrap]);
    for (written, formula) in JITTERS {
        table.row([written.into(), formula.into()]);
    }
    page.table(&table);
    parts(&mut page);
    page.heading("Presets: what others do, and the waits before attempts 2 to 8");
    for preset in &all.presets {
        listed(preset, &mut page);
    }
    page.finish()
}

/// What may stand behind a slash.
fn parts(page: &mut Page) {
    page.heading("Behind slashes");
    let mut table = Table::new([Align::Left(0), Align::Wrap]);
    for (written, meaning) in [
        (
            "/attempts:N",
            "attempts of one transaction, or unlimited; 20 where nothing is said, none has 1 and tutorial 3",
        ),
        ("/deadline:TIME", "no attempt begins later than this after the first"),
        (
            "/budget:...",
            "capacity=100,cost=1,deposit=0.1: a bucket of tokens for each shard (--threads), full at first; a commit deposits, a retry pays, and who cannot pay gives up",
        ),
        (
            "/aimd:...",
            "increase=1,decrease=0.5,min=1: a limit for each shard on transactions at a time, all workers at first; it falls to decrease x limit after an abort, at most once in as many outcomes as it was, and rises by increase/limit after each commit",
        ),
    ] {
        table.row([written.into(), meaning.into()]);
    }
    page.table(&table);
}

/// A few lines in the list.
fn listed(description: &Description, page: &mut Page) {
    let Description { name, written, policy, formula, restart, attempts, source, waits, .. } = description;
    page.gap();
    page.item(written.as_deref().unwrap_or(name));
    let mut table = Table::new([Align::Left(0), Align::Wrap]);
    if written.as_deref() != Some(policy) {
        let label = if written.is_some() { "example" } else { "policy" };
        for (index, piece) in pieces(policy).iter().enumerate() {
            table.row([(if index == 0 { label } else { "" }).into(), piece.into()]);
        }
    }
    table.row(["delay".into(), formula.into()]);
    if let Some(restart) = restart {
        let attempts = attempts.map_or("unlimited attempts".to_owned(), |attempts| format!("{attempts} attempts"));
        table.row(["restart".into(), format!("{restart}, {attempts}").into()]);
    }
    if let Some(source) = source {
        table.row(["source".into(), source.into()]);
    }
    page.table(&table);
    if waits.iter().any(|wait| wait.max_s > 0.0) {
        page.table(&picture(waits));
    }
}

/// A policy in lines that are not too long, broken in front of slashes.
pub(super) fn pieces(policy: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for (index, part) in policy.split('/').enumerate() {
        let part = if index == 0 { part.to_owned() } else { format!("/{part}") };
        match pieces.last_mut() {
            Some(last) if last.len() + part.len() <= PIECE => last.push_str(&part),
            _ => pieces.push(part),
        }
    }
    pieces
}

/// The waits as three rows of numbers.
fn picture(waits: &[Wait]) -> Table {
    let mut columns = vec![Align::Left(4)];
    columns.extend(waits.iter().map(|_| Align::Right(7)));
    let mut table = Table::new(columns);
    for (name, of) in
        [("min", (|wait| wait.min_s) as fn(&Wait) -> f64), ("mean", |wait| wait.mean_s), ("max", |wait| wait.max_s)]
    {
        table.row(std::iter::once(Cell::from(name)).chain(waits.iter().map(|wait| short(of(wait)).into())));
    }
    table
}

/// Details of those that were asked for.
#[must_use]
pub fn details(descriptions: &[Description], style: Style) -> String {
    let mut page = Page::new(style);
    for description in descriptions {
        detailed(description, &mut page);
    }
    page.finish()
}

fn detailed(description: &Description, page: &mut Page) {
    let Description { name, written, policy, formula, restart, attempts, deadline_s, budget, aimd, source, waits } =
        description;
    page.heading(&shorten(name, WIDTH));
    if let Some(written) = written {
        page.entry("Written", written);
    }
    for (index, piece) in pieces(policy).iter().enumerate() {
        page.entry(if index == 0 { "Policy" } else { "" }, piece);
    }
    page.entry("Delay", formula);
    page.entry("Attempts", &attempts.map_or("unlimited".to_owned(), |attempts| attempts.to_string()));
    let optional = [
        ("Deadline", deadline_s.map(seconds)),
        ("Budget", budget.as_ref().map(|text| format!("{text}, one bucket for each shard"))),
        ("Concurrency", aimd.as_ref().map(|text| format!("{text}, one limit for each shard"))),
        ("Restart", restart.as_ref().map(|restart| format!("{restart}; a run does so with --restart {restart}"))),
        ("Source", source.clone()),
    ];
    for (label, text) in optional {
        if let Some(text) = text {
            page.entry(label, &text);
        }
    }
    if !waits.is_empty() {
        page.gap();
        page.table(&bars(waits));
    }
}

/// The wait before each attempt: a bar up to the mean, a line from there to the longest.
fn bars(waits: &[Wait]) -> Table {
    let longest = waits.iter().map(|wait| wait.max_s).fold(0.0, f64::max);
    let mut table = Table::new([Align::Right(7), Align::Right(8), Align::Right(8), Align::Right(8), Align::Left(0)]);
    table.row(["attempt", "min", "mean", "max"].map(|title| Cell::new(title, Paint::Strong)));
    table.row(["1", ABSENT, ABSENT, ABSENT].map(Cell::from));
    for Wait { attempt, min_s, mean_s, max_s } in waits {
        let mean = bar(*mean_s, longest, BAR);
        let beyond = bar(*max_s, longest, BAR).chars().count().saturating_sub(mean.chars().count());
        let [min, middle, max] = [min_s, mean_s, max_s].map(|wait| short(*wait));
        table.row([attempt.to_string(), min, middle, max, mean + &"─".repeat(beyond)].map(Cell::from));
    }
    table
}

/// A wait in at most seven columns.
fn short(seconds: f64) -> String {
    if seconds < 3600.0 { duration(seconds * 1e9) } else { format!("{:.1} h", seconds / 3600.0) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use console::measure_text_width;

    use super::*;
    use crate::retry::{FORMS, Preset};

    fn all() -> Policies {
        let forms = FORMS.iter().map(|form| Description::of(form.name).unwrap());
        let presets = Preset::ALL.iter().map(|preset| Description::of(preset.name).unwrap());
        Policies { forms: forms.collect(), presets: presets.collect() }
    }

    fn some() -> Vec<Description> {
        let names = [
            "exponential",
            "jepsen",
            "none",
            "age:base=80ms,half=50ms,jitter=equal/attempts:4/deadline:1s/budget/aimd",
        ];
        names.iter().map(|name| Description::of(name).unwrap()).collect()
    }

    fn reports(style: Style) -> [(&'static str, String); 2] {
        [("policies", list(&all(), style)), ("policies-some", details(&some(), style))]
    }

    #[test]
    fn both_are_as_they_were_looked_at() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/text/expected");
        for (name, report) in reports(Style { color: false }) {
            let file = folder.join(format!("{name}.txt"));
            if std::env::var_os("CONTEND_UPDATE").is_some() {
                std::fs::write(&file, &report).unwrap();
            }
            assert_eq!(report, std::fs::read_to_string(&file).unwrap_or_default(), "{name}");
        }
    }

    #[test]
    fn lines_fit_and_color_changes_nothing_but_the_color() {
        for ((_, plain), (_, color)) in reports(Style { color: false }).into_iter().zip(reports(Style { color: true }))
        {
            assert!(color.contains("\u{1b}[1m") && console::strip_ansi_codes(&color) == plain);
            for line in plain.lines() {
                assert!(measure_text_width(line) <= 80 && line == line.trim_end(), "{line}");
            }
            assert!(!plain.contains("\n\n\n") && !plain.contains("NaN") && plain.ends_with('\n'));
        }
    }

    #[test]
    fn the_page_on_policies_has_every_form_jitter_and_preset() {
        let page = include_str!("../../../docs/policies.md");
        for Description { name, policy, written, .. } in all().forms {
            assert!(page.contains(&format!("`{}`", written.unwrap_or_default())) && page.contains(&policy), "{name}");
        }
        for (jitter, _) in JITTERS {
            assert!(page.contains(&format!("| `{jitter}` |")), "{jitter}");
        }
        for Description { name, policy, restart, .. } in all().presets {
            let row = format!("| `{name}` | `{policy}` | {} |", restart.unwrap_or_default());
            assert!(page.contains(&row), "{row}");
        }
    }
}
