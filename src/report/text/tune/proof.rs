//! What do the blocks prove, and how is all that had again? The last lines.

use super::super::headline;
use super::super::page::Page;
use crate::plan::VerifyMode;
use crate::report::units::{count, counted, seconds};
use crate::run::{EndReason, Tune};

/// The last lines.
pub(super) fn show(tune: &Tune, page: &mut Page) {
    page.gap();
    page.entry("State", &state(tune));
    page.entry("Blocks", &blocks(tune));
    page.entry("This shows", &shown(tune));
    if tune.server.is_simulated() {
        headline::show_simulated(&tune.server.address, page);
    }
    page.entry("Again", &command(&tune.command));
    if !tune.analyses.is_empty() && tune.violation.is_none() {
        page.entry("Its code", "contend tune --from FOLDER --emit go, with the folder that this is saved in");
    }
}

fn state(tune: &Tune) -> String {
    let blocks = counted(tune.blocks.len() as u64, "block");
    match (&tune.violation, tune.blocks.len()) {
        (Some(violation), _) => format!("wrong after the last of {blocks}: {violation}"),
        (None, 0) => "no block was run to its end".to_owned(),
        (None, 1) => "looked at after the block: the total is right".to_owned(),
        (None, _) => format!("looked at after each of {blocks}: the total is right"),
    }
}

/// How many, and why not all.
fn blocks(tune: &Tune) -> String {
    let settings = tune.workers.len() as u64;
    let planned = u64::from(tune.design.rounds) * tune.candidates.len() as u64 * settings;
    let run = tune.blocks.len() as u64;
    let dropped = tune.analyses.iter().flat_map(|analysis| &analysis.ranked).any(|one| one.dropped_after.is_some());
    let why = match tune.end.reason {
        EndReason::Interrupted => "; interrupted",
        EndReason::Stopped => "; stopped",
        EndReason::Completed if run >= planned => "",
        EndReason::Completed if dropped => "; what was clearly worse was dropped",
        EndReason::Completed => "; the time was up",
    };
    let end = tune.blocks.last().map_or(0.0, |last| last.started_s + tune.design.warmup_s + last.measured.seconds);
    let (time, given) = (seconds(end), seconds(tune.design.budget_s));
    format!("{} of {} planned, in {time} of {given}{why}", count(run), count(planned))
}

/// How far the numbers reach.
fn shown(tune: &Tune) -> String {
    let what = if tune.server.is_simulated() {
        "which policy suits this simulation: try it on the database before it is believed"
    } else {
        "which policy suits this server, this mix and these workers, and nothing beyond"
    };
    match tune.plan.verify.parse() {
        Ok(VerifyMode::History | VerifyMode::Ledger) => {
            format!("{what}; the history of each block was checked too, as far as it was recorded")
        }
        _ => format!("{what}; the isolation of the transactions is not checked here, but by contend run"),
    }
}

/// The command, as a shell reads it.
fn command(words: &[String]) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_=+:,./%@".contains(letter);
    let quoted = |word: &String| {
        if !word.is_empty() && word.chars().all(is_plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    let words: Vec<String> = words.iter().map(quoted).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_pasted_into_a_shell() {
        let words = ["contend", "tune", "--retry", "constant:5ms/attempts:3", "--name", "it's <a>", ""];
        let text = command(&words.map(str::to_owned));
        assert_eq!(text, r"contend tune --retry constant:5ms/attempts:3 --name 'it'\''s <a>' ''");
    }
}
