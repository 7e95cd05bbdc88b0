//! What does a person read after a run? The answers first, then what they rest on, section by section.
//!
//! Plain text of at most 80 columns. The first lines say whether it held, how fast it was, and what was retried and why;
//! each section after them is a file of this folder. What `contend ping` finds out, what
//! `contend check` says about a history, `contend tune` about policies, and the list of `contend policies` are written on the
//! same kind of page.

mod counts;
mod design;
mod headline;
mod history;
mod judgement;
mod latency;
mod mix;
mod page;
mod ping;
mod policies;
mod schedule;
mod setup;
mod shares;
mod steps;
mod tune;
mod verdict;
mod workers;

#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod stepped_samples;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) mod tune_samples;
#[cfg(test)]
mod tune_tests;

pub use design::design;
pub use judgement::render as judgement;
pub use ping::{Ping, render as ping};
pub use policies::{Policies, details as policy_details, list as policies};
pub use tune::render as tune;
pub(super) use tune::{is_same_as_best, plus_minus};

use super::Style;
use crate::run::Run;
use page::{Page, UNBROKEN_SPACE};

/// The report of one run.
#[must_use]
pub fn render(run: &Run, style: Style) -> String {
    let mut page = Page::new(style);
    headline::show(run, &mut page);
    setup::show(run, &mut page);
    steps::show(run, &mut page);
    mix::show(run, &mut page);
    schedule::show(run, &mut page);
    counts::show(run, &mut page);
    latency::show(run, &mut page);
    workers::show(run, &mut page);
    history::show(run, &mut page);
    verdict::show(&run.verdict, &mut page);
    hints(run, &mut page);
    headline::show_last(run, &mut page);
    page.finish()
}

fn hints(run: &Run, page: &mut Page) {
    let hints = super::hints(run);
    if hints.is_empty() {
        return;
    }
    page.heading("Hints");
    for hint in hints {
        page.point(&unbroken(&hint));
    }
}

/// A flag and its value stay in one line, so that they can be copied.
fn unbroken(hint: &str) -> String {
    let words = hint.split(' ').map(|word| {
        let is_flag = word.starts_with("--") && !word.ends_with([',', ';', ':']);
        format!("{word}{}", if is_flag { UNBROKEN_SPACE } else { ' ' })
    });
    words.collect::<String>().trim_end().to_owned()
}
