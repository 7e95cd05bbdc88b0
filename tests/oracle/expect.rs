//! What does a file expect of a checker? The `# expect:` lines, written and read.

use super::history::Fate;
use super::judge::Verdict;
use super::names::{self, LEVELS, Levels};

/// The expectation lines that this verdict would give, without `# `.
pub fn lines(verdict: &Verdict) -> Vec<String> {
    let mut lines = vec![
        format!("expect: names: {}", list(&verdict.must)),
        format!("expect: may: {}", list(&verdict.may)),
        format!("expect: violated: {}", list(&levels(verdict.violated))),
        format!("expect: holds: {}", list(&levels(!verdict.violated))),
        format!("expect: strongest: {}", list(&names::strongest(verdict.violated))),
    ];
    if !verdict.outcomes.is_empty() {
        let of = |(id, fate): &(String, Fate)| {
            let word = match fate {
                Fate::Committed => "committed",
                Fate::Aborted => "aborted",
                Fate::Unknown => "unknown",
            };
            format!("{id} {word}")
        };
        lines.push(format!("expect: outcomes: {}", verdict.outcomes.iter().map(of).collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// The expectation lines of a file, without `# `.
pub fn of_file(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|l| l.starts_with("expect: "))
        .map(Into::into)
        .collect()
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

fn levels(set: Levels) -> Vec<&'static str> {
    (0..LEVELS.len()).filter(|level| set & (1 << level) != 0).map(|level| LEVELS[level]).collect()
}
