//! Was it really serializable? What was recorded, what it is consistent with, and what contradicts it.

use super::judgement::{examples, facts};
use super::page::Page;
use crate::report::units::{bytes, counted, seconds};
use crate::run::{Run, SavedHistory};

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
    if !judgement.anomalies.is_empty() {
        page.heading("Anomalies");
        examples(judgement, page);
    }
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
