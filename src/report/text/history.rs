//! Was it really serializable? What was recorded, what it is consistent with, and what contradicts it.

use super::judgement::{examples, facts};
use super::page::Page;
use crate::report::units::{bytes, counted, seconds};
use crate::run::{Run, SavedHistory, SavedJudgement};

/// The sections; without a history there is nothing to show.
pub(super) fn show(run: &Run, page: &mut Page) {
    if run.history.is_none() && run.judgement.is_none() {
        return;
    }
    page.gap();
    if let Some(history) = &run.history {
        page.entry("History", &recorded(history, run.server.is_simulated()));
    }
    let Some(judgement) = &run.judgement else { return };
    facts(judgement, page);
    if let Some(pictures) = pictures(judgement) {
        page.entry("Pictures", &pictures);
    }
    if !judgement.anomalies.is_empty() {
        page.heading("Anomalies");
        examples(judgement, page);
    }
}

/// Where the first one is, and how many there are.
fn pictures(judgement: &SavedJudgement) -> Option<String> {
    let pictures: Vec<&String> = judgement.anomalies.iter().filter_map(|anomaly| anomaly.picture.as_ref()).collect();
    let first = pictures.first()?;
    let others = if pictures.len() > 1 { format!(", the first of {}", pictures.len()) } else { String::new() };
    Some(format!("{first}{others}; each also as .dot"))
}

/// A report of a simulation tells no real times: it is the same each time.
fn recorded(history: &SavedHistory, simulated: bool) -> String {
    let attempts = counted(history.attempts, "attempt");
    let size = bytes(history.bytes);
    let until = history.covered_until_ns.map_or_else(String::new, |until| {
        format!(", until {}, when {} were used up", seconds(until as f64 / 1e9), bytes(history.limit_bytes))
    });
    let within = |time: f64| if simulated { String::new() } else { format!(" in {}", seconds(time)) };
    let saved = match &history.file {
        Some(file) => format!("saved as {file}{}", within(history.save_s)),
        None => "not saved".to_owned(),
    };
    format!("recorded {attempts} ({size}){until}; {saved}; checked{}", within(history.check_s))
}
