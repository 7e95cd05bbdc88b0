//! How does a program read a run? The whole [`Run`] as JSON, the same text that is saved as `run.json`.

use crate::run::Run;

/// The run, indented, with a newline at its end.
#[must_use]
pub fn render(run: &Run) -> String {
    // Serializing to memory fails only for maps whose keys are no strings, and a run holds no map.
    let text = serde_json::to_string_pretty(run)
        .unwrap_or_else(|error| serde_json::json!({ "error": error.to_string() }).to_string());
    text + "\n"
}
