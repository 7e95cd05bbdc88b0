//! How is it going? A bar on standard error while accounts are made and while the load runs.
//!
//! Where standard error is no terminal (or TERM is dumb) indicatif hides its bars; plain lines take their place, after
//! the first second and then every five. Writing never fails the run: a closed pipe is as good as nobody watching.

mod experiment;
mod line;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use console::{Term, measure_text_width, truncate_str};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, WeakProgressBar};

use crate::measure::Second;
use crate::plan::{Load, Steps, Stop};
use crate::report::bars::track;
use crate::report::wrap::WIDTH;
pub use experiment::ExperimentBar;
use line::Pace;

/// Plain lines come every so many seconds.
const PLAIN_EVERY: u64 = 5;

/// A bar is not longer than this, and is left out where it would be shorter than that.
const LONGEST_BAR: usize = 24;
const SHORTEST_BAR: usize = 4;

/// Where progress is shown. Copies show it in the same place.
#[derive(Clone)]
pub struct Progress {
    how: How,
    shown: Arc<Mutex<Shown>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Quiet,
    Plain,
    Drawn,
}

/// The one bar there is at a time, and where lines are written.
struct Shown {
    bar: WeakProgressBar,
    output: Box<dyn Write + Send>,
}

impl Progress {
    /// Progress on standard error, or none at all.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let how = match quiet {
            true => How::Quiet,
            false if ProgressDrawTarget::stderr().is_hidden() => How::Plain,
            false => How::Drawn,
        };
        Self::with_output(how, Box::new(io::stderr()))
    }

    fn with_output(how: How, output: Box<dyn Write + Send>) -> Self {
        Self { how, shown: Arc::new(Mutex::new(Shown { bar: WeakProgressBar::new(), output })) }
    }

    /// A bar for so many accounts.
    #[must_use]
    pub fn seeding(&self, total: u64) -> SeedBar {
        let bar = self.bar("Accounts  {bar:24}  {human_pos} of {human_len}");
        bar.set_length(total);
        SeedBar { bar }
    }

    /// A bar for the load, which begins with ramp and warm-up, and may rise in steps.
    #[must_use]
    pub fn load(&self, stop: Stop, lead: Duration, steps: Option<Steps>) -> LoadBar {
        let state = LoadState { pace: Pace::new(stop, lead, steps), next_line: 0 };
        let shown = LoadBar { progress: self.clone(), bar: self.bar("{msg}"), state: Mutex::new(state) };
        draw(&shown.bar, 0.0, "starting");
        shown
    }

    /// The bar of a load.
    #[must_use]
    pub fn load_of(&self, load: &Load) -> LoadBar {
        self.load(load.stop, load.ramp + load.warmup, load.steps)
    }

    /// A line of its own, above any bar.
    pub fn note(&self, text: &str) {
        if self.how == How::Quiet {
            return;
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let Shown { bar, output } = &mut *shown;
        // Nobody is there to be told about an error here.
        let mut write = || drop(writeln!(output, "{text}"));
        match bar.upgrade() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Whether lines take the place of bars.
    fn is_plain(&self) -> bool {
        self.how == How::Plain
    }

    fn bar(&self, template: &str) -> ProgressBar {
        if self.how != How::Drawn {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━━─"));
        }
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).bar = bar.downgrade();
        bar
    }
}

/// The bar of the accounts that are made.
#[derive(Debug)]
pub struct SeedBar {
    bar: ProgressBar,
}

impl SeedBar {
    /// So many more accounts are there.
    pub fn advance(&self, accounts: u64) {
        self.bar.inc(accounts);
    }

    /// All are there: the bar goes away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The bar of the load.
pub struct LoadBar {
    progress: Progress,
    bar: ProgressBar,
    state: Mutex<LoadState>,
}

struct LoadState {
    pace: Pace,
    /// No plain line comes before this second.
    next_line: u64,
}

impl LoadBar {
    /// Shows one second of the run.
    pub fn second(&self, second: &Second) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let LoadState { pace, next_line } = &mut *state;
        pace.add(second);
        draw(&self.bar, pace.done(), &line::beside_bar(pace, second));
        if self.progress.how == How::Plain && second.second >= *next_line {
            *next_line = (second.second / PLAIN_EVERY + 1) * PLAIN_EVERY;
            self.progress.note(&line::plain(pace, second));
        }
    }

    /// The load is over: the bar goes away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The text, and before it a bar in what is left of the line. Bar and text are one message, so that they are drawn
/// at once and never wrap.
fn draw(bar: &ProgressBar, done: f64, text: &str) {
    let columns = WIDTH.min(Term::stderr().size().1.into());
    let text = truncate_str(text, columns, "…");
    let free = columns.saturating_sub(measure_text_width(&text) + 2).min(LONGEST_BAR);
    let line = if free < SHORTEST_BAR { text.into_owned() } else { format!("{}  {text}", track(done, free)) };
    bar.set_message(line);
}
