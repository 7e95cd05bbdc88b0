//! How does an application wait and retry like a policy does? Its retry loop as source code, ready to copy.
//!
//! The loop of each language is a template (`templates/`) whose parts depend on the policy and on the way to restart;
//! the delay is one formula (`formula`) of a few operations (`expression`), written in the words of each language
//! (`language`).

mod expression;
mod formula;
mod language;
mod template;

pub use language::{Language, ParseLanguageError};

use expression::Expression;
use formula::Formula;

use crate::retry::{Policy, Restart};

/// Where a policy comes from: lines of comment at the head of the file, which may be none.
///
/// `goodput: 412/s (395 to 428, 95 %), 8 rounds`, for instance, and the id of the experiment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// One line each, without the comment's sign.
    pub lines: Vec<String>,
}

/// The retry loop of a policy, as one file of source code.
#[must_use]
pub fn emit(language: Language, policy: &Policy, restart: Restart, evidence: &Evidence) -> String {
    let formula = Formula::of(&policy.delays);
    let conditions = conditions(policy, restart, &formula);
    template::fill(language.template(), &conditions, &values(language, policy, restart, evidence, &formula))
}

/// What the parts of a template depend on.
fn conditions(policy: &Policy, restart: Restart, formula: &Formula) -> Vec<&'static str> {
    let uses = |what| formula.uses(what);
    let holds = [
        ("rollback", restart == Restart::Rollback),
        ("savepoint", restart == Restart::Savepoint),
        ("reconnect", restart == Restart::Reconnect),
        ("single", restart == Restart::Single),
        ("deadline", policy.limits.deadline.is_some()),
        ("budget", policy.budget.is_some()),
        ("aimd", policy.aimd.is_some()),
        ("shared", policy.budget.is_some() || policy.aimd.is_some()),
        ("wrapped", restart == Restart::Savepoint || policy.aimd.is_some()),
        ("clock", policy.limits.deadline.is_some() || uses(&Expression::Elapsed)),
        ("constants", formula.has_constants()),
        ("random", uses(&Expression::Random)),
        ("previous", uses(&Expression::Previous)),
        ("mathematics", formula.uses_functions()),
    ];
    holds.into_iter().filter_map(|(name, holds)| holds.then_some(name)).collect()
}

/// What stands in the places of a template.
fn values(
    language: Language,
    policy: &Policy,
    restart: Restart,
    evidence: &Evidence,
    formula: &Formula,
) -> Vec<(&'static str, String)> {
    let comments = |lines: &[String]| {
        let lines = lines.iter().flat_map(|text| text.lines()).map(confined);
        lines.map(|line| format!("{} {line}", language.comment()).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    };
    let (max_attempts, unlimited) = attempts(policy.limits.max_attempts);
    let mut values = vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("policy", confined(&policy.to_string())),
        ("restart", confined(&restart.to_string())),
        ("evidence", comments(&evidence.lines)),
        ("max_attempts", max_attempts.to_string()),
        ("unlimited", unlimited.to_owned()),
        ("constants", formula.constants(language)),
        ("parameters", formula.parameters(language)),
        ("arguments", formula.arguments()),
        ("steps", formula.steps(language)),
        ("result", formula.result(language)),
    ];
    let number = |value: f64| format!("{value:?}");
    if let Some(deadline) = policy.limits.deadline {
        values.push(("deadline_ms", number(deadline.as_secs_f64() * 1e3)));
    }
    if let Some(budget) = policy.budget {
        let numbers = [("capacity", budget.capacity), ("cost", budget.cost), ("deposit", budget.deposit)];
        // In millionths, which add up without error.
        values.extend(numbers.map(|(name, value)| (name, format!("{:.0}", value * 1e6))));
    }
    if let Some(aimd) = policy.aimd {
        let numbers = [("increase", aimd.increase), ("decrease", aimd.decrease), ("min", f64::from(aimd.min))];
        values.extend(numbers.map(|(name, value)| (name, number(value))));
    }
    values
}

/// The number of attempts, and what is said of it where there is no limit.
///
/// An `int` of Java ends there, and one of Go may. To get so far takes 24 days, at a millisecond each.
fn attempts(max_attempts: u32) -> (u32, &'static str) {
    let most = i32::MAX.unsigned_abs();
    if max_attempts > most {
        (most, ": no limit, only the largest number that any int holds")
    } else {
        (max_attempts, "")
    }
}

/// A text that cannot leave a comment of one line, in any language.
///
/// What ends a line somewhere, or hides what is there from its reader, becomes a space; so do the control characters. Rust
/// refuses the marks of direction in a comment, Go that of byte order. A backslash becomes a slash: in Java it writes any
/// character, an end of line too, even in a comment.
fn confined(text: &str) -> String {
    let shown = |character: char| match character {
        '\\' => '/',
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => ' ',
        _ if character.is_control() => ' ',
        _ => character,
    };
    text.chars().map(shown).collect()
}
