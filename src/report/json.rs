//! How does a program read a run, an experiment, a judgement or a list of policies? As JSON; of a run the same text that is
//! saved as `run.json`, of an experiment that of `tune.json`.

use serde::Serialize;

use crate::check::isolation::Document;
use crate::run::{Run, Tune};

/// The run, indented, with a newline at its end.
#[must_use]
pub fn render(run: &Run) -> String {
    pretty(run)
}

/// The experiment that compared policies, indented, with a newline at its end.
#[must_use]
pub fn tune(tune: &Tune) -> String {
    pretty(tune)
}

/// What a history was found to be, indented, with a newline at its end.
#[must_use]
pub fn judgement(document: &Document) -> String {
    pretty(document)
}

/// Retry policies, indented, with a newline at their end.
#[must_use]
pub fn policies(described: &impl Serialize) -> String {
    pretty(described)
}

fn pretty(value: &impl Serialize) -> String {
    // Serializing to memory fails only for maps whose keys are no texts, and there are none.
    let text = serde_json::to_string_pretty(value)
        .unwrap_or_else(|error| serde_json::json!({ "error": error.to_string() }).to_string());
    text + "\n"
}
